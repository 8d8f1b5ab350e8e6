"""The ISPU of a station at an hour: each parameter over the 24 hours before it, and the critical one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kampung_cloud.modules.environment.gases import Gas, micrograms
from kampung_cloud.modules.environment.hours import HOUR, Hours, running
from kampung_cloud.modules.environment.ispu import Band, Ispu, Pollutant, category, ispu
from kampung_cloud.modules.environment.stations import POLLUTANT_OF, Station

RAW = "raw"
"""Not corrected."""
GASES: dict[Pollutant, Gas] = {"so2": "so2", "no2": "no2", "o3": "o3", "co": "co"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """``mean`` in µg/m³ over ``hours`` of 24, None with fewer than 18; ``raw`` is what was measured where ``mean`` is corrected.

    ``method``: ``raw``, or the id of the correction of dust; of gases the temperature (°C) that ppm were turned into µg/m³ for.
    """

    pollutant: Pollutant
    series: str
    mean: float | None
    hours: int
    method: str = RAW
    raw: float | None = None

    @property
    def ispu(self) -> Ispu | None:
        """Its index; none without a mean of a day."""
        return None if self.mean is None else ispu(self.pollutant, self.mean)


@dataclass(frozen=True, slots=True)
class Hour:
    """Fine dust of the last hour with BMKG's word for it. Never an index."""

    mean: float
    band: Band


@dataclass(frozen=True, slots=True)
class SiteAir:
    """A station's air at ``at``, the end of an hour, ms UTC."""

    at: int
    parameters: tuple[Parameter, ...]
    hour: Hour | None

    @property
    def critical(self) -> Parameter | None:
        """The parameter with the highest index; of equals the first."""
        known = [p for p in self.parameters if p.ispu is not None]
        return max(known, key=lambda p: p.ispu.value if p.ispu else 0.0, default=None)

    @property
    def ispu(self) -> Ispu | None:
        """That of the critical parameter."""
        return self.critical.ispu if self.critical else None


def site_air(station: Station, found: Mapping[str, Hours], at: int, corrected: str = "") -> SiteAir:
    """Of hourly means by series id, in the series' units. ``corrected`` names the correction that made ``pm25_corrected``."""
    parameters = tuple(_parameter(station, found, at, pollutant, corrected) for pollutant in station.pollutants)
    return SiteAir(at, parameters, _hour(station, found, at))


def _parameter(station: Station, found: Mapping[str, Hours], at: int, pollutant: Pollutant, corrected: str) -> Parameter:
    keys = [key for q, p in POLLUTANT_OF.items() if p == pollutant and (key := station.of(q)) is not None]
    means = {key: running(found.get(key.id, {}), at) for key in keys}
    # Corrected dust where there is enough of it; a day that is half corrected and half raw would be neither.
    key = next((k for k in keys if means[k].value is not None), keys[0])
    mean, count = means[key]
    if pollutant in GASES:
        value = None if mean is None else micrograms(GASES[pollutant], mean)
        return Parameter(pollutant, key.id, value, count, "25 °C")
    if key.quantity == "pm25_corrected":
        raw = next((means[k].value for k in keys if k.quantity == "pm25"), None)
        return Parameter(pollutant, key.id, mean, count, corrected or "corrected", raw)
    return Parameter(pollutant, key.id, mean, count)


def _hour(station: Station, found: Mapping[str, Hours], at: int) -> Hour | None:
    for name in ("pm25_corrected", "pm25"):
        key = station.of(name)
        if key is not None and (value := found.get(key.id, {}).get(at - HOUR)) is not None:
            return Hour(value, category("pm25", value))
    return None
