"""Which series describe the air of one place: as the configuration says, else those of one device."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kampung_contract.documents import Device
from kampung_contract.errors import NotFound

from kampung_cloud.air_station.setting import AirStation, Area, Crater
from kampung_cloud.modules.environment.ispu import Pollutant
from kampung_cloud.telemetry.store import SeriesKey

POLLUTANT_OF: dict[str, Pollutant] = {
    "pm25_corrected": "pm25", "pm25": "pm25", "pm10": "pm10", "so2": "so2", "no2": "no2", "o3": "o3", "co": "co", "hydrocarbons": "hc",
}  # fmt: skip
"""By quantity. Corrected dust comes before raw dust."""
AROUND = ("air_temperature", "relative_humidity", "globe_temperature", "natural_wet_bulb", "sound_level", "uv_index")
"""What else is shown of a place."""
ORIGINS = {"synthetic": 2, "recording": 1}


@dataclass(frozen=True, slots=True)
class Station:
    """``series`` in order of id; ``origin`` is the least real one of its devices: ``sensor``, ``recording`` or ``synthetic``."""

    id: str
    village: str
    title: str
    series: tuple[SeriesKey, ...]
    crater: Crater | None = None
    area: Area = "permukiman"
    origin: str = "sensor"
    models: tuple[str, ...] = ()

    def of(self, *quantities: str) -> SeriesKey | None:
        """The first series of the first of these quantities that is measured here."""
        return next((key for name in quantities for key in self.series if key.quantity == name), None)

    @property
    def pollutants(self) -> tuple[Pollutant, ...]:
        """Those that are measured here, in the regulation's order."""
        return tuple(dict.fromkeys(p for q, p in POLLUTANT_OF.items() if self.of(q) is not None))


Devices = Mapping[tuple[str, str], Device]
"""By node and name, how a device last introduced itself."""


def stations(settings: Sequence[AirStation], keys: Iterable[SeriesKey], devices: Devices) -> list[Station]:
    """All places with something to tell, in order of id; those of the configuration first within a village."""
    owner = {(s.node, d): s for s in settings for d in s.devices}
    groups: defaultdict[tuple[str, str], list[SeriesKey]] = defaultdict(list)
    for key in keys:
        if key.quantity in POLLUTANT_OF or key.quantity in AROUND:
            setting = owner.get((key.node, key.device))
            groups[("", setting.id) if setting else (key.node, key.device)].append(key)
    by_id = {s.id: s for s in settings}
    out = []
    for (node, name), found in groups.items():
        series = tuple(sorted(found, key=lambda k: k.id))
        if not _tells(series):
            continue
        made = [d for k in series if (d := devices.get((k.node, k.device))) is not None]
        origin = max((d.origin for d in made), key=lambda o: ORIGINS.get(o, 0), default="sensor")
        models = tuple(sorted({d.model for d in made}))
        setting = None if node else by_id[name]
        if setting is not None:
            out.append(Station(setting.id, setting.village, setting.title, series, setting.crater, setting.area, origin, models))
        else:
            title = next((d.title for d in made if d.title), name)
            out.append(Station(f"{node}.{name}", series[0].village, title, series, origin=origin, models=models))
    return sorted(out, key=lambda s: (s.village, "." in s.id, s.id))


def find(found: Iterable[Station], name: str) -> Station:
    """By its id. Raises ``NotFound``."""
    for station in found:
        if station.id == name:
            return station
    raise NotFound(f"no air station is named {name[:100]!r}; GET /api/v1/environment/stations lists them")


def _tells(series: Sequence[SeriesKey]) -> bool:
    """Humidity without temperature, or the other way round, says nothing of the air of a place."""
    names = {k.quantity for k in series}
    return bool(names & {*POLLUTANT_OF, "sound_level", "uv_index"}) or {"air_temperature", "relative_humidity"} <= names
