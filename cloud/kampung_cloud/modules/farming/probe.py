"""What a soil probe says against what the balance says: each is weighed by how sure it is.

A scalar Kalman update, where pyfao56's ``Update`` replaces a state outright; Welch and Bishop (2006), Eq. 1.11 to 1.13.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

UNCALIBRATED = 0.04
"""m³/m³, standard deviation of a capacitive probe without calibration to the soil (common figure, mark K)."""
CALIBRATED = 0.02
"""m³/m³, with one."""
MODEL_PART = 0.15
"""Part of a day's ETc by which the balance may be off (FAO-56: Kc and ET0 each to some 10 %; mark K)."""
STRANGE = 3.0
"""Standard deviations between both beyond which the probe is not believed, only told."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Depletion in mm with its standard deviation."""

    depletion: float
    sd: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """The state after the probe was heard: ``weight`` of the probe from 0 to 1; ``strange`` when it was too far off and left aside."""

    state: Estimate
    balance: Estimate
    probe: Estimate
    weight: float
    strange: bool


def drift(sd: float, crop_et: float) -> float:
    """The balance's standard deviation after another day of ``crop_et`` mm; a wrong Kc is wrong tomorrow, too, so errors add up."""
    return sd + MODEL_PART * crop_et


def reading(content: float, field_capacity: float, root_depth: float, sd: float) -> Estimate:
    """What a probe says: ``content`` and ``sd`` in m³/m³. Raises ``ValueError`` for what no soil can hold."""
    if not 0 <= content <= 0.7:
        raise ValueError(f"soil moisture = {content} m³/m³: a soil holds from 0 to 0.7; check the unit (% are hundredths) and the probe")
    return Estimate(1000 * (field_capacity - content) * root_depth, 1000 * sd * root_depth)


def correct(balance: Estimate, probe: Estimate, total: float) -> Corrected:
    """Weigh both; the result stays within 0 and TAW (``total``)."""
    spread = balance.sd**2 + probe.sd**2
    if spread == 0 or abs(probe.depletion - balance.depletion) > STRANGE * sqrt(spread):
        return Corrected(balance, balance, probe, 0.0, spread > 0)
    weight = balance.sd**2 / spread
    value = balance.depletion + weight * (probe.depletion - balance.depletion)
    state = Estimate(min(total, max(0.0, value)), sqrt((1 - weight) * balance.sd**2))
    return Corrected(state, balance, probe, weight, strange=False)
