"""How sure the balance is of a field, and how thirsty its crop really is: both learned from the probe, together.

A Kalman filter of two numbers, the depletion and the factor by which the crop's use differs from the table's: an error of the factor adds
up from day to day, so that a probe that keeps saying the same thing moves the factor, and not only the day (augmented state; Simon 2006,
*Optimal State Estimation*, chapter 13.4). The balance itself is FAO-56's; this is only its doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

from kampung_cloud.modules.farming import probe

GIVEN_PART = 0.1
"""Part of what was pumped or rained by which it may be off (assumed for this project, mark K)."""
LEAST_THIRST, MOST_THIRST = 0.6, 1.4
"""Beyond it something else is wrong than the table's Kc."""


@dataclass(frozen=True, slots=True)
class Belief:
    """``thirst``: the crop's use as a factor of the table's. Variances of depletion (mm²) and thirst, and their covariance."""

    thirst: float
    depletion_variance: float
    covariance: float
    thirst_variance: float

    @property
    def sd(self) -> float:
        """Of the depletion, in mm."""
        return sqrt(self.depletion_variance)


def begin(sd: float) -> Belief:
    """The table's crop, depletion known to ``sd`` mm."""
    return Belief(1.0, sd * sd, 0.0, probe.MODEL_PART**2)


def another_day(belief: Belief, crop_et: float, given: float, blind: float = 0.0) -> Belief:
    """After ``crop_et`` mm of use by the table and ``given`` mm of water; ``blind`` is a part of the use that nobody measured."""
    noise = (GIVEN_PART * given) ** 2 + (blind * crop_et) ** 2
    grown = belief.depletion_variance + 2 * crop_et * belief.covariance + crop_et**2 * belief.thirst_variance + noise
    return replace(belief, depletion_variance=grown, covariance=belief.covariance + crop_et * belief.thirst_variance)


def bounded(belief: Belief, most_sd: float) -> Belief:
    """Depletion cannot be less known than that; what was learned with it is let go in proportion."""
    if belief.sd <= most_sd:
        return belief
    part = most_sd / belief.sd
    return replace(belief, depletion_variance=most_sd**2, covariance=belief.covariance * part)


def heard(belief: Belief, depletion: float, said: probe.Estimate, total: float) -> tuple[Belief, probe.Corrected]:
    """After a probe's word; the depletion's part of it is ``probe.correct``, so that its calculator reproduces it."""
    corrected = probe.correct(probe.Estimate(depletion, belief.sd), said, total)
    if corrected.strange or corrected.weight == 0:
        return belief, corrected
    spread = belief.depletion_variance + said.sd**2
    gain = belief.covariance / spread
    thirst = min(MOST_THIRST, max(LEAST_THIRST, belief.thirst + gain * (said.depletion - depletion)))
    return (
        Belief(
            thirst,
            (1 - corrected.weight) * belief.depletion_variance,
            (1 - corrected.weight) * belief.covariance,
            belief.thirst_variance - gain * belief.covariance,
        ),
        corrected,
    )
