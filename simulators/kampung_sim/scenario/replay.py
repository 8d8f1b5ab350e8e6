"""Recordings into a scenario: columns onto devices, times onto its time."""

from __future__ import annotations

from pathlib import Path as File

import numpy as np
from kampung_contract.times import text

from kampung_sim.scenario.mistake import Found, Path, nearest
from kampung_sim.scenario.model import Column, Replay
from kampung_sim.scenario.plan import Device, Plan
from kampung_sim.scenario.recordings import Recordings, Track
from kampung_sim.scenario.table import Table, Unusable, read
from kampung_sim.scenario.times import say


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
    except Unusable as error:
        path = (*base, error.key) if replay and error.key else base
        return Recordings(), [Found(path, error.message, error.remedy)], []


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
        raise Unusable(
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
        step = int(np.median(np.diff(table.t[known]))) if known.sum() > 1 else 0
        if step == device.every:  # recorded at its own beat: it stays on it, so that no value is made of two
            shift = round(shift / step) * step
        t = table.t[known] + shift
        loop = int(t[-1] - t[0]) + step if told.loop and len(t) > 1 else 0
        out[column.node, device.name, line[0]] = Track(t, line[1], column.bridge or told.bridge, loop)
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
