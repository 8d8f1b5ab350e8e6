"""Durations and moments as a technician writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, NamedTuple

from kampung_contract.times import WIB
from pydantic import BeforeValidator, WithJsonSchema

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {"ms": 1, "s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d|w)\b")


def duration(value: Any) -> int:
    """Milliseconds of ``"90 min"``, ``"2 d 6 h"``. Raises ``ValueError``; a bare number says no unit and is refused."""
    if isinstance(value, str):
        position, total = 0, 0.0
        while found := _PART.match(value, position):
            total += float(found[1]) * UNITS[found[2]]
            position = found.end()
        if position and not value[position:].strip() and total > 0:
            return round(total)
    raise ValueError('not a duration; write a number with its unit: "90 s", "15 min", "6 h", "2 d 12 h", "1 w"')


def say(ms: int) -> str:
    """``2 d 12 h``: the inverse of ``duration``."""
    out = []
    for name in ("d", "h", "min", "s", "ms"):
        count, ms = divmod(ms, UNITS[name])
        if count:
            out.append(f"{count} {name}")
    return " ".join(out) or "0 s"


class Moment(NamedTuple):
    """Milliseconds UTC, or after the scenario's start where ``relative``."""

    ms: int
    relative: bool

    def at(self, start: int) -> int:
        """Milliseconds UTC."""
        return start + self.ms if self.relative else self.ms


def moment(value: Any) -> Moment:
    """``2026-11-22T06:00`` (WIB unless it says otherwise), or ``"+6 h"`` after the start. Raises ``ValueError``."""
    if isinstance(value, Moment):
        return value
    if isinstance(value, str) and value.lstrip().startswith("+"):
        rest = value.strip()[1:].strip()
        return Moment(0 if re.fullmatch(r"0\s*(s|min|h|d)?", rest) else duration(rest), True)
    try:
        return Moment(wib(value), False)
    except ValueError as error:
        raise ValueError(f'{error}, or "+6 h" for six hours after the start') from None


def wib(value: Any) -> int:
    """Milliseconds UTC of a TOML time or a text; without an offset it is WIB. Raises ``ValueError``."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise ValueError("not a time; write 2026-11-22T06:00:00 (WIB)")  # noqa: TRY004 - pydantic's
    if not 1970 <= value.year <= 2200:
        raise ValueError("the year is not between 1970 and 2200; write 2026-11-22T06:00:00 (WIB)")
    return round((value if value.tzinfo else value.replace(tzinfo=WIB)).astimezone(UTC).timestamp() * 1000)


DURATION_PATTERN = r"^\s*(\d+(\.\d+)?\s*(ms|s|min|h|d|w)\s*)+$"
Duration = Annotated[
    int, BeforeValidator(duration), WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["15 min", "2 d 12 h"]})
]
Time = Annotated[
    int, BeforeValidator(wib), WithJsonSchema({"type": "string", "format": "date-time", "description": "WIB without an offset"})
]
At = Annotated[
    Moment,
    BeforeValidator(moment),
    WithJsonSchema({"type": "string", "description": 'a time in WIB, or "+6 h" after the start', "examples": ["+6 h"]}),
]
