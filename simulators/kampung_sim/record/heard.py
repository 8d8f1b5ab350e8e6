"""What was heard of a village: readings by series, how devices introduced themselves, what stood behind their values. No I/O.

Residents' requests and every other event are counted and not kept: a recording holds no personal data.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

from kampung_contract import pack as wire
from kampung_contract.documents import decode_state
from kampung_contract.errors import KampungError
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.provenance import TYPE, DeviceOrigin, parse_announcement
from kampung_contract.topics import Topic

AHEAD_MS = 86_400_000


@dataclass(slots=True)
class Series:
    """Readings in the order they came, twice where they came twice. ``t`` ms UTC."""

    unit: str
    t: array[int] = field(default_factory=lambda: array("q"))
    v: array[float] = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class Kiosk:
    """``models``: device to profile, title and note; ``behind``: what stands behind its values, where that was told."""

    village: str
    models: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    behind: dict[str, DeviceOrigin] = field(default_factory=dict)
    series: dict[tuple[str, str], Series] = field(default_factory=dict)


class Heard:
    """``count`` readings of ``kiosks``, by node; ``passed`` counts what is no part of a recording, in people's words."""

    def __init__(self) -> None:
        self.kiosks: dict[str, Kiosk] = {}
        self.passed: Counter[str] = Counter()
        self.count = 0

    def take(self, topic: str, payload: bytes, now: int) -> None:
        """One message; ``now`` ms UTC."""
        try:
            place = Topic.parse(topic)
            if place.kind == "state":
                self._state(place, payload)
            elif place.kind == "up":
                self._pack(place, payload, now)
            elif place.kind == "senml":
                self.passed["pesan SenML dari alat lain: tanpa profil tidak dapat diputar ulang"] += 1
        except KampungError:
            self.passed["pesan yang tidak terbaca"] += 1

    def kiosk(self, node: str, village: str) -> Kiosk:
        """The one of this name."""
        return self.kiosks.setdefault(node, Kiosk(village))

    def reading(self, kiosk: Kiosk, name: tuple[str, str], unit: str, rows: list[tuple[int, float, int]]) -> None:
        """Readings of a device's quantity: time, value, quality. Those that failed are left out: a hole, not a value."""
        series = kiosk.series.get(name)
        if series is None:
            series = kiosk.series[name] = Series(unit)
        for t, v, q in rows:
            if q in (FAIL, MISSING):
                self.passed["bacaan gagal mutu: menjadi lubang"] += 1
            else:
                series.t.append(t)
                series.v.append(v)
                self.count += 1

    def _state(self, place: Topic, payload: bytes) -> None:
        state = decode_state(payload)
        kiosk = self.kiosk(place.node, place.village)
        for device in state.devices:
            kiosk.models[device.name] = device.model, device.title, device.note

    def _pack(self, place: Topic, payload: bytes, now: int) -> None:
        pack = wire.decode(payload)
        kiosk = self.kiosk(place.node, place.village)
        for column in pack.series:
            wire.check_column(column, now + AHEAD_MS)
            flags = column.q or [wire.GOOD] * len(column.v)
            self.reading(kiosk, (column.device, column.quantity), column.u, list(zip(column.times(), column.v, flags, strict=True)))
        for event in pack.events:
            if event.get("type") == TYPE:
                told = parse_announcement(event, now + AHEAD_MS)
                kiosk.behind = dict(told.devices)
                for name, device in told.devices.items():
                    kiosk.models.setdefault(name, (device.model, "", ""))
            else:
                self.passed["peristiwa dan permohonan warga: tidak direkam"] += 1
