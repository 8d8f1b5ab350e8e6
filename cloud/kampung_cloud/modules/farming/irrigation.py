"""How much to water: by depletion, never more than it, less the rain that is likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = Literal["hijau", "siap-siap", "siram", "stres"]

SOON, NOW, STRESSED = 0.7, 1.0, 0.8
"""Dr/RAW from which to make ready and to water, and Ks below which the crop suffers (norms of this project after FAO-56, mark V)."""
LIKELY_MM, LIKELY_PERCENT = 5.0, 60.0
"""Rain that counts before it fell (norms of this project, mark K)."""


DOUBT = 0.84
"""Standard deviations that are added to the depletion before it is compared with RAW: in four mornings of five less is missing (one-sided
80 % of a normal distribution; chosen for this project, mark K). To water a day early costs little, a day late costs yield."""


@dataclass(frozen=True, slots=True)
class Advice:
    """``depth`` in mm, ``litres`` for the field, ``minutes`` of the pump (None without a flow); ``rain`` is what was subtracted, in mm.

    ``ratio`` is Dr/RAW of the morning, ``evening`` that of the evening if nobody waters and it stays dry; ``waits`` when likely rain is
    why nothing is to be given.
    """

    colour: Colour
    depth: float
    litres: float
    minutes: float | None
    rain: float
    ratio: float
    evening: float
    waits: bool


def colour(depletion: float, ready: float, ks: float) -> Colour:
    """Where a field stands, by Dr/RAW and Ks; not by raw percent, which mean something else in each soil."""
    if ks < STRESSED:
        return "stres"
    ratio = depletion / ready
    return "siram" if ratio >= NOW else "siap-siap" if ratio >= SOON else "hijau"


def likely_rain(millimetres: float, percent: float) -> float:
    """What of a forecast counts: all of it from 5 mm with a probability of 60 %, nothing otherwise."""
    return millimetres if millimetres >= LIKELY_MM and percent >= LIKELY_PERCENT else 0.0


def pumping_minutes(depth: float, area: float, flow: float) -> float:
    """Minutes to bring ``depth`` mm onto ``area`` m² at ``flow`` L/s; 1 mm on 1 m² is 1 L. Raises ``ValueError`` without a flow."""
    if flow <= 0:
        raise ValueError(f"flow = {flow} L/s: expected more than 0; fill a bucket and take the time")
    return depth * area / flow / 60


def advise(
    depletion: float, ready: float, ks: float, *, area: float, flow: float | None = None, rain: float = 0.0, chance: float = 0.0,
    coming: float = 0.0, sd: float = 0.0, called: bool = False,
) -> Advice:  # fmt: skip
    """What to do before the next morning: mm and RAW in mm, ``area`` in m², ``flow`` in L/s, forecast ``rain`` in mm with ``chance`` in %.

    Water is called for when RAW would be used up by the evening: ``depletion`` with ``coming`` mm of the crop's use and what ``sd`` mm
    leave open. FAO-56 chapter 8: irrigate before or at the moment when RAW is depleted, and by no more than the depletion (Dr,i ≤ RAW,
    I ≤ Dr); a list is made once a day, so that the moment may come before the next one. A call that was made (``called``) stands down to
    seven tenths. Before a day on which it will be called for, it is time to make ready.
    """
    status, expected = colour(depletion, ready, ks), likely_rain(rain, chance)
    reckoned = depletion + coming + DOUBT * sd
    begin = SOON if called else NOW
    if status in ("hijau", "siap-siap"):
        status = "siram" if reckoned >= begin * ready else "siap-siap" if reckoned + coming >= ready else status
        enough = reckoned - expected < begin * ready
    else:
        enough = False
    calls = status in ("siram", "stres")
    depth = max(0.0, depletion - expected) if calls and not enough else 0.0
    minutes = None if flow is None else pumping_minutes(depth, area, flow)
    waits = calls and expected > 0 and depth == 0
    return Advice(status, depth, depth * area, minutes, min(expected, depletion), depletion / ready, reckoned / ready, waits)
