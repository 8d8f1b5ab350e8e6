"""What was heard, as a scenario and the rows of the recording beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import tomlkit
from kampung_bridge.error import UnknownProfileError
from kampung_bridge.profile import load_profile
from kampung_contract.errors import ConfigurationError
from kampung_contract.times import WIB, text
from kampung_contract.villages import village
from numpy.typing import NDArray

from kampung_sim.record.beat import beat, laid
from kampung_sim.record.behind import setting
from kampung_sim.record.heard import Heard, Kiosk
from kampung_sim.scenario.times import say

PROCESS = "rekaman"
Rows = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass
class Drawn:
    """``kits`` by node as in a scenario, ``rows`` by node, device and quantity (on the beat), ``left``: what is not in it, and why."""

    kits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    villages: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, str, str], Rows] = field(default_factory=dict)
    every: dict[tuple[str, str], int] = field(default_factory=dict)
    silent: list[tuple[str, str, list[str]]] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def start(self) -> int:
        """The first reading."""
        return min(int(t[0]) for t, _ in self.rows.values())

    @property
    def stop(self) -> int:
        """A beat after the last."""
        return max(int(t[-1]) + self.every[node, device] for (node, device, _), (t, _) in self.rows.items())

    @property
    def readings(self) -> int:
        """In all rows."""
        return sum(len(t) for t, _ in self.rows.values())


def draw(heard: Heard) -> Drawn:
    """Raises ``ConfigurationError`` where nothing of it can be run again."""
    out = Drawn(left=[f"{count} {what}" for what, count in heard.passed.items()])
    for node, kiosk in sorted(heard.kiosks.items()):
        names = sorted({device for (device, _), series in kiosk.series.items() if len(series.t)})
        quiet = sorted(set(kiosk.models) - set(names))
        if quiet:
            out.left.append(f"{node}: {', '.join(quiet)} diam sepanjang rekaman")
        for device in names:
            _device(out, node, kiosk, device)
    if not out.rows:
        raise ConfigurationError("tidak ada bacaan yang dapat diputar ulang:\n  " + "\n  ".join(out.left))
    return out


def _device(out: Drawn, node: str, kiosk: Kiosk, name: str) -> None:
    profile, title, note = kiosk.models.get(name, ("", "", ""))
    series = {q: s for (d, q), s in sorted(kiosk.series.items()) if d == name and len(s.t)}
    try:
        model = load_profile(profile) if profile else None
    except UnknownProfileError:
        model = None
    if model is None:
        why = f"profil {profile!r} tidak dikenal di sini" if profile else "kiosnya belum memperkenalkan alat ini"
        out.left.append(f"{node}/{name}: {why} ({sum(len(s.t) for s in series.values())} bacaan)")
        return
    times = {q: np.array(s.t, np.int64) for q, s in series.items()}
    every = beat(np.concatenate(list(times.values())))
    values = {q: np.array(s.v, np.float64) for q, s in series.items()}
    found = setting(profile, kiosk.behind.get(name), values, {q: s.unit for q, s in series.items()})
    out.left += [f"{node}/{name}/{q}: {why}" for q, why in found.left.items()]
    kept = [q for q in series if q not in found.left]
    if not kept:
        return
    crowded = 0
    for quantity in kept:
        t, v = times[quantity], values[quantity]
        first = np.unique(np.stack([t, v.view(np.int64)]), axis=1, return_index=True)[1]
        t, v = t[np.sort(first)], v[np.sort(first)]
        on = laid(t, every)
        at, which = np.unique(on, return_index=True)
        crowded += len(on) - len(at)
        out.rows[node, name, quantity] = at, v[which]
    if crowded:
        out.left.append(f"{node}/{name}: {crowded} bacaan di antara dua ketukan ({say(every)})")
    out.every[node, name] = every
    out.villages[node] = kiosk.village
    device: dict[str, Any] = {"name": name, "profile": profile, "measures": [PROCESS], "every": say(every)}
    device |= {key: value for key, value in (("title", title), ("note", note), ("adjust", found.adjust), ("derive", found.derive)) if value}
    out.kits.setdefault(node, []).append(device)
    hidden = {d["from"] for d in found.derive}
    silent = [q for q in model.quantities if q not in kept and q not in hidden]
    if silent:
        out.silent.append((node, name, silent))
    for quantity in model.quantities:
        out.values.setdefault(quantity, 0.0)


def toml(drawn: Drawn, name: str, csv: str, origin: str) -> str:
    """The scenario's file; ``csv`` is the recording's name beside it."""
    lasts = drawn.stop - drawn.start
    kiosks = [f"{village(code).name} ({code})" for code in sorted(set(drawn.villages.values()))]
    replay = {
        "file": csv,
        "shift": "+0 s",
        "map": [
            {
                "column": f"{node}/{device}/{quantity}",
                "node": node,
                "device": device,
                "quantity": quantity,
                "bridge": say(drawn.every[node, device] * 3 // 2),
            }
            for node, device, quantity in drawn.rows
        ],
    }
    table: dict[str, Any] = {
        "name": name,
        "title": f"Rekaman {', '.join(kiosks[:3])}{' …' if len(kiosks) > 3 else ''}",
        "about": f"{origin}; {text(drawn.start)[:16]} sampai {text(drawn.stop)[:16]} WIB",
        "seed": 1,
        "start": datetime.fromtimestamp(drawn.start / 1000, WIB),
        "duration": say(lasts),
        "pace": 60,
        "place": [{"villages": code, "kit": node, "nodes": [node]} for node, code in drawn.villages.items()],
        "kit": {node: {"visitors": "", "device": devices} for node, devices in drawn.kits.items()},
        "process": {PROCESS: {"kind": "fixed", "values": drawn.values}},
        "replay": replay,
    }
    faults = [
        {"kind": "dropout", "at": "+0 s", "for": say(lasts), "nodes": [node], "devices": [device], "quantities": quantities}
        for node, device, quantities in drawn.silent
    ]
    notes = "".join(f"# Tidak ikut: {line}\n" for line in drawn.left)
    return notes + tomlkit.dumps(table | ({"fault": faults} if faults else {}))


def csv_lines(drawn: Drawn) -> Iterator[str]:
    """The recording: a line for each reading, by time."""
    yield "time,node,device,quantity,value\n"
    names = [",".join(key) for key in drawn.rows]
    t = np.concatenate([t for t, _ in drawn.rows.values()])
    v = np.concatenate([v for _, v in drawn.rows.values()])
    which = np.repeat(np.arange(len(names)), [len(rows) for rows, _ in drawn.rows.values()])
    for i in np.argsort(t, kind="stable").tolist():
        yield f"{text(int(t[i]))},{names[which[i]]},{float(v[i])!r}\n"
