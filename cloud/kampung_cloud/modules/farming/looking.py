"""A field's morning out of stored readings and reports: what the rules look at, and what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kampung_contract.errors import NotFound
from kampung_contract.villages import village as find_village
from sqlalchemy import select

from kampung_cloud.modules.farming import probe, season
from kampung_cloud.modules.farming.advice import water
from kampung_cloud.modules.farming.advice.action import Action
from kampung_cloud.modules.farming.advice.engine import advise
from kampung_cloud.modules.farming.advice.morning import Forecast, Leaves, Morning
from kampung_cloud.modules.farming.balance import Moisture, Standing, replay
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmFieldRow, FarmForecastRow, FarmReportRow
from kampung_cloud.modules.farming.register import Register, plot, standing_in
from kampung_cloud.modules.farming.stations import Hours, VillageWeather, before_sunrise, hours, midnight, village_weather
from kampung_cloud.records import Records
from kampung_cloud.telemetry.store import TelemetryStore

LONGEST = 200
"""Days that are looked back: a season, and for a perennial enough for the guess of the beginning to be forgotten."""
HOUR = 5
"""WIB, from which the day's lists are made; what was measured until then counts."""
SILENT = 2
"""Days without a reading after which a probe is silent."""
UNWANTED = 3
"""Days for which *tidak perlu* keeps an action away."""
RAIN_SINCE = (9, 1)
"""Month and day from which the wet season may begin."""
TUBE = 0.01
"""m in a centimetre."""
NOTHING = Hours({}, {}, {}, {})
"""Of a series that nobody has heard of yet."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A field's morning with its list."""

    row: FarmFieldRow
    morning: Morning
    actions: list[Action]

    @property
    def standing(self) -> Standing | None:
        """How its water stands."""
        return self.morning.standings[-1] if self.morning.standings else None

    @property
    def colour(self) -> str:
        """Of its water, and ``siram`` also where the list calls for it ahead; ``tidak tahu`` without a balance."""
        if self.standing is None or self.row.planted is None:
            return "tidak tahu"
        called = any(action.kind == water.KIND and action.reason.numbers[water.ADVISED] > 0 for action in self.actions)
        return "siram" if called and self.standing.colour != "stres" else self.standing.colour


@dataclass(frozen=True, slots=True)
class _Village:
    """What its fields share."""

    weather: VillageWeather
    onset: date | None
    forecast: Forecast | None


class Looking:
    """Reads telemetry and records, writes nothing; used by any thread. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, store: TelemetryStore) -> None:
        self._records, self._store = records, store
        self._register = Register(records)

    def look(self, village: str, rows: Sequence[FarmFieldRow], today: date) -> list[Looked]:
        """The lists of a village's fields on a morning, not kept."""
        starts = {row.id: _start(row, today) for row in rows}
        first = min([*starts.values(), _season_start(today)])
        altitude = sum(r.altitude for r in rows) / len(rows)
        weather = village_weather(self._store, village, first, today, latitude=find_village(village).latitude, altitude=altitude)
        shared = _Village(weather, _onset(weather, today), self.forecast(village, today))
        reports = self._register.reports(starts, first)
        before = self._before(starts, village, today)
        return [self._one(row, shared, reports[row.id], before.get(row.id, frozenset()), today) for row in rows]

    def _one(
        self, row: FarmFieldRow, village: _Village, reports: Sequence[FarmReportRow], before: frozenset[str], today: date, /
    ) -> Looked:
        start = _start(row, today)
        reports = [r for r in reports if r.day >= start.isoformat()]  # what was said of the season before says nothing of this one
        days = [d for d in village.weather.days if d.day >= start]
        soil = self._soil(row, start, today)
        field = plot(row)
        morning = Morning(
            field, today, days, levels=self._levels(row, today), leaves=_leaves(reports), wet=village.weather.wet,
            conductivity=_scaled(self._recent(row, "soil_conductivity", today), 0.001), ph=self._recent(row, "soil_ph", today),
            probe_silent_since=_silent(soil, today) if _has(row, "soil_moisture", today) else None,
            onset=village.onset, seen=_seen(reports), before=before, unwanted=_unwanted(reports), forecast=village.forecast,
        )  # fmt: skip
        if not field.crop.flooded and (field.planted is not None or field.crop.stages is None):
            morning = replace(morning, standings=replay(field, days, _possible(soil), _watered(reports)))
        return Looked(row, morning, advise(morning))

    def forecast(self, village: str, today: date) -> Forecast | None:
        """The coming day's rain as it was told on its morning, or None."""
        with self._records.session() as session:
            row = session.get(FarmForecastRow, (village, today.isoformat()))
            return None if row is None else Forecast(row.rain, row.chance, row.source)

    def _soil(self, row: FarmFieldRow, start: date, today: date) -> dict[date, Moisture]:
        out: dict[date, Moisture] = {}
        for sensor in row.sensors:
            if not sensor["series"].endswith(".soil_moisture"):
                continue
            since = max(start, date.fromisoformat(sensor["since"]))
            until = today if sensor["until"] is None else min(today, date.fromisoformat(sensor["until"]))
            if since <= until:
                out |= before_sunrise(self._hours(sensor["series"], since, until + timedelta(1)), since, until, probe.UNCALIBRATED)
        return out

    def _hours(self, series: str, start: date, stop: date) -> Hours:
        try:
            return hours(self._store, series, start, stop)
        except NotFound:
            return NOTHING

    def _levels(self, row: FarmFieldRow, today: date) -> list[float]:
        for series in standing_in(row, today):
            if series.endswith(".water_level"):
                try:
                    stop = midnight(today) + HOUR * 3_600_000
                    found = self._store.window(series, stop - 24 * 3_600_000, stop)
                except NotFound:
                    return []
                good = [v for v, q in zip(found.v, found.q, strict=True) if q not in (3, 4, 9)]
                return [v / TUBE for v in good[-3:]]
        return []

    def _recent(self, row: FarmFieldRow, quantity: str, today: date) -> float | None:
        for series in standing_in(row, today):
            if series.endswith(f".{quantity}"):
                found = self._hours(series, today - timedelta(1), today)
                values = list(found.mean.values())
                return sum(values) / len(values) if values else None
        return None

    def _before(self, fields: Iterable[str], village: str, today: date) -> dict[str, frozenset[str]]:
        wanted, day = set(fields), (today - timedelta(1)).isoformat()
        with self._records.session() as session:
            lists = select(FarmAdviceRow.field, FarmAdviceRow.actions).where(FarmAdviceRow.day == day, FarmAdviceRow.village == village)
            return {field: frozenset(a["kind"] for a in actions) for field, actions in session.execute(lists) if field in wanted}


def _start(row: FarmFieldRow, today: date) -> date:
    earliest = today - timedelta(LONGEST)
    return earliest if row.planted is None else max(earliest, min(date.fromisoformat(row.planted), today))


def _season_start(today: date) -> date:
    first = date(today.year, *RAIN_SINCE)
    return first if today >= first else today


def _onset(weather: VillageWeather, today: date) -> date | None:
    first = _season_start(today)
    return season.onset(season.sums({d: mm for d, mm in weather.rain.items() if mm >= 0}, first, today))


def _has(row: FarmFieldRow, quantity: str, today: date) -> bool:
    return any(series.endswith(f".{quantity}") for series in standing_in(row, today))


def _silent(soil: Mapping[date, Moisture], today: date) -> date | None:
    if not soil:
        return today
    last = max(soil) + timedelta(1)
    return last if (today - last).days >= SILENT else None


def _possible(soil: Mapping[date, Moisture]) -> dict[date, Moisture]:
    """What a soil can hold; ingest flags the rest, and a probe in air shows 0."""
    return {day: m for day, m in soil.items() if 0 <= m.content <= 0.7}


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _leaves(reports: Sequence[FarmReportRow]) -> Leaves | None:
    found = [r for r in reports if r.kind == "leaves"]
    return Leaves(date.fromisoformat(found[-1].day), tuple(found[-1].body["readings"])) if found else None


def _seen(reports: Sequence[FarmReportRow]) -> dict[str, date]:
    return {r.body["stage"]: date.fromisoformat(r.day) for r in reports if r.kind == "stage"}


def _watered(reports: Sequence[FarmReportRow]) -> dict[date, float]:
    out: dict[date, float] = defaultdict(float)
    for report in reports:
        if report.kind == "watering":
            out[date.fromisoformat(report.day)] += float(report.body["mm"])
    return dict(out)


def _unwanted(reports: Sequence[FarmReportRow]) -> dict[str, date]:
    said = [r for r in reports if r.kind == "answer"]
    return {r.body["kind"]: date.fromisoformat(r.day) + timedelta(UNWANTED) for r in said if r.body["answer"] == "tidak perlu"}
