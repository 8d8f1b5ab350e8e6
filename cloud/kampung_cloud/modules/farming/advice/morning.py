"""What the rules of a morning look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kampung_cloud.modules.farming.balance import Day, Standing
from kampung_cloud.modules.farming.plot import Plot


@dataclass(frozen=True, slots=True)
class Forecast:
    """Rain of the coming day in mm with its probability in %, and who says so."""

    rain: float
    chance: float
    source: str


@dataclass(frozen=True, slots=True)
class Leaves:
    """A reading with the leaf colour chart: ten leaves."""

    day: date
    readings: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Wet:
    """The wet spell of the last day: hours with leaves wet, mean °C of them."""

    hours: float
    temperature: float


@dataclass(frozen=True, slots=True)
class Morning:
    """A field before sunrise of ``today``. ``days`` and ``standings`` end yesterday; the lists are empty where nothing is known.

    ``seen``: stages that the farmer reported, by day; ``before``: kinds of actions in the list of the day before; ``unwanted``: kinds that
    he does not need, until a day.
    """

    plot: Plot
    today: date
    days: Sequence[Day] = ()
    standings: Sequence[Standing] = ()
    levels: Sequence[float] = ()
    forecast: Forecast | None = None
    leaves: Leaves | None = None
    wet: Wet | None = None
    conductivity: float | None = None
    ph: float | None = None
    probe_silent_since: date | None = None
    onset: date | None = None
    seen: Mapping[str, date] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    unwanted: Mapping[str, date] = field(default_factory=dict)

    @property
    def age(self) -> int | None:
        """Days since planting."""
        return self.plot.age(self.today)
