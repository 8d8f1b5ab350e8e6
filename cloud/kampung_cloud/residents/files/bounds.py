"""How much a workbook holds, counted before it is opened: a file of a few kilobytes may name millions of merged cells, and the library
makes an object of each."""

from __future__ import annotations

import re
import zipfile

from kampung_contract.errors import TooMuch

MOST_UNPACKED = 300 * 1024**2
MOST_CELLS = 2_000_000
"""50,000 lines of 40 columns."""
MOST_MERGED = 200_000
"""Cells under merged ones: 50,000 lines, in four columns of which a family's members share a cell."""
SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")
CELL = re.compile(rb"<(?:\w+:)?c[ />]")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=.\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
PIECE = 1024 * 1024
LONGEST_TAG = 4096


def check(packed: zipfile.ZipFile) -> None:
    """Raises ``TooMuch`` with what is too much and what to do."""
    size = sum(part.file_size for part in packed.infolist())
    if size > MOST_UNPACKED:
        raise TooMuch(f"{size // 1024**2} MB when unpacked; at most {MOST_UNPACKED // 1024**2} MB are taken")
    cells = merged = 0
    for part in packed.infolist():
        if SHEETS.fullmatch(part.filename) is None:
            continue
        with packed.open(part) as file:
            rest = b""
            while piece := file.read(PIECE):
                whole, sign, rest = (rest + piece).rpartition(b">")
                whole, rest = whole + sign, rest[-LONGEST_TAG:]
                cells += sum(1 for _ in CELL.finditer(whole))
                merged += sum(_area(*found) for found in MERGED.findall(whole))
                if cells > MOST_CELLS:
                    raise TooMuch(f"more than {MOST_CELLS:,} cells; keep one sheet with the columns that are needed, or cut it by hamlet")
                if merged > MOST_MERGED:
                    raise TooMuch(f"merged cells that cover more than {MOST_MERGED:,}; undo 'merge cells' outside the list of residents")


def _area(left: bytes, top: bytes, right: bytes, bottom: bytes) -> int:
    return (abs(_column(right) - _column(left)) + 1) * (abs(int(bottom) - int(top)) + 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
