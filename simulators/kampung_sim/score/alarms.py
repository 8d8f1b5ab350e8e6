"""Alarms that should have been: the regency's own rules over what was sent, and over what was true. Pure but for its arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kampung_contract.rules import Rule, RuleState, evaluate

SLACK_MS = 1_000
"""The API gives whole seconds."""


@dataclass(slots=True)
class Alarms:
    """``expected`` by what was sent; ``true`` by what really was; ``hidden``: really was, but faulty sensors told nothing; ``false``:
    the reverse.

    ``missed`` and ``invented`` are the regency's: named in ``named``.
    """

    expected: int = 0
    found: int = 0
    missed: int = 0
    invented: int = 0
    true: int = 0
    hidden: int = 0
    false: int = 0
    named: list[str] = field(default_factory=list)

    def add(
        self,
        series: str,
        rule: Rule,
        sent: Iterable[tuple[int, float, int]],
        truth: Iterable[tuple[int, float, int]],
        raised: list[int],
    ) -> None:
        """One rule over one series. Readings by time; ``raised`` are the times (ms UTC) at which the regency has that alarm begin."""
        should = _raised(rule, sent)
        really = _raised(rule, truth)
        self.expected += len(should)
        self.found += len(raised)
        left = list(raised)
        for at in should:
            near = min(left, key=lambda r: abs(r - at), default=None)
            if near is not None and abs(near - at) <= SLACK_MS:
                left.remove(near)
            else:
                self.missed += 1
                self.named.append(f"{rule.id} on {series}: should have been raised at {at}")
        self.invented += len(left)
        self.named += [f"{rule.id} on {series}: raised at {at} for no reason" for at in left]
        self.true += len(really)
        balance = Counter({"true": len(really)})
        self.hidden += max(0, balance["true"] - len(should))
        self.false += max(0, len(should) - balance["true"])

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def _raised(rule: Rule, readings: Iterable[tuple[int, float, int]]) -> list[int]:
    return [t.at for t in evaluate(rule, RuleState(), readings)[1] if t.kind == "raised"]
