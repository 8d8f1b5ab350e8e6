"""Sensors of one quantity near one another must agree: two gauges of a river, the stations of a village.

A kiosk asks this of its own sensors when a reading comes; the regency asks it of sensors of several kiosks, once their readings are stored.
Both judge by ``doubted``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import msgspec

from kampung_contract.errors import InvalidCheck
from kampung_contract.quantities import quantity


class Neighbours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``series`` of ``quantity`` differ by at most ``most`` (in its unit) from the median of the others' readings within ``within``
    seconds, of which there must be ``least``. ``offsets``: what a series usually shows more than the others.
    """

    quantity: str
    series: tuple[str, ...]
    most: float
    within: float
    source: str
    least: int = 1
    offsets: dict[str, float] = {}

    def level(self, series: str, value: float) -> float:
        """A reading of one of them as the others would show it."""
        return value - self.offsets.get(series, 0.0)

    def doubted(self, value: float, others: Sequence[float]) -> bool | None:
        """Whether ``value`` is far from the ``others``, all as ``level`` gives them; None where too few were heard."""
        if len(others) < self.least:
            return None
        return round(abs(value - median(others)), 9) > self.most


def parse_neighbours(table: Mapping[str, Any]) -> Neighbours:
    """From a configuration file. Raises ``InvalidCheck`` naming key, value and remedy."""
    try:
        found = msgspec.convert(dict(table), Neighbours, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidCheck(f"neighbours: {error}") from None
    if quantity(found.quantity) is None:
        raise InvalidCheck(f"neighbours: quantity {found.quantity!r} is not in the catalogue")
    if len(found.series) < 2 or len(set(found.series)) < len(found.series):
        raise InvalidCheck(f"neighbours: series = {list(found.series)}; name two or more, each once")
    if not (found.most > 0 and math.isfinite(found.most)):
        raise InvalidCheck(f"neighbours: most = {found.most}; give how far they may be apart, more than 0, in the quantity's unit")
    if not 0 < found.within <= 86_400:
        raise InvalidCheck(f"neighbours: within = {found.within}; give the seconds between readings that are compared, at most a day")
    if not 1 <= found.least < len(found.series):
        raise InvalidCheck(f"neighbours: least = {found.least}; of {len(found.series)} series 1 to {len(found.series) - 1} can be others")
    if unknown := [name for name in found.offsets if name not in found.series]:
        raise InvalidCheck(f"neighbours: offsets.{unknown[0]} is none of the series")
    if not all(map(math.isfinite, found.offsets.values())):
        raise InvalidCheck("neighbours: an offset is not a finite number")
    if len(found.source.strip()) < 3:
        raise InvalidCheck("neighbours: source is missing; say where these numbers come from, as a survey of both gauges and its date")
    return found
