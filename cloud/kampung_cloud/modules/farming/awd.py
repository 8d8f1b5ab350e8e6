"""Safe alternate wetting and drying (IRRI): how deep the water may fall in a rice field, by the crop's age.

Levels in cm against the soil surface, below it negative, as read in a perforated tube; days after transplanting (HST).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

Phase = Literal["establishing", "drying", "flowering", "draining"]
Action = Literal["keep", "flood", "drain"]

ESTABLISHED = 14
"""Days after transplanting until which the field stays wet (1 to 2 weeks; mark V2)."""
REFLOOD, POND = -15.0, 5.0
"""cm (IRRI; mark V2)."""
AROUND_FLOWERING = 7
"""Days before and after flowering with standing water (IRRI Rice Knowledge Bank; mark K)."""
DRAIN = 10
"""Days before harvest to let the field dry: 7 to 14 (mark K)."""
DEADBAND = 2.0
"""cm by which a level must pass a mark before the word changes."""
CONSECUTIVE = 3
SOURCE = "IRRI, Saving water: alternate wetting drying (AWD); IRRI Rice Knowledge Bank"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now: ``floor`` is the level that is reached next, ``target`` where to fill to (None when not to), in cm."""

    action: Action
    phase: Phase
    floor: float
    target: float | None
    why: str


def phase(age: int, flowering: int, harvest: int) -> Phase:
    """Which rule holds ``age`` days after transplanting, when flowering and harvest are expected on those days."""
    if age >= harvest - DRAIN:
        return "draining"
    if abs(age - flowering) <= AROUND_FLOWERING:
        return "flowering"
    return "establishing" if age < ESTABLISHED else "drying"


def settled(levels: list[float]) -> float | None:
    """The level that the last three readings agree on, or None: one reading is a wave, a frog, or a leaf in the tube."""
    last = levels[-CONSECUTIVE:]
    if len(last) < CONSECUTIVE or max(last) - min(last) > 2 * DEADBAND:
        return None
    return median(last)


def step(level: float, age: int, flowering: int, harvest: int, *, flooding: bool = False) -> Step:
    """What a level asks for. ``flooding``: the last word was to fill, and it stands until the target is reached (deadband 2 cm).

    Raises ``ValueError`` for a level or days that cannot be.
    """
    if not -60 <= level <= 60:
        raise ValueError(f"level = {level} cm: a field tube shows from -60 to 60; check the unit and the sensor's zero at the soil surface")
    if not 0 < flowering < harvest:
        raise ValueError(f"flowering = {flowering} and harvest = {harvest} days after transplanting: expected 0 < flowering < harvest")
    now = phase(age, flowering, harvest)
    if now == "draining":
        return Step(
            "drain",
            now,
            REFLOOD,
            None,
            f"{max(0, harvest - age)} days to harvest: let the field dry, it ripens evenly and carries people",
        )
    floor = {"establishing": 0.0, "flowering": 0.0, "drying": REFLOOD}[now]
    why = {
        "establishing": "young seedlings: keep the field wet until two weeks after transplanting",
        "flowering": "around flowering: keep standing water, dryness now costs grain",
        "drying": "safe AWD: water may fall to 15 cm below the surface",
    }[now]
    low = level <= floor or (flooding and level < POND - DEADBAND)
    return Step("flood" if low else "keep", now, floor, POND if low else None, why)
