"""Water: what must hold for any soil, crop and weather."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.farming import awd, irrigation, probe
from kampung_cloud.modules.farming.fao56 import crop, dual, water
from kampung_cloud.modules.farming.fao56.reference import Reference, Weather, reference

TOTAL = st.floats(10, 400)
PART = st.floats(0.1, 0.8)
DEPTH = st.floats(0, 200)


@given(TOTAL, PART, st.floats(0, 1), st.floats(0, 12), DEPTH, DEPTH)
def test_balance_conserves_water(total: float, p: float, start: float, crop_et: float, rain: float, irrigated: float) -> None:
    """What came in and went out is the change, and depletion stays between 0 and TAW."""
    found = water.day(start * total, total, p, crop_et, rain=rain, irrigation=irrigated)
    assert 0 <= found.depletion <= total
    assert 0 <= found.stress <= 1
    assert found.crop_et <= crop_et + 1e-9
    assert found.percolation >= 0
    change = found.depletion - start * total
    assert change == pytest.approx(-rain - irrigated + found.crop_et + found.percolation, abs=1e-6)


@given(TOTAL, PART, st.floats(0, 1), st.floats(0, 12), DEPTH, st.floats(0, 50))
def test_more_water_never_dries(total: float, p: float, start: float, crop_et: float, rain: float, more: float) -> None:
    """Rain lowers depletion or leaves it; so does irrigation."""
    depletion = start * total
    less = water.day(depletion, total, p, crop_et, rain=rain).depletion
    assert water.day(depletion, total, p, crop_et, rain=rain + more).depletion <= less + 1e-9
    assert water.day(depletion, total, p, crop_et, rain=rain, irrigation=more).depletion <= less + 1e-9


@given(TOTAL, PART, st.floats(0, 1), st.floats(0, 1))
def test_stress_grows_with_depletion(total: float, p: float, one: float, other: float) -> None:
    """A drier soil never helps; up to RAW there is no stress."""
    low, high = sorted((one * total, other * total))
    assert water.stress(high, total, p) <= water.stress(low, total, p)
    assert water.stress(p * total, total, p) == 1
    assert water.stress(total, total, p) == 0


@given(
    st.floats(0, 300), st.floats(5, 200), st.floats(0, 1), st.floats(0, 100), st.floats(0, 100), st.floats(0.1, 50), st.floats(0, 12),
    st.floats(0, 40), st.booleans(),
)  # fmt: skip
def test_advice_is_never_more_than_what_is_missing(
    depletion: float, ready: float, ks: float, rain: float, chance: float, flow: float, coming: float, sd: float, called: bool
) -> None:
    """Nor more than the rain leaves of it; nothing while the crop still finds water."""
    found = irrigation.advise(depletion, ready, ks, area=1000, flow=flow, rain=rain, chance=chance, coming=coming, sd=sd, called=called)
    assert 0 <= found.depth <= depletion
    assert found.depth <= max(0.0, depletion - irrigation.likely_rain(rain, chance)) + 1e-9
    if found.colour in ("hijau", "siap-siap"):
        assert found.depth == 0
    if ks >= irrigation.STRESSED and depletion < ready and depletion + coming + irrigation.DOUBT * sd < irrigation.SOON * ready:
        assert found.depth == 0
    assert found.minutes == pytest.approx(found.litres / flow / 60)


@pytest.mark.parametrize(("rain", "chance", "counted"), [(5, 60, 5), (4.9, 60, 0), (5, 59.9, 0), (40, 100, 40), (0, 100, 0)])
def test_likely_rain(rain: float, chance: float, counted: float) -> None:
    """From 5 mm with 60 %, both from both sides."""
    assert irrigation.likely_rain(rain, chance) == counted


@pytest.mark.parametrize(
    ("ratio", "ks", "colour"),
    [(0.69, 1, "hijau"), (0.7, 1, "siap-siap"), (0.99, 1, "siap-siap"), (1.0, 1, "siram"), (1.2, 0.8, "siram"), (1.2, 0.79, "stres")],
)
def test_colours(ratio: float, ks: float, colour: str) -> None:
    """Each mark from both sides."""
    assert irrigation.colour(ratio * 40, 40, ks) == colour


SD = st.floats(0.1, 50)


@given(st.floats(0, 100), SD, st.floats(-50, 150), SD)
def test_probe_and_balance_meet_between(balance: float, sd: float, heard: float, probe_sd: float) -> None:
    """The result lies between both, is surer than the balance alone, and is nearer to whoever is surer."""
    found = probe.correct(probe.Estimate(balance, sd), probe.Estimate(heard, probe_sd), 100)
    if found.strange:
        assert found.state == found.balance
        return
    low, high = sorted((balance, heard))
    assert max(0, low) - 1e-9 <= found.state.depletion <= min(100, max(0, high)) + 1e-9
    assert found.state.sd <= sd + 1e-9
    assert found.weight == pytest.approx(sd**2 / (sd**2 + probe_sd**2))


def test_probe_without_doubt_is_not_believed_blindly() -> None:
    """A probe pulled out of the ground says 0 %: too far off for both to be right, so the balance goes on and the probe is told."""
    found = probe.correct(probe.Estimate(20, 4), probe.reading(0.0, 0.30, 0.5, 0.02), 90)
    assert found.strange
    assert found.state.depletion == 20


@given(st.floats(0.1, 0.8), st.floats(0, 15), st.floats(0, 15))
def test_p_falls_with_demand(p: float, one: float, other: float) -> None:
    """On a thirsty day the crop suffers earlier; within 0.1 and 0.8."""
    low, high = sorted((one, other))
    assert 0.1 <= water.adjusted_p(p, high) <= water.adjusted_p(p, low) <= 0.8


PLANT = st.builds(
    dual.Plant, basal=st.floats(0.15, 1.2), limit=st.just(1.25), cover=st.floats(0, 0.99), total=st.floats(20, 300), p=st.floats(0.1, 0.7)
)


@given(PLANT, st.floats(0, 1), st.floats(0, 1), st.floats(0, 10), st.floats(0, 80), st.floats(0, 80))
def test_dual_balance_conserves_water(plant: dual.Plant, root: float, top: float, et0: float, rain: float, irrigated: float) -> None:
    """The same with evaporation apart."""
    layer = dual.surface(0.3, 0.15, 8, wetted=0.5)
    start = dual.State(root * plant.total, top * layer.total)
    found = dual.day(start, layer, plant, et0=et0, rain=rain, irrigation=irrigated)
    assert 0 <= found.depletion <= plant.total
    assert 0 <= found.evaporated <= layer.total
    change = -rain - irrigated + found.transpiration + found.evaporation + found.percolation
    if found.depletion < plant.total:
        assert found.depletion - start.depletion == pytest.approx(change, abs=1e-6)
    assert found.transpiration + found.evaporation <= plant.limit * et0 + 1e-9


@given(st.floats(0.46, 1.3), st.floats(0, 8), st.floats(0, 100), st.floats(0.1, 10))
def test_climate_moves_kc_the_right_way(table: float, wind: float, rhmin: float, height: float) -> None:
    """Wind and dry air raise it, and little."""
    found = crop.for_climate(table, wind, rhmin, height)
    assert crop.for_climate(table, wind + 0.5, rhmin, height) >= found
    assert crop.for_climate(table, wind, rhmin + 5, height) <= found
    assert abs(found - table) < 0.5


@settings(max_examples=50)
@given(st.floats(15, 25), st.floats(0, 12), st.floats(45, 100), st.floats(0, 6), st.floats(0, 11))
def test_et0_moves_the_right_way(tmin: float, warmer: float, rh: float, wind: float, sunshine: float) -> None:
    """More sun never lowers ET0, nor does drier air, but by what it lets escape to the sky; in air as humid as the tropics'."""

    def found(rh: float, sunshine: float) -> Reference:
        return reference(Weather(date(2023, 5, 1), -8.2, 10, tmin, tmin + 3 + warmer, rh=rh, wind=wind, sunshine=sunshine))

    base = found(rh, sunshine)
    assert 0 <= base.et0 < 15
    assert found(rh, min(11.5, sunshine + 1)).et0 >= base.et0 - 1e-9
    drier = found(rh * 0.9, sunshine)
    assert drier.et0 >= base.et0 - 0.408 * (drier.terms["Rnl"] - base.terms["Rnl"]) - 1e-9


@pytest.mark.parametrize(
    ("level", "age", "flooding", "action", "phase"),
    [
        (1, 5, False, "keep", "establishing"), (0, 5, False, "flood", "establishing"), (-14.9, 40, False, "keep", "drying"),
        (-15, 40, False, "flood", "drying"), (2.9, 40, True, "flood", "drying"), (3, 40, True, "keep", "drying"),
        (-3, 57, False, "keep", "drying"), (-3, 58, False, "flood", "flowering"), (-3, 72, False, "flood", "flowering"),
        (-3, 73, False, "keep", "drying"), (-3, 84, False, "keep", "drying"), (5, 85, False, "drain", "draining"),
    ],
)  # fmt: skip
def test_awd_by_age(level: float, age: int, flooding: bool, action: str, phase: str) -> None:
    """Each border from both sides: two weeks, a week around flowering (day 65), ten days before harvest (day 95), 15 cm, the deadband."""
    found = awd.step(level, age, 65, 95, flooding=flooding)
    assert (found.action, found.phase) == (action, phase)


@given(st.lists(st.floats(-30, 10), max_size=6))
def test_level_settles_on_three_readings(levels: list[float]) -> None:
    """Fewer, or three that differ by more than the deadband on either side, say nothing."""
    found = awd.settled(levels)
    if found is not None:
        assert len(levels) >= 3
        assert min(levels[-3:]) <= found <= max(levels[-3:])
        assert max(levels[-3:]) - min(levels[-3:]) <= 4
