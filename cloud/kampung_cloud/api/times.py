"""Times in queries."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import milliseconds, text

from kampung_cloud.health import now_ms

DAY_MS = 86_400_000
LATEST_MS = 253_402_275_599_999
"""The end of the year 9999 in WIB: what is later has no text."""


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


def between(start: str | None, stop: str | None) -> Period:
    """What a request names; without it the last 24 hours. Raises ``InvalidRequest``."""
    end = instant("stop", stop) if stop is not None else now_ms()
    begin = instant("start", start) if start is not None else max(end - DAY_MS, 0)
    if begin >= end:
        now = "" if stop is not None else ", which is now, since no stop was given"
        raise InvalidRequest(f"start {text(begin)} is not before stop {text(end)}{now}; both are milliseconds UTC or ISO 8601")
    return Period(begin, end)


async def period(start: str | None = None, stop: str | None = None) -> Period:
    """As a dependency."""
    return between(start, stop)


PeriodDep = Annotated[Period, Depends(period)]
