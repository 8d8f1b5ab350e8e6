"""Why a visit does not count, in words: ``data/reasons.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """``code`` is stable; ``values`` fill its sentence."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def clause(self) -> str:
        """The letter of the rule's clause."""
        return str(sentences()[self.code]["clause"])

    def text(self, language: str = "id") -> str:
        """What, the value and the remedy."""
        return str(sentences()[self.code][language]).format_map(dict(self.values))

    def shown(self) -> dict[str, Any]:
        """As it goes out."""
        return {"code": self.code, "clause": self.clause, "text": {"id": self.text("id"), "en": self.text("en")}}


@cache
def sentences() -> dict[str, dict[str, str]]:
    """By code."""
    return tomllib.loads(files("kampung_cloud.modules.trees").joinpath("data", "reasons.toml").read_text(encoding="utf-8"))
