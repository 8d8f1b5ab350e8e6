"""How a dataset is cut into files: by year, and where a year is more than one file may hold, by month, then by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from kampung_contract.times import WIB

ROOM = 0.9
"""Of a file's most rows: the part that is under way grows until the catalogue is read again."""


class Part(NamedTuple):
    """``name``: 2026, 2026-03 or 2026-03-14; from local midnight ``start`` to before ``stop``."""

    name: str
    start: datetime
    stop: datetime


def parts(first: int, last: int, rows: Callable[[int, int], int], most: int) -> list[Part]:
    """Files that hold all readings from ``first`` to ``last`` (ms UTC), none more than ``most``, the newest first.

    ``rows(start, stop)`` tells how many readings there are, asked only while it matters. A day is never cut. A year without readings
    is left out where it was counted, as is a month or a day.
    """
    begin, end = (datetime.fromtimestamp(t / 1000, WIB).replace(tzinfo=None) for t in (first, last))
    room = int(most * ROOM)
    whole = rows(first, last + 1) <= room
    years = [Part(str(year), datetime(year, 1, 1), datetime(year + 1, 1, 1)) for year in range(end.year, begin.year - 1, -1)]
    return years if whole else [part for year in years for part in _cut(year, rows, room)]


def _cut(part: Part, rows: Callable[[int, int], int], room: int) -> Iterator[Part]:
    held = rows(_ms(part.start), _ms(part.stop))
    smaller = list(_smaller(part))
    if held <= room or not smaller:
        if held:
            yield part
        return
    for each in smaller:
        yield from _cut(each, rows, room)


def _smaller(part: Part) -> Iterator[Part]:
    """Its months or days, the newest first; of a day nothing."""
    length = part.stop - part.start
    if length > timedelta(days=31):
        for month in range(12, 0, -1):
            start = part.start.replace(month=month)
            stop = start.replace(month=month + 1) if month < 12 else part.stop
            yield Part(f"{start:%Y-%m}", start, stop)
    elif length > timedelta(days=1):
        for day in range(length.days - 1, -1, -1):
            start = part.start + timedelta(days=day)
            yield Part(f"{start:%Y-%m-%d}", start, start + timedelta(days=1))


def _ms(local: datetime) -> int:
    return round(local.replace(tzinfo=WIB).timestamp() * 1000)
