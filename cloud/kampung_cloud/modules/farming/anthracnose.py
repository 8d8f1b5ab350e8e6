"""Chili anthracnose, indicative only: the model is of another host (strawberry, *Colletotrichum acutatum*).

The best anchor would be Salotti et al. 2023 (Frontiers in Plant Science 14:1069092), whose equations were not available.
"""

from __future__ import annotations

from math import exp

WATCH, ACT = 0.15, 0.50
"""Probability from which to look, and from which to act (Wilson, Madden 1990; mark K)."""
SPLASH_MM = 1.0
"""Spores travel by splash: without rain nobody is infected (mark K)."""
SOURCE = "Wilson, Madden, Ellis 1990 (strawberry, Colletotrichum acutatum): indicative for chili"


def infection(wet_hours: float, temperature: float, rain: float) -> float:
    """Probability of infection from hours of wet leaves at a mean °C while wet, and mm of rain; 0 without splash."""
    if rain < SPLASH_MM or wet_hours <= 0:
        return 0.0
    w, t = min(wet_hours, 72.0), temperature
    if not 4 <= t <= 35:
        return 0.0
    logit = -3.70 + 0.33 * w - 0.069 * w * t + 0.0050 * w * t**2 - 0.000093 * w * t**3
    return 1 / (1 + exp(-logit))


def word(probability: float) -> str:
    """``low``, ``watch`` or ``act``."""
    return "act" if probability >= ACT else "watch" if probability >= WATCH else "low"
