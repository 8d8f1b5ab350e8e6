"""Times as people and files write them: WIB, UTC+7, no daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

WIB = timezone(timedelta(hours=7), "WIB")


def text(ms: int) -> str:
    """``2026-11-21T09:41:00.000+07:00`` for milliseconds UTC."""
    return datetime.fromtimestamp(ms / 1000, WIB).isoformat(timespec="milliseconds")


def milliseconds(value: str) -> int:
    """Milliseconds UTC from digits (already milliseconds) or ISO 8601; a text without an offset is WIB. Raises ``ValueError``."""
    if value.lstrip("-").isdigit():
        return int(value)
    read = datetime.fromisoformat(value.replace(" ", "+"))
    return round((read if read.tzinfo else read.replace(tzinfo=WIB)).astimezone(UTC).timestamp() * 1000)


def clock(ms: int) -> str:
    """``09.41 WIB``."""
    return datetime.fromtimestamp(ms / 1000, WIB).strftime("%H.%M WIB")
