"""Which villages a process takes in for: all, those of one kecamatan, or whatever comes from none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kampung_contract.topics import FILTERS, PREFIX
from kampung_contract.villages import villages

OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Area:
    """``code`` is a kecamatan's (35.10.24), empty for the whole regency, or ``others``: topics of no kecamatan of ours."""

    code: str = ""

    def holds(self, village: str) -> bool:
        """Whether a village is in it."""
        return not self.code or village.startswith(f"{self.code}.")

    @property
    def pattern(self) -> str:
        """For SQL's LIKE."""
        return f"{self.code}.%" if self.code else "%"

    @property
    def share(self) -> str | None:
        """Name of its part of the telemetry log; None for all of it."""
        return self.code or None

    @property
    def digits(self) -> str:
        """``351024``, as in topics."""
        return self.code.replace(".", "")

    @property
    def filters(self) -> tuple[str, ...]:
        """What to subscribe to."""
        if self.code in ("", OTHERS):
            return FILTERS
        return tuple(f.replace(f"{PREFIX}/+", f"{PREFIX}/{self.digits}", 1) for f in FILTERS)

    @property
    def number(self) -> int:
        """A key for locks: 351024, or 1 for the others."""
        return 1 if self.code == OTHERS else int(self.digits)


WHOLE = Area()


@cache
def areas() -> dict[str, Area]:
    """Every lease there is, by kecamatan as in topics (351024), and that of the others."""
    return {a.digits: a for a in _kecamatan()} | {OTHERS: Area(OTHERS)}


def _kecamatan() -> Iterator[Area]:
    for code in dict.fromkeys(v.code.rpartition(".")[0] for v in villages()):
        yield Area(code)


def area_of(topic: str) -> Area:
    """Whose a message is."""
    parts = topic.split("/", 3)
    return areas().get(parts[2] if len(parts) > 2 else "") or areas()[OTHERS]


@cache
def title(code: str) -> str:
    """A kecamatan's name for people; the code where it has none."""
    return next((v.kecamatan for v in villages() if v.code.startswith(f"{code}.")), code)
