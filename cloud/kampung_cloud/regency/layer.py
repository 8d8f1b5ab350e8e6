"""A layer of the regency's map: one number and one word for each village at any time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from kampung_contract.villages import Village

    from kampung_cloud.api.services import Services

MOST_CLASSES = 7
"""More colours than these are not told apart on a map."""
DAY_MS = 86_400_000

Shape = Literal["disc", "ring", "triangle", "diamond", "square", "cross", "bar"]


class Value(NamedTuple):
    """What a layer says of a village: ``value`` in the layer's unit (None where only the class is known), ``kind`` the key of its class.

    ``n`` things stand behind it (readings, alarms, trees); the newest is ``age`` ms older than the time asked for, None where age says
    nothing (a register).
    """

    value: float | None
    kind: str
    n: int
    age: int | None


@dataclass(frozen=True, slots=True)
class Class:
    """One entry of a legend. Colour never stands alone: ``word`` (Indonesian) and ``shape`` go with it.

    ``colour``: ``#rrggbb``, as on paper; the page mixes it for its ground.
    """

    key: str
    word: str
    colour: str
    shape: Shape


Values = Callable[["Services", int, "Sequence[Village]"], Mapping[str, Value]]
"""``values(services, at, villages)``: by code, for those of ``villages`` of which something is known at ``at`` (ms UTC): as it was known
of that time, so nothing measured later counts. A village that is absent has no data. May raise ``StorageUnavailable``."""

Together = Callable[["Layer", "Sequence[Value]"], Value]
"""What several villages, at least one, are together."""


@dataclass(frozen=True, slots=True)
class Layer:
    """``legend`` goes from calm to grave. ``key`` is unique among all modules; ``title`` and ``about`` (one sentence) are Indonesian.

    Older than ``stale`` ms, a village's value is drawn as old. ``source`` says by what the classes are judged (invariant 9). Raises
    ``ValueError`` for what no map could show.
    """

    key: str
    title: str
    about: str
    unit: str
    decimals: int
    legend: tuple[Class, ...]
    source: str
    values: Values
    together: Together
    stale: int = DAY_MS

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", self.key):
            raise ValueError(f"layer key {self.key!r}: write 2 to 40 of a-z, 0-9 and -, beginning with a letter")
        if not 2 <= len(self.legend) <= MOST_CLASSES:
            raise ValueError(f"layer {self.key!r} has {len(self.legend)} classes; a legend has 2 to {MOST_CLASSES}")
        for name in ("key", "word", "colour"):
            said = [getattr(each, name) for each in self.legend]
            if len(set(said)) != len(said):
                raise ValueError(f"layer {self.key!r}: two classes have one {name}: {said}")
        for each in self.legend:
            if not re.fullmatch(r"#[0-9a-f]{6}", each.colour):
                raise ValueError(f"layer {self.key!r}: colour {each.colour!r} of {each.key!r} is not written as #0b5d3b")
        if len(self.source) < 10:
            raise ValueError(f"layer {self.key!r} names no source: {self.source!r}")

    def rank(self, kind: str) -> int:
        """How grave a class is, from 0. Raises ``ValueError`` for one that the legend does not have."""
        keys = [each.key for each in self.legend]
        if kind not in keys:
            raise ValueError(f"layer {self.key!r} has no class {kind!r}; it has {', '.join(keys)}")
        return keys.index(kind)


def worst(layer: Layer, values: Sequence[Value]) -> Value:
    """As grave as the gravest village, with that one's value; of several the one with the greatest value, then the newest."""
    grave = max(values, key=lambda v: (layer.rank(v.kind), v.value if v.value is not None else float("-inf"), -(v.age or 0)))
    return grave._replace(n=sum(v.n for v in values))


def summed(judge: Callable[[float], str]) -> Together:
    """Values add up; ``judge`` gives the class of the sum."""

    def together(_: Layer, values: Sequence[Value]) -> Value:
        total = sum(v.value or 0.0 for v in values)
        return Value(total, judge(total), sum(v.n for v in values), _newest(values))

    return together


def averaged(judge: Callable[[float], str]) -> Together:
    """The mean over villages that have a value, each weighing the same; ``judge`` gives its class."""

    def together(layer: Layer, values: Sequence[Value]) -> Value:
        known = [v.value for v in values if v.value is not None]
        if not known:
            return worst(layer, values)
        mean = sum(known) / len(known)
        return Value(mean, judge(mean), sum(v.n for v in values), _newest(values))

    return together


def _newest(values: Iterable[Value]) -> int | None:
    return min((v.age for v in values if v.age is not None), default=None)
