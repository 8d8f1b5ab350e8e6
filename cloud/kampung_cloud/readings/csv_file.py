"""Readings as CSV: a line a reading, what they are in lines that begin with ``#``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text

from kampung_cloud.readings.subject import Subject
from kampung_cloud.readings.walk import pieces
from kampung_cloud.telemetry.order import WIB_OFFSET
from kampung_cloud.telemetry.store import TelemetryStore, Window

COLUMNS = ("time", "series", "village", "value", "unit", "quality", "estimated", "received")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
DECIMALS = {"point": ".", "comma": ","}
FORMULA = re.compile(r"[=+\-@\t\r]")
"""What a spreadsheet computes instead of showing it. Units and names of devices come from whoever owns the device."""
MARK = "'"
"""Before such a cell: text, to spreadsheets. Import takes it off again."""
TIMES = "time, received: waktu WIB (UTC+7)"
FLAGS = "quality: 1 baik, 2 belum diperiksa, 3 meragukan, 4 gagal pemeriksaan, 9 kosong; estimated: 1 bila waktunya perkiraan"


@dataclass(frozen=True, slots=True)
class Dialect:
    """``separator`` between columns, ``decimal`` in values.

    ``spreadsheet``: begins with a byte order mark, and times are written so that Excel and LibreOffice take them for times and not for
    text: local, ``2026-11-21 09:41:00``, with milliseconds only where there are some.
    """

    separator: str = ","
    decimal: str = "."
    spreadsheet: bool = False


def dialect(separator: str, decimal: str) -> Dialect:
    """By name, as ``semicolon`` and ``comma`` for a spreadsheet set to Indonesian. Raises ``InvalidRequest``."""
    for what, value, known in (("separator", separator, SEPARATORS), ("decimal", decimal, DECIMALS)):
        if value not in known:
            raise InvalidRequest(f"{what} = {value[:40]!r}: write {' or '.join(known)}")
    if separator == decimal:
        raise InvalidRequest("separator = 'comma' and decimal = 'comma' cannot be told apart; use separator=semicolon")
    return Dialect(SEPARATORS[separator], DECIMALS[decimal], separator == "semicolon")


def csv_file(
    store: TelemetryStore, subjects: Sequence[Subject], start: int, stop: int, form: Dialect, *, notes: Sequence[str] = ()
) -> Iterator[bytes]:
    """The file in pieces. ``notes`` (licence, publisher) go into its head."""
    head = [
        f"Smart Kampung: pembacaan dari {text(start)} sampai sebelum {text(stop)}",
        *notes,
        *(s.sentence for s in subjects),
        TIMES,
        FLAGS,
    ]
    lines = "".join(f"# {_harmless(' '.join(line.split()), form)}\r\n" for line in head)
    yield ("\ufeff" * form.spreadsheet + lines + form.separator.join(COLUMNS) + "\r\n").encode()
    for subject in subjects:
        before, unit = _cells(form, subject.name, subject.village), _cells(form, subject.unit)
        for piece in pieces(store, subject.id, start, stop):
            yield "".join(_lines(piece, before, unit, form)).encode()


def _lines(piece: Window, before: str, unit: str, form: Dialect) -> Iterator[str]:
    doubtful = piece.estimated or [0] * len(piece.t)
    s = form.separator
    for t, v, q, e, received in zip(_texts(piece.t, form), piece.v, piece.q, doubtful, _texts(piece.received, form), strict=True):
        value = repr(v) if form.decimal == "." else repr(v).replace(".", form.decimal)
        yield f"{t}{s}{before}{s}{value}{s}{unit}{s}{q}{s}{e}{s}{received}\r\n"


def _texts(moments: list[int], form: Dialect) -> list[str]:
    """As ``text``, or as a spreadsheet wants it, all at once: it is most of the work of a large file."""
    local: list[str] = np.datetime_as_string(np.asarray(moments, dtype="datetime64[ms]") + WIB_OFFSET, unit="ms").tolist()
    if form.spreadsheet:
        return [f"{moment[:10]} {moment[11:].removesuffix('.000').replace('.', form.decimal)}" for moment in local]
    return [f"{moment}+07:00" for moment in local]


def _cells(form: Dialect, *values: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=form.separator, lineterminator="").writerow([MARK + v if FORMULA.match(v) else v for v in values])
    return out.getvalue()


def unmarked(cell: str) -> str:
    """A cell as it was before it was marked."""
    return cell.removeprefix(MARK) if FORMULA.match(cell.removeprefix(MARK)) else cell


def _harmless(line: str, form: Dialect) -> str:
    """Of a line that a spreadsheet cuts at its separators: what would be a formula there is marked as text."""
    return form.separator.join(MARK + cell if FORMULA.match(cell.strip('" ')) else cell for cell in line.split(form.separator))
