"""Recordings into a scenario: columns onto devices, times onto its time."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path as File

import numpy as np
from kampung_contract.times import text

from kampung_sim.scenario.mistake import Found, Path, nearest
from kampung_sim.scenario.model import Column, Replay
from kampung_sim.scenario.plan import Device, Plan
from kampung_sim.scenario.recordings import Recordings, Track
from kampung_sim.scenario.times import say, wib

TIMES = ("time", "t", "timestamp", "date", "waktu", "tanggal")
LONG = {"device", "quantity", "value"}


@dataclass(frozen=True)
class Table:
    """A CSV file: times in ms UTC, rising, and columns of numbers by name, NaN where a cell is empty."""

    t: np.ndarray
    columns: dict[str, np.ndarray]


class _Unusable(Exception):
    def __init__(self, key: str, message: str, remedy: str) -> None:
        self.key, self.message, self.remedy = key, message, remedy


def lay(plan: Plan, folder: File, file: File | None) -> tuple[Recordings, list[Found], list[str]]:
    """Tracks, mistakes, and how columns were matched. ``file`` instead of the scenario's own."""
    replay = plan.scenario.replay
    if replay is None and file is None:
        return Recordings(), [], []
    told = replay or Replay(file=str(file))
    base: Path = ("replay",) if replay else ()
    try:
        table = read(file or folder / told.file, told.time)
        columns = list(told.columns) or _match(plan, table)
        tracks, notes = {}, []
        shift, why = _shift(plan, told, table)
        for i, column in enumerate(columns):
            path = (*base, "map", i) if told.columns else base
            found = _tracks(plan, told, table, column, shift, path)
            if isinstance(found, Found):
                return Recordings(), [found], []
            tracks.update(found)
            notes.append(f"rekaman: kolom {column.column} → {', '.join(sorted({'/'.join((n or '*', d, q)) for n, d, q in found}))}")
        span = f"{text(int(table.t[0]) + shift)[:16]} – {text(int(table.t[-1]) + shift)[:16]} WIB"
        return Recordings(tracks), [], [*notes, f"rekaman: {len(table.t)} baris, {span}, {why}"]
    except _Unusable as error:
        path = (*base, error.key) if replay and error.key else base
        return Recordings(), [Found(path, error.message, error.remedy)], []


def read(file: File, time: str = "") -> Table:
    """Wide (a column a series) or long (``time``, ``device``, ``quantity``, ``value``, perhaps ``node``); times ISO 8601 (WIB without an
    offset), seconds or milliseconds since 1970. Raises ``_Unusable``.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _Unusable("file", f"{file} cannot be read: {error}", "name a CSV file in UTF-8, beside the scenario") from None
    if len(rows) < 2:
        raise _Unusable("file", f"{file} has no rows", "a CSV file has a line of names and then one line a time")
    header = [name.strip() for name in rows[0]]
    if time and time not in header:
        raise _Unusable("time", f"{file} has no column {time!r}", nearest(time, header))
    at = header.index(time) if time else next((i for i, n in enumerate(header) if n.casefold() in TIMES), 0)
    if set(header) >= LONG:
        return _long(file, header, rows[1:], at)
    body = sorted(((_time(file, n, row[at]), row) for n, row in enumerate(rows[1:], start=2) if any(row)), key=lambda r: r[0])
    kept = [body[i] for i in range(len(body)) if i + 1 == len(body) or body[i][0] < body[i + 1][0]]
    columns = {}
    for i, name in enumerate(header):
        if i != at:
            columns[name] = np.array([_number(row[i]) if i < len(row) else math.nan for _, row in kept])
    return Table(np.array([t for t, _ in kept], np.int64), {n: v for n, v in columns.items() if not np.isnan(v).all()})


def _long(file: File, header: Sequence[str], rows: Iterable[Sequence[str]], at: int) -> Table:
    place = {name: header.index(name) for name in ("device", "quantity", "value")}
    node = header.index("node") if "node" in header else None
    cells: dict[str, dict[int, float]] = {}
    for n, row in enumerate(rows, start=2):
        if not any(row):
            continue
        name = f"{row[place['device']]}/{row[place['quantity']]}"
        cells.setdefault(name if node is None else f"{row[node]}/{name}", {})[_time(file, n, row[at])] = _number(row[place["value"]])
    times = sorted({t for column in cells.values() for t in column})
    return Table(np.array(times, np.int64), {n: np.array([c.get(t, math.nan) for t in times]) for n, c in cells.items()})


def _match(plan: Plan, table: Table) -> list[Column]:
    """By name: ``node/device/quantity``, ``device/quantity``, or a quantity that one kind of device alone delivers."""
    known = _known(plan)
    by_quantity: dict[str, set[str]] = {}
    for device, quantity in known:
        by_quantity.setdefault(quantity, set()).add(device)
    out = []
    for name in table.columns:
        *before, quantity = name.replace(".", "/").split("/")
        node, device = (["", *before] if len(before) < 2 else before)[-2:] if before else ("", "")
        if not before and len(by_quantity.get(quantity, ())) == 1:
            device = next(iter(by_quantity[quantity]))
        if (device, quantity) in known:
            out.append(Column(column=name, device=device, quantity=quantity, node=node))
    if not out:
        series = [f"{d}/{q}" for d, q in sorted(known)]
        asked = ", ".join(list(table.columns)[:8])
        raise _Unusable(
            "file",
            f"none of its columns ({asked}) is a device and quantity of the scenario",
            f"name them as {', '.join(series[:4])}, or add [[replay.map]] with column, device and quantity",
        )
    return out


def _known(plan: Plan) -> set[tuple[str, str]]:
    return {(d.name, q) for d in plan.devices for q in [*d.sources, *d.config.quantities]}


def _tracks(  # noqa: PLR0917 - all of them are needed
    plan: Plan, told: Replay, table: Table, column: Column, shift: int, path: Path
) -> dict[tuple[str, str, str], Track] | Found:
    """By node, device and the quantity on the line."""
    if column.column not in table.columns:
        return Found((*path, "column"), f"the recording has no column {column.column!r}", nearest(column.column, table.columns))
    devices = [d for d in plan.devices if d.name == column.device and column.node in ("", d.node)]
    if not devices:
        return Found(
            (*path, "device"), f"there is no device {column.device!r}", nearest(column.device, sorted({d.name for d in plan.devices}))
        )
    out = {}
    values = table.columns[column.column] * column.scale + column.offset
    known = ~np.isnan(values)
    for device in devices:
        line = _on_line(device, column.quantity, values[known])
        if line is None:
            able = nearest(column.quantity, [*device.sources, *device.config.quantities])
            return Found((*path, "quantity"), f"{device.name} does not measure {column.quantity!r}", able)
        t = table.t[known] + shift
        step = int(np.median(np.diff(t))) if len(t) > 1 else 0
        loop = int(t[-1] - t[0]) + step if told.loop and len(t) > 1 else 0
        out[column.node, device.name, line[0]] = Track(t, line[1], told.bridge, loop)
    return out


def _on_line(device: Device, quantity: str, values: np.ndarray) -> tuple[str, np.ndarray] | None:
    """The quantity of the profile behind ``quantity``: derivation and calibration undone."""
    derive = next((d for d in device.config.derive if d.quantity == quantity), None)
    if derive is not None:
        quantity, values = derive.source, (values - derive.offset) / derive.gain
    if quantity not in device.sources:
        return None
    adjust = device.config.adjust.get(quantity)
    return quantity, values if adjust is None else (values - adjust.offset) / adjust.gain


def _shift(plan: Plan, told: Replay, table: Table) -> tuple[int, str]:
    """Milliseconds added to the recording's times, and why."""
    first, last = int(table.t[0]), int(table.t[-1])
    if told.shift is not None:
        moved = told.shift.at(plan.start) - first
        return moved, f"digeser {_signed(moved)} menurut shift"
    if last >= plan.start and first < plan.stop:
        return 0, "pada waktunya sendiri"
    return plan.start - first, f"digeser {_signed(plan.start - first)} ke awal skenario"


def _signed(ms: int) -> str:
    return f"{'+' if ms >= 0 else '−'}{say(abs(ms))}"


def _time(file: File, line: int, cell: str) -> int:
    text_ = cell.strip()
    if text_.lstrip("-").replace(".", "", 1).isdigit():
        number = float(text_)
        return round(number if abs(number) > 1e11 else number * 1000)
    try:
        return wib(text_)
    except ValueError:
        remedy = "write 2026-11-21T06:00 (WIB without an offset), or seconds since 1970; name its column with time"
        raise _Unusable("file", f"{file}, line {line}: {cell!r} is no time", remedy) from None


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
