"""Recordings: straight lines between neighbours, holes stay holes, and a loop that never leaves its stretch."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kampung_sim.recording import HOUR, Loop, Recording, sea_level, soil
from kampung_sim.tamansari import (
    DATUM,
    DAY,
    LEVEL_FIRST,
    LEVEL_LAST,
    LEVEL_NOW,
    MOUNT,
    SOIL_FIRST,
    SOIL_LAST,
    SOIL_NOW,
    air,
    chili,
    dust,
    gas,
)


def test_between_two_points_lies_a_line_and_in_a_hole_nothing() -> None:
    """A hole wider than the bridge gives no value but at its very ends."""
    recording = Recording((0, 10, 50), (1.0, 2.0, 9.0), bridge=20)
    assert [recording.at(t) for t in (0, 5, 10, 30, 50)] == [1.0, 1.5, 2.0, None, 9.0]
    assert recording.at(-1) is None
    assert recording.at(51) is None


def test_the_first_start_shows_thirty_days_and_a_level_above_its_mark() -> None:
    """What README promises of the recordings: thirty whole days, and nearly three hours above 1.25 m at the start."""
    level, moisture = sea_level(), soil("E1_second_vwc_pct")
    assert LEVEL_NOW - 30 * DAY >= LEVEL_FIRST
    assert SOIL_NOW - 30 * DAY >= SOIL_FIRST
    half_hours = range(-30 * 48, 1)
    assert all(level.at(LEVEL_NOW + i * HOUR // 2) is not None for i in half_hours)
    assert all(moisture.at(SOIL_NOW + i * HOUR // 2) is not None for i in half_hours)
    marks = [level.at(LEVEL_NOW + m * 60_000) for m in range(-160, 60)]
    assert all(m is not None and m + DATUM >= 1.25 for m in marks)
    before = level.at(LEVEL_NOW - 3 * HOUR)
    assert before is not None
    assert before + DATUM < 1.25


def test_what_is_replayed_fits_the_sensors() -> None:
    """The water never rises to the hanging sensor, nor falls out of its sight, within the stretch that is used."""
    level = sea_level()
    seen = [v for t, v in zip(level.times, level.values, strict=True) if LEVEL_FIRST <= t <= LEVEL_LAST]
    assert MOUNT - DATUM - max(seen) > 0.03
    assert MOUNT - DATUM - min(seen) < 4.5


@given(st.integers(0, 400 * DAY))
def test_a_loop_stays_in_its_stretch(later: int) -> None:
    """Days, months after the first start: always inside, and at the first start exactly at the anchor."""
    for first, last, now in ((LEVEL_FIRST, LEVEL_LAST, LEVEL_NOW), (SOIL_FIRST, SOIL_LAST, SOIL_NOW)):
        loop = Loop(first, last, now, 1_795_225_200_000)
        assert loop.place(1_795_225_200_000) == now
        assert first <= loop.place(1_795_225_200_000 + later) < last


@given(st.integers(1_700_000_000_000, 1_900_000_000_000))
def test_synthetic_devices_stay_plausible(now: int) -> None:
    """What is labelled a simulation still looks like Licin."""
    weather, ground = air(now), chili(now)
    assert 15 < weather["air_temperature"] < 35
    assert 40 < weather["relative_humidity"] <= 98
    assert 15 < ground["soil_moisture"] < 36
    haze, fumes = dust(now), gas(now)
    assert 0 < haze["pm1"] <= haze["pm25"] <= haze["pm10"] < 200
    assert 0 < fumes["so2"] < 0.15
    assert air(now) == weather
