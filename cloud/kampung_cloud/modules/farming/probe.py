"""What a soil probe says against what the balance says: each is weighed by how sure it is.

A scalar Kalman update, where pyfao56's ``Update`` replaces a state outright; Welch and Bishop (2006), Eq. 1.11 to 1.13.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import median

UNCALIBRATED = 0.04
"""m³/m³, standard deviation of a capacitive probe without calibration to the soil (common figure, mark K)."""
CALIBRATED = 0.02
"""m³/m³, with one."""
TABLE_SD = 0.03
"""m³/m³ by which a soil's field capacity may differ from the middle of its texture's range (Table 19)."""
REACHED = 0.3
"""Part of the rise that the given water would make, below which it is taken not to have come to the probe (assumed, mark K)."""
COUNTING = 15
"""So many last mornings after filling, of which the median counts: the upper ones would believe the probe's noise, and a soil that seems to
hold more is watered for it (80 mm more in the dry season of ``benchmarks/dry_season.py``)."""
MODEL_PART = 0.15
"""Part by which a crop's use may differ from the table's, standard deviation (FAO-56: Kc and ET0 each to some 10 %; mark K)."""
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


def reading(content: float, field_capacity: float, root_depth: float, sd: float) -> Estimate:
    """What a probe says: ``content`` and ``sd`` in m³/m³. Raises ``ValueError`` for what no soil can hold."""
    if not 0 <= content <= 0.7:
        raise ValueError(f"soil moisture = {content} m³/m³: a soil holds from 0 to 0.7; check the unit (% are hundredths) and the probe")
    return Estimate(1000 * (field_capacity - content) * root_depth, 1000 * sd * root_depth)


class Fullness:
    """What the probe itself shows of a full soil: neither its zero nor the soil's field capacity are known to a hundredth, but both cancel.

    Learned from mornings on which the balance has just been filled.
    """

    def __init__(self, field_capacity: float) -> None:
        self._table = field_capacity
        self._seen: list[float] = []
        self._last: float | None = None

    def learn(self, content: float, depletion: float, root_depth: float, given: float) -> None:
        """A morning after filling: ``content`` in m³/m³ at a ``depletion`` in mm by the balance, ``given`` being the mm that filled it.

        Water that did not raise the reading did not reach the roots, whatever was reported, and teaches nothing.
        """
        risen = None if self._last is None else content - self._last
        if given > 0 and risen is not None and risen < REACHED * given / (1000 * root_depth):
            return
        self._seen = [*self._seen, content + depletion / (1000 * root_depth)][-COUNTING:]

    def pass_by(self, content: float) -> None:
        """The next morning's reading is measured against this one."""
        self._last = content

    @property
    def content(self) -> float:
        """Of the full soil, as this probe shows it; the table's field capacity until it was seen full."""
        return median(self._seen) if self._seen else self._table

    def sd(self, own: float) -> float:
        """Standard deviation of a reading against it, ``own`` being the probe's; the offset cancels once a full soil was seen."""
        return min(own, CALIBRATED) if self._seen else sqrt(own**2 + TABLE_SD**2)


def correct(balance: Estimate, probe: Estimate, total: float) -> Corrected:
    """Weigh both; the result stays within 0 and TAW (``total``)."""
    spread = balance.sd**2 + probe.sd**2
    if spread == 0 or abs(probe.depletion - balance.depletion) > STRANGE * sqrt(spread):
        return Corrected(balance, balance, probe, 0.0, spread > 0)
    weight = balance.sd**2 / spread
    value = balance.depletion + weight * (probe.depletion - balance.depletion)
    state = Estimate(min(total, max(0.0, value)), sqrt((1 - weight) * balance.sd**2))
    return Corrected(state, balance, probe, weight, strange=False)
