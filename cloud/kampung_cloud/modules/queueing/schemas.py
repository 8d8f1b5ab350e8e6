"""Shapes of the API."""

from __future__ import annotations

from pydantic import BaseModel


class SpreadOut(BaseModel):
    """Minutes; null where there is none to count."""

    n: int
    p50: float | None
    p90: float | None


class SummaryOut(BaseModel):
    """``doubtful`` tickets are counted, and their times are left out: the kiosk's clock could not be believed."""

    taken: int
    served: int
    absent: int
    left: int
    priority: int
    doubtful: int
    wait: SpreadOut
    service: SpreadOut


class HourOut(SummaryOut):
    """Taken in this hour of WIB."""

    hour: int


class DayOut(SummaryOut):
    """Of a day."""

    day: str


class LineOut(SummaryOut):
    """Of a line, by its letter; ``title`` as it was called last."""

    line: str
    title: str


class CounterOut(SummaryOut):
    """Called by a counter."""

    counter: int


class QueueOut(BaseModel):
    """Of days ``since`` to ``until``, both counted. ``simulated``: so many are of no real person."""

    village: str
    since: str
    until: str
    simulated: int
    whole: SummaryOut
    hours: list[HourOut]
    days: list[DayOut]
    lines: list[LineOut]
    counters: list[CounterOut]
