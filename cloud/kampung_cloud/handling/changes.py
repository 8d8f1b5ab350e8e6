"""What alarms themselves did, as lines of their trail: raised, resolved, withdrawn; what late readings correct has a line of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from kampung_contract.alarm import Alarm
from sqlalchemy.orm import Session

from kampung_cloud.handling import family, trail
from kampung_cloud.handling.book import settle
from kampung_cloud.handling.trail import Kind, Line
from kampung_cloud.records.message_models import AlarmLogRow

STATES = ("raised", "resolved", "withdrawn")

Said = tuple[Kind, int | str | None]
"""What a line tells that the next must not repeat: raised, resolved at, withdrawn in favour of."""


def record(session: Session, alarms: Sequence[Alarm], known: int) -> None:
    """Alarms that were written just now: add what is new about them, known since ``known`` (ms UTC), and let what people did about one
    that moved follow it. Twice is once.
    """
    if not alarms:
        return
    session.flush()
    told: defaultdict[str, list[AlarmLogRow]] = defaultdict(list)
    for row in trail.lines(session, [alarm.id for alarm in alarms], STATES):
        told[row.alarm].append(row)
    for rows in told.values():
        rows.sort(key=lambda row: row.id)
    before = {alarm.became: alarm for alarm in alarms if alarm.became is not None}
    for alarm in alarms:
        was = before.get(alarm.id)
        for line in _lines(alarm, told[alarm.id], was, told[was.id] if was else (), known):
            trail.append(session, line)
    for name, newest in sorted(family.newest(session, before).items()):
        settle(session, newest, before[name].village)


def _lines(alarm: Alarm, told: Sequence[AlarmLogRow], was: Alarm | None, told_before: Sequence[AlarmLogRow], known: int) -> Iterable[Line]:
    """Lines that are missing, in order. ``told_before`` are those of the name it had before."""
    count, last = len(told), _said(told[-1]) if told else None

    def line(kind: Kind, at: int, body: dict[str, Any]) -> Line:
        nonlocal count
        count += 1
        return Line(f"{alarm.id}#{kind}#{count}", alarm.id, alarm.village, at, kind, "", "system", body | {"known": known})

    now = _now(alarm)
    if last is None or (now[0] == "raised" and last != now):
        corrects = last is not None or was is not None
        body: dict[str, Any] = {"since": alarm.since, "value": alarm.value, "unit": alarm.unit}
        moved = was is not None and (last is None or last[0] == "withdrawn")  # else another alarm turned out to be a part of this one
        body |= {"was": was.since} if was is not None and moved else {}
        body |= {} if last is None else {"again": True}
        yield line("raised", known if corrects else alarm.since, body)
        last = _said(told_before[-1]) if was is not None and told_before else ("raised", None)
    if now == last or now[0] == "raised":
        return
    if now[0] == "resolved":
        body = {"until": alarm.until}
        if last[0] == "resolved":
            body["was"] = last[1]
        assert alarm.until is not None
        yield line("resolved", alarm.until if last[0] == "raised" else known, body)
    else:
        yield line("withdrawn", known, {"became": alarm.became})


def _now(alarm: Alarm) -> Said:
    if alarm.withdrawn:
        return "withdrawn", alarm.became
    return ("raised", None) if alarm.until is None else ("resolved", alarm.until)


def _said(row: AlarmLogRow) -> Said:
    kind: Kind = row.kind  # type: ignore[assignment]
    return kind, row.body.get({"resolved": "until", "withdrawn": "became"}.get(kind, ""))
