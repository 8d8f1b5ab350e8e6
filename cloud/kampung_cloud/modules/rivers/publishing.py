"""Once a minute: look at gauges and rain, tell the kiosks what changed, and commit what the regency works out itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from kampung_cloud.api.services import Services
from kampung_cloud.gauges.slopes import series_of
from kampung_cloud.gauges.warning import blind_series
from kampung_cloud.modules.rivers.document import document
from kampung_cloud.modules.rivers.fallen import Fallen, gauges, in_village, last_hour
from kampung_cloud.modules.rivers.landslide import Danger
from kampung_cloud.modules.rivers.looking import Looking, State
from kampung_cloud.modules.rivers.rain import DAY_MS, closing
from kampung_cloud.modules.rivers.slopes import Slopes
from kampung_cloud.modules.rivers.warning import Blind, batch, blind, danger
from kampung_cloud.records import Records
from kampung_cloud.records.models import BmkgAlertRow
from kampung_cloud.telemetry.store import TelemetryStore
from kampung_cloud.words.subject import INDEX

KEY = "rivers"
RESTED_MS = 10 * 60_000
"""An index that says what it said is committed again so seldom."""


@dataclass(frozen=True, slots=True)
class Round:
    """What was found at ``now`` (ms UTC). ``rains``, ``slopes`` and ``dangers`` by village."""

    now: int
    states: Mapping[str, State]
    rains: Mapping[str, Fallen]
    slopes: Mapping[str, Sequence[str]]
    dangers: Mapping[str, Danger]
    blinds: Sequence[Blind]


def look(services: Services, now: int) -> Round:
    """Raises ``StorageUnavailable``."""
    store, config = services.store, services.config
    states = Looking(store, config.gauge).states(now)
    slopes: dict[str, list[str]] = {}
    for slope in Slopes(services.records).listed():
        slopes.setdefault(slope.village, []).append(slope.name)
    series = gauges(store)
    start = closing(now) - 2 * DAY_MS
    rains = {code: in_village(store, names, start, now + 1) for code, names in series.items()}
    dangers = {code: danger(store, series[code], now) for code in slopes if code in series}
    hour = {code: last_hour(store, names, now) for code, names in series.items()}
    return Round(now, states, rains, slopes, dangers, blind(states, hour, warned(services.records, now)))


def warned(records: Records, now: int) -> set[str]:
    """Villages for which a warning of BMKG's is in force."""
    query = select(BmkgAlertRow.villages).where(BmkgAlertRow.expires > now, BmkgAlertRow.ended.is_(None), BmkgAlertRow.status == "Actual")
    with records.session() as session:
        return {code for codes in session.scalars(query) for code in codes}


def publish(services: Services, now: int) -> None:
    """Raises ``StorageUnavailable``; documents have gone out before readings are committed."""
    found = look(services, now)
    for code in {s.gauge.village for s in found.states.values()} | found.rains.keys() | found.slopes.keys():
        states = [s for s in found.states.values() if s.gauge.village == code]
        told = dict(document(states, found.rains.get(code, Fallen()), found.slopes.get(code, ()), found.dangers.get(code), now))
        before = services.contents.get(code, KEY)
        if before is None or before.document != told:
            services.contents.put(code, KEY, told)
    news = batch(
        now,
        [b for b in found.blinds if _new(services.store, blind_series(b.gauge, b.above), float(b.holds), now)],
        {code: each for code, each in found.dangers.items() if _new(services.store, series_of(code), round(each.index, 2), now)},
    )
    if not news.empty:
        services.worker.hand_in(news)


def _new(store: TelemetryStore, place: tuple[str, str], value: float, now: int) -> bool:
    """Whether it is worth a reading: another value, or none for a while, or one that warns."""
    last = store.find(f"{place[0]}.{place[1]}.{INDEX}")
    return last is None or last.v != value or value > 0 or now - last.t >= RESTED_MS
