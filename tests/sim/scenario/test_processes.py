"""Processes: within what is plausible, without steps, and true to the formulas they name."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract.quantities import catalogue
from kampung_contract.villages import village, villages
from kampung_sim.scenario.load import parse
from kampung_sim.scenario.processes.place import elevation, extraterrestrial, vapour
from kampung_sim.scenario.processes.rain import DAYS, DEPTH
from kampung_sim.scenario.processes.soil import TEXTURES, hargreaves, reference
from kampung_sim.scenario.processes.water import saturated
from kampung_sim.scenario.times import DAY, HOUR, MINUTE, wib
from kampung_sim.scenario.world import World

COAST, TOWN, HILL = "35.10.05.2002", "35.10.16.1010", "35.10.24.2008"
STEP = {
    "air_temperature": 1.0,
    "relative_humidity": 6.0,
    "air_pressure": 0.1,
    "wind_speed": 4.0,
    "soil_moisture": 0.35,
    "soil_temperature": 0.3,
    "soil_conductivity": 25.0,
    "soil_ph": 0.01,
    "water_level": 0.12,
    "pm1": 30.0,
    "pm25": 40.0,
    "pm10": 60.0,
    "water_temperature": 0.1,
    "ph": 0.05,
    "dissolved_oxygen": 0.15,
    "conductivity": 15.0,
    "turbidity": 40.0,
    "supply_voltage": 4.0,
    "frequency": 0.15,
}
"""The most a quantity changes within a minute; those left out are counters, directions and what a person switches."""


@cache
def world(start: str, duration: str = "3 d", more: str = "", seed: int = 5) -> World:
    """With default processes; the place does not matter, as any village can be asked."""
    text = (
        f'name = "uji"\nseed = {seed}\nstart = {start}\nduration = "{duration}"\n[[place]]\nvillages = "{HILL}"\nkit = "kios-dasar"\n{more}'
    )
    return parse(text, "uji.toml", Path()).world()


def values(of: World, process: str, where: str, every: int = MINUTE) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """All of a scenario's time."""
    t = np.arange(of.scenario.start, of.scenario.stop, every)
    return t, of.process(process).at(of.spot(process, village(where), "node", "alat", every), t)


@settings(deadline=None, max_examples=15)
@given(
    st.sampled_from(["air", "rain", "wind", "soil", "river", "sea", "dust", "gas", "water", "power"]),
    st.sampled_from([v.code for v in villages()]),
    st.sampled_from([f"2026-{month:02}-03T00:00:00" for month in range(1, 13)]),
    st.integers(0, 5),
)
def test_plausible_and_without_steps(process: str, where: str, start: str, seed: int) -> None:
    """Any village, any month: within the catalogue's range, finite, and no jump from one minute to the next."""
    of = world(start, "1 d", seed=seed)
    _, found = values(of, process, where)
    for quantity in of.process(process).QUANTITIES:
        v, about = found[quantity], catalogue()[quantity]
        assert np.isfinite(v).all()
        assert about.low <= v.min(), quantity
        assert v.max() <= about.high, quantity
        if quantity in STEP:
            assert np.abs(np.diff(v)).max() <= STEP[quantity], quantity
        if quantity in ("rain_total", "energy"):
            assert np.diff(v).min() >= 0, quantity


def test_the_formulas_meet_their_published_examples() -> None:
    """FAO-56 examples 3, 8 and 20; oxygen saturation of APHA; Ra of Banyuwangi in June and January."""
    np.testing.assert_allclose(vapour(np.array([24.5, 15.0])), [3.075, 1.705], atol=0.0006)
    at = np.array([wib("2026-09-03T12:00"), wib("2026-06-15T12:00"), wib("2026-01-31T12:00")])
    assert extraterrestrial(-20.0, at)[0] == pytest.approx(32.2, abs=0.05)
    np.testing.assert_allclose(extraterrestrial(-8.2, at)[1:], [30.0, 39.0], atol=0.2)
    assert hargreaves(np.array([14.8]), np.array([26.6]), np.array([40.6]))[0] == pytest.approx(5.0, abs=0.05)
    np.testing.assert_allclose(saturated(np.array([25.0, 30.0])), [8.26, 7.56], atol=0.01)


def test_air_is_consistent() -> None:
    """Warmest after noon, coldest before dawn; humidity runs against it; the hills are cooler; rain moistens the air."""
    of = world("2026-07-06T00:00:00", "7 d")
    t, coast = values(of, "air", COAST)
    local = (t + 7 * HOUR) % DAY / HOUR
    by_hour = [coast["air_temperature"][(local >= h) & (local < h + 1)].mean() for h in range(24)]
    assert 12 <= int(np.argmax(by_hour)) <= 15
    assert 3 <= int(np.argmin(by_hour)) <= 6
    assert np.corrcoef(coast["air_temperature"], coast["relative_humidity"])[0, 1] < -0.7
    _, hill = values(of, "air", HILL)
    cooler = (coast["air_temperature"] - hill["air_temperature"]).mean()
    assert cooler == pytest.approx(6.5 * (elevation(village(HILL)) - elevation(village(COAST))) / 1000, abs=1.0)
    assert max(coast["relative_humidity"].max(), hill["relative_humidity"].max()) <= 100


def test_rain_follows_the_months() -> None:
    """Over many villages a month brings about its days and depth; a dry August has a tenth of January's rain or little more."""
    found = {}
    for month in (1, 8):
        of = world(f"2026-{month:02}-01T00:00:00", "30 d", seed=9)
        low = [v.code for v in list(villages())[::9] if elevation(v) < 60]
        totals = [values(of, "rain", code, 6 * HOUR)[1]["rain_total"][-1] for code in low]
        expected = DAYS[month - 1] * DEPTH[month - 1]
        found[month] = np.mean(totals)
        assert 0.5 * expected < found[month] < 1.7 * expected
    assert found[8] < 0.2 * found[1]


def test_planned_rain_falls_where_and_when_it_is_planned() -> None:
    """60 mm in two hours, in one kecamatan only, on top of no random rain."""
    event = '[process.rain]\nfactor = 0\n[[process.rain.event]]\nvillages = "35.10.24"\nat = "+6 h"\nfor = "2 h"\nmm = 60\n'
    of = world("2026-08-01T00:00:00", "1 d", event)
    t, licin = values(of, "rain", "35.10.24.2003")
    assert licin["rain_total"][-1] == pytest.approx(60, abs=0.2)
    falling = t[1:][np.diff(licin["rain_total"]) > 0]
    assert of.scenario.start + 6 * HOUR <= falling[0]
    assert falling[-1] <= of.scenario.start + 8 * HOUR
    np.testing.assert_allclose(licin["rain"][1:], np.diff(licin["rain_total"]))
    assert values(of, "rain", TOWN)[1]["rain_total"].max() == 0


def test_soil_dries_by_evapotranspiration_and_rain_fills_it() -> None:
    """Without rain it falls every day towards the wilting point, by no more than Kc·ET0; sixty millimetres bring it back."""
    dry = "[process.rain]\nfactor = 0\n"
    of = world("2026-09-01T00:00:00", "20 d", dry)
    t, found = values(of, "soil", COAST, HOUR)
    capacity, wilting = TEXTURES["loam"]
    daily = found["soil_moisture"][::24]
    assert np.diff(daily).max() < 0
    assert 100 * wilting * 0.93 < daily.min() < daily.max() < 100 * capacity * 1.07
    et0 = reference(of.spot("soil", village(COAST)), "air", t)
    lost = -np.diff(found["soil_moisture"]) / 100 * 500  # mm over 0.5 m
    assert np.all(lost <= 1.05 * et0[:-1] + 1e-9)
    assert 3.0 < et0.sum() / 20 < 6.5
    wet = world("2026-09-01T00:00:00", "20 d", dry + '[[process.rain.event]]\nat = "+10 d"\nfor = "3 h"\nmm = 60\n')
    _, again = values(wet, "soil", COAST, HOUR)
    assert again["soil_moisture"][10 * 24 + 6] - found["soil_moisture"][10 * 24 + 6] > 6


def test_a_river_wave_arrives_late_and_flatter_and_loses_no_water() -> None:
    """Rain on the upper village only: the lower gauge peaks at least the lag later, lower, and passes the same volume."""
    more = f"""
[process.rain]
factor = 0
[[process.rain.event]]
villages = "{HILL}"
at = "+3 h"
for = "2 h"
mm = 80
[[process.river.reach]]
village = "{TOWN}"
upstream = [{{ village = "{HILL}", lag = "90 min" }}]
"""
    of = world("2026-08-01T00:00:00", "2 d", more)
    t, upper = values(of, "river", HILL)
    _, lower = values(of, "river", TOWN)
    late = t[np.argmax(lower["water_level"])] - t[np.argmax(upper["water_level"])]
    assert 90 * MINUTE <= late <= 130 * MINUTE
    assert lower["water_level"].max() < upper["water_level"].max()
    assert upper["water_level"].max() > 1.0
    river = of.process("river")
    flows = [river.flow(of.spot("river", village(v)), t).sum() * 60 for v in (HILL, TOWN)]  # type: ignore[attr-defined]
    assert flows[0] == pytest.approx(80e-3 * river.runoff * river.area * 1e6, rel=0.03)  # type: ignore[attr-defined]
    assert flows[1] == pytest.approx(flows[0], rel=0.03)


def test_the_tide_is_mixed_mostly_twice_a_day() -> None:
    """Two high waters on most days, a spring-neap cycle, and the constituents it is made of come out of it again."""
    of = world("2026-03-01T00:00:00", "30 d", "[process.sea]\nsurge = 0\n")
    t, found = values(of, "sea", COAST, 10 * MINUTE)
    level = np.convolve(found["water_level"], np.ones(9) / 9, "same")[9:-9]
    t = t[9:-9]
    highs = ((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]) & (level[1:-1] > level.mean())).sum()
    assert 45 <= highs <= 90
    hours = (t - t[0]) / HOUR
    columns = [np.ones(len(t))]
    for speed in (28.9841042, 30.0, 15.0410686, 13.9430356):
        columns += [np.cos(np.radians(speed * hours)), np.sin(np.radians(speed * hours))]
    fit = np.linalg.lstsq(np.array(columns).T, level, rcond=None)[0]
    m2 = np.hypot(fit[1], fit[2])
    assert m2 == pytest.approx(0.8 * 0.644, rel=0.1)
    daily = level[: 29 * 144].reshape(29, 144)
    assert np.ptp(daily, axis=1).max() > 1.4 * np.ptp(daily, axis=1).min()


def test_smoke_rises_where_it_is_planned_and_rain_washes_it_out() -> None:
    """A planned episode reaches its peak in the middle; the same in rain stays lower; elsewhere there is none."""
    smoke = '[process.dust]\nfires = 0\n[[process.dust.episode]]\nvillages = "35.10.16"\nat = "+10 h"\nfor = "8 h"\npeak = 300\n'
    none = "[process.rain]\nfactor = 0\n"
    of = world("2026-09-01T00:00:00", "1 d", none + smoke)
    t, town = values(of, "dust", TOWN)
    assert 250 < town["pm25"].max() < 420
    assert abs(t[np.argmax(town["pm25"])] - of.scenario.start - 14 * HOUR) < 2 * HOUR
    assert values(of, "dust", HILL)[1]["pm25"].max() < 120
    wet = world("2026-09-01T00:00:00", "1 d", f'{none}[[process.rain.event]]\nat = "+12 h"\nfor = "4 h"\nmm = 50\n{smoke}')
    assert values(wet, "dust", TOWN)[1]["pm25"].max() < 0.75 * town["pm25"].max()
    assert np.all(town["pm1"] <= town["pm25"])
    assert np.all(town["pm25"] <= town["pm10"])


def test_rain_stirs_the_river_up() -> None:
    """Turbidity and level rise together, conductivity falls."""
    of = world("2026-08-01T00:00:00", "1 d", '[process.rain]\nfactor = 0\n[[process.rain.event]]\nat = "+12 h"\nfor = "2 h"\nmm = 60\n')
    _, water = values(of, "water", HILL)
    before, after = slice(600, 700), slice(840, 900)
    assert water["turbidity"][after].mean() > 3 * water["turbidity"][before].mean()
    assert water["conductivity"][after].mean() < 0.8 * water["conductivity"][before].mean()


def test_the_mains_add_up() -> None:
    """P = U·I·pf at every moment, and energy is the sum of power."""
    of = world("2026-11-16T00:00:00", "2 d")
    t, mains = values(of, "power", HILL, 10_000)
    np.testing.assert_allclose(mains["supply_voltage"] * mains["current"] * mains["power_factor"], mains["power"])
    used = mains["power"][:-1].sum() * 10 / 3.6e6
    assert mains["energy"][-1] == pytest.approx(used, rel=0.02)
    assert t.size == mains["energy"].size


def test_visits_come_one_after_the_other_in_opening_hours() -> None:
    """A fortnight: about as many as a day's number says, never two at once, nobody at night, any window a part of the whole."""
    of = world("2026-11-16T00:00:00", "14 d")
    node = parse(
        f'name="x"\nseed=5\nstart=2026-11-16T00:00:00\nduration="14 d"\n[[place]]\nvillages="{HILL}"\nkit="kios-dasar"', "x", Path()
    ).plan.nodes[0]
    start, stop = of.scenario.start, of.scenario.stop
    visits = of.visits(node, start, stop)
    assert 180 <= len(visits) <= 380  # 24 a day, weighted by weekday
    for one, after in pairwise(visits):
        assert one.at < one.until <= after.at
    assert not [v for v in visits if (v.at + 7 * HOUR) % DAY < 6 * HOUR]
    middle = start + 5 * DAY + 9 * HOUR + 7
    assert of.visits(node, start, middle) + of.visits(node, middle, stop) == visits
