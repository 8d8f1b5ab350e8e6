"""Reference evapotranspiration from what was measured; what was not is estimated as FAO-56 says, and the answer names each estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt

from kampung_cloud.modules.farming.fao56 import air, radiation, sun

SOURCE = "FAO Irrigation and Drainage Paper 56 (Allen, Pereira, Raes, Smith 1998)"
WORLD_WIND = 2.0
"""m/s at 2 m, the mean of 2,000 stations (FAO-56, chapter 3, missing wind speed data)."""


@dataclass(frozen=True, slots=True)
class Weather:
    """A day at a place; what is None was not measured.

    °C, % humidity, wind in m/s at ``wind_height`` m, sunshine in h, solar in MJ/m²/day. ``coast``: within some 20 km of the sea.
    """

    day: date
    latitude: float
    altitude: float
    tmin: float
    tmax: float
    rhmin: float | None = None
    rhmax: float | None = None
    rh: float | None = None
    wind: float | None = None
    wind_height: float = 2.0
    sunshine: float | None = None
    solar: float | None = None
    coast: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """ET0 in mm/day, ``method``, what was estimated and how, and the terms of the equation by their names in FAO-56."""

    et0: float
    method: str
    estimated: tuple[str, ...]
    terms: dict[str, float]


def penman_monteith(
    temperature: float, *, net: float, wind: float, saturation: float, vapour: float, gamma: float, soil: float = 0.0
) -> float:
    """ET0 in mm/day, Eq. 6: net radiation and soil heat in MJ/m²/day, wind at 2 m in m/s, pressures in kPa, γ in kPa/°C."""
    delta = air.slope(temperature)
    energy = 0.408 * delta * (net - soil)
    drying = gamma * 900 / (temperature + 273) * wind * (saturation - vapour)
    return (energy + drying) / (delta + gamma * (1 + 0.34 * wind))


def hargreaves(tmin: float, tmax: float, extraterrestrial: float) -> float:
    """ET0 in mm/day, Eq. 52, with Ra in MJ/m²/day."""
    return 0.0023 * ((tmin + tmax) / 2 + 17.8) * sqrt(tmax - tmin) * extraterrestrial * 0.408


def reference(weather: Weather, soil: float = 0.0) -> Reference:
    """ET0 of a day by Penman-Monteith; by Hargreaves where only temperatures are known.

    Raises ``ValueError`` for values that contradict one another or the sky at that place and day.
    """
    w, day = weather, weather.day.timetuple().tm_yday
    if w.tmin > w.tmax:
        raise ValueError(f"tmin = {w.tmin} °C is above tmax = {w.tmax} °C; swap them or check the sensor")
    ra = sun.extraterrestrial(w.latitude, day)
    hours = sun.daylight(w.latitude, day)
    if hours == 0:
        raise ValueError(
            f"latitude = {w.latitude}: the sun does not rise there on {w.day}, and the formulas have no answer for polar night"
        )
    terms = {"Ra": ra, "N": hours}
    if all(v is None for v in (w.rhmin, w.rhmax, w.rh, w.wind, w.sunshine, w.solar)):
        estimate = "humidity, wind and radiation: not measured, so Hargreaves (Eq. 52) from temperatures alone"
        return Reference(max(0.0, hargreaves(w.tmin, w.tmax, ra)), "Hargreaves (FAO-56 Eq. 52)", (estimate,), terms)
    estimated: list[str] = []
    vapour = _vapour(w, estimated)
    wind = _wind(w, estimated)
    solar = _solar(w, ra, hours, estimated)
    clear = radiation.clear_sky(w.altitude, ra)
    mean, saturation = (w.tmin + w.tmax) / 2, air.mean_saturation_pressure(w.tmin, w.tmax)
    gamma = air.psychrometric_constant(air.pressure(w.altitude))
    short, long = radiation.net_short(solar), radiation.net_long(w.tmin, w.tmax, vapour, solar, clear)
    et0 = penman_monteith(mean, net=short - long, wind=wind, saturation=saturation, vapour=vapour, gamma=gamma, soil=soil)
    terms |= {
        "es": saturation, "ea": vapour, "delta": air.slope(mean), "gamma": gamma, "u2": wind,
        "Rs": solar, "Rso": clear, "Rns": short, "Rnl": long, "Rn": short - long, "G": soil,
    }  # fmt: skip
    return Reference(max(0.0, et0), "Penman-Monteith (FAO-56 Eq. 6)", tuple(estimated), terms)


def _vapour(w: Weather, estimated: list[str]) -> float:
    if w.rhmin is not None and w.rhmax is not None:
        if w.rhmin > w.rhmax:
            raise ValueError(f"rhmin = {w.rhmin} % is above rhmax = {w.rhmax} %; swap them or check the sensor")
        return air.pressure_from_extremes(w.tmin, w.tmax, w.rhmin, w.rhmax)
    if w.rh is not None:
        return air.pressure_from_mean(w.tmin, w.tmax, w.rh)
    if w.rhmax is not None:
        estimated.append("humidity: only its maximum was measured, ea = e°(Tmin)·RHmax (Eq. 18)")
        return air.pressure_from_highest(w.tmin, w.rhmax)
    if w.rhmin is not None:
        raise ValueError(f"rhmin = {w.rhmin} % alone says nothing of the night; give rhmax as well, or rh")
    estimated.append("humidity: not measured, dew point = Tmin (Eq. 48)")
    return air.saturation_pressure(w.tmin)


def _wind(w: Weather, estimated: list[str]) -> float:
    if w.wind is None:
        estimated.append(f"wind: not measured, {WORLD_WIND:g} m/s, the mean of 2,000 stations of the world")
        return WORLD_WIND
    return w.wind if w.wind_height == 2 else air.wind_at_two_metres(w.wind, w.wind_height)


def _solar(w: Weather, ra: float, hours: float, estimated: list[str]) -> float:
    if w.solar is not None:
        if w.solar > ra:
            raise ValueError(
                f"solar = {w.solar} MJ/m²: above the atmosphere there are {ra:.1f} that day; check the unit (1 kWh/m² = 3.6 MJ/m²)"
            )
        return w.solar
    if w.sunshine is not None:
        if w.sunshine > hours + 0.25:  # a recorder's strip is read to the tenth of an hour, and N is the day's of a sphere
            raise ValueError(f"sunshine = {w.sunshine} h: the day has {hours:.1f} h there on {w.day}; check the value")
        return radiation.solar_from_sunshine(min(w.sunshine, hours), hours, ra)
    k = radiation.COAST if w.coast else radiation.INLAND
    estimated.append(f"radiation: not measured, from the temperatures with kRs = {k} {'at the coast' if w.coast else 'inland'} (Eq. 50)")
    return min(radiation.solar_from_temperatures(w.tmin, w.tmax, ra, k), radiation.clear_sky(w.altitude, ra))
