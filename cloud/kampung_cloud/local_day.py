"""Days begin at local midnight."""

from __future__ import annotations

from datetime import date, datetime

from kampung_contract.times import WIB

MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember")


def day_of(ms: int) -> date:
    """The local day of a time (ms UTC)."""
    return datetime.fromtimestamp(ms / 1000, WIB).date()


def said(day: date) -> str:
    """17 Agustus 2026"""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
