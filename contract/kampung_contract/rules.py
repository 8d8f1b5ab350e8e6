"""Alarm rules and how one is evaluated, the same at edge and cloud. Pure: readings in, transitions out."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal

import msgspec

from kampung_contract.errors import InvalidRule
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.quantities import quantity
from kampung_contract.villages import village

WORDS = ("Aman", "Waspada", "Siaga", "Awas")
"""Severity by ordinal, 0 to 3."""

_DURATION = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration(text: str) -> int:
    """Milliseconds of ``90s``, ``10m``, ``2h``, ``1d`` or ``0s``. Raises ``ValueError``."""
    if len(text) < 2 or text[-1] not in _DURATION or not text[:-1].isdigit():
        raise ValueError(f"{text!r} is no duration; write 90s, 10m, 2h or 1d")
    return int(text[:-1]) * _DURATION[text[-1]]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"hold": "for", "kind": "type"}):
    """Threshold with hysteresis and *for*, in the style of Prometheus alerting rules.

    Fires when values stay at or beyond ``threshold`` for ``for``; resolves when they stay at or inside ``clear`` for ``clear_for``.
    ``title`` and ``message`` by language; ``{value}``, ``{threshold}`` and ``{place}`` are filled in. ``source`` names where the
    threshold comes from.
    """

    id: str
    village: str
    quantity: str
    unit: str
    threshold: float
    clear: float
    severity: int
    title: dict[str, str]
    message: dict[str, str]
    source: str
    kind: Literal["threshold"] = "threshold"
    direction: Literal["above", "below"] = "above"
    node: str | None = None
    device: str | None = None
    place: str = ""
    hold: str = "0s"
    clear_for: str = "0s"

    def __post_init__(self) -> None:
        village(self.village)
        known = quantity(self.quantity)
        if known is None:
            raise InvalidRule(f"rule {self.id!r}: quantity {self.quantity!r} is not in the catalogue")
        if known.unit != self.unit:
            raise InvalidRule(f"rule {self.id!r}: unit {self.unit!r}; {self.quantity} is measured in {known.unit!r}")
        if (self.clear > self.threshold) if self.direction == "above" else (self.clear < self.threshold):
            raise InvalidRule(
                f"rule {self.id!r}: clear {self.clear} lies beyond threshold {self.threshold} ({self.direction}); "
                "an alarm could never come to rest"
            )
        if not 1 <= self.severity <= 3:
            raise InvalidRule(f"rule {self.id!r}: severity {self.severity}; 1 is Waspada, 2 Siaga, 3 Awas")
        if not self.source.strip():
            raise InvalidRule(f"rule {self.id!r}: no source; a threshold nobody can look up is not used")
        if "id" not in self.title or "id" not in self.message:
            raise InvalidRule(f"rule {self.id!r}: title and message need Indonesian ('id')")
        for key, value in (("for", self.hold), ("clear_for", self.clear_for)):
            try:
                duration(value)
            except ValueError as error:
                raise InvalidRule(f"rule {self.id!r}: {key}: {error}") from None

    def concerns(self, village_code: str, node: str, device: str, name: str) -> bool:
        """Whether this rule watches that series."""
        return self.quantity == name and self.village == village_code and self.node in (None, node) and self.device in (None, device)


class Phase(StrEnum):
    """Where a rule stands for one series."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    CLEARING = "clearing"


class RuleState(msgspec.Struct, frozen=True):
    """``since`` and ``at`` (the last reading counted) in milliseconds UTC of event time; ``raised`` when the alarm began."""

    phase: Phase = Phase.INACTIVE
    since: int = 0
    at: int = 0
    raised: int = 0


class Transition(msgspec.Struct, frozen=True):
    """``raised`` or ``resolved`` at ``at`` (milliseconds UTC, event time) with the value that decided it."""

    kind: Literal["raised", "resolved"]
    at: int
    value: float


def evaluate(rule: Rule, state: RuleState, readings: Iterable[tuple[int, float, int]]) -> tuple[RuleState, list[Transition]]:
    """Carry ``state`` over ``(milliseconds UTC, value, QARTOD flag)`` in order of time.

    Readings not newer than ``state.at`` change nothing; flags 4 and 9 neither raise nor resolve; silence resolves nothing.
    """
    phase, since, at, raised = state.phase, state.since, state.at, state.raised
    hold, clear_for = duration(rule.hold), duration(rule.clear_for)
    sign = 1 if rule.direction == "above" else -1
    out: list[Transition] = []
    for time, value, flag in readings:
        if time <= at or flag in (FAIL, MISSING):
            continue
        at = time
        beyond = sign * (value - rule.threshold) >= 0
        inside = sign * (value - rule.clear) <= 0 and not beyond
        if phase is Phase.INACTIVE and beyond:
            phase, since = Phase.PENDING, time
        elif phase is Phase.PENDING and not beyond:
            phase, since = Phase.INACTIVE, time
        elif phase is Phase.FIRING and inside:
            phase, since = Phase.CLEARING, time
        elif phase is Phase.CLEARING and not inside:
            phase, since = Phase.FIRING, time
        if phase is Phase.PENDING and time - since >= hold:
            phase, since, raised = Phase.FIRING, time, time
            out.append(Transition("raised", time, value))
        elif phase is Phase.CLEARING and time - since >= clear_for:
            phase, since = Phase.INACTIVE, time
            out.append(Transition("resolved", time, value))
    return RuleState(phase, since, at, raised), out


def parse_rule(table: dict[str, Any]) -> Rule:
    """A rule from a table of a configuration file. Raises ``InvalidRule`` naming the rule, the key and the value."""
    try:
        return msgspec.convert(table, Rule)
    except msgspec.ValidationError as error:
        raise InvalidRule(f"rule {table.get('id', '?')!r}: {error}") from None
