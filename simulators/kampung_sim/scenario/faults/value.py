"""What faults make of a device's values. Pure: the same for the same dice, effects, times and true values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kampung_sim.scenario.dice import Dice, Numbers, Times
from kampung_sim.scenario.faults.catalogue import Layer
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.times import HOUR

LOSES_READING = ("truncated-frame", "garbled-frame", "address-collision", "port-unplugged")


def spoil(  # noqa: PLR0917 - all of them are needed
    effects: Sequence[Effect], quantity: str, t: Times, true: Numbers, dice: Dice, held: Callable[[int], float], *, frames: bool = False
) -> Numbers:
    """``true`` after all ``effects`` on ``quantity``, in their order; NaN where nothing is delivered.

    ``held``: the true value at a time, for a stuck sensor. ``frames``: readings whose frame is damaged are lost here.
    """
    out = true
    for effect in effects:
        damages = frames and effect.kind in LOSES_READING
        if not (effect.layer is Layer.VALUE or damages) or not effect.touches(quantity):
            continue
        on = (t >= effect.begin) & (t < effect.end)
        if on.any():
            changed = np.where(hit(effect, t, dice), np.nan, out) if damages else _changed(effect, t, out, dice.child(effect.number), held)
            out = np.where(on, changed, out)
    return out


def hit(effect: Effect, t: Times, dice: Dice) -> np.ndarray:
    """Whether a frame or reading at each time is among the ``share`` it happens to: one answer for all quantities of a frame."""
    share = effect.get("share") if "share" in effect.about.parameters else 1.0
    return dice.child(effect.number, "share").uniform(t) < share


def _changed(effect: Effect, t: Times, v: Numbers, dice: Dice, held: Callable[[int], float]) -> Numbers:
    match effect.kind:
        case "dropout":
            return np.where(dice.child("share").uniform(t) < effect.get("share"), np.nan, v)
        case "stuck":
            return np.where(np.isnan(v), v, held(effect.begin))
        case "drift":
            return v + effect.get("per_hour") * (t - effect.begin) / HOUR
        case "spike":
            up = np.where(dice.child("up").uniform(t) < 0.5, -1.0, 1.0)
            return v + np.where(dice.child("share").uniform(t) < effect.get("share"), up * effect.get("size"), 0.0)
        case "noise":
            return v + effect.get("deviation") * dice.child("noise").normal(t)
        case "bias":
            return v * effect.get("gain") + effect.get("offset")
    raise ValueError(f"{effect.kind} changes no value")
