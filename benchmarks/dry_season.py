"""A dry season for 50 fields of chili: water by our advice, by a fixed schedule, and by an oracle that knows the true soil.

The world is made up and says so: soils drawn within their texture's range (what is registered is the middle of it), a crop that drinks up
to 15 % more or less than the table's, probes with an offset and noise, a station with noise. The farmer does what the list says, with a
pump that is off by a tenth. Every number comes out of the seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kampung_cloud.modules.farming.advice import water as advice
from kampung_cloud.modules.farming.advice.morning import Morning
from kampung_cloud.modules.farming.balance import Day, Moisture, measured, replay
from kampung_cloud.modules.farming.crops import crop
from kampung_cloud.modules.farming.fao56 import dual
from kampung_cloud.modules.farming.plot import FIRST_ROOTS, SEEDLING, Growth, Plot
from kampung_cloud.modules.farming.soils import Soil, textures

from benchmarks.result import Result

FIELDS, SEED = 50, 8
START = date(2026, 6, 1)
SEASON = 125
LATITUDE, ALTITUDE = -8.2, 20.0
EVERY, DEPTH = 3, 20.0
"""The fixed schedule: 20 mm every third day, whatever the weather."""
STRESSED = 0.95
"""Ks below which a day counts as one of stress."""


@dataclass(frozen=True, slots=True)
class World:
    """What nobody knows of a field: its true soil, how thirsty its crop is, its probe's offset in m³/m³."""

    soil: Soil
    thirst: float
    offset: float


@dataclass(slots=True)
class Outcome:
    """Of one field and way: mm given, mm that ran through, days of stress, mean Ks."""

    water: float = 0.0
    percolated: float = 0.0
    stressed: int = 0
    stress: float = 0.0


def season(dice: random.Random) -> list[Day]:
    """True weather of June to October: dry, with a shower now and then."""
    out = []
    for n in range(SEASON):
        low, warm = dice.gauss(22.8, 0.7), dice.gauss(8.2, 1.2)
        rain = dice.choice([0] * 14 + [1]) * dice.uniform(2, 25)
        cloudy = 0.6 if rain else 1.0
        out.append(
            measured(
                Day(START + timedelta(n), low, low + max(4.0, warm), dice.uniform(50, 65), dice.uniform(88, 97), dice.uniform(1, 2.5),
                    cloudy * dice.uniform(16, 22), rain), LATITUDE, ALTITUDE,
            )
        )  # fmt: skip
    return out


def worlds(dice: random.Random, count: int) -> list[tuple[Plot, World]]:
    """Fields as they are registered, with what they truly are."""
    names, out = ("sandy_loam", "loam", "silt_loam", "clay"), []
    for n in range(count):
        texture = textures()[names[n % len(names)]]
        part = dice.random()
        low, high = texture.field_capacity
        dry, wet = texture.wilting_point
        true = Soil(low + part * (high - low), dry + part * (wet - dry), texture.soil.ready)
        plot = Plot(f"f{n}", f"Lahan {n}", crop("chili"), texture.soil, START, dice.uniform(500, 3000), dice.uniform(1, 4))
        out.append((plot, World(true, dice.uniform(0.85, 1.15), dice.gauss(0, 0.02))))
    return out


class Truth:
    """A field's true water, day by day."""

    def __init__(self, plot: Plot, world: World) -> None:
        self._plot, self._world = replace(plot, soil=world.soil), world
        self._growth = Growth(FIRST_ROOTS, SEEDLING)
        self._layer = dual.surface(world.soil.field_capacity, world.soil.wilting_point, world.soil.ready)
        self.state, self.plant = dual.State(5.0, 0.0), dual.Plant(0.15, 1.2, 0.0, 40.0, 0.3)
        self.outcome = Outcome()

    def day(self, day: Day, given: float) -> None:
        """What the weather and the farmer do to it."""
        self.plant = self._growth.plant(self._plot, day.day, day.wind or 0.0, day.rhmin or 0.0)
        et0 = (day.et0 or 0.0) * self._world.thirst
        self.state = dual.day(self.state, self._layer, self.plant, et0=et0, rain=day.rain or 0.0, irrigation=given)
        self.outcome.water += given
        self.outcome.percolated += self.state.percolation
        self.outcome.stressed += self.state.stress < STRESSED
        self.outcome.stress += self.state.stress / SEASON

    def probe(self, dice: random.Random) -> Moisture:
        """What the probe shows the next morning."""
        content = self._world.soil.field_capacity - self.state.depletion / (1000 * self._growth.roots)
        return Moisture(min(0.6, max(0.0, content + self._world.offset + dice.gauss(0, 0.008))))


def advised(plot: Plot, world: World, weather: list[Day], dice: random.Random, *, probe: bool) -> Outcome:
    """The farmer follows the list; the balance knows what he gave by his pump's minutes."""
    truth, seen = Truth(plot, world), [noisy(d, dice) for d in weather]
    moisture: dict[date, Moisture] = {}
    given: dict[date, float] = {}
    before: frozenset[str] = frozenset()
    for n, day in enumerate(weather):
        standings = replay(plot, seen[:n], moisture, given)
        actions = list(advice.propose(Morning(plot, day.day, seen[:n], standings, before=before)))
        before = frozenset(a.kind for a in actions)
        asked = sum(float(a.reason.numbers[advice.ADVISED]) for a in actions if a.kind == advice.KIND)
        if asked:
            given[day.day] = asked
        truth.day(day, asked * dice.uniform(0.9, 1.1))
        if probe:
            moisture[day.day] = truth.probe(dice)
    return truth.outcome


def noisy(day: Day, dice: random.Random) -> Day:
    """As a cheap station has it."""
    return measured(
        replace(day, tmin=(day.tmin or 0) + dice.gauss(0, 0.3), tmax=(day.tmax or 0) + dice.gauss(0, 0.4),
                solar=(day.solar or 0) * dice.uniform(0.92, 1.08), rain=(day.rain or 0) * dice.uniform(0.85, 1.0), et0=None),
        LATITUDE, ALTITUDE,
    )  # fmt: skip


def fixed(plot: Plot, world: World, weather: list[Day]) -> Outcome:
    """20 mm every third day."""
    truth = Truth(plot, world)
    for n, day in enumerate(weather):
        truth.day(day, DEPTH if n % EVERY == 0 else 0.0)
    return truth.outcome


def oracle(plot: Plot, world: World, weather: list[Day]) -> Outcome:
    """Waters what is truly missing on the morning on which the true soil would be short by the evening."""
    truth = Truth(plot, world)
    for day in weather:
        short = truth.state.depletion + 6.0 > truth.plant.p * truth.plant.total
        truth.day(day, truth.state.depletion if short else 0.0)
    return truth.outcome


def compare(count: int = FIELDS, seed: int = SEED) -> dict[str, dict[str, float]]:
    """By way: means over the fields of mm given, mm that ran through, days of stress, Ks."""
    weather, fields = season(random.Random(seed)), worlds(random.Random(seed + 1), count)
    ways: dict[str, list[Outcome]] = {"advice, probe": [], "advice, no probe": [], "fixed schedule": [], "oracle": []}
    for n, (plot, world) in enumerate(fields):
        ways["advice, probe"].append(advised(plot, world, weather, random.Random(seed + 100 + n), probe=True))
        ways["advice, no probe"].append(advised(plot, world, weather, random.Random(seed + 100 + n), probe=False))
        ways["fixed schedule"].append(fixed(plot, world, weather))
        ways["oracle"].append(oracle(plot, world, weather))
    return {way: _mean(found) for way, found in ways.items()}


def _mean(found: list[Outcome]) -> dict[str, float]:
    n = len(found)
    return {
        "water_mm": round(sum(o.water for o in found) / n, 1),
        "percolated_mm": round(sum(o.percolated for o in found) / n, 1),
        "stress_days": round(sum(o.stressed for o in found) / n, 1),
        "worst_stress_days": max(o.stressed for o in found),
        "mean_ks": round(sum(o.stress for o in found) / n, 4),
    }


def run() -> Iterator[Result]:
    """Water, days of stress and Ks by way; the peer of the advice is the fixed schedule."""
    ways = compare()
    peer = ways["fixed schedule"]
    for way, found in ways.items():
        for name, unit in (("water_mm", "mm"), ("stress_days", "days"), ("mean_ks", "")):
            against = None if way == "fixed schedule" or not peer[name] else found[name] / peer[name]
            yield Result(f"dry_season {way} {name}", found[name], unit, against, None if against is None else "fixed schedule", FIELDS)
