"""Hours of the local day (WIB): quiet hours, and the hour of the digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

DAY_MS = 86_400_000
MINUTE_MS = 60_000
ZONE_MS = 7 * 3_600_000
"""WIB is UTC+7 all year round."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """From minute ``begin`` of the local day to minute ``end``, over midnight where that is earlier."""

    begin: int
    end: int

    def hold(self, t: int) -> bool:
        """Whether the moment (ms UTC) lies within."""
        at = (t + ZONE_MS) % DAY_MS // MINUTE_MS
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end

    def over(self, t: int) -> int:
        """When the quiet hours that hold at ``t`` end; ``t`` itself where none do (ms UTC)."""
        if not self.hold(t):
            return t
        end = day(t) + self.end * MINUTE_MS
        return end if end > t else end + DAY_MS


def day(t: int) -> int:
    """The local midnight before ``t`` (ms UTC)."""
    return (t + ZONE_MS) // DAY_MS * DAY_MS - ZONE_MS


def minute(text: str) -> int:
    """Minute of the day for ``05.30``. Raises ``ValueError``."""
    found = re.fullmatch(r"(\d\d)[.:](\d\d)", text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError("expected a time of the day, as 05.30")
    return int(found[1]) * 60 + int(found[2])


def written(minutes: int) -> str:
    """``05.30`` for minutes of the day."""
    return f"{minutes // 60:02}.{minutes % 60:02}"
