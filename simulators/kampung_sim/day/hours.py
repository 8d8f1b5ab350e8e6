"""When the office is open: as the services' calendar has it where a village says nothing (weekdays, 8-12 and 13-15.30, Friday shorter)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

MINUTE = 60_000
DAY = 86_400_000
WIB = timedelta(hours=7)
OFFICE = ((8 * 60, 12 * 60), (13 * 60, 15 * 60 + 30))
FRIDAY = ((8 * 60, 11 * 60), (13 * 60, 14 * 60 + 30))
WEEK = (OFFICE, OFFICE, OFFICE, OFFICE, FRIDAY, (), ())


def midnight(day: date) -> int:
    """When it begins in WIB, ms UTC."""
    return round((datetime(day.year, day.month, day.day, tzinfo=UTC) - WIB).timestamp() * 1000)


def day_of(at: int) -> date:
    """Of WIB."""
    return (datetime.fromtimestamp(at / 1000, UTC) + WIB).date()


def spans(day: date) -> list[tuple[int, int]]:
    """(from, until) in ms UTC; nothing at the weekend."""
    return [(midnight(day) + a * MINUTE, midnight(day) + b * MINUTE) for a, b in WEEK[day.weekday()]]


def open_at(at: int) -> bool:
    """Whether the office works at this moment."""
    return any(a <= at < b for a, b in spans(day_of(at)))


def opening(day: date) -> date:
    """The day itself, or the next on which the office is open."""
    while not spans(day):
        day += timedelta(days=1)
    return day


def after(at: int, minutes: float) -> int:
    """The moment at which the office has been open for so many minutes since."""
    left, day = minutes * MINUTE, day_of(at)
    while True:
        for begins, ends in spans(day):
            first = max(begins, at)
            if ends > first:
                if left <= ends - first:
                    return round(first + left)
                left -= ends - first
        day += timedelta(days=1)
