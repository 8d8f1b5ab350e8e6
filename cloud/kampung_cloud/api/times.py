"""Times in queries."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import milliseconds

from kampung_cloud.health import now_ms

DAY_MS = 86_400_000
LATEST_MS = 253_402_300_799_999


def instant(name: str, value: str) -> int:
    """Milliseconds UTC of the parameter ``name``. Raises ``InvalidRequest``."""
    try:
        read = milliseconds(value)
    except (ValueError, OverflowError):
        read = -1
    if not 0 <= read <= LATEST_MS:
        raise InvalidRequest(f"{name} = {value[:40]!r} is no time; write milliseconds UTC or 2026-11-21T09:41:00+07:00")
    return read


class Period(NamedTuple):
    """From ``start`` to before ``stop``, milliseconds UTC."""

    start: int
    stop: int


async def period(start: str | None = None, stop: str | None = None) -> Period:
    """What a request names; without it the last 24 hours. Raises ``InvalidRequest``."""
    end = instant("stop", stop) if stop is not None else now_ms()
    begin = instant("start", start) if start is not None else max(end - DAY_MS, 0)
    if begin >= end:
        raise InvalidRequest(f"start {begin} is not before stop {end}; both are milliseconds UTC or ISO 8601")
    return Period(begin, end)


PeriodDep = Annotated[Period, Depends(period)]
