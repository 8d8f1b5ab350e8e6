"""The clocks of a complaint, as data: ``data/clocks.toml``. They count days, so that nobody is known by the minute in which he wrote."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from kampung_contract.times import WIB

from kampung_cloud.calendar import Calendar
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.complaints.status import Office, State

AGAIN = 5
"""Working days after the answer was due until the head hears of it, too; ours, no norm gives one."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A period of ``workdays``, or of ``days`` of the calendar where those are given."""

    title: str
    source: str
    mark: str
    workdays: int = 0
    days: int = 0

    def ends(self, day: date, calendar: Calendar) -> int:
        """The end (ms UTC) of the last day of a period that begins on ``day``."""
        return after(day + timedelta(days=self.days) if self.days else calendar.workdays_after(day, self.workdays))


@dataclass(frozen=True, slots=True)
class Clocks:
    """``answer`` by the office that has to give one."""

    review: Clock
    village: Clock
    inspectorate: Clock
    completion: Clock
    objection: Clock

    def answer(self, office: Office) -> Clock:
        """What the office has."""
        return self.village if office == "village" else self.inspectorate


@cache
def clocks() -> Clocks:
    """Those of the data file."""
    table: dict[str, Any] = tomllib.loads((files(__package__) / "data" / "clocks.toml").read_text(encoding="utf-8"))
    answer = table["answer"]
    return Clocks(
        Clock(**table["review"]), Clock(**answer["village"]), Clock(**answer["inspectorate"]), Clock(**table["completion"]),
        Clock(**table["objection"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Running:
    """``counted``: the day from which the office's time runs: when it came, was completed, objected to or passed on. ``since``: when
    ``state`` was entered (ms UTC).
    """

    state: State
    office: Office
    counted: date
    since: int


def due(at: Running, calendar: Calendar) -> int | None:
    """Until when the state may last (ms UTC); None for one that is over."""
    known = clocks()
    match at.state:
        case "received":
            return known.review.ends(at.counted, calendar)
        case "checking":
            return known.answer(at.office).ends(at.counted, calendar)
        case "asked":
            return known.completion.ends(day_of(at.since), calendar)
        case "answered" | "dismissed":
            return known.objection.ends(day_of(at.since), calendar)
        case _:
            return None


def level(at: Running, now: int, calendar: Calendar) -> int:
    """How late the office is: 0 not, 1 nobody has looked in time, 2 no answer in time, 3 none for ``AGAIN`` working days more."""
    if at.state not in {"received", "checking"}:
        return 0
    ends = clocks().answer(at.office).ends(at.counted, calendar)
    if now >= ends:
        return 3 if now >= after(calendar.workdays_after(day_of(ends - 1), AGAIN)) else 2
    return 1 if at.state == "received" and now >= clocks().review.ends(at.counted, calendar) else 0


def days_between(start: date, stop: date, calendar: Calendar) -> int:
    """Working days after ``start`` until ``stop``, which counts; negative where ``stop`` is before ``start``."""
    if stop < start:
        return -days_between(stop, start, calendar)
    return sum(calendar.works(start + timedelta(days=n)) for n in range(1, (stop - start).days + 1))


def begins(day: date) -> int:
    """Midnight of WIB (ms UTC) with which a day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=WIB).timestamp()) * 1000


def after(day: date) -> int:
    """Midnight with which a day ends."""
    return begins(day + timedelta(days=1))
