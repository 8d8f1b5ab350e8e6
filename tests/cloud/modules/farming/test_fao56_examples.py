"""FAO-56's own worked examples, to the digits that are printed in it."""

from __future__ import annotations

from datetime import date
from math import radians

import pytest
from kampung_cloud.modules.farming.fao56 import air, crop, hourly, radiation, sun, water
from kampung_cloud.modules.farming.fao56.reference import Weather, hargreaves, penman_monteith, reference

DAY = {"3 September": 246, "15 May": 135, "15 April": 105, "6 July": 187, "15 July": 196, "1 October": 274}


def test_example_2_pressure_at_1800_m() -> None:
    """Atmospheric pressure and psychrometric constant."""
    assert round(air.pressure(1800), 1) == 81.8
    assert round(air.psychrometric_constant(air.pressure(1800)), 3) == 0.054


def test_example_3_mean_saturation_pressure() -> None:
    """24.5 and 15 °C; the pressure of the mean temperature is too low."""
    assert round(air.saturation_pressure(24.5), 3) == 3.075
    assert round(air.saturation_pressure(15.0), 3) == 1.705
    assert round(air.mean_saturation_pressure(15.0, 24.5), 2) == 2.39
    assert round(air.saturation_pressure(19.75), 2) == 2.30


def test_example_4_psychrometer() -> None:
    """Dry 25.6, wet 19.5 °C at 1,200 m."""
    assert round(air.pressure(1200), 1) == 87.9
    assert round(air.saturation_pressure(19.5), 3) == 2.267
    assert round(air.pressure_from_psychrometer(25.6, 19.5, air.pressure(1200)), 2) == 1.91


def test_examples_5_and_6_humidity_and_deficit() -> None:
    """18 to 25 °C, 54 to 82 %: three ways to the vapour pressure, and what the air lacks."""
    vapour = air.pressure_from_extremes(18, 25, 54, 82)
    assert round(vapour, 2) == 1.70
    assert round(air.pressure_from_highest(18, 82), 2) == 1.69
    assert round(air.pressure_from_mean(18, 25, 68), 2) == 1.78
    assert round(air.mean_saturation_pressure(18, 25) - vapour, 2) == 0.91


def test_example_7_latitudes() -> None:
    """Bangkok 13°44'N and Rio de Janeiro 22°54'S: south is negative."""
    assert round(radians(13 + 44 / 60), 3) == 0.240
    assert round(radians(-22.90), 3) == -0.400


def test_example_8_extraterrestrial_radiation() -> None:
    """3 September at 20°S."""
    day = DAY["3 September"]
    assert round(sun.inverse_distance(day), 3) == 0.985
    assert round(sun.declination(day), 3) == 0.120
    assert round(sun.sunset_angle(-20, day), 3) == 1.527
    assert round(sun.extraterrestrial(-20, day), 1) == 32.2
    assert round(0.408 * sun.extraterrestrial(-20, day), 1) == 13.1


def test_example_9_daylight() -> None:
    """The same day and place."""
    assert round(sun.daylight(-20, DAY["3 September"]), 1) == 11.7


def test_example_10_solar_radiation_from_sunshine() -> None:
    """Rio de Janeiro in May, 220 hours of sun."""
    ra, hours = sun.extraterrestrial(-22.9, DAY["15 May"]), sun.daylight(-22.9, DAY["15 May"])
    assert round(ra, 1) == 25.1
    assert round(hours, 1) == 10.9
    assert round(radiation.solar_from_sunshine(220 / 31, hours, ra), 1) == 14.5


def test_examples_11_and_12_net_radiation() -> None:
    """Rio de Janeiro in May, 19.1 to 25.1 °C, ea = 2.1 kPa, from the values as printed."""
    assert round(radiation.clear_sky(0, 25.1), 1) == 18.8
    long = radiation.net_long(19.1, 25.1, 2.1, 14.5, 18.8)
    assert round(long, 1) == 3.5
    assert round(radiation.net_short(14.45), 1) == 11.1
    assert round(radiation.net_short(14.45) - long, 1) == 7.6


def test_example_13_soil_heat() -> None:
    """Algiers in April, after 14.1 and before 18.8 °C."""
    assert round(radiation.soil_heat_between_months(14.1, 18.8), 2) == 0.33
    assert round(0.408 * radiation.soil_heat_between_months(14.1, 18.8), 2) == 0.13


def test_example_14_wind() -> None:
    """3.2 m/s at 10 m."""
    assert round(air.wind_at_two_metres(3.2, 10), 1) == 2.4


def test_example_15_solar_radiation_from_temperatures() -> None:
    """Lyon in July, inland."""
    assert round(radiation.solar_from_temperatures(14.8, 26.6, 40.6), 1) == 22.3
    assert round(0.408 * radiation.solar_from_temperatures(14.8, 26.6, 40.6), 1) == 9.1


def test_example_16_net_radiation_without_sunshine() -> None:
    """Bangkok in April, at the coast."""
    ra = sun.extraterrestrial(13 + 44 / 60, DAY["15 April"])
    solar = radiation.solar_from_temperatures(25.6, 34.8, ra, radiation.COAST)
    long = radiation.net_long(25.6, 34.8, 2.85, solar, radiation.clear_sky(0, ra))
    assert round(solar, 1) == 21.9
    assert round(radiation.net_short(solar), 1) == 16.9
    assert round(long, 1) == 3.0
    assert round(radiation.net_short(solar) - long, 1) == 13.9


def test_example_17_bangkok_by_month() -> None:
    """April, with soil heat since March, by the terms that are printed."""
    latitude, day = 13 + 44 / 60, DAY["15 April"]
    ra, hours = sun.extraterrestrial(latitude, day), sun.daylight(latitude, day)
    assert (round(ra, 2), round(hours, 2)) == (38.06, 12.31)
    solar, clear = radiation.solar_from_sunshine(8.5, hours, ra), radiation.clear_sky(2, ra)
    assert (round(solar, 2), round(clear, 2)) == (22.65, 28.54)
    short, long = radiation.net_short(solar), radiation.net_long(25.6, 34.8, 2.85, solar, clear)
    assert (round(short, 2), round(long, 2), round(short - long, 2)) == (17.44, 3.11, 14.33)
    soil = radiation.soil_heat_since_month(29.2, 30.2)
    assert round(soil, 2) == 0.14
    saturation, gamma = air.mean_saturation_pressure(25.6, 34.8), air.psychrometric_constant(round(air.pressure(2), 1))
    assert (round(saturation, 2), round(gamma, 4), round(air.slope(30.2), 3)) == (4.42, 0.0674, 0.246)
    et0 = penman_monteith(30.2, net=short - long, wind=2, saturation=saturation, vapour=2.85, gamma=gamma, soil=soil)
    assert round(et0, 2) == 5.72


def test_example_18_uccle_by_day() -> None:
    """6 July, everything measured, through the whole chain."""
    day = Weather(date(2015, 7, 6), 50.8, 100, 12.3, 21.5, rhmin=63, rhmax=84, wind=10 / 3.6, wind_height=10, sunshine=9.25)
    found = reference(day)
    printed = {
        "u2": 2.078, "es": 1.997, "ea": 1.409, "delta": 0.122, "gamma": 0.0666, "Ra": 41.09, "N": 16.1, "Rs": 22.07, "Rso": 30.90,
        "Rns": 17.00, "Rnl": 3.71, "Rn": 13.28,
    }  # fmt: skip
    for name, value in printed.items():
        assert round(found.terms[name], len(str(value).partition(".")[2])) == value, name
    assert round(found.et0, 2) == 3.88
    assert found.estimated == ()


@pytest.mark.parametrize(
    ("clock", "temperature", "humidity", "wind", "solar", "net", "et0"),
    [(2.5, 28, 90, 1.9, 0.0, -0.100, 0.00), (14.5, 38, 52, 3.3, 2.450, 1.749, 0.63)],
)
def test_example_19_ndiaye_by_hour(
    clock: float, temperature: float, humidity: float, wind: float, solar: float, net: float, et0: float
) -> None:
    """1 October, an hour of the night and one of the afternoon."""
    latitude, day = 16 + 13 / 60, DAY["1 October"]
    angle = hourly.solar_angle(clock, day, -(16 + 15 / 60), -15)
    ra = hourly.extraterrestrial(latitude, day, angle)
    clear = radiation.clear_sky(8, ra)
    ratio = solar / clear if clear else hourly.NIGHT_RATIO
    vapour = air.saturation_pressure(temperature) * humidity / 100
    found = hourly.net_radiation(temperature, vapour, solar, ratio)
    assert round(found, 3) == net
    assert round(hourly.reference(temperature, humidity, wind, found, 8, daytime=ra > 0), 2) == et0
    if ra:
        assert (round(ra, 3), round(clear, 3), round(ratio, 3)) == (3.543, 2.658, 0.922)


def test_example_20_lyon_without_most_data() -> None:
    """July: only temperatures and the world's wind; and what Hargreaves says of it."""
    ra = sun.extraterrestrial(45 + 43 / 60, DAY["15 July"])
    found = reference(Weather(date(2015, 7, 15), 45 + 43 / 60, 200, 14.8, 26.6, wind=2))
    assert round(ra, 2) == 40.55
    assert round(found.terms["ea"], 2) == 1.68
    assert round(found.et0, 2) == 4.56
    assert len(found.estimated) == 2
    assert round(hargreaves(14.8, 26.6, ra), 1) == 5.0


@pytest.mark.parametrize(("wind", "rhmin", "kc"), [(1.3, 75, 1.07), (4.6, 44, 1.30)])
def test_example_27_kc_for_climate(wind: float, rhmin: float, kc: float) -> None:
    """Maize, 2 m high, near Taipei and near Mocha."""
    assert round(crop.for_climate(1.20, wind, rhmin, 2.0), 2) == kc


@pytest.mark.parametrize(("day", "kc"), [(20, 0.15), (40, 0.77), (70, 1.19), (95, 0.56)])
def test_example_28_kc_by_day(day: int, kc: float) -> None:
    """Dry beans, stages of 25, 25, 30 and 20 days."""
    assert round(crop.coefficient((0.15, 1.19, 0.35), (25, 25, 30, 20), day), 2) == kc


@pytest.mark.parametrize(
    ("roots", "p", "printed"),
    [
        (0.4, 0.30, [(36, 11), (68, 20), (48, 14)]),
        (0.8, 0.40, [(72, 29), (136, 54), (96, 38)]),
        (1.2, 0.55, [(108, 59), (204, 112), (144, 79)]),
    ],
)
def test_example_36_readily_available_water(roots: float, p: float, printed: list[tuple[int, int]]) -> None:
    """Onion, tomato and maize on loamy sand, silt and silty clay."""
    soils = [(0.15, 0.06), (0.32, 0.15), (0.35, 0.23)]
    for (capacity, wilting), (taw, raw) in zip(soils, printed, strict=True):
        total = water.total_available(capacity, wilting, roots)
        assert (round(total), round(water.readily_available(total, p))) == (taw, raw)


def test_example_37_ten_days_without_water() -> None:
    """Tomato on silt loam, no rain: the crop takes less and less."""
    total = water.total_available(0.32, 0.12, 0.8)
    assert (round(total), round(water.readily_available(total, 0.40))) == (160, 64)
    depletion, factors, ends = 55.0, [], []
    for _ in range(10):
        found = water.day(depletion, total, 0.40, 1.2 * 5.0)
        depletion = found.depletion
        factors.append(round(found.stress, 2))
        ends.append(round(depletion, 1))
    assert factors == [1.00, 1.00, 0.97, 0.91, 0.85, 0.80, 0.75, 0.70, 0.66, 0.62]
    assert ends == [61.0, 67.0, 72.8, 78.3, 83.4, 88.2, 92.6, 96.9, 100.8, 104.5]
