"""Days as people write them in spreadsheets."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan januari january", "feb peb februari pebruari february", "mar maret march", "apr april", "mei may", "jun juni june",
         "jul juli july", "agu agt ags aug agustus august", "sep sept september", "okt oct oktober october", "nov nop november nopember",
         "des dec desember december"),
        1,
    )
    for name in names.split()
}  # fmt: skip
EXCEL = date(1899, 12, 30)


def day(text: str, today: date) -> date:
    """Day first, as here: 17-08-1980, 17/8/80, 17 Agustus 1980, 1980-08-17, or Excel's count of days. Raises ``ValueError``."""
    found = _day(text.strip().lower().removesuffix(" 00:00:00"), today)
    if not date(1890, 1, 1) <= found <= today:
        raise ValueError(f"{text[:20]!r} lies outside of 1890 to today")
    return found


def _day(text: str, today: date) -> date:
    if re.fullmatch(r"\d{5}", text):
        return EXCEL + timedelta(int(text))
    if parts := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?", text):
        return date(int(parts[1]), int(parts[2]), int(parts[3]))
    if parts := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})", text):
        return date(_year(parts[3], today), int(parts[2]), int(parts[1]))
    if (parts := re.fullmatch(r"(\d{1,2})[-/., ]+([a-z]+)[-/., ]+(\d{2}|\d{4})", text)) and parts[2] in MONTHS:
        return date(_year(parts[3], today), MONTHS[parts[2]], int(parts[1]))
    raise ValueError(f"{text[:20]!r} is no day such as 17-08-1980")


def _year(text: str, today: date) -> int:
    if len(text) == 4:
        return int(text)
    year = today.year // 100 * 100 + int(text)
    return year if year <= today.year else year - 100
