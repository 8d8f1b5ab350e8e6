"""What kiosks tell of quality control: which test spoke when, and readings that turned out to be worse than they were sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from kampung_contract.errors import InvalidEvent
from kampung_contract.pack import Pack
from kampung_contract.quality import TYPE, Spoken, parse_quality
from sqlalchemy import bindparam, select

from kampung_cloud.judging.book import Judgement
from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

AHEAD_MS = 24 * 3_600_000
MOST_EVENTS = 5_000
"""Events of a kiosk that are looked at for one answer, the newest: a month of one that tells something every ten minutes."""
_EVENT = EventRow.__table__.c
_TOLD = (
    select(_EVENT.body, _EVENT.received)
    .where(_EVENT.node == bindparam("node"), _EVENT.type == TYPE, _EVENT.received >= bindparam("since"))
    .order_by(_EVENT.received.desc())
    .limit(MOST_EVENTS)
)


class Wrong(NamedTuple):
    """An event that cannot be read, and why."""

    event: dict[str, Any]
    error: InvalidEvent


def of_pack(pack: Pack, node: str, received: int) -> tuple[list[Judgement], list[Wrong]]:
    """Later judgements in the pack's events, and what of them is none."""
    found: list[Judgement] = []
    wrong: list[Wrong] = []
    for event in pack.events:
        if event.get("type") != TYPE:
            continue
        try:
            told = parse_quality(event, received + AHEAD_MS)
        except InvalidEvent as error:
            wrong.append(Wrong(event, error))
            continue
        for judged in told.later:
            series = f"{node}.{judged.n.replace('/', '.', 1)}"
            found.append(Judgement(series, judged.t, judged.v + 0.0, judged.flag, judged.test, "kiosk", received))
    return found, wrong


def stretches(records: Records, node: str, name: str, start: int, stop: int) -> Sequence[Spoken]:
    """Of series ``name`` (device/quantity), those with a part in [``start``, ``stop``), in order of time. Raises ``StorageUnavailable``."""
    found: dict[tuple[str, int, int], Spoken] = {}
    with records.session() as session:
        for body, received in session.execute(_TOLD, {"node": node, "since": start}):
            try:
                told = parse_quality(body, received + AHEAD_MS)
            except InvalidEvent:
                continue  # among the dead letters
            for stretch in told.spoken:
                place = (stretch.test, stretch.flag, stretch.since)
                if stretch.n == name and (place not in found or found[place].until < stretch.until):
                    found[place] = stretch
    return sorted((s for s in found.values() if s.since < stop and s.until >= start), key=lambda s: (s.since, s.test))
