"""The layers that need no domain: alarms in force, and how old a village's readings are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kampung_contract.villages import Village
from sqlalchemy import or_, select

from kampung_cloud.records.models import AlarmRow
from kampung_cloud.regency.layer import Class, Layer, Value, worst

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

AGES = (("hour", HOUR_MS), ("six", 6 * HOUR_MS), ("day", DAY_MS), ("week", 7 * DAY_MS))
"""Classes by how old the newest reading is at most; beyond the last it is ``older``."""
SEVERITIES = ("none", "waspada", "siaga", "awas")


def _alarms(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    """Alarms that were in force and told of; calm only where a kiosk was heard of within a day, since silence is not calm."""
    query = select(AlarmRow.village, AlarmRow.severity, AlarmRow.since).where(
        AlarmRow.since <= at,
        or_(AlarmRow.until.is_(None), AlarmRow.until > at),
        AlarmRow.announced.is_(True),
        AlarmRow.withdrawn.is_(False),
        AlarmRow.about != "device",
    )
    firing: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    with services.records.session() as session:
        for village, severity, since in session.execute(query):
            firing[village].append((severity, since))
    wanted, heard = {v.code for v in villages}, _readings(services, at - DAY_MS, at)
    out = {code: Value(0, "none", 0, None) for code in heard if code in wanted}
    for code, found in firing.items():
        if code in wanted:
            out[code] = Value(len(found), SEVERITIES[max(s for s, _ in found)], len(found), None)
    return out


def _ages(services: Services, at: int, villages: Sequence[Village]) -> Mapping[str, Value]:
    """By the newest reading of each village; of the past only the class is known, from what was measured within each span before."""
    wanted = {v.code for v in villages}
    newest: dict[str, int] = {}
    for latest in services.store.latest():
        code = latest.key.village
        if code in wanted and not latest.estimated:
            newest[code] = max(latest.t, newest.get(code, 0))
    out: dict[str, Value] = {}
    day = _readings(services, at - DAY_MS, at)
    for code, t in newest.items():
        if t <= at:
            age = at - t
            out[code] = Value(age / HOUR_MS, _class_of(age), day[code], age)
    then = newest.keys() - out.keys()
    for kind, span in AGES:
        if not then:
            break
        for code, n in _readings(services, at - span, at).items():
            if code in then:
                out[code] = Value(None, kind, day[code] if span >= DAY_MS else n, span)
                then.discard(code)
    return out


def _readings(services: Services, start: int, stop: int) -> Counter[str]:
    """How many there are by village."""
    homes = {latest.key.node: latest.key.village for latest in services.store.latest()}
    out: Counter[str] = Counter()
    for node, n in services.store.counts(max(start, 0), stop + 1).items():
        if node in homes and n:
            out[homes[node]] += n
    return out


def _class_of(age: int) -> str:
    return next((kind for kind, most in AGES if age <= most), "older")


ALARMS = Layer(
    key="alarms",
    title="Peringatan",
    about="Peringatan yang berlaku pada waktu itu, menurut tingkat tertingginya.",
    unit="peringatan",
    decimals=0,
    legend=(
        Class("none", "Tidak ada peringatan", "#0b5d3b", "disc"),
        Class("waspada", "Waspada", "#8a5a00", "triangle"),
        Class("siaga", "Siaga", "#9a3412", "diamond"),
        Class("awas", "Awas", "#b3261e", "square"),
    ),
    source="Aturan peringatan desa (GET /api/v1/rules), masing-masing dengan sumbernya",
    values=_alarms,
    together=worst,
)

READINGS = Layer(
    key="readings",
    title="Umur data",
    about="Berapa lama sejak pembacaan terakhir alat di desa.",
    unit="jam",
    decimals=1,
    legend=(
        Class("hour", "Paling lama 1 jam", "#0b5d3b", "disc"),
        Class("six", "Paling lama 6 jam", "#3f7f5f", "bar"),
        Class("day", "Paling lama 1 hari", "#8a5a00", "triangle"),
        Class("week", "Paling lama 7 hari", "#9a3412", "diamond"),
        Class("older", "Lebih dari 7 hari", "#4b5750", "cross"),
    ),
    source="Waktu pembacaan yang tersimpan; batas kelas ditetapkan Smart Kampung",
    values=_ages,
    together=worst,
    stale=7 * DAY_MS,
)

CORE = (ALARMS, READINGS)
