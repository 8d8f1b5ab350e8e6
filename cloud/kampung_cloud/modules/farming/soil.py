"""What salt in the soil costs."""

from __future__ import annotations


def relative_yield(ece: float, threshold: float, slope: float) -> float:
    """Yr in % at ``ece`` dS/m of the saturated paste (Maas and Hoffman 1977; FAO-29): 100 − slope·(ECe − threshold), from 0 to 100."""
    return min(100.0, max(0.0, 100 - slope * (ece - threshold)))


def conductivity_at_25(measured: float, temperature: float) -> float:
    """EC at 25 °C from one measured at ``temperature`` °C: 1.9 % per degree (common practice, mark K)."""
    return measured / (1 + 0.019 * (temperature - 25))
