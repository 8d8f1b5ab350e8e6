"""A series as a file names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kampung_contract.errors import InvalidRequest, TooMuch
from kampung_contract.quantities import quantity
from kampung_contract.times import text
from kampung_contract.villages import village

from kampung_cloud.nodes import Node
from kampung_cloud.telemetry.store import Selector, SeriesKey, TelemetryStore, absent

MOST_ROWS = 2_000_000
"""Rows of one file over HTTP; with the token, as commands have it, there is no limit."""
MOST_SERIES = 500
MINUTE_MS = 60_000
ORIGINS = {"sensor": "sensor", "recording": "rekaman diputar ulang", "synthetic": "simulasi"}


@dataclass(frozen=True, slots=True)
class Subject:
    """``id`` is the store's name, ``name`` the file's; the rest tells people what it is. ``source`` is the device that measured."""

    id: str
    name: str
    village: str
    unit: str
    title: str
    source: str

    @property
    def sentence(self) -> str:
        """For the head of a file, in Indonesian."""
        return f"{self.name}: {self.title} ({self.unit}), {place(self.village)}, {self.source}"


def place(code: str) -> str:
    """``Desa Tamansari (35.10.24.2008)``."""
    found = village(code)
    return f"{found.type.capitalize()} {found.name} ({code})"


def subject(key: SeriesKey, node: Node | None) -> Subject:
    """A series under its own name, with what its kiosk has told of the device."""
    known = quantity(key.quantity)
    device = next((d for d in node.devices if d.name == key.device), None) if node else None
    told = [device.model, ORIGINS.get(device.origin, device.origin), device.title] if device else ["alat tidak dikenal"]
    title = known.display["id"] if known else key.quantity
    return Subject(key.id, key.id, key.village, key.unit, title, ", ".join(word for word in told if word))


def chosen(store: TelemetryStore, ids: Sequence[str], selector: Selector | None, most: int = MOST_SERIES) -> list[SeriesKey]:
    """The series a request names, by id or by selector. Raises ``InvalidRequest``, ``NotFound`` or ``TooMuch``."""
    if bool(ids) == (selector is not None):
        raise InvalidRequest("say which readings: either series=… (as often as needed), or village=…, node=… or quantity=…")
    if selector is not None:
        keys = store.series(selector)
    else:
        found = {name: store.find(name) for name in dict.fromkeys(ids)}
        missing = [name for name, latest in found.items() if latest is None]
        if missing:
            raise absent(missing[0])
        keys = [latest.key for latest in found.values() if latest is not None]
    if len(keys) > most:
        raise TooMuch(f"{len(keys):,} series; one file holds at most {most}; ask by village, node or quantity")
    return keys


def bounded(store: TelemetryStore, ids: Sequence[str], start: int, stop: int, most: int | None = None) -> int:
    """How many readings a file would hold, at most ``MOST_ROWS`` unless said. Raises ``TooMuch`` with a ``stop`` that fits."""
    most = MOST_ROWS if most is None else most
    rows = _rows(store, ids, start, stop)
    if rows <= most:
        return rows
    end, held = stop, rows
    while held > most and end - start > MINUTE_MS:
        end = start + min((end - start) // 2, int((end - start) * most / held * 0.95))
        if end - start > MINUTE_MS:
            end = end // MINUTE_MS * MINUTE_MS
        held = _rows(store, ids, start, end)
    page = f"Page: first stop={end} ({held:,} readings), then start={end}; or ask" if held <= most else "Ask"
    raise TooMuch(f"{rows:,} readings from {text(start)} to {text(stop)}; one file holds at most {most:,}. {page} for fewer series")


def _rows(store: TelemetryStore, ids: Sequence[str], start: int, stop: int) -> int:
    return sum(store.count(name, start, stop) for name in ids)
