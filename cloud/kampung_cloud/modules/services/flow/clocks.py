"""The clocks of a request: how long each state has taken in working time, what is due, and who is told when it is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from kampung_cloud.calendar import Calendar
from kampung_cloud.modules.services.catalogue.definition import Service
from kampung_cloud.modules.services.flow.states import VILLAGE, State, Who


@dataclass(frozen=True, slots=True)
class Step:
    """``state`` was entered ``at`` (ms UTC)."""

    state: State
    at: int


@dataclass(frozen=True, slots=True)
class Times:
    """Working minutes: the village's, the resident's (sent back to him), and the office's to which it was forwarded."""

    village: int
    resident: int
    elsewhere: int


Whose = Literal["village", "resident", "elsewhere"]


def whose(state: State) -> Whose | None:
    """On whom the time in a state counts; None where it costs nobody any."""
    if state in VILLAGE:
        return "village"
    match state:
        case "returned":
            return "resident"
        case "forwarded":
            return "elsewhere"
        case _:
            return None


def limit(service: Service, state: State) -> int | None:
    """Working minutes a state may take; None where no clock runs on the village."""
    match state:
        case "submitted" | "checking":
            return service.limits.checking
        case "waiting_signature":
            return service.limits.signature
        case "ready":
            return service.limits.ready
        case _:
            return None


def due(service: Service, state: State, since: int, calendar: Calendar) -> int | None:
    """When the state must be left (ms UTC)."""
    minutes = limit(service, state)
    return None if minutes is None else calendar.after(since, minutes)


def times(steps: Sequence[Step], until: int, calendar: Calendar) -> Times:
    """Over all steps in their order. What is handed over or ready costs nobody time; a minute is begun where the clock changes hands."""
    ends = [s.at for s in steps[1:]] + [until]
    spent = {"village": 0, "resident": 0, "elsewhere": 0}
    for of, spans in groupby(zip(steps, ends, strict=True), lambda span: whose(span[0].state)):
        if of is not None:
            held = list(spans)
            spent[of] += calendar.minutes(held[0][0].at, held[-1][1])
    return Times(**spent)


def told_of(service: Service, spent: Times, state: State) -> dict[str, Any]:
    """The clock as pages and kiosks show it: working minutes of the village beside those of whoever decides elsewhere (Dukcapil) and of the
    resident, what the village promised for its part, and on whom it counts now."""
    promised = service.limits.checking + (service.limits.signature if service.kind == "letter" else 0)
    return {
        "village_minutes": spent.village, "elsewhere_minutes": spent.elsewhere, "resident_minutes": spent.resident,
        "limit_minutes": promised, "counting": whose(state),
    }  # fmt: skip


LADDER: tuple[tuple[float, Who], ...] = ((1.0, "petugas"), (2.0, "sekdes"), (4.0, "kades"))
"""Told after so many times the state's limit; ours, no norm gives one."""


def told(service: Service, state: State, since: int, now: int, calendar: Calendar) -> tuple[Who, ...]:
    """Who must have heard by ``now`` that a request is late, the first first."""
    minutes = limit(service, state)
    if minutes is None:
        return ()
    spent = calendar.minutes(since, now)
    return tuple(who for factor, who in LADDER if spent > 0 and spent >= factor * minutes)
