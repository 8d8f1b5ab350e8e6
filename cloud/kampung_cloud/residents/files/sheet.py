"""A spreadsheet as lines of texts: XLSX or CSV, with title rows above the heads, merged cells, numbers where texts were meant."""

from __future__ import annotations

import csv
import io
import math
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kampung_contract.errors import InvalidRequest, TooMuch

from kampung_cloud.residents.files import bounds
from kampung_cloud.residents.files.columns import guess

MOST_BYTES = 20 * 1024**2
MOST_LINES = 50_000
MOST_COLUMNS = 120
HEADS_WITHIN = 15
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, SyntaxError, LookupError, AttributeError, TypeError, ValueError,
)  # fmt: skip
"""What the library and the parsers below it raise at a file that is cut off or holds other than they expect; RuntimeError: a password."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``number``: it was one, of so many digits that a spreadsheet does not keep them all."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """``at`` is its number in the file, as a spreadsheet shows it, from 1."""

    at: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """``heads`` of the columns, and the lines under them that hold something."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]


def read(data: bytes) -> Sheet:
    """Raises ``InvalidRequest`` for what is no spreadsheet or has no heads that are known, ``TooMuch`` for one that is too large."""
    if len(data) > MOST_BYTES:
        raise TooMuch(f"{len(data) // 1024**2} MB; at most {MOST_BYTES // 1024**2} are taken: save it without pictures, or cut it in two")
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise InvalidRequest("an old Excel file (.xls), or one with a password; save it as .xlsx or .csv")
    lines = _xlsx(data) if data[:4] == b"PK\x03\x04" else _csv(data)
    filled = [line for line in lines if any(cell.text for cell in line.cells)]
    best = max(filled[:HEADS_WITHIN], key=lambda line: len(guess([c.text for c in line.cells])), default=None)
    if best is None or len(guess([c.text for c in best.cells])) < 2:
        raise InvalidRequest(f"no heads such as nama, nik, no_kk within {HEADS_WITHIN} lines; put one line of them above the columns")
    heads = tuple(cell.text for cell in best.cells)
    # Heads merged over two lines, or printed again on each page, are no residents.
    return Sheet(heads, tuple(line for line in filled if line.at > best.at and tuple(c.text for c in line.cells) != heads))


def _xlsx(data: bytes) -> list[Line]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException
    from openpyxl.worksheet.worksheet import Worksheet

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            bounds.check(packed)
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        sheet = book.active
    except (InvalidFileException, *BROKEN) as error:
        raise InvalidRequest(f"not an Excel file that can be read ({str(error)[:80]}); save it again as .xlsx") from None
    if not isinstance(sheet, Worksheet):
        raise InvalidRequest("a workbook that does not open at a sheet of cells; open the list of residents, and save it again")
    above = {
        (row, column): (merged.min_row, merged.min_col)
        for merged in sheet.merged_cells.ranges
        for row in range(merged.min_row, min(merged.max_row, merged.min_row + MOST_LINES) + 1)
        for column in range(merged.min_col, min(merged.max_col, MOST_COLUMNS) + 1)
    }
    _limit(sheet.max_row or 0)
    lines = []
    for at, row in enumerate(sheet.iter_rows(max_col=min(sheet.max_column or 1, MOST_COLUMNS), values_only=True), 1):
        # A merged cell means each of its lines: a family's number stands once beside all its members.
        values = [sheet.cell(*above[at, n]).value if (at, n) in above else value for n, value in enumerate(row, 1)]
        lines.append(Line(at, tuple(map(_cell, values))))
    return lines


def _csv(data: bytes) -> list[Line]:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InvalidRequest("neither an .xlsx nor text in UTF-8; save it again as .xlsx, or as CSV in UTF-8")
    if "\x00" in text:
        raise InvalidRequest("bytes that are no text; save it as .xlsx, or as CSV in UTF-8")
    head = "\n".join(text.splitlines()[:HEADS_WITHIN])
    separator = max(";,\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InvalidRequest(f"not CSV: {error}; save it again") from None
    _limit(len(rows))
    return [
        Line(at, tuple(Cell(value.strip().removeprefix("'").strip()) for value in row[:MOST_COLUMNS])) for at, row in enumerate(rows, 1)
    ]


def _limit(lines: int) -> None:
    if lines > MOST_LINES:
        raise TooMuch(f"{lines:,} lines; at most {MOST_LINES:,} are taken at once: cut the file by hamlet")


def _cell(value: Any) -> Cell:
    match value:
        case None:
            return Cell("")
        case datetime() | date():
            return Cell(value.strftime("%Y-%m-%d"))
        case bool():
            return Cell(str(value))
        case int() | float() if math.isfinite(value) and value == int(value):
            text = str(int(value))
            return Cell(text, len(text) > 15)
        case _:
            return Cell(str(value).strip().removeprefix("'").strip())
