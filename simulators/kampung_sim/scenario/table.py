"""A recording as a CSV file."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kampung_sim.scenario.dice import Numbers, Times
from kampung_sim.scenario.mistake import nearest
from kampung_sim.scenario.times import wib

TIMES = ("time", "t", "timestamp", "date", "waktu", "tanggal")
LONG = {"device", "quantity", "value"}


@dataclass(frozen=True)
class Table:
    """A CSV file: times in ms UTC, rising, and columns of numbers by name, NaN where a cell is empty."""

    t: Times
    columns: dict[str, Numbers]


class Unusable(Exception):
    """A file that is no recording; ``key`` of [replay] is to blame."""

    def __init__(self, key: str, message: str, remedy: str) -> None:
        self.key, self.message, self.remedy = key, message, remedy


def read(file: Path, time: str = "") -> Table:
    """Wide (a column a series) or long (``time``, ``device``, ``quantity``, ``value``, perhaps ``node``); times ISO 8601 (WIB without an
    offset), seconds or milliseconds since 1970. Raises ``Unusable``.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unusable("file", f"{file} cannot be read: {error}", "name a CSV file in UTF-8, beside the scenario") from None
    if len(rows) < 2:
        raise Unusable("file", f"{file} has no rows", "a CSV file has a line of names and then one line a time")
    header = [name.strip() for name in rows[0]]
    if time and time not in header:
        raise Unusable("time", f"{file} has no column {time!r}", nearest(time, header))
    at = header.index(time) if time else next((i for i, n in enumerate(header) if n.casefold() in TIMES), 0)
    if set(header) >= LONG:
        return _long(file, header, rows[1:], at)
    body = sorted(((_time(file, n, _cell(row, at)), row) for n, row in enumerate(rows[1:], start=2) if any(row)), key=lambda r: r[0])
    kept = [body[i] for i in range(len(body)) if i + 1 == len(body) or body[i][0] < body[i + 1][0]]
    columns = {}
    for i, name in enumerate(header):
        if i != at:
            columns[name] = np.array([_number(_cell(row, i)) for _, row in kept])
    return Table(np.array([t for t, _ in kept], np.int64), {n: v for n, v in columns.items() if not np.isnan(v).all()})


def _long(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]], at: int) -> Table:
    names = ["device", "quantity", *(["node"] if "node" in header else [])]
    device, quantity, *node = (header.index(n) for n in names)
    cells: dict[str, dict[int, float]] = {}
    for n, row in enumerate(rows, start=2):
        if any(row):
            name = "/".join(_cell(row, i) for i in (*node, device, quantity))
            cells.setdefault(name, {})[_time(file, n, _cell(row, at))] = _number(_cell(row, header.index("value")))
    times = sorted({t for column in cells.values() for t in column})
    return Table(np.array(times, np.int64), {n: np.array([c.get(t, math.nan) for t in times]) for n, c in cells.items()})


def _cell(row: Sequence[str], index: int) -> str:
    return row[index].strip() if index < len(row) else ""


def _time(file: Path, line: int, cell: str) -> int:
    try:
        if cell.lstrip("-").replace(".", "", 1).isdecimal():
            number = float(cell)
            return _plausible(round(number if abs(number) > 1e11 else number * 1000))
        return _plausible(wib(cell))
    except (ValueError, OverflowError):
        remedy = "write 2026-11-21T06:00 (WIB without an offset), or seconds since 1970; name its column with time"
        raise Unusable("file", f"{file}, line {line}: {cell!r} is no time", remedy) from None


def _plausible(ms: int) -> int:
    """The same, when it lies within the years 1900 to 2200. Raises ``ValueError``."""
    if not -2_208_988_800_000 <= ms <= 7_258_118_400_000:
        raise ValueError(f"{ms} ms is no year from 1900 to 2200")
    return ms


def _number(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
