"""A gauge as the configuration has it: where it stands, its zero and its levels, and the gauge upstream. ``[[gauge]]`` in cloud.toml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal, Self

from kampung_contract.errors import KampungError
from kampung_contract.times import WIB
from kampung_contract.villages import village
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

SHARES = (0.5, 0.75, 0.9)
"""Siaga 3, 2 and 1 as shares of bank-full, until the village has levels of its own."""
PROPOSAL = "Usulan: Siaga 3, 2, 1 pada 50, 75, 90 % tinggi tebing penuh, dibetulkan sesudah setiap kejadian (docs/sources.md)"
HYSTERESIS = 0.10
"""Metres below a level at which it is over (docs/sources.md)."""
LONGEST_MIN = 7 * 24 * 60


def known_village(code: str) -> str:
    """The code of a village of Banyuwangi. Raises ``ValueError``."""
    try:
        return village(code).code
    except KampungError as error:
        raise ValueError(error.message) from None


def _series(name: str) -> str:
    parts = name.split(".")
    if len(parts) != 3 or parts[2] != "water_level":
        raise ValueError("write kiosk.device.water_level, as GET /api/v1/series names it")
    return name


def _moment(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=WIB)


Level = Annotated[float, Field(ge=-5, le=15)]
Series = Annotated[str, AfterValidator(_series)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Levels(_Table):
    """Metres on the gauge's present zero. ``source``: who decided, and when."""

    siaga_3: Level
    siaga_2: Level
    siaga_1: Level
    source: str = Field(min_length=3)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.siaga_3 < self.siaga_2 < self.siaga_1:
            raise ValueError(
                f"siaga_3 {self.siaga_3:g}, siaga_2 {self.siaga_2:g}, siaga_1 {self.siaga_1:g}: each must be higher than the last"
            )
        return self


class Datum(_Table):
    """From when (WIB unless it says) the gauge counts from another zero: readings of before are not compared with later ones.

    ``shift``: metres that the same water shows more than before, where somebody has measured it.
    """

    since: Annotated[datetime, AfterValidator(_moment)] = Field(alias="from")
    note: str = Field(min_length=3, max_length=200)
    shift: float | None = Field(default=None, ge=-10, le=10)

    @property
    def at(self) -> int:
        """Ms UTC."""
        return round(self.since.timestamp() * 1000)


class Upstream(_Table):
    """The gauge from which water comes here, in ``minutes`` at the least and at the most.

    ``radio``: the series under which this village's own kiosk hears that gauge by radio, without any link to the regency; or the kiosk of
    a village between, which passes it on by its own link.
    """

    gauge: str
    minutes: tuple[Annotated[float, Field(gt=0, le=LONGEST_MIN)], Annotated[float, Field(gt=0, le=LONGEST_MIN)]]
    source: str = Field(min_length=3)
    radio: Series | None = None

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.minutes[0] > self.minutes[1]:
            raise ValueError(f"minutes = {list(self.minutes)}: the least first, then the most")
        return self


class Gauge(_Table):
    """One gauge. ``order`` counts from the spring down. ``second``: another sensor over the same water, which confirms the first.

    ``rise = false`` where water rises each day without being a danger, as in a reach that the tide fills; ``alarms = false`` where all its
    alarms are ``[[rule]]`` tables of somebody's own.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,48}$")
    kind: Literal["river", "coast"] = "river"
    river: str = Field(min_length=2, max_length=40)
    village: Annotated[str, AfterValidator(known_village)]
    place: str = Field(default="", max_length=80)
    order: int = Field(default=1, ge=1, le=99)
    series: Series
    second: Series | None = None
    bank_full: Level | None = None
    levels: Levels | None = None
    rise: bool = True
    alarms: bool = True
    datum: tuple[Datum, ...] = ()
    upstream: tuple[Upstream, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.levels is None and self.bank_full is None:
            raise ValueError(
                "neither levels nor bank_full: write levels = { siaga_3 = …, siaga_2 = …, siaga_1 = …, source = … }, or bank_full"
            )
        if self.levels is None and self.kind == "coast":
            raise ValueError("a coast has no bank-full mark: write levels with their source")
        if self.bank_full is not None and self.levels is None and self.bank_full <= 0.3:
            raise ValueError(f"bank_full = {self.bank_full:g}: metres from the gauge's zero to the top of the bank, more than 0.3")
        if self.bank_full is not None and self.levels is not None and self.levels.siaga_1 > self.bank_full:
            raise ValueError(
                f"siaga_1 {self.levels.siaga_1:g} lies above bank_full {self.bank_full:g}: the water would be out before the word"
            )
        if any(b.at <= a.at for a, b in pairwise(self.datum)):
            raise ValueError("datum: write the changes of zero by time, the oldest first")
        if self.second == self.series:
            raise ValueError("second is the same sensor as series; name another one, or leave it out")
        return self

    @property
    def node(self) -> str:
        """The kiosk that has the first sensor."""
        return self.series.partition(".")[0]

    @property
    def marks(self) -> tuple[float, float, float]:
        """Metres of Siaga 3, 2 and 1."""
        if self.levels is not None:
            return self.levels.siaga_3, self.levels.siaga_2, self.levels.siaga_1
        assert self.bank_full is not None
        three, two, one = (round(share * self.bank_full, 3) for share in SHARES)
        return three, two, one

    @property
    def proposed(self) -> bool:
        """Whether its levels are shares of bank-full and nobody's decision."""
        return self.levels is None

    @property
    def source(self) -> str:
        """Where its levels come from."""
        return self.levels.source if self.levels is not None else PROPOSAL

    @property
    def begins(self) -> int:
        """Since when it counts from its present zero (ms UTC), 0 for ever."""
        return self.datum[-1].at if self.datum else 0


def check_gauges(gauges: Sequence[Gauge]) -> None:
    """That names are single, and that water runs downhill. Raises ``ValueError`` naming the gauge."""
    known = {gauge.id: gauge for gauge in gauges}
    for gauge in gauges:
        if sum(other.id == gauge.id for other in gauges) > 1:
            raise ValueError(f"two [[gauge]] tables have the id {gauge.id!r}; give each its own")
        for above in gauge.upstream:
            found = known.get(above.gauge)
            if found is None:
                raise ValueError(f"gauge {gauge.id!r}: upstream.gauge = {above.gauge!r} is none of {', '.join(sorted(known))}")
            if (found.river, found.order) >= (gauge.river, gauge.order) and found.river == gauge.river:
                raise ValueError(
                    f"gauge {gauge.id!r} has order {gauge.order}, {found.id!r} above it {found.order}: order counts from the spring down"
                )
        _runs_down(gauge, known)


def _runs_down(gauge: Gauge, known: dict[str, Gauge]) -> None:
    waiting, passed = [above.gauge for above in gauge.upstream], set[str]()
    while waiting:
        at = waiting.pop()
        if at == gauge.id:
            raise ValueError(f"gauge {gauge.id!r} lies upstream of itself; take one of its upstream gauges out")
        if at not in passed:
            passed.add(at)
            waiting += [above.gauge for above in known[at].upstream] if at in known else []
