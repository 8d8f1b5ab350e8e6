"""Sentences by name: ``data/sentences.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("kampung_cloud.modules.farming") / "data" / "sentences.toml").read_text(encoding="utf-8"))


def say(name: str, **numbers: object) -> str:
    """``water.now`` with its numbers put in; decimals with a comma, as Indonesian writes them."""
    group, _, key = name.partition(".")
    return _sentences()[group][key].format(**{k: written(v) for k, v in numbers.items()})


def written(value: object) -> str:
    """A number as people read it: whole, unless it is small."""
    if isinstance(value, float):
        text = f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}".removesuffix(".0")
        return text.replace(".", ",")
    return str(value)
