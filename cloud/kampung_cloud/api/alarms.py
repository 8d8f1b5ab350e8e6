"""Alarms."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from fastapi import APIRouter

from kampung_cloud.alarm import listed
from kampung_cloud.api.schemas import AlarmOut
from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.api.times import instant

router = APIRouter(tags=["alarms"])


@router.get("/alarms", response_model=list[AlarmOut])
def alarms(
    services: ServicesDep,
    village: VillageDep,
    state: Literal["firing", "resolved", "all", "withdrawn"] = "firing",
    start: str | None = None,
    stop: str | None = None,
) -> list[dict[str, Any]]:
    """Alarms, newest first, at most 1,000. ``all`` and ``resolved`` also hold those that were found only afterwards; ``withdrawn`` are
    those of which late readings showed that they never were.

    ``start`` and ``stop`` (ms or ISO 8601): those that began from ``start`` to before ``stop``; whoever gets 1,000 asks for less time.
    """
    begin, end = (None if v is None else instant(n, v) for n, v in (("start", start), ("stop", stop)))
    return [alarm.shown() for alarm in listed(services.records, village, state, begin, end)]


@router.get("/rules")
def rules(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Alarm rules in force, each with its source, in the words of the configuration file."""
    return [msgspec.to_builtins(rule) for rule in services.config.rule if village in (None, rule.village)]
