"""Corrected values beside raw ones: fine dust by the humidity of the same air. Where that is missing, nothing is made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kampung_contract.pack import FAIL, MISSING
from kampung_contract.pm_correction import CORRECTED, Method, method
from kampung_contract.quality import together

from kampung_edge.company import PAIR_MS, Company, Series
from kampung_edge.config import DeviceSetting
from kampung_edge.quality import Note
from kampung_edge.quality_config import HUMIDITY, humidity_of


class Corrected(NamedTuple):
    """A reading that was made: quantity, value, unit, QARTOD flag."""

    quantity: str
    value: float
    unit: str
    flag: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a device's dust is corrected; ``fresh`` in ms."""

    method: Method
    humidity: Series
    pair: Series | None
    fresh: int
    unit: str


class Correcting:
    """``after`` is called for each reading once it was judged."""

    def __init__(self, devices: Iterable[DeviceSetting], company: Company, note: Note) -> None:
        """``note`` hears where nothing could be made, and why."""
        self._company, self._note = company, note
        self._plans: dict[Series, _Plan] = {}
        self.without: Counter[str] = Counter()
        """By device, readings that could not be corrected since the start: no humidity, or a pair that disagrees."""
        for device in devices:
            setting = device.correct
            if setting is None:
                continue
            by = method(setting.method)
            pair = (setting.pair, by.quantity) if setting.pair else None
            plan = _Plan(by, (humidity_of(device), HUMIDITY), pair, round(1000 * setting.fresh), device.quantities[CORRECTED])
            self._plans[device.name, by.quantity] = plan
            company.ask(plan.humidity)
            if pair:
                company.ask(pair)

    def after(self, device: str, name: str, point: tuple[int, float, int]) -> Corrected | None:
        """What is to be taken beside a reading (ms UTC, value, flag). A value that failed is not corrected."""
        plan = self._plans.get((device, name))
        if plan is None or point[2] in (FAIL, MISSING) or point[1] < 0:
            return None
        t, value, flag = point
        if plan.pair is not None:
            other = self._company.last(plan.pair, t, PAIR_MS)
            if other is not None and not plan.method.agree(value, other[1]):
                self._nothing(device, "pair", t)
                return None
            value = value if other is None else (value + other[1]) / 2
        humid = self._company.last(plan.humidity, t, plan.fresh)
        if humid is None or not 0 <= humid[1] <= 100:
            self._nothing(device, "humidity", t)
            return None
        return Corrected(CORRECTED, plan.method.corrected(value, humid[1]), plan.unit, together((flag, humid[2])))

    def _nothing(self, device: str, why: str, t: int) -> None:
        self.without[device] += 1
        self._note(device, CORRECTED, why, MISSING, t)


def pairs(devices: Iterable[DeviceSetting]) -> Mapping[Series, tuple[Series, Method]]:
    """Dust sensors side by side, each by the other."""
    out: dict[Series, tuple[Series, Method]] = {}
    for device in devices:
        if device.correct is not None and device.correct.pair:
            by = method(device.correct.method)
            one, other = (device.name, by.quantity), (device.correct.pair, by.quantity)
            out.setdefault(one, (other, by))
            out.setdefault(other, (one, by))
    return out
