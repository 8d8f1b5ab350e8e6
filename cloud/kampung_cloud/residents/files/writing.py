"""A village's residents as a file that OpenSID reads, and this program, too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sqlalchemy import select

from kampung_cloud.records.resident_models import ResidentRow
from kampung_cloud.residents.files.columns import columns
from kampung_cloud.residents.person import Person
from kampung_cloud.residents.registry import Registry

AT_ONCE = 500


def rows(registry: Registry, village: str, *, everybody: bool) -> Iterator[list[str]]:
    """Heads, then a line a resident, by family."""
    yield list(columns())
    query = select(ResidentRow.id).where(ResidentRow.village == village).order_by(ResidentRow.family, ResidentRow.id)
    with registry.records.session() as session:
        numbers = list(session.scalars(query if everybody else query.where(ResidentRow.state == "tinggal")))
    for begin in range(0, len(numbers), AT_ONCE):
        for resident in registry.several(numbers[begin : begin + AT_ONCE]):
            yield [_value(resident.person, column.kept) for column in columns().values()]


def as_csv(registry: Registry, village: str, *, everybody: bool) -> Iterator[bytes]:
    """Semicolons and a mark of UTF-8, as an Indonesian spreadsheet wants it; a cell that would be a formula begins with a quote."""
    yield b"\xef\xbb\xbf"
    for row in rows(registry, village, everybody=everybody):
        out = io.StringIO()
        csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([_safe(cell) for cell in row])
        yield out.getvalue().encode()


def as_xlsx(registry: Registry, village: str, *, everybody: bool) -> bytes:
    """Every cell is a text: a number of 16 digits would lose its last."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Penduduk")
    for row in rows(registry, village, everybody=everybody):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format, cell.data_type = "@", "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _value(person: Person, kept: str) -> str:
    group, _, key = kept.partition(".")
    if key:
        return str(getattr(person, group).get(key, ""))
    if kept == "born":
        return "" if person.born is None else person.born.strftime("%d-%m-%Y")
    return str(getattr(person, kept))


def _safe(cell: str) -> str:
    return f"'{cell}" if cell and cell[0] in "=+-@\t\r" else cell
