"""The *indeks sensor* of probes from stored readings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from statistics import median

from kampung_contract.pack import GOOD

from kampung_cloud.api.services import Services
from kampung_cloud.modules.waterquality.probe import QUANTITIES, Probed, sensor_index
from kampung_cloud.telemetry.store import Selector, SeriesKey

DAY_MS = 86_400_000
WATER = frozenset(QUANTITIES)


@dataclass(frozen=True, slots=True)
class Device:
    """A probe's day: ``medians`` by quantity, of ``n`` good readings; the newest is from ``newest`` (ms UTC)."""

    village: str
    node: str
    device: str
    title: str
    medians: dict[str, float]
    n: int
    newest: int

    @property
    def index(self) -> Probed:
        """What they say together."""
        return sensor_index(self.medians, self.title)


def probes(services: Services, at: int, villages: Collection[str] | None = None) -> list[Device]:
    """Devices with good readings in the 24 hours before ``at`` (ms UTC). Raises ``StorageUnavailable``."""
    series: defaultdict[tuple[str, str, str], list[SeriesKey]] = defaultdict(list)
    for quantity in QUANTITIES:
        for key in services.store.series(Selector(quantity=quantity)):
            if villages is None or key.village in villages:
                series[key.village, key.node, key.device].append(key)
    titles = {(node.node, device.name): device.title or "" for node in services.nodes.all() for device in node.devices}
    out = []
    for (village, node, device), keys in sorted(series.items()):
        medians, n, newest = {}, 0, 0
        for key in keys:
            window = services.store.window(key.id, at - DAY_MS, at + 1)
            good = [(t, v) for t, v, q in zip(window.t, window.v, window.q, strict=True) if q == GOOD]
            if good:
                medians[key.quantity] = median(v for _, v in good)
                n, newest = n + len(good), max(newest, good[-1][0])
        if medians:
            out.append(Device(village, node, device, titles.get((node, device), "") or device, medians, n, newest))
    return out
