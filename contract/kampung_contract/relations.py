"""What readings of one place cannot both say: internal consistency, as data."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec


class _Relation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """``models``: the device profiles that it is about; none are all."""

    id: str
    source: str
    models: tuple[str, ...] = ()

    def concerns(self, model: str) -> bool:
        """Whether it is about readings of a device of this model."""
        return not self.models or model in self.models


class Order(_Relation, frozen=True, tag="order"):
    """Of one frame, ``low`` is at most ``high``."""

    low: str
    high: str

    def broken(self, low: float, high: float) -> bool:
        """Whether both cannot be true."""
        return low > high


class Distinct(_Relation, frozen=True, tag="distinct"):
    """Of one frame, ``low`` and ``high`` are never equal."""

    low: str
    high: str

    def broken(self, low: float, high: float) -> bool:
        """Whether both cannot be true."""
        return low == high


class Beside(_Relation, frozen=True, tag="beside"):
    """``quantity`` above ``over`` (None: any value) does not go with an ``other`` that is less than ``below`` or more than ``above``."""

    quantity: str
    other: str
    over: float | None = None
    below: float | None = None
    above: float | None = None

    def broken(self, value: float, other: float) -> bool:
        """Whether both cannot be true."""
        if self.over is not None and value <= self.over:
            return False
        return (self.below is not None and other < self.below) or (self.above is not None and other > self.above)


class Night(_Relation, frozen=True, tag="night"):
    """``quantity`` is at most ``most`` while the sun stands lower than ``sun`` degrees above the horizon."""

    quantity: str
    most: float
    sun: float

    def broken(self, value: float, elevation: float) -> bool:
        """``elevation`` of the sun, degrees."""
        return value > self.most and elevation < self.sun


class Never(_Relation, frozen=True, tag="never"):
    """A sound instrument does not show these ``values`` of ``quantity``."""

    quantity: str
    values: tuple[float, ...]

    def broken(self, value: float) -> bool:
        """Whether it is one of these."""
        return value in self.values


Relation = Order | Distinct | Beside | Night | Never


def _read() -> tuple[Relation, ...]:
    tables = tomllib.loads(files("kampung_contract").joinpath("data", "relations.toml").read_text(encoding="utf-8"))
    return tuple(msgspec.convert({"id": name, **table}, Relation) for name, table in tables.items())


_RELATIONS = _read()  # at import, by one thread: see quantities


def relations() -> tuple[Relation, ...]:
    """All of them."""
    return _RELATIONS
