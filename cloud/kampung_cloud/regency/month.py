"""A calendar month in WIB."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from kampung_contract.errors import InvalidRequest
from kampung_contract.times import WIB

from kampung_cloud.local_day import MONTHS

DAY_MS = 86_400_000


class Month(NamedTuple):
    """``month`` from 1 to 12."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """From ``2026-11``. Raises ``InvalidRequest``."""
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
            raise InvalidRequest(f"month {text[:20]!r} is none; write year and month, as 2026-11")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, ms: int) -> Month:
        """The one that holds a time (ms UTC)."""
        then = datetime.fromtimestamp(ms / 1000, WIB)
        return cls(then.year, then.month)

    @property
    def next(self) -> Month:
        """The one after."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> Month:
        """The one before."""
        return Month(self.year, self.month - 1) if self.month > 1 else Month(self.year - 1, 12)

    @property
    def start(self) -> int:
        """Its first moment, ms UTC."""
        return round(datetime(self.year, self.month, 1, tzinfo=WIB).timestamp() * 1000)

    @property
    def stop(self) -> int:
        """The first moment after it, ms UTC."""
        return self.next.start

    @property
    def days(self) -> tuple[int, ...]:
        """The local midnights that its days begin with, ms UTC."""
        return tuple(range(self.start, self.stop, DAY_MS))

    @property
    def title(self) -> str:
        """``November 2026``."""
        return f"{MONTHS[self.month - 1]} {self.year}"

    @property
    def key(self) -> str:
        """``2026-11``."""
        return f"{self.year}-{self.month:02}"


def date(ms: int) -> str:
    """``21 November 2026`` for milliseconds UTC."""
    then = datetime.fromtimestamp(ms / 1000, WIB)
    return f"{then.day} {MONTHS[then.month - 1]} {then.year}"
