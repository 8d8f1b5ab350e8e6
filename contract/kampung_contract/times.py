"""Times as people and files write them: WIB, UTC+7, no daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

WIB = timezone(timedelta(hours=7), "WIB")


def text(ms: int) -> str:
    """``2026-11-21T09:41:00.000+07:00`` for milliseconds UTC."""
    second, rest = divmod(ms, 1000)
    return f"{_second(second)}.{rest:03}+07:00"


@lru_cache(4_096)
def _second(at: int) -> str:
    """Times that are written together are as a rule of the same few seconds."""
    return datetime.fromtimestamp(at, WIB).replace(tzinfo=None).isoformat()


def milliseconds(value: str) -> int:
    """Milliseconds UTC from digits (already milliseconds) or ISO 8601; a text without an offset is WIB. Raises ``ValueError``."""
    if value.lstrip("-").isdigit():
        return int(value)
    read = datetime.fromisoformat(value.replace(" ", "+"))
    return round((read if read.tzinfo else read.replace(tzinfo=WIB)).astimezone(UTC).timestamp() * 1000)


def clock(ms: int) -> str:
    """``09.41 WIB``."""
    return datetime.fromtimestamp(ms / 1000, WIB).strftime("%H.%M WIB")


def quarter(day: str) -> str:
    """``2026-Q3`` of an ISO day."""
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
