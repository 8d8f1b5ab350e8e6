"""Which series are public, and under which name.

Kiosks and devices are named by technicians, sometimes after the people whose field or house they stand in. So nothing of theirs leaves:
a sensor is known to the public by a number made from its name, and by its model and origin.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic
from weakref import WeakKeyDictionary

from kampung_contract.errors import NotFound
from kampung_contract.quantities import quantity

from kampung_cloud.nodes import Node
from kampung_cloud.opendata.openness import Openness
from kampung_cloud.opendata.parts import Part, parts
from kampung_cloud.readings import subject
from kampung_cloud.readings.subject import ORIGINS, Subject, place
from kampung_cloud.telemetry.store import Latest, Selector, TelemetryStore

DAY_MS = 86_400_000
KNOWN_S = 60.0
_firsts: WeakKeyDictionary[TelemetryStore, dict[str, tuple[int, float]]] = WeakKeyDictionary()
"""By store and series: the day of its first good reading, and until when that holds."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One quantity of one village; ``first`` and ``last`` are the times of its readings (ms UTC, ``first`` a local midnight).

    ``files``: how it is cut, so that no file is longer than the API gives at once.
    """

    village: str
    quantity: str
    subjects: tuple[Subject, ...]
    first: int
    last: int
    files: tuple[Part, ...] = ()

    @property
    def id(self) -> str:
        """As in its address: ``35.10.24.2008/water_level``."""
        return f"{self.village}/{self.quantity}"

    @property
    def words(self) -> Mapping[str, str]:
        """The quantity's name by language."""
        known = quantity(self.quantity)
        return known.display if known else {"id": self.quantity, "en": self.quantity}

    @property
    def title(self) -> dict[str, str]:
        """By language."""
        return {language: f"{word}, {place(self.village)}" for language, word in self.words.items()}


def datasets(openness: Openness, store: TelemetryStore, nodes: Mapping[str, Node]) -> list[Dataset]:
    """All that is public and holds readings, by village and quantity. Raises ``StorageUnavailable``."""
    found: dict[tuple[str, str], list[Latest]] = {}
    for name in openness.quantities:
        for latest in store.latest(Selector(quantity=name)):
            if openness.shows(latest.key.village, name) and not latest.estimated:
                found.setdefault((latest.key.village, name), []).append(latest)
    return [_cut(store, _dataset(store, nodes, *which, held), held) for which, held in sorted(found.items())]


def find(openness: Openness, store: TelemetryStore, nodes: Mapping[str, Node], village: str, name: str) -> Dataset:
    """One of them, without ``files``. Raises ``NotFound``, for what is not public as for what is not there."""
    held = [x for x in store.latest(Selector(village, quantity=name)) if not x.estimated] if openness.shows(village, name) else []
    if not held:
        raise NotFound(f"{village[:40]}/{name[:64]} is no open data here; GET /api/v1/open-data lists what is")
    return _dataset(store, nodes, village, name, held)


def _cut(store: TelemetryStore, dataset: Dataset, held: list[Latest]) -> Dataset:
    every = sum(latest.readings + latest.estimates for latest in held)

    def rows(start: int, stop: int) -> int:
        if start <= dataset.first and stop > dataset.last:
            return every  # known without a look
        return sum(store.count(each.id, start, stop) for each in dataset.subjects)

    return replace(dataset, files=tuple(parts(dataset.first, dataset.last, rows, subject.MOST_ROWS)))


def _dataset(store: TelemetryStore, nodes: Mapping[str, Node], village: str, name: str, held: list[Latest]) -> Dataset:
    first, last = min(_first(store, x) for x in held), max(x.t for x in held)
    return Dataset(village, name, tuple(sorted((_public(x, nodes.get(x.key.node)) for x in held), key=lambda s: s.name)), first, last)


def _first(store: TelemetryStore, latest: Latest) -> int:
    """The day of the first good reading, which rollups know at once.

    Remembered for a minute: anybody may ask for the catalogue as often as he likes, and of a regency it is a thousand questions.
    """
    known = _firsts.setdefault(store, {})
    found = known.get(latest.key.id)
    if found is None or found[1] < monotonic():
        days = store.window(latest.key.id, 0, latest.t + 1, DAY_MS, aggregates=("count",), limit=1).t
        found = known[latest.key.id] = (days[0] if days else latest.t, monotonic() + KNOWN_S)
    return found[0]


def _public(latest: Latest, node: Node | None) -> Subject:
    key = latest.key
    known = quantity(key.quantity)
    device = next((d for d in node.devices if d.name == key.device), None) if node else None
    source = f"{device.model}, {ORIGINS.get(device.origin, 'asal tidak dikenal')}" if device else "alat tidak dikenal"
    title = known.display["id"] if known else key.quantity
    number = hashlib.sha256(key.id.encode()).hexdigest()[:8]
    return Subject(key.id, f"{key.quantity}-{number}", key.village, key.unit, title, source)
