"""Alarms, their rules, and what people do about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response
from kampung_contract.documents import Device
from kampung_contract.errors import NotFound
from kampung_contract.rules import Rule
from sqlalchemy.orm import Session

from kampung_cloud.alarm import listed
from kampung_cloud.api.errors import Error
from kampung_cloud.api.many import many
from kampung_cloud.api.schemas_alarms import (
    AcknowledgeIn,
    AlarmDetailOut,
    AlarmLineOut,
    AlarmListedOut,
    AssignIn,
    CommentIn,
    HandlingOut,
    RuleOut,
    TraceOut,
    VerdictIn,
)
from kampung_cloud.api.series import introduced, naming
from kampung_cloud.api.services import Services, ServicesDep, VillageDep, authorised
from kampung_cloud.api.times import instant
from kampung_cloud.handling import book, figures, looking, telling
from kampung_cloud.handling.state import Handling
from kampung_cloud.handling.trace import Traced, trace
from kampung_cloud.health import now_ms
from kampung_cloud.readings import budget
from kampung_cloud.records.models import AlarmRow

router = APIRouter(tags=["alarms"])

AlarmId = Annotated[str, Path(max_length=383, pattern=r"^[^\x00-\x1f]+$")]
"""An alarm's name is its rule's, what it looks at, and when it began, with ':' between. A rule's may hold '/'."""
About = Literal["flood", "landslide", "air", "heat", "water", "weather", "volcano", "farm", "device", "other"]
Points = Annotated[int, Query(ge=budget.LEAST, le=budget.MOST)]
WRITES: dict[str, Any] = {
    "response_model": HandlingOut,
    "dependencies": [Depends(authorised)],
    "responses": {401: {"model": Error, "description": "The token is missing or wrong"}},
}


@router.get("/alarms", response_model=list[AlarmListedOut])
def alarms(  # noqa: PLR0917 - what may be asked for
    services: ServicesDep,
    village: VillageDep,
    state: Literal["firing", "resolved", "all", "withdrawn"] = "firing",
    start: str | None = None,
    stop: str | None = None,
    severity: Annotated[int, Query(ge=1, le=3, description="At least so severe")] = 1,
    about: About | None = None,
    acknowledged: bool | None = None,
) -> list[dict[str, Any]]:
    """Alarms, newest first, at most 1,000. ``all`` and ``resolved`` also hold those that were found only afterwards; ``withdrawn`` are
    those of which late readings showed that they never were.

    ``start`` and ``stop`` (ms or ISO 8601): those that began from ``start`` to before ``stop``; whoever gets 1,000 asks for less time.
    """
    begin, end = (None if v is None else instant(n, v) for n, v in (("start", start), ("stop", stop)))
    where = [AlarmRow.severity >= severity] if severity > 1 else []
    where += [] if about is None else [AlarmRow.about == about]
    where += [] if acknowledged is None else [looking.seen(acknowledged)]
    found = listed(services.records, village, state, begin, end, where=where)
    with services.records.session() as session:
        done = book.handled(session, [alarm.id for alarm in found])
    return [alarm.shown() | {"handling": done.get(alarm.id, _untouched(alarm.id, alarm.village)).shown()} for alarm in found]


@router.get("/alarms/{alarm_id:path}/log", response_model=list[AlarmLineOut])
def log(services: ServicesDep, alarm_id: AlarmId) -> list[dict[str, Any]]:
    """The trail: what the alarm did, who was told, who did what, in the order in which it happened."""
    return looking.log(services.records, alarm_id)


@router.get("/alarms/{alarm_id:path}/trace", response_model=TraceOut)
def traced(services: ServicesDep, alarm_id: AlarmId, points: Points = 1_000) -> Response:
    """What the alarm's rule looked at, its marks, and how it stood over time; at most ``points`` of each series."""
    now = now_ms()
    with services.records.session() as session:
        alarm = looking.find(session, alarm_id)
        rule = _rule(services, alarm.rule)
        before = None if rule is None else looking.stood_before(session, alarm, rule, now)
    found = trace(services.store, alarm, rule, before, now=now, points=points)
    answer = {"alarm": alarm.id, "start": found.start, "stop": found.stop, "more": found.more}
    devices = introduced(services)
    answer["series"] = [_series(each, devices.get((each.key.node, each.key.device))) for each in found.series]
    told = found.stretches
    answer["phases"] = told and [{"phase": each.phase.value, "start": each.start, "stop": each.stop} for each in told]
    return many(answer)


@router.get("/alarms/{alarm_id:path}", response_model=AlarmDetailOut)
def alarm(services: ServicesDep, alarm_id: AlarmId) -> dict[str, Any]:
    """One alarm. Late readings may give it another name; it is found under each that it has had."""
    found = looking.look(services.records, alarm_id, now_ms())
    rule = _rule(services, found.alarm.rule)
    return found.alarm.shown() | {
        "handling": found.handling.shown(),
        "asked": alarm_id,
        "names": found.names,
        "rule_in_force": None if rule is None else msgspec.to_builtins(rule),
        "figures": found.figures.shown(),
    }


@router.post("/alarms/{alarm_id:path}/acknowledge", **WRITES)
def acknowledge(services: ServicesDep, alarm_id: AlarmId, act: AcknowledgeIn) -> dict[str, Any]:
    """Say that ``by`` has seen it and sees to it. Nobody is woken any more."""
    return _done(services, lambda session, at: book.acknowledge(session, alarm_id, act.by, "page", at, act.note))


@router.post(
    "/alarms/{alarm_id:path}/assign",
    **WRITES | {"responses": WRITES["responses"] | {409: {"model": Error, "description": "The alarm is over"}}},
)
def assign(services: ServicesDep, alarm_id: AlarmId, act: AssignIn) -> dict[str, Any]:
    """Give it to somebody."""
    return _done(services, lambda session, at: book.assign(session, alarm_id, act.to, act.by, "page", at))


@router.post("/alarms/{alarm_id:path}/comment", **WRITES)
def comment(services: ServicesDep, alarm_id: AlarmId, act: CommentIn) -> dict[str, Any]:
    """Say what was seen or done, also afterwards."""
    return _done(services, lambda session, at: book.comment(session, alarm_id, act.text, act.by, "page", at))


@router.post("/alarms/{alarm_id:path}/verdict", **WRITES)
def verdict(services: ServicesDep, alarm_id: AlarmId, act: VerdictIn) -> dict[str, Any]:
    """Say that it was a false alarm, or a true one after all, and why."""
    return _done(services, lambda session, at: book.verdict(session, alarm_id, act.verdict, act.by, "page", at, act.note))


@router.get("/rules")
def rules(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Alarm rules in force, each with its source, in the words of the configuration file."""
    return [msgspec.to_builtins(rule) for rule in services.config.rule if village in (None, rule.village)]


@router.get("/rules/{rule_id:path}", response_model=RuleOut)
def rule(services: ServicesDep, rule_id: Annotated[str, Path(max_length=100, pattern=r"^[^\x00-\x1f]+$")]) -> dict[str, Any]:
    """One rule, and what its alarms of the last year were worth."""
    found = _rule(services, rule_id)
    if found is None:
        raise NotFound(f"rule {rule_id!r} is not in force; GET /api/v1/rules lists those that are")
    with services.records.session() as session:
        worth = figures.of_rule(session, rule_id, now_ms())
    return {"rule": msgspec.to_builtins(found), "figures": worth.shown()}


def _done(services: Services, act: Callable[[Session, int], Handling]) -> dict[str, Any]:
    with services.records.session() as session:
        now = act(session, now_ms())
    services.bus.publish(telling.event(now))
    return now.shown()


def _untouched(alarm: str, village: str) -> Handling:
    return Handling(alarm, village)


def _rule(services: Services, name: str) -> Rule | None:
    return next((rule for rule in services.config.rule if rule.id == name), None)


def _series(found: Traced, device: Device | None) -> dict[str, Any]:
    """``TracedOut``."""
    key, readings = found.key, found.readings
    name, decimals = naming(key.quantity)
    answer: dict[str, Any] = {"id": key.id, "node": key.node, "device": key.device, "quantity": key.quantity, "unit": key.unit}
    answer |= {
        "name": name,
        "title": (device.title or None) if device else None,
        "decimals": decimals,
        "every": found.every,
        "t": readings.t,
    }
    answer |= {"v": readings.v, "q": readings.q} if found.every is None else readings.aggregates
    answer |= {"estimated": readings.estimated} if readings.estimated else {}
    answer["marks"] = [{"kind": mark.kind, "value": float(mark.value)} for mark in found.marks]
    return answer | {"doubted": found.doubted}
