"""Soil at a probe: moisture by a daily water balance kept each hour, temperature, conductivity, acidity, nutrients.

``θ' = (P + I − ETc − D)/(1000 Zr)`` (FAO-56 equation 85 over a root depth Zr), with ``ETc = Kc·Ks·ET0`` (80, 81), ``Ks`` of equation 84
and ``ET0 = 0.0023 (Tm + 17.8) √(Tx − Tn) Ra·0.408`` (Hargreaves, equation 52), spread over the day with the sun; what exceeds field
capacity drains with a time constant of a day. Steps are an hour, joined by straight lines. Temperature is the air's, damped and late by
``e^(−z/D)``, D = 0.12 m (Carslaw and Jaeger). Conductivity rises with water, ``σ = σs + a θ²``. Units: % by volume, °C, µS/cm, pH,
mg/kg, mg/L.

Source: FAO-56 (Allen et al. 1998), tables 12, 17, 19 and 22 as in docs/sources.md. Field capacity and wilting point are the middles of
table 19; levels of conductivity, acidity and nutrients are assumptions, and nutrients infer nothing.
"""

from __future__ import annotations

import math
from datetime import time
from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from kampung_sim.scenario.dice import Dice, Numbers, Times
from kampung_sim.scenario.processes.base import Process, Site, Values
from kampung_sim.scenario.processes.place import WIB, daylight, extraterrestrial
from kampung_sim.scenario.times import DAY, HOUR, Duration

TEXTURES: dict[str, tuple[float, float]] = {
    "sand": (0.12, 0.045),
    "loamy sand": (0.15, 0.065),
    "sandy loam": (0.23, 0.11),
    "loam": (0.25, 0.12),
    "silt loam": (0.29, 0.15),
    "silty clay loam": (0.335, 0.205),
    "silty clay": (0.36, 0.23),
    "clay": (0.36, 0.22),
}
"""Field capacity and wilting point, m³/m³: middles of FAO-56 table 19."""
CROPS: dict[str, tuple[float, float]] = {
    "rice": (1.20, 0.20),
    "chili": (1.05, 0.30),
    "tomato": (1.15, 0.40),
    "maize": (1.20, 0.55),
    "soybean": (1.15, 0.50),
    "coffee": (0.95, 0.40),
    "citrus": (0.65, 0.50),
    "coconut": (1.00, 0.65),
    "sugarcane": (1.25, 0.65),
    "banana": (1.10, 0.35),
    "grass": (1.00, 0.50),
}
"""Kc of the middle season (table 12) and p (table 22); grass is the reference itself."""
SPIN_UP = 20 * DAY
DAMPING_M = 0.12


class Irrigation(BaseModel):
    """Water given: ``mm`` at ``hour`` WIB every so many days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: Duration = 3 * DAY
    at: time = time(6, 0)
    mm: float = Field(default=20.0, gt=0, le=200)


class Soil(Process):
    """Soil around a probe."""

    QUANTITIES: ClassVar = {
        "soil_moisture": "%",
        "soil_temperature": "Cel",
        "soil_conductivity": "uS/cm",
        "soil_ph": "pH",
        "soil_salinity": "mg/L",
        "soil_dissolved_solids": "mg/L",
        "soil_nitrogen": "mg/kg",
        "soil_phosphorus": "mg/kg",
        "soil_potassium": "mg/kg",
    }
    ROLES: ClassVar = ("rain", "air")

    SHARED: ClassVar = False
    kind: Literal["soil"] = "soil"
    texture: Literal["sand", "loamy sand", "sandy loam", "loam", "silt loam", "silty clay loam", "silty clay", "clay"] = "loam"
    """Sets field capacity and wilting point."""
    crop: Literal["rice", "chili", "tomato", "maize", "soybean", "coffee", "citrus", "coconut", "sugarcane", "banana", "grass"] = "chili"
    """Sets how fast it drinks, and from when on it suffers."""
    root_depth: float = Field(default=0.5, ge=0.1, le=3)
    """Metres."""
    depth: float = Field(default=0.10, ge=0.02, le=1)
    """Of the probe, metres."""
    begin: float = Field(default=0.7, ge=0, le=1)
    """Water in the soil 20 days before the start: 0 wilting point, 1 field capacity."""
    ph: float = Field(default=6.2, ge=3, le=9)
    """Acidity."""
    irrigation: Irrigation | None = None
    """Water given by hand: { every = "3 d", at = 06:00:00, mm = 20 }; without it none."""
    rain: str = "rain"
    air: str = "air"

    def at(self, site: Site, t: Times) -> Values:
        balance, own = site.once("balance", lambda: self._balance(site), "device"), site.own
        out: Values = {"soil_moisture": 100 * np.interp(t, balance[0], balance[1])}
        if site.wants("soil_temperature"):
            out["soil_temperature"] = self._temperature(site, t)
        if site.wants("soil_conductivity", "soil_salinity", "soil_dissolved_solids"):
            salt = 0.9 + 0.08 * own.child("salt").smooth(t, 5 * DAY) + 0.1 * own.child("place").one()
            conductivity = np.maximum(10.0, salt * (40 + 0.55 * out["soil_moisture"] ** 2))
            out |= {"soil_conductivity": conductivity, "soil_salinity": 0.55 * conductivity, "soil_dissolved_solids": 0.5 * conductivity}
        if site.wants("soil_ph"):
            out["soil_ph"] = np.clip(self.ph + 0.3 * (own.child("ph").one() - 0.5) + 0.03 * own.child("ph").smooth(t, 3 * DAY), 3, 9.5)
        for name, mean in (("nitrogen", 95.0), ("phosphorus", 40.0), ("potassium", 120.0)):
            if site.wants(f"soil_{name}"):
                dice = own.child(name)
                out[f"soil_{name}"] = np.maximum(1.0, mean * (0.8 + 0.4 * dice.one()) * (1 + 0.03 * dice.smooth(t, 4 * DAY)))
        return out

    def _temperature(self, site: Site, t: Times) -> Numbers:
        lag = round(self.depth / DAMPING_M * DAY / (2 * math.pi))
        damp = math.exp(-self.depth / DAMPING_M)
        mean, now = self._warmth(site, t - lag)
        return mean + 1.0 + damp * (now - mean)

    def _warmth(self, site: Site, t: Times) -> tuple[Numbers, Numbers]:
        """Mean of the day around, and the temperature of the moment, both of the air."""
        times, means = site.once("day-mean", lambda: self._day_means(site))
        return np.interp(t, times, means), site.ask(self.air, t)["air_temperature"]

    def _day_means(self, site: Site) -> tuple[Times, Numbers]:
        first = (site.start - SPIN_UP) // DAY * DAY - WIB
        days = np.arange(first, site.stop + 2 * DAY, DAY, dtype=np.int64)
        hours = (days[:, None] + np.arange(0, DAY, 3 * HOUR)).ravel()
        return days + DAY // 2, site.ask(self.air, hours)["air_temperature"].reshape(len(days), -1).mean(axis=1)

    def _balance(self, site: Site) -> tuple[Times, Numbers]:
        """(ms UTC, θ) at whole hours."""
        hours, rain, et0 = site.once("weather", lambda: self._weather(site))
        capacity, wilting = TEXTURES[self.texture]
        vary = 1 + 0.06 * (2 * site.own.child("texture").one() - 1)
        capacity, wilting = capacity * vary, wilting * vary
        kc, p = CROPS[self.crop]
        gain = (rain + self._watered(hours[:-1], site.own)).tolist()
        loss = (kc * et0).tolist()
        available = 1000 * (capacity - wilting) * self.root_depth
        water = self.begin * available  # mm above the wilting point
        out = []
        for gained, lost in zip(gain, loss, strict=True):
            out.append(water)
            stress = min(1.0, water / ((1 - p) * available))
            water = max(0.0, water + gained - stress * lost)
            if water > available:
                water = available + (water - available) * math.exp(-1 / 24)
                water = min(water, 1.35 * available)
        return hours, wilting + np.array([*out, water]) / (1000 * self.root_depth)

    def _weather(self, site: Site) -> tuple[Times, Numbers, Numbers]:
        """Whole hours in ms UTC, and rain and ET0 in each but the last, mm."""
        hours = np.arange((site.start - SPIN_UP) // HOUR * HOUR, site.stop + 2 * HOUR, HOUR, dtype=np.int64)
        rain = np.maximum(np.diff(site.ask(self.rain, hours)["fallen"]), 0)
        return hours, rain, reference(site, self.air, hours[:-1])

    def _watered(self, hours: Times, own: Dice) -> Numbers:
        """Millimetres of irrigation in each hour."""
        if self.irrigation is None:
            return np.zeros(len(hours))
        offset = (self.irrigation.at.hour * HOUR) - WIB + int(own.child("turn").one() * 3) * DAY % self.irrigation.every
        return np.where((hours - offset) % self.irrigation.every < HOUR, self.irrigation.mm, 0.0)


def reference(site: Site, air: str, hours: Times) -> Numbers:
    """ET0 in mm for each hour: Hargreaves (FAO-56 equation 52) by the day, spread with the sun."""

    first = int((hours[0] + WIB) // DAY)
    days = np.arange(first, int((hours[-1] + WIB) // DAY) + 1, dtype=np.int64) * DAY - WIB
    grid = days[:, None] + np.arange(0, DAY, HOUR, dtype=np.int64)
    warm = site.ask(air, grid.ravel())["air_temperature"].reshape(grid.shape)
    daily = hargreaves(warm.min(axis=1), warm.max(axis=1), extraterrestrial(site.village.latitude, days))
    sun = daylight(site.village.latitude, grid.ravel() + HOUR // 2).reshape(grid.shape)
    share = sun / sun.sum(axis=1, keepdims=True)
    day = (hours + WIB) // DAY - first
    return np.asarray(daily[day] * share[day, (hours + WIB) % DAY // HOUR])


def hargreaves(low: Numbers, high: Numbers, ra: Numbers) -> Numbers:
    """ET0 in mm a day from the day's extremes in °C and Ra in MJ/m²/day: FAO-56 equation 52."""
    return 0.0023 * ((low + high) / 2 + 17.8) * np.sqrt(high - low) * ra * 0.408
