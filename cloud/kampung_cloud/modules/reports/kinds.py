"""What can be reported and its clocks, as data: ``data/kinds.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import get_args

from kampung_contract.citizen import Kind

HOUR_MS = 3_600_000
SPANS = {"h": HOUR_MS, "d": 24 * HOUR_MS}


@dataclass(frozen=True, slots=True)
class Clock:
    """``look`` and ``done`` in ms from when it was reported."""

    title: str
    look: int
    done: int
    source: str
    mark: str


@cache
def kinds() -> dict[str, Clock]:
    """All kinds of the contract, in its order."""
    table = tomllib.loads((files(__package__) / "data" / "kinds.toml").read_text(encoding="utf-8"))
    rows = table["kind"]
    if set(rows) != set(get_args(Kind)):
        raise ValueError(f"data/kinds.toml has {sorted(rows)}; the contract has {sorted(get_args(Kind))}")
    return {
        key: Clock(rows[key]["title"], _span(rows[key]["look"]), _span(rows[key]["done"]), table["source"], table["mark"])
        for key in get_args(Kind)
    }


def _span(text: str) -> int:
    found = re.fullmatch(r"(\d{1,3})([hd])", text)
    if not found:
        raise ValueError(f"{text!r} is no span; write 6h or 3d")
    return int(found[1]) * SPANS[found[2]]
