"""What an alarm rule looks at: conditions as data, each checked against the catalogue of quantities.

A condition has three answers: *beyond* (raise), *inside* (resolve) and *between* (leave it as it is): the distance between the two marks
is the hysteresis. ``conditions`` are put together with ``all`` and ``any``.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from typing import Literal

import msgspec

from kampung_contract.errors import InvalidRule
from kampung_contract.quantities import catalogue, quantity

_DURATION = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
LONGEST_SPAN_MS = 7 * 86_400_000
"""A rate is taken over at most a week."""


def duration(text: str) -> int:
    """Milliseconds of ``90s``, ``10m``, ``2h``, ``1d`` or ``0s``. Raises ``ValueError``."""
    if len(text) < 2 or text[-1] not in _DURATION or not text[:-1].isdecimal():
        raise ValueError(f"{text!r} is no duration; write 90s, 10m, 2h or 1d")
    return int(text[:-1]) * _DURATION[text[-1]]


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """What is common to conditions over one quantity. Without ``node`` and ``device`` it looks at every sensor of that quantity in the
    rule's village; inside ``all`` and ``any``, ``at_least`` so many of those that are heard must be beyond.
    """

    quantity: str
    unit: str
    node: str | None = None
    device: str | None = None
    at_least: int = 1

    def check(self) -> None:
        """Raises ``InvalidRule`` naming key and value."""
        known = quantity(self.quantity)
        if known is None:
            near = difflib.get_close_matches(self.quantity, catalogue(), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "write one of its names, such as water_level"
            raise InvalidRule(f"quantity {self.quantity!r} is not in the catalogue; {hint}")
        if known.unit != self.unit:
            raise InvalidRule(
                f"unit {self.unit!r}; {self.quantity} is measured in {known.unit!r}: write that, and the rule's numbers in it"
            )
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, float) and not math.isfinite(value):
                raise InvalidRule(f"{name} {value}; write a number")
        if not 1 <= self.at_least <= 100:
            raise InvalidRule(f"at_least {self.at_least}; it is the number of sensors that must agree, 1 to 100")

    def check_reach(self, key: str, mark: float, inside: str, rest: float) -> None:
        """That readings can lie on either side of ``mark``, and come to ``rest``: those that no working sensor sends are not looked at.

        Raises ``InvalidRule``.
        """
        known = quantity(self.quantity)
        if known is None:
            return
        span = f"a working sensor of {self.quantity} reports {known.low:g} to {known.high:g} {known.unit}"
        if not (mark <= known.high if self.rising else mark >= known.low):
            raise InvalidRule(f"{key} {mark:g}; {span}, so that it would never be reached: write it in {known.unit!r}, within that range")
        if not (mark > known.low if self.rising else mark < known.high):
            raise InvalidRule(f"{key} {mark:g}; {span}, so that every reading would be beyond: write it within that range")
        if not (rest >= known.low if self.rising else rest <= known.high):
            raise InvalidRule(f"{inside} {rest:g}; {span}, so that an alarm could never come to rest: write it within that range")

    def concerns(self, node: str, device: str, name: str) -> bool:
        """Whether this condition looks at that series (of the rule's village)."""
        return self.quantity == name and self.node in (None, node) and self.device in (None, device)

    @property
    def mark(self) -> float | None:
        """The value that people are told as the limit."""
        raise NotImplementedError

    @property
    def rising(self) -> bool:
        """Whether higher is worse."""
        return True

    @property
    def marks(self) -> tuple[float, ...]:
        """The values that readings are compared with."""
        return ()

    def far(self, value: float) -> float:
        """The more, the further gone a value is."""
        return value if self.rising else -value

    @property
    def span_ms(self) -> int:
        """How far back this condition remembers readings."""
        return 0


class Threshold(Leaf, frozen=True, tag="threshold"):
    """Beyond at or past ``threshold``, inside at or within ``clear``."""

    threshold: float
    clear: float
    direction: Literal["above", "below"] = "above"

    def check(self) -> None:
        super().check()
        if (self.clear > self.threshold) if self.rising else (self.clear < self.threshold):
            raise InvalidRule(
                f"clear {self.clear} lies beyond threshold {self.threshold} ({self.direction}); an alarm could never come to rest: "
                f"set clear {'at or below' if self.rising else 'at or above'} {self.threshold}"
            )
        self.check_reach("threshold", self.threshold, "clear", self.clear)

    @property
    def mark(self) -> float:
        return self.threshold

    @property
    def marks(self) -> tuple[float, ...]:
        return (self.threshold,)

    @property
    def rising(self) -> bool:
        return self.direction == "above"


class Band(Leaf, frozen=True, tag="band"):
    """Beyond outside ``low`` to ``high``; inside once ``deadband`` within both."""

    low: float
    high: float
    deadband: float = 0.0

    def check(self) -> None:
        super().check()
        if self.deadband < 0 or self.low + self.deadband > self.high - self.deadband:
            raise InvalidRule(
                f"low {self.low}, high {self.high}, deadband {self.deadband}: nothing lies inside; an alarm could never come to rest: "
                "set low and high further apart, or deadband to less than half of that"
            )
        known = quantity(self.quantity)
        if known is not None and (self.low + self.deadband > known.high or self.high - self.deadband < known.low):
            raise InvalidRule(
                f"low {self.low}, high {self.high}; a working sensor of {self.quantity} reports {known.low:g} to {known.high:g} "
                f"{known.unit}, so that every reading would be beyond: write them in {known.unit!r}, within that range"
            )

    def far(self, value: float) -> float:
        return max(self.low - value, value - self.high)

    @property
    def mark(self) -> None:
        return None

    @property
    def marks(self) -> tuple[float, ...]:
        return (self.low, self.high)


class Rise(Leaf, frozen=True, tag="rise"):
    """Beyond when the value has changed by ``change`` or more within ``within`` (two readings at least); inside at ``clear`` or less.

    A negative ``change`` is a fall.
    """

    change: float
    within: str
    clear: float

    def check(self) -> None:
        super().check()
        span = _span("within", self.within)
        if not self.change or not span:
            raise InvalidRule(f"change {self.change} within {self.within}: neither may be nothing")
        if abs(self.clear) >= abs(self.change) or self.clear * self.change < 0:
            raise InvalidRule(
                f"clear {self.clear} is not a smaller change than {self.change}; an alarm would flap or never come to rest: "
                f"set it between 0 and {self.change}"
            )

    @property
    def mark(self) -> float:
        return self.change

    @property
    def rising(self) -> bool:
        return self.change > 0

    @property
    def span_ms(self) -> int:
        return duration(self.within)


class Reach(Leaf, frozen=True, tag="reach"):
    """Beyond when ``level``, at the pace of the last ``over``, will be reached within ``within``, or has been; inside when below it and
    further off than ``clear`` (as a duration), or moving away.
    """

    level: float
    within: str
    over: str
    clear: str
    direction: Literal["above", "below"] = "above"

    def check(self) -> None:
        super().check()
        if not _span("over", self.over):
            raise InvalidRule("over 0s: a pace needs some time to be seen")
        if _span("clear", self.clear) < _span("within", self.within):
            raise InvalidRule(
                f"clear {self.clear} is sooner than within {self.within}; an alarm would flap: set it to {self.within} or more"
            )
        self.check_reach("level", self.level, "level", self.level)

    @property
    def mark(self) -> float:
        return self.level

    @property
    def marks(self) -> tuple[float, ...]:
        return (self.level,)

    @property
    def rising(self) -> bool:
        return self.direction == "above"

    @property
    def span_ms(self) -> int:
        return duration(self.over)


class Silence(Leaf, frozen=True, tag="silence"):
    """Beyond when nothing was heard of a sensor for ``after``. Stands by itself: a rule of its own."""

    after: str

    def check(self) -> None:
        super().check()
        if not _span("after", self.after):
            raise InvalidRule("after 0s: a sensor is always silent between two readings")

    @property
    def mark(self) -> None:
        return None


class All(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="all"):
    """Beyond when all parts are, inside when one is."""

    parts: tuple[Condition, ...]


class Any(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="any"):
    """Beyond when one part is, inside when all are."""

    parts: tuple[Condition, ...]


Condition = Threshold | Band | Rise | Reach | Silence | All | Any

DEPTH = 4


def leaves(condition: Condition) -> Iterator[Leaf]:
    """From left to right."""
    if isinstance(condition, (All, Any)):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition


def check(condition: Condition, depth: int = 0) -> None:
    """Raises ``InvalidRule``."""
    if isinstance(condition, (All, Any)):
        if not condition.parts:
            raise InvalidRule("parts: empty; name at least one condition")
        if depth >= DEPTH:
            raise InvalidRule(f"parts: nested more than {DEPTH} deep; nobody could explain such an alarm")
        for part in condition.parts:
            check(part, depth + 1)
    elif isinstance(condition, Silence) and depth:
        raise InvalidRule("silence stands in a rule of its own; inside all or any, a sensor that is not heard counts for neither side")
    else:
        condition.check()


def _span(key: str, text: str) -> int:
    try:
        span = duration(text)
    except ValueError as error:
        raise InvalidRule(f"{key}: {error}") from None
    if span > LONGEST_SPAN_MS:
        raise InvalidRule(f"{key}: {text!r} is over a week")
    return span
