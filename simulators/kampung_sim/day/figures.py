"""What a simulated day is made of, as data: each figure with its source, or the word that it is an assumption."""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Annotated, Any

import msgspec
from kampung_contract.errors import ConfigurationError
from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Minutes = Annotated[float, Meta(gt=0, le=100_000)]
P90 = 1.2815515655446004
"""Standard deviations from the median to the 90th of 100."""


class Spread(Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes, log-normal: half of them below ``median``, nine of ten below ``p90``."""

    median: Minutes
    p90: Minutes

    def __post_init__(self) -> None:
        if self.p90 < self.median:
            raise ValueError(f"p90 = {self.p90} is below the median {self.median}")

    def draw(self, dice: Random) -> float:
        """One of them."""
        return self.median * math.exp(dice.gauss(0.0, math.log(self.p90 / self.median) / P90))


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """It comes on a day with this ``chance``, and lasts so many ``minutes``."""

    chance: Share
    minutes: Minutes


class Figures(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of them; ``figures.toml`` says what each is. ``hours``: weight by hour of WIB; ``mix``: weight by service."""

    clerks: Annotated[int, Meta(ge=1, le=20)]
    per_day: Annotated[float, Meta(gt=0, le=2_000)]
    hours: dict[str, Annotated[float, Meta(ge=0)]]
    mix: dict[str, Annotated[float, Meta(ge=0)]]
    kiosk_share: Share
    at_kiosk: Spread
    typing: Spread
    checking_letter: Spread
    checking_forward: Spread
    handing_over: Spread
    arrival_noted: Spread
    reading: Spread
    rounds: Minutes
    away: Trouble
    missing: Share
    rejected: Share
    fetching: Spread
    patience: Spread
    dukcapil: Spread
    came_back: Share
    link_cut: Trouble
    power_cut: Trouble


def load(file: Path | None = None) -> tuple[Figures, dict[str, str]]:
    """The figures and the source of each; ours without a file. Raises ``ConfigurationError`` with file, figure and remedy."""
    name = "figures.toml" if file is None else str(file)
    try:
        packaged = files("kampung_sim.day").joinpath("figures.toml")
        text = packaged.read_text(encoding="utf-8") if file is None else file.read_text(encoding="utf-8")
        tables: dict[str, Any] = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{name}: {error}; a copy of the packaged figures.toml is a good beginning") from None
    for figure, row in tables.items():
        if not isinstance(row, dict) or set(row) != {"value", "source"} or not str(row["source"]).strip():
            raise ConfigurationError(f"{name}: [{figure}] needs value and source and nothing else; without a source write 'assumption: …'")
    try:
        found = msgspec.convert({k: row["value"] for k, row in tables.items()}, Figures)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name}: {error}") from None
    for figure, weights in (("hours", found.hours), ("mix", found.mix)):
        if sum(weights.values()) <= 0:
            raise ConfigurationError(f"{name}: [{figure}] has no weight above 0")
    if wrong := [h for h in found.hours if not (h.isdigit() and int(h) < 24)]:
        raise ConfigurationError(f"{name}: [hours] {wrong[0]!r} is no hour; write 8, 9, … 23")
    return found, {k: str(row["source"]) for k, row in tables.items()}
