"""A field's water from day to day: weather, irrigation, and the probe that corrects it. The same days give the same end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kampung_cloud.modules.farming import irrigation, probe
from kampung_cloud.modules.farming.fao56 import dual, water
from kampung_cloud.modules.farming.fao56.reference import Weather, reference
from kampung_cloud.modules.farming.plot import FIRST_ROOTS, SEEDLING, Growth, Plot

USUAL_ET0 = 4.2
"""mm/day: the mean near Banyuwangi 2020 to 2024 (BMKG), for a day without weather and without a day before."""
USUAL_WIND, USUAL_RHMIN = 1.5, 60.0
"""m/s and %, of Banyuwangi's coast."""
FIRST_SD = 0.25
"""Part of TAW by which the first day's guess, field capacity, may be off."""
COAST = 50.0
"""m above the sea, below which a village of Banyuwangi counts as coastal for kRs (assumed, mark K)."""
FULL_SD = 0.1
"""Part of TAW by which depletion may be off on a day when water ran through: the soil was full."""
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
    """The field at a day's end: depletion with its uncertainty in mm, TAW and RAW in mm, Ks, and what the day did to it.

    ``method`` says how ET0 came about; ``corrected`` is the probe's part of the day, None without a probe.
    """

    day: date
    depletion: float
    sd: float
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

    Begins at field capacity, and says so by a wide uncertainty. Raises ``ValueError`` for a probe that shows what no soil holds.
    """
    growth, out = Growth(FIRST_ROOTS, SEEDLING), list[Standing]()
    layer = dual.surface(plot.soil.field_capacity, plot.soil.wilting_point, plot.soil.ready)
    state, sd, before = dual.State(0.0, 0.0), -1.0, USUAL_ET0
    for day in days:
        plant = growth.plant(plot, day.day, USUAL_WIND if day.wind is None else day.wind, USUAL_RHMIN if day.rhmin is None else day.rhmin)
        et0, method = (before, "ET0 hari sebelumnya") if day.et0 is None else (day.et0, _method(day.estimated))
        before = et0
        if sd < 0:
            sd = FIRST_SD * plant.total
        water_in = irrigated.get(day.day, 0.0)
        state = dual.day(state, layer, plant, et0=et0, rain=day.rain or 0.0, irrigation=water_in)
        crop_et = state.transpiration + state.evaporation
        sd = probe.drift(sd, crop_et * (1.0 if day.et0 is not None and day.rain is not None else BLIND_PART / probe.MODEL_PART))
        sd = min(sd, plant.total * (FULL_SD if state.percolation > 0 else 0.5))
        corrected = None
        if day.day in moisture:
            heard = moisture[day.day]
            said = probe.reading(heard.content, plot.soil.field_capacity, growth.roots, heard.sd)
            corrected = probe.correct(probe.Estimate(state.depletion, sd), said, plant.total)
            state, sd = _with(state, corrected.state.depletion), corrected.state.sd
        ready = water.readily_available(plant.total, state.p)
        stress = water.stress(state.depletion, plant.total, state.p)
        out.append(
            Standing(
                day.day, state.depletion, sd, plant.total, ready, stress, et0, crop_et, day.rain or 0.0, water_in,
                state.percolation, method, corrected,
            )
        )  # fmt: skip
    return out


def _with(state: dual.State, depletion: float) -> dual.State:
    return dual.State(
        depletion, state.evaporated, state.wet_part, state.transpiration, state.evaporation, state.stress, state.p, state.percolation
    )


def _method(estimated: tuple[str, ...]) -> str:
    return "Penman-Monteith" + (f" ({len(estimated)} ditaksir)" if estimated else "")
