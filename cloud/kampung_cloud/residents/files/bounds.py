"""How much a workbook holds, counted before it is opened: a file of a few kilobytes may name millions of merged cells, and the library
makes an object of each.

Every part is counted, since any may be named as a sheet; and what a spreadsheet program does not write (other encodings, entities, a merged
cell said in another way) is refused, since the library would understand what the counting does not.
"""

from __future__ import annotations

import re
import zipfile

from kampung_contract.errors import InvalidRequest, TooMuch

MOST_UNPACKED = 300 * 1024**2
MOST_CELLS = 2_000_000
"""50,000 lines of 40 columns."""
MOST_MERGED = 200_000
"""Cells under merged ones: 50,000 lines, in four columns of which a family's members share a cell."""
CELL = re.compile(rb"<(?:[^\s<>/:]+:)?(?:c|row)[\s/>]")
MERGED = re.compile(rb"<(?:[^\s<>/:]+:)?mergeCell[\s/>][^>]*>?")
WRITTEN = re.compile(rb"<\S+\s+ref=(?:\"|')\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?(?:\"|')\s*/?>")
UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
PIECE = 1024 * 1024


def check(packed: zipfile.ZipFile) -> None:
    """Raises ``TooMuch`` with what is too much and what to do, ``InvalidRequest`` for what no spreadsheet program writes."""
    size = sum(part.file_size for part in packed.infolist())
    if size > MOST_UNPACKED:
        raise TooMuch(f"{size // 1024**2} MB when unpacked; at most {MOST_UNPACKED // 1024**2} MB are taken")
    cells = merged = 0
    for part in packed.infolist():
        with packed.open(part) as file:
            rest = b""
            while piece := file.read(PIECE):
                if not rest and piece.startswith(UTF_16):
                    raise _unknown(part, "a text in UTF-16")
                whole, sign, rest = (rest + piece).rpartition(b">")
                whole, rest = whole + sign, rest[rest.rfind(b"<") :] if b"<" in rest else b""
                if len(rest) > PIECE:
                    raise _unknown(part, "an element without an end")
                if DECLARED.search(whole):
                    raise _unknown(part, "a declaration of entities")
                cells += sum(1 for _ in CELL.finditer(whole))
                merged += sum(_area(part, found) for found in MERGED.findall(whole))
                if cells > MOST_CELLS:
                    raise TooMuch(f"more than {MOST_CELLS:,} cells; keep one sheet with the columns that are needed, or cut it by hamlet")
                if merged > MOST_MERGED:
                    raise TooMuch(f"merged cells that cover more than {MOST_MERGED:,}; undo 'merge cells' outside the list of residents")


def _area(part: zipfile.ZipInfo, element: bytes) -> int:
    found = WRITTEN.fullmatch(element)
    if found is None:
        raise _unknown(part, f"merged cells as {element[:60].decode(errors='replace')!r}")
    left, top, right, bottom = found.groups()
    return 1 if right is None else (abs(_column(right) - _column(left)) + 1) * (abs(int(bottom) - int(top)) + 1)


def _unknown(part: zipfile.ZipInfo, what: str) -> InvalidRequest:
    return InvalidRequest(f"{part.filename[:60]!r} holds {what}, which spreadsheet programs do not write; save it again as .xlsx or .csv")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
