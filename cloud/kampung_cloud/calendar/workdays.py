"""Working time: days without weekends, national holidays and cuti bersama, and on them the hours in which the office is open.

Clocks of services count working minutes, those of the law working days (norms 2.3). The day is that of WIB (UTC+7).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from kampung_contract.errors import ConfigurationError

DATA = Path(__file__).parent / "data" / "holidays.toml"
WIB_MS = 7 * 3600_000
DAY_MS = 86_400_000
MINUTE_MS = 60_000
Hours = tuple[tuple[int, int], ...]
"""Of a day: (from, until) in minutes after midnight, in their order."""

OFFICE: Hours = ((8 * 60, 12 * 60), (13 * 60, 15 * 60 + 30))
FRIDAY: Hours = ((8 * 60, 11 * 60), (13 * 60, 14 * 60 + 30))
WEEK: tuple[Hours, ...] = (OFFICE, OFFICE, OFFICE, OFFICE, FRIDAY, (), ())
"""What a village that says nothing is taken to keep; ours. A village writes its own, evening service too."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """``week``: hours by weekday, Monday first. ``holidays``: names by day. ``years``: those that the list of holidays holds."""

    holidays: Mapping[date, str]
    week: tuple[Hours, ...] = WEEK
    years: frozenset[int] = field(default_factory=frozenset)

    def hours(self, day: date) -> Hours:
        """Nothing on a holiday."""
        return () if day in self.holidays else self.week[day.weekday()]

    def works(self, day: date) -> bool:
        """Whether the office is open at all."""
        return bool(self.hours(day))

    def known(self, day: date) -> bool:
        """Whether holidays of that year are in the list; else only weekends are known, and the page says so."""
        return day.year in self.years

    def minutes(self, start: int, stop: int) -> int:
        """Whole working minutes between two instants (ms UTC); 0 when ``stop`` is not after ``start``."""
        if stop <= start:
            return 0
        total, day = 0, _day(start)
        while _midnight(day) < stop:
            for opens, closes in self.hours(day):
                first, last = _midnight(day) + opens * MINUTE_MS, _midnight(day) + closes * MINUTE_MS
                total += max(0, min(last, stop) - max(first, start))
            day += timedelta(days=1)
        return total // MINUTE_MS

    def after(self, start: int, minutes: int) -> int:
        """The instant (ms UTC) at which so many working minutes have passed since ``start``.

        Raises ``ConfigurationError`` if none do in three years.
        """
        left, day = minutes * MINUTE_MS, _day(start)
        for _ in range(3 * 366):
            for opens, closes in self.hours(day):
                first = max(_midnight(day) + opens * MINUTE_MS, start)
                last = _midnight(day) + closes * MINUTE_MS
                if last <= first:
                    continue
                if left <= last - first:
                    return first + left
                left -= last - first
            day += timedelta(days=1)
        raise ConfigurationError("the office is open on no day of the week; give it hours in services.hours")

    def workdays_after(self, day: date, count: int) -> date:
        """The working day on which a period of ``count`` working days ends; the day itself does not count."""
        if not any(self.week):
            raise ConfigurationError("the office is open on no day of the week; give it hours in services.hours")
        while count > 0:
            day += timedelta(days=1)
            count -= self.works(day)
        return day


@cache
def national() -> Calendar:
    """Holidays that come with the platform, office hours as of ``WEEK``."""
    return load(DATA)


def configured(folder: Path, file: str) -> Calendar:
    """What ``[services]`` names as ``holidays`` in the data folder, ours where it names none. Raises ``ConfigurationError``."""
    return load(folder / file) if file else national()


def load(path: Path, week: tuple[Hours, ...] = WEEK) -> Calendar:
    """A calendar out of a file as ``data/holidays.toml``. Raises ``ConfigurationError``."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from None
    if not found.get("source"):
        raise ConfigurationError(f"{path.name}: source is missing; say which decree the days are from")
    days: dict[date, str] = {}
    for year, rows in found.items():
        if not isinstance(rows, dict):
            continue
        for text, name in rows.items():
            try:
                day = date.fromisoformat(text)
            except ValueError:
                raise ConfigurationError(f"{path.name}: {text!r} is no day; write it as 2026-08-17") from None
            if str(day.year) != year:
                raise ConfigurationError(f"{path.name}: {text} stands below [{year}]")
            days[day] = str(name)
    return Calendar(days, week, frozenset(d.year for d in days))


def _day(at: int) -> date:
    return date(1970, 1, 1) + timedelta(days=(at + WIB_MS) // DAY_MS)


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_MS - WIB_MS
