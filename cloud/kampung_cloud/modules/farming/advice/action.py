"""An action that a rule proposes, and the reason one tap behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kampung_cloud.modules.farming.advice.words import Phrase

Urgency = Literal["sekarang", "hari ini", "minggu ini", "catatan"]
ORDER: tuple[Urgency, ...] = ("sekarang", "hari ini", "minggu ini", "catatan")


@dataclass(frozen=True, slots=True)
class Reason:
    """``numbers`` by name with their units in the name's text, how they were computed, and the calculator that reproduces it."""

    sentence: Phrase
    numbers: Mapping[str, Any] = field(default_factory=dict)
    method: str = ""
    source: str = ""
    calc: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As an object: ``sentence`` in Indonesian, ``said`` for every language."""
        return {
            "sentence": str(self.sentence),
            "said": self.sentence.shown(),
            "numbers": {k: round(v, 2) if isinstance(v, float) else v for k, v in self.numbers.items()},
            "method": self.method,
            "source": self.source,
            "calc": self.calc,
            "inputs": {k: round(v, 4) if isinstance(v, float) else v for k, v in self.inputs.items()},
        }


@dataclass(frozen=True, slots=True)
class Action:
    """``kind`` is stable from day to day: hysteresis and answers go by it. ``weight`` orders what is equally urgent."""

    kind: str
    urgency: Urgency
    weight: float
    sentence: Phrase
    reason: Reason
    indicative: bool = False

    @property
    def rank(self) -> tuple[int, float]:
        """Lower comes first."""
        return ORDER.index(self.urgency), -self.weight

    def shown(self) -> dict[str, Any]:
        """As an object: ``sentence`` in Indonesian, ``said`` for every language."""
        return {
            "kind": self.kind,
            "urgency": self.urgency,
            "sentence": str(self.sentence),
            "said": self.sentence.shown(),
            "indicative": self.indicative,
            "reason": self.reason.shown(),
        }
