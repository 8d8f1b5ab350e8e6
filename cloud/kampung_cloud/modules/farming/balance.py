"""A field's water from day to day: weather, irrigation, and the probe that corrects it. The same days give the same end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import pi, sqrt

from kampung_cloud.modules.farming import belief, irrigation, probe
from kampung_cloud.modules.farming.fao56 import dual, water
from kampung_cloud.modules.farming.fao56.reference import Weather, reference
from kampung_cloud.modules.farming.plot import FIRST_ROOTS, SEEDLING, Growth, Plot

USUAL_ET0 = 4.2
"""mm/day: the mean near Banyuwangi 2020 to 2024 (BMKG), for a day without weather and without a day before."""
USUAL_WIND, USUAL_RHMIN = 1.5, 60.0
"""m/s and %, of Banyuwangi's coast."""
FIRST_SD = 0.25
"""Part of TAW by which the soil may be off field capacity on the first day (assumed for this project, mark K)."""
FIRST_MISSING = FIRST_SD * sqrt(2 / pi)
"""Part of TAW that is missing on the first day: a soil is never fuller than full, so that all of that doubt lies on one side (the mean of
the half normal distribution). To begin with a full soil would leave the same water missing for weeks, since nobody gives more than the
balance knows of."""
COAST = 50.0
"""m above the sea, below which a village of Banyuwangi counts as coastal for kRs (assumed, mark K)."""
FULL_SD, MOST_SD = 0.1, 0.5
"""Parts of TAW by which depletion may be off at most: on a day when water ran through, since the soil was full, and on any other."""
NEARLY_FULL = 2.0
"""mm that may be missing, beside the day's own use, after a watering that filled the soil."""
BLIND_PART = 0.4
"""Part of ETc by which a day without weather may be off."""


@dataclass(frozen=True, slots=True)
class Moisture:
    """What a probe showed before sunrise: m³/m³, its standard deviation, and how many readings that is the middle of."""

    content: float
    sd: float = probe.UNCALIBRATED


@dataclass(frozen=True, slots=True)
class Day:
    """A day of weather as a station measured it, with rain in mm; None where nothing was measured.

    ``et0`` in mm and what was ``estimated`` for it come from ``measured``, once for all fields of a village.
    """

    day: date
    tmin: float | None = None
    tmax: float | None = None
    rhmin: float | None = None
    rhmax: float | None = None
    wind: float | None = None
    solar: float | None = None
    rain: float | None = None
    et0: float | None = None
    estimated: tuple[str, ...] = ()


def measured(day: Day, latitude: float, altitude: float) -> Day:
    """The day with its ET0; without one when temperatures are missing or the values contradict one another."""
    if day.tmin is None or day.tmax is None:
        return day
    try:
        found = reference(
            Weather(
                day.day, latitude, altitude, day.tmin, day.tmax,
                rhmin=day.rhmin, rhmax=day.rhmax, wind=day.wind, solar=day.solar, coast=altitude < COAST,
            )
        )  # fmt: skip
    except ValueError:
        return day
    return replace(day, et0=found.et0, estimated=found.estimated)


@dataclass(frozen=True, slots=True)
class Standing:
    """The field at a day's end: depletion with its uncertainty, TAW and RAW in mm, Ks, and what the day did to it.

    ``thirst`` is the crop's use as a factor of the table's, as the probe taught it. ``method`` says how ET0 came about; ``corrected`` is
    the probe's part of the day, None without a probe.
    """

    day: date
    depletion: float
    sd: float
    thirst: float
    total: float
    ready: float
    stress: float
    et0: float
    crop_et: float
    rain: float
    irrigated: float
    percolation: float
    method: str
    corrected: probe.Corrected | None

    @property
    def ratio(self) -> float:
        """Dr/RAW."""
        return self.depletion / self.ready

    @property
    def colour(self) -> irrigation.Colour:
        """Where the field stands."""
        return irrigation.colour(self.depletion, self.ready, self.stress)


def replay(plot: Plot, days: Sequence[Day], moisture: Mapping[date, Moisture], irrigated: Mapping[date, float]) -> list[Standing]:
    """Each day's end, from ``days`` in order. ``moisture`` is of the morning after a day; ``irrigated`` in mm that entered the soil.

    Begins a little below field capacity, widely uncertain. Raises ``ValueError`` for a probe that shows what no soil holds.
    """
    growth, out = Growth(FIRST_ROOTS, SEEDLING), list[Standing]()
    layer = dual.surface(plot.soil.field_capacity, plot.soil.wilting_point, plot.soil.ready)
    full = probe.Fullness(plot.soil.field_capacity)
    state, known, before = dual.State(0.0, 0.0), None, USUAL_ET0
    for day in days:
        plant = growth.plant(plot, day.day, USUAL_WIND if day.wind is None else day.wind, USUAL_RHMIN if day.rhmin is None else day.rhmin)
        et0, method = (before, "ET0 hari sebelumnya") if day.et0 is None else (day.et0, _method(day.estimated))
        before = et0
        if known is None:
            known = belief.begin(FIRST_SD * plant.total)
            state = dual.State(FIRST_MISSING * plant.total, 0.0)
        water_in = irrigated.get(day.day, 0.0)
        missing = state.depletion
        state = dual.day(state, layer, plant, et0=et0 * known.thirst, rain=day.rain or 0.0, irrigation=water_in)
        crop_et = state.transpiration + state.evaporation
        blind = 0.0 if day.et0 is not None and day.rain is not None else BLIND_PART
        known = belief.another_day(known, crop_et / known.thirst, water_in + (day.rain or 0.0), blind)
        known = belief.bounded(known, plant.total * (FULL_SD if state.percolation > 0 else MOST_SD))
        corrected = None
        if day.day in moisture:
            reading = moisture[day.day]
            if state.depletion <= crop_et + NEARLY_FULL:
                full.learn(reading.content, state.depletion, growth.roots, min(missing, water_in + (day.rain or 0.0)))
            full.pass_by(reading.content)
            said = probe.reading(reading.content, full.content, growth.roots, full.sd(reading.sd))
            known, corrected = belief.heard(known, state.depletion, said, plant.total)
            state = replace(state, depletion=corrected.state.depletion)
        ready = water.readily_available(plant.total, state.p)
        stress = water.stress(state.depletion, plant.total, state.p)
        out.append(
            Standing(
                day.day, state.depletion, known.sd, known.thirst, plant.total, ready, stress, et0, crop_et, day.rain or 0.0, water_in,
                state.percolation, method, corrected,
            )
        )  # fmt: skip
    return out


def _method(estimated: tuple[str, ...]) -> str:
    return "Penman-Monteith" + (f" ({len(estimated)} ditaksir)" if estimated else "")
