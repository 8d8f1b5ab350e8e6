"""The family card's number (No. KK): 16 digits, region of issue, date of recording (no 40 for anybody), serial."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from kampung_cloud.residents.doubt import Doubt, doubt
from kampung_cloud.residents.nik import PROVINCES


def judge(text: str, today: date) -> tuple[Doubt, ...]:
    """What to look at; nothing is refused."""
    return tuple(doubt(code) for code in _codes(text, today))


def _codes(text: str, today: date) -> Iterator[str]:
    if re.fullmatch(r"[0-9]{16}", text) is None:
        yield "length"
        return
    if int(text[:2]) not in PROVINCES:
        yield "province"
    day, month, year = int(text[6:8]), int(text[8:10]), int(text[10:12])
    try:
        recorded = date(2000 + year, month, day)
    except ValueError:
        yield "date"
        return
    if recorded > today and year < 50:  # cards of the last century have the years 50 to 99
        yield "future"
    if text[12:] == "0000":
        yield "serial"
