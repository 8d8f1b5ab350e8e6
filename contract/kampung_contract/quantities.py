"""What is measured: one catalogue of names, units, plausible ranges and the words people see."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """``steps``: (seconds, change): so much a value may differ from one at most so long before it, shortest first."""

    steps: tuple[tuple[float, float], ...]
    source: str


class Still(msgspec.Struct, frozen=True):
    """A working sensor moves by ``change`` within ``seconds``, unless all its values lie within ``but``, ends included.

    One that has not moved for ``fail`` seconds is broken.
    """

    seconds: float
    change: float
    source: str
    but: tuple[float, float] | None = None
    fail: float | None = None


class Usual(msgspec.Struct, frozen=True):
    """What air and water here show in all but the rarest cases; outside of it a reading is doubted."""

    low: float
    high: float
    source: str


class Quantity(msgspec.Struct, frozen=True):
    """``unit`` from the SenML registry (RFC 8428 and successors); ``low`` to ``high`` is what a working sensor can report here.

    ``usual``, ``rate`` and ``still`` are there only where a published norm gives numbers.
    """

    name: str
    unit: str
    low: float
    high: float
    decimals: int
    display: dict[str, str]
    source: str
    usual: Usual | None = None
    rate: Rate | None = None
    still: Still | None = None

    def plausible(self, value: float) -> bool:
        """Within the range, ends included."""
        return self.low <= value <= self.high


def _read() -> dict[str, Quantity]:
    tables = tomllib.loads(files("kampung_contract").joinpath("data", "quantities.toml").read_text(encoding="utf-8"))
    return {name: msgspec.convert({"name": name, **table}, Quantity) for name, table in tables.items()}


# Read at import, by one thread: msgspec 0.22 crashes when several convert to a nested struct for the first time at once.
_CATALOGUE = _read()


def catalogue() -> dict[str, Quantity]:
    """All quantities by name."""
    return _CATALOGUE


def quantity(name: str) -> Quantity | None:
    """The quantity, or None for one that a newer edge may know and this side does not."""
    return catalogue().get(name)
