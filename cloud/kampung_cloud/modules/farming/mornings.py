"""The morning's round: every field's list is made once a day, kept, and published to its village's kiosks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from kampung_contract.times import text
from sqlalchemy import select

from kampung_cloud.content import Contents
from kampung_cloud.modules.farming.advice.morning import Forecast
from kampung_cloud.modules.farming.advice.words import templates
from kampung_cloud.modules.farming.balance import Standing
from kampung_cloud.modules.farming.looking import HOUR, Looked, Looking
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmFieldRow, FarmForecastRow
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.modules.farming.stations import day_of, midnight
from kampung_cloud.records import Records
from kampung_cloud.telemetry.store import TelemetryStore

KEY = "advice"


class Forecasts(Protocol):
    """Who tells the rain of the coming day."""

    def get(self, village: str, now: int) -> Forecast | None:
        """Of the 24 hours after ``now`` (ms UTC), or None where nobody can tell; never raises for a service that does not answer."""
        ...


class Mornings:
    """Writes advice, and puts it on the kiosks; used by any thread. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, store: TelemetryStore, contents: Contents, forecasts: Forecasts | None = None) -> None:
        self._records, self._contents, self._forecasts = records, contents, forecasts
        self._register = Register(records)
        self.looking = Looking(records, store)

    def publish(self, now: int) -> int:
        """Make what is missing of today's lists, from five in the morning on; how many. Raises ``StorageUnavailable``."""
        today = day_of(now)
        if now < midnight(today) + HOUR * 3_600_000:
            return 0
        with self._records.session() as session:
            made = set(session.scalars(select(FarmAdviceRow.field).where(FarmAdviceRow.day == today.isoformat())))
        by_village: dict[str, list[FarmFieldRow]] = defaultdict(list)
        for row in self._register.listed():
            if row.id not in made:
                by_village[row.village].append(row)
        for village, rows in by_village.items():
            self._ask(village, today, now)
            self._keep(self.looking.look(village, rows, today), now)
            self.tell(village, today, now)
        return sum(map(len, by_village.values()))

    def _ask(self, village: str, today: date, now: int) -> None:
        found = None if self._forecasts is None else self._forecasts.get(village, now)
        if found is None:
            return
        with self._records.session() as session:
            key = {"village": village, "day": today.isoformat()}
            session.merge(FarmForecastRow(**key, rain=found.rain, chance=found.chance, source=found.source, at=now))

    def again(self, field: str, now: int) -> None:
        """Make one field's list of today anew, after somebody said something of it. Raises ``NotFound``."""
        row = self._register.get(field)
        today = day_of(now)
        self._keep(self.looking.look(row.village, [row], today), now)
        self.tell(row.village, today, now)

    def _keep(self, looked: Sequence[Looked], now: int) -> None:
        """Of one village and morning. What is there is asked for at once: a question a field would be most of a regency's morning."""
        with self._records.session() as session:
            days, fields = {each.morning.today.isoformat() for each in looked}, [each.row.id for each in looked]
            wanted = select(FarmAdviceRow).where(FarmAdviceRow.day.in_(days), FarmAdviceRow.field.in_(fields))
            known = {(row.field, row.day): row for row in session.scalars(wanted)}
            for each in looked:
                day = each.morning.today.isoformat()
                row = known.get((each.row.id, day))
                if row is None:
                    row = FarmAdviceRow(field=each.row.id, day=day, answers={})
                    session.add(row)
                row.village, row.colour, row.at = each.row.village, each.colour, now
                row.actions, row.water = [a.shown() for a in each.actions], _water(each.standing)

    def tell(self, village: str, today: date, now: int) -> None:
        """Put the village's lists on its kiosks; the same again changes nothing."""
        names = {row.id: row for row in self._register.listed(village)}
        with self._records.session() as session:
            rows = list(
                session.scalars(select(FarmAdviceRow).where(FarmAdviceRow.village == village, FarmAdviceRow.day == today.isoformat()))
            )
        shown = [
            {
                "field": row.field, "name": names[row.field].name, "crop": names[row.field].crop, "colour": row.colour,
                "made": text(row.at), "water": row.water, "actions": [_short(a) for a in row.actions], "answers": row.answers,
            }
            for row in sorted(rows, key=lambda r: r.field) if row.field in names
        ]  # fmt: skip
        self._contents.put(village, KEY, {"day": today.isoformat(), "words": _words(rows), "fields": shown})


def _short(action: dict[str, Any]) -> dict[str, Any]:
    """As the kiosks get it: a village pays for its bytes, and only the cloud computes."""
    return {**action, "reason": {k: v for k, v in action["reason"].items() if k not in ("inputs", "calc")}}


def _words(rows: Sequence[FarmAdviceRow]) -> dict[str, dict[str, str]]:
    """The sentences of today's lists in every language, once for all fields: names and numbers stand with each."""
    phrases = [p for row in rows for a in row.actions for p in (a.get("said"), a["reason"].get("said")) if p]
    return templates(phrases)


def _water(standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {}
    numbers = {
        "depletion": standing.depletion, "sd": standing.sd, "taw": standing.total, "raw": standing.ready, "ks": standing.stress,
        "et0": standing.et0, "etc": standing.crop_et,
    }  # fmt: skip
    return {"day": standing.day.isoformat(), "method": standing.method} | {k: round(v, 2) for k, v in numbers.items()}
