"""A laboratory's file: CSV with a line for each value. Every line that does not fit is named, with what to do; nothing is guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.times import milliseconds

from kampung_cloud.modules.waterquality.sample import Measured, Sample, checked, sample

COLUMNS: dict[str, tuple[str, ...]] = {
    "village": ("desa", "kode_desa"),
    "place": ("lokasi", "tempat", "titik"),
    "taken": ("waktu", "tanggal", "waktu_ambil"),
    "class": ("kelas", "kelas_air"),
    "parameter": (),
    "value": ("nilai", "hasil"),
    "unit": ("satuan",),
    "laboratory": ("laboratorium", "lab"),
}
OPTIONAL = {"laboratory"}
MOST_LINES = 20_000
MOST_ERRORS = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of the file (the head is 1) and what is wrong with it."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Read:
    """``samples`` are whole where there is no fault; with faults, nothing may be taken in."""

    samples: tuple[Sample, ...]
    faults: tuple[Fault, ...]
    lines: int


@dataclass(slots=True)
class _Group:
    first: int
    village: str
    place: str
    taken: int
    water: int
    laboratory: str
    measured: list[Measured] = field(default_factory=list)


def read(text: str, now: int) -> Read:
    """Samples of a file; lines of one village, place and time are one sample. Raises ``InvalidRequest`` for what is no such file."""
    faults: list[Fault] = []
    groups: dict[tuple[str, str, int], _Group] = {}
    count = 0
    for number, cells in _lines(text):
        count += 1
        try:
            _take(groups, number, cells)
        except (KampungError, ValueError) as error:
            faults.append(Fault(number, str(error)))
    if not count:
        raise InvalidRequest("the file has a head and no lines; a line is one value of one sample")
    samples = []
    for group in groups.values():
        try:
            made = sample(group.village, group.place, group.water, group.taken, group.laboratory, group.measured, now)
            samples.append(made)
        except KampungError as error:
            faults.append(Fault(group.first, f"sample of {group.place}: {error}"))
    return Read(tuple(samples), tuple(sorted(faults, key=lambda f: f.line)[:MOST_ERRORS]), count)


def _lines(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        head = next(rows, [])
        names = _head(head)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if rows.line_num > MOST_LINES:
                raise InvalidRequest(f"the file has more than {MOST_LINES:,} lines; cut it into parts")
            yield rows.line_num, {name: row[at].strip() if at < len(row) else "" for name, at in names.items()}
    except csv.Error as error:
        raise InvalidRequest(f"the file is no CSV: line {rows.line_num}: {error}") from None


def _head(cells: list[str]) -> dict[str, int]:
    said = [re.sub(r"\s+", "_", cell.strip().lower()) for cell in cells]
    out: dict[str, int] = {}
    for name, others in COLUMNS.items():
        at = next((said.index(each) for each in (name, *others) if each in said), None)
        if at is not None:
            out[name] = at
        elif name not in OPTIONAL:
            have = ", ".join(said)[:120] or "nothing"
            raise InvalidRequest(f"column {name!r} is missing; the head has {have}, expected {','.join(COLUMNS)} (or {_indonesian()})")
    return out


def _indonesian() -> str:
    return ",".join(others[0] if others else name for name, others in COLUMNS.items())


def _take(groups: dict[tuple[str, str, int], _Group], number: int, cells: Mapping[str, str]) -> None:
    try:
        taken = milliseconds(cells["taken"])
    except (ValueError, OverflowError):
        raise InvalidRequest(f"taken = {cells['taken'][:40]!r} is no time; write 2026-11-21T09:41") from None
    if not cells["class"].isdigit():
        raise InvalidRequest(f"class = {cells['class'][:20]!r}: write 1, 2, 3 or 4")
    value, below = figure(cells["value"])
    measured = Measured(cells["parameter"], value, cells["unit"], below)
    checked(measured, cells["place"])  # so that a fault is of this line
    key = (cells["village"], " ".join(cells["place"].split()).casefold(), taken)
    head = (int(cells["class"]), cells.get("laboratory", ""))
    group = groups.setdefault(key, _Group(number, cells["village"], cells["place"], taken, *head))
    if group.water != head[0]:
        raise InvalidRequest(f"class = {head[0]}: line {group.first} of the same sample says {group.water}")
    group.measured.append(measured)


def figure(text: str) -> tuple[float, bool]:
    """A number as laboratories write it, and whether it is "less than": ``2,3``, ``2.3``, ``<0,01``. Raises ``InvalidRequest``."""
    said = text.strip()
    below = said.startswith("<")
    plain = said.lstrip("<").strip()
    if "," in plain and "." in plain:
        raise InvalidRequest(f"value = {text[:40]!r}: with ',' and '.' it is not clear which is the decimal mark; write one only")
    if not re.fullmatch(r"-?\d{1,12}([.,]\d{1,12})?([eE][+-]?\d{1,2})?", plain):
        raise InvalidRequest(f"value = {text[:40]!r} is no number; write 2,3 or <0,01 for what is under detection")
    return float(plain.replace(",", ".")), below
