"""Numbers and times as they are printed, in Indonesian."""

from __future__ import annotations

from kampung_contract.alarm import decimal
from kampung_contract.times import clock

from kampung_cloud.regency.month import date


def figure(value: float, decimals: int = 0) -> str:
    """``1.234,5``; a minus is a minus."""
    said = decimal(abs(value), decimals, "id")
    return f"−{said}" if value < 0 and any(c in "123456789" for c in said) else said


def moment(ms: int) -> str:
    """``30 November 2026, 09.41 WIB``."""
    return f"{date(ms)}, {clock(ms)}"
