"""Days begin at local midnight."""

from __future__ import annotations

from datetime import date, datetime

from kampung_contract.times import WIB


def day_of(ms: int) -> date:
    """The local day of a time (ms UTC)."""
    return datetime.fromtimestamp(ms / 1000, WIB).date()
