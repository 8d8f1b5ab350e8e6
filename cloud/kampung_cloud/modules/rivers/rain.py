"""Rain in BMKG's words. A day closes at 07.00 WIB (00.00 UTC); an hour has classes of its own, and is labelled so. Pure.

Source: BMKG, classes of daily rain (docs/sources.md); hours: Balai Besar Wilayah Sungai. BMKG's codes 8888 (not measured) and 9999 (no
data) are no millimetres, and neither is anything below nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kampung_contract.times import WIB

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
CLOSES_H = 7
"""The local hour at which BMKG's day of rain closes."""
CODES = {8888: "tidak terukur", 9999: "tidak ada data"}
MOST_HOUR = 200.0
"""More within an hour is no rain of this coast (docs/sources.md)."""
MOST_DAY = 2_000.0
TIP = 0.5
"""Less than this in a day is a trace: it wets the ground, and BMKG's classes begin above it."""
SOURCE = "BMKG, kategori hujan harian dan kode 8888/9999; kelas per jam: BBWS (docs/sources.md)"

Span = Literal["day", "hour"]


@dataclass(frozen=True, slots=True)
class RainClass:
    """From ``at_least`` mm on; ``word`` is Indonesian."""

    key: str
    word: str
    at_least: float


DAY = (
    RainClass("none", "Tidak hujan", 0.0),
    RainClass("trace", "Hujan tak berarti", 1e-9),
    RainClass("light", "Hujan ringan", TIP),
    RainClass("moderate", "Hujan sedang", 20.0),
    RainClass("heavy", "Hujan lebat", 50.0),
    RainClass("very_heavy", "Hujan sangat lebat", 100.0),
    RainClass("extreme", "Hujan ekstrem", math.nextafter(150.0, math.inf)),
)
HOUR = (
    RainClass("none", "Tidak hujan", 0.0),
    RainClass("trace", "Hujan tak berarti", 1e-9),
    RainClass("light", "Hujan ringan", 1.0),
    RainClass("moderate", "Hujan sedang", 5.0),
    RainClass("heavy", "Hujan lebat", 10.0),
    RainClass("very_heavy", "Hujan sangat lebat", 20.0),
)
LABELS: dict[Span, str] = {"day": "24 jam sampai 07.00 WIB", "hour": "per jam"}


def classes(span: Span) -> tuple[RainClass, ...]:
    """From dry to wet."""
    return DAY if span == "day" else HOUR


def measured(mm: float, span: Span = "day") -> float:
    """Millimetres that can be. Raises ``ValueError`` for BMKG's codes, for less than nothing, and for more than falls."""
    if mm in CODES:
        raise ValueError(f"millimetres = {mm:g} is BMKG's code for {CODES[int(mm)]!r} and no amount; leave the day out")
    if not math.isfinite(mm) or mm < 0:
        raise ValueError(f"millimetres = {mm:g}: rain is 0 or more; a negative reading is a fault of the gauge")
    most = MOST_DAY if span == "day" else MOST_HOUR
    if mm > most:
        raise ValueError(f"millimetres = {mm:g}: more than {most:g} mm has never fallen in such a time; write millimetres of one {span}")
    return mm


def category(mm: float, span: Span = "day") -> RainClass:
    """The class of an amount. Raises ``ValueError`` as ``measured``."""
    found = measured(mm, span)
    return [each for each in classes(span) if found >= each.at_least][-1]


def summed(mm: float, span: Span = "day") -> RainClass:
    """The class of what a gauge's readings come to, 0 or more: a gauge that is stuck may tell of more than ever falls."""
    return category(min(mm, MOST_DAY if span == "day" else MOST_HOUR), span)


def closing(ms: int) -> int:
    """When the day of rain that ``ms`` (UTC) lies in closes: the next 00.00 UTC, which is 07.00 WIB."""
    return (ms // DAY_MS + 1) * DAY_MS


def day_name(closes: int) -> str:
    """The day of rain by the local date on which it closes, as BMKG books it: ISO."""
    return datetime.fromtimestamp(closes / 1000, WIB).date().isoformat()
