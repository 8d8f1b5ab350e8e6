"""What salt in the soil costs."""

from __future__ import annotations


def relative_yield(ece: float, threshold: float, slope: float) -> float:
    """Yr in % at ``ece`` dS/m of the saturated paste (Maas and Hoffman 1977; FAO-29): 100 − slope·(ECe − threshold), from 0 to 100."""
    return min(100.0, max(0.0, 100 - slope * (ece - threshold)))


def conductivity_at_25(measured: float, temperature: float) -> float:
    """EC at 25 °C from one measured at ``temperature`` °C: 1.9 % per degree (common practice, mark K)."""
    return measured / (1 + 0.019 * (temperature - 25))


def acidity(ph: float, low: float, high: float) -> str:
    """``acid``, ``good`` or ``alkaline`` against a crop's window. Liming is advised from a laboratory or PUTS, never from a probe.

    Raises ``ValueError`` for a pH that no soil has.
    """
    if not 2.5 <= ph <= 11:
        raise ValueError(f"pH = {ph}: soils have from 2.5 to 11; check the electrode")
    return "acid" if ph < low else "alkaline" if ph > high else "good"
