"""Times in queries."""

from __future__ import annotations

from kampung_contract.errors import InvalidRequest
from kampung_contract.times import milliseconds

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
