"""Stations over the stored readings: what is known of each at an hour, and how it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kampung_contract.pack import FAIL, MISSING, SUSPECT

from kampung_cloud import provenance
from kampung_cloud.api.series import introduced
from kampung_cloud.api.services import Services
from kampung_cloud.modules.environment.around import Lsm, last_noise_day, noise_day
from kampung_cloud.modules.environment.hours import DAY, HOUR, Hours, hours, last_midnight
from kampung_cloud.modules.environment.ispu import Ispu
from kampung_cloud.modules.environment.site import SiteAir, site_air
from kampung_cloud.modules.environment.stations import Station, stations
from kampung_cloud.telemetry.store import EVERYTHING, Selector, SeriesKey

MOST_ROWS = 200_000
"""Readings of a day that are looked through one by one."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of a series' readings of 24 hours: how many there are, how many quality control doubts and how many failed."""

    readings: int
    doubted: int
    failed: int


class Looking:
    """All raise ``StorageUnavailable``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def stations(self, village: str | None = None) -> list[Station]:
        """Those of a village, or all."""
        keys = self._services.store.series(Selector(village=village) if village else EVERYTHING)
        settings = [s for s in self._services.config.air if village in (None, s.village)]
        return stations(settings, keys, introduced(self._services))

    def hours(self, station: Station, start: int, stop: int) -> dict[str, Hours]:
        """By series id."""
        return {key.id: hours(self._services.store, key.id, start, stop) for key in station.series}

    def air(self, station: Station, at: int, found: Mapping[str, Hours] | None = None) -> SiteAir:
        """At the end of an hour."""
        if found is None:
            found = self.hours(station, at - DAY, at)
        return site_air(station, found, at, self.correction(station, at))

    def correction(self, station: Station, at: int) -> str:
        """Which correction made the dust that it shows then; empty where there is none."""
        key = station.of("pm25_corrected")
        if key is None:
            return ""
        told = provenance.told(self._services.records, key.node)
        span = provenance.of(provenance.spans(key, told, self._services.store.correction), at - 1)
        return span.series.corrected.method if span and span.series.corrected else ""

    def by_hour(self, station: Station, start: int, stop: int, found: Mapping[str, Hours] | None = None) -> list[tuple[int, Ispu | None]]:
        """The index at the end of each hour in (``start``, ``stop``]; ``found`` are its hours from a day before ``start``, if at hand."""
        known = self.hours(station, start - DAY, stop) if found is None else found
        return [(at, site_air(station, known, at).ispu) for at in range(start + HOUR, stop + 1, HOUR)]

    def by_day(self, station: Station, stop: int, days: int, found: Mapping[str, Hours] | None = None) -> list[tuple[int, SiteAir]]:
        """Each local day that is over at ``stop``, by its first moment: the air over its 24 hours."""
        end = last_midnight(stop)
        known = self.hours(station, end - days * DAY, end) if found is None else found
        corrected = self.correction(station, end)
        return [(at - DAY, site_air(station, known, at, corrected)) for at in range(end - (days - 1) * DAY, end + 1, DAY)]

    def doubts(self, key: SeriesKey, at: int) -> Doubts:
        """Of the 24 hours before ``at``."""
        found = self._services.store.window(key.id, at - DAY, at, None, limit=MOST_ROWS)
        return Doubts(len(found.t), found.q.count(SUSPECT), found.q.count(FAIL) + found.q.count(MISSING))

    def noise(self, station: Station, at: int) -> Lsm | None:
        """Of the last whole day."""
        key = station.of("sound_level")
        if key is None:
            return None
        begin = last_noise_day(at)
        found = self._services.store.window(key.id, begin, begin + DAY, None, limit=MOST_ROWS)
        rows: Iterable[tuple[int, float]] = ((t, v) for t, v, q in zip(found.t, found.v, found.q, strict=True) if q not in (FAIL, MISSING))
        return noise_day(rows, at)


def grouped(found: Sequence[Station]) -> dict[str, list[Station]]:
    """By village."""
    out: dict[str, list[Station]] = {}
    for station in found:
        out.setdefault(station.village, []).append(station)
    return out
