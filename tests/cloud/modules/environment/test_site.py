"""The ISPU of a station out of hourly means: only of a day, of the critical parameter, with what stands behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.air_station.setting import AirStation
from kampung_cloud.modules.environment.around import heat_now, last_noise_day, light_now, noise_day
from kampung_cloud.modules.environment.hours import DAY, ENOUGH, HOUR, last_hour, last_midnight, running
from kampung_cloud.modules.environment.ispu import ispu
from kampung_cloud.modules.environment.site import site_air
from kampung_cloud.modules.environment.stations import Station, stations
from kampung_cloud.telemetry.store import SeriesKey
from kampung_contract.documents import Device
from kampung_contract.times import milliseconds

VILLAGE = "35.10.24.2008"
UNITS = {"so2": "ppm", "air_temperature": "Cel", "relative_humidity": "%RH", "uv_index": "1"}
NOON = milliseconds("2026-11-29T12:00:00+07:00")


def key(quantity: str, device: str = "d") -> SeriesKey:
    return SeriesKey(VILLAGE, "k-1", device, quantity, UNITS.get(quantity, "ug/m3"))


def station(*quantities: str) -> Station:
    return Station("k-1.d", VILLAGE, "Balai", tuple(key(q) for q in sorted(quantities)))


def day(value: float, hours: int = 24, at: int = NOON) -> dict[int, float]:
    """The last ``hours`` before ``at``."""
    return {at - n * HOUR: value for n in range(1, hours + 1)}


@given(st.sets(st.integers(1, 60)), st.floats(0, 500))
def test_there_is_an_index_with_eighteen_hours_and_never_with_fewer(there: set[int], value: float) -> None:
    """Hours before the 24 count for nothing."""
    values = {NOON - n * HOUR: value for n in there}
    known = sum(1 for n in there if n <= 24)
    air = site_air(station("pm25"), {"k-1.d.pm25": values}, NOON)
    assert air.parameters[0].hours == known
    assert (air.ispu is not None) == (known >= ENOUGH)
    if air.ispu is not None:
        assert air.ispu.index == ispu("pm25", running(values, NOON).value or 0.0).index


def test_one_bad_hour_is_a_word_and_no_index() -> None:
    """Smoke for an hour: its category is told under its own name, the index stays that of the day."""
    values = day(10.0) | {NOON - HOUR: 180.0}
    air = site_air(station("pm25"), {"k-1.d.pm25": values}, NOON)
    assert air.hour is not None and air.ispu is not None
    assert (air.hour.mean, air.hour.band.name) == (180.0, "Sangat Tidak Sehat")
    assert (air.ispu.concentration, air.ispu.band.name) == (pytest.approx((23 * 10 + 180) / 24), "Sedang")
    alone = site_air(station("pm25"), {"k-1.d.pm25": {NOON - HOUR: 180.0}}, NOON)
    assert (alone.ispu, alone.hour and alone.hour.band.name) == (None, "Sangat Tidak Sehat")


def test_the_critical_parameter_is_the_one_with_the_highest_index() -> None:
    air = site_air(station("pm25", "pm10", "so2"), {"k-1.d.pm25": day(20.0), "k-1.d.pm10": day(40.0), "k-1.d.so2": day(0.060)}, NOON)
    assert [p.pollutant for p in air.parameters] == ["pm25", "pm10", "so2"]
    assert air.critical is not None and air.ispu is not None
    assert (air.critical.pollutant, air.critical.method) == ("so2", "25 °C")
    assert air.critical.mean == pytest.approx(157.1, abs=0.1)
    assert air.ispu.band.name == "Sedang"


def test_corrected_dust_comes_first_and_the_raw_value_stays() -> None:
    place = station("pm25", "pm25_corrected")
    found = {"k-1.d.pm25": day(60.0), "k-1.d.pm25_corrected": day(28.0)}
    (dust,) = site_air(place, found, NOON, "epa-2021").parameters
    assert (dust.mean, dust.raw, dust.method) == (28.0, 60.0, "epa-2021")
    few = {"k-1.d.pm25": day(60.0), "k-1.d.pm25_corrected": day(28.0, hours=17)}
    (dust,) = site_air(place, few, NOON, "epa-2021").parameters
    assert (dust.mean, dust.raw, dust.method) == (60.0, None, "raw")


def test_stations_are_devices_unless_somebody_says_otherwise() -> None:
    keys = [key("pm25", "debu-1"), key("so2", "gas-1"), key("air_temperature", "udara-1"), key("relative_humidity", "udara-1"),
            key("air_temperature", "tanah-1"), key("soil_moisture", "tanah-1")]  # fmt: skip
    devices = {("k-1", "debu-1"): Device("debu-1", "sds011", "Debu di balai", "synthetic"), ("k-1", "gas-1"): Device("gas-1", "x", "Gas")}
    alone = stations([], keys, devices)
    assert [(s.id, s.title, s.origin) for s in alone] == [
        ("k-1.debu-1", "Debu di balai", "synthetic"), ("k-1.gas-1", "Gas", "sensor"), ("k-1.udara-1", "udara-1", "sensor"),
    ]  # fmt: skip
    one = AirStation(id="balai", village=VILLAGE, title="Balai desa", node="k-1", devices=("debu-1", "gas-1", "udara-1"))
    (together,) = stations([one], keys, devices)
    assert (together.id, together.pollutants, together.origin, together.models) == ("balai", ("pm25", "so2"), "synthetic", ("sds011", "x"))


def test_heat_is_of_one_hour_with_both_and_not_of_yesterday() -> None:
    place = station("air_temperature", "relative_humidity")
    t, r = "k-1.d.air_temperature", "k-1.d.relative_humidity"
    hot = heat_now(place, {t: {NOON - HOUR: 33.0}, r: {NOON - HOUR: 70.0}}, NOON)
    assert hot is not None
    assert (hot["felt"], hot["category"], hot["title"]) == (43.5, "danger", "bahaya")
    assert [w["category"] for w in hot["work"]] == ["berhenti"] * 3
    assert heat_now(place, {t: {NOON - 3 * HOUR: 33.0}, r: {NOON - 3 * HOUR: 70.0}}, NOON) is None
    assert heat_now(place, {t: {NOON - HOUR: 33.0}, r: {NOON - 2 * HOUR: 70.0}}, NOON) is None


def test_light_says_nothing_at_night() -> None:
    place = station("uv_index")
    assert light_now(place, {"k-1.d.uv_index": {NOON - HOUR: 0.0}}, NOON) is None
    noon = light_now(place, {"k-1.d.uv_index": {NOON - HOUR: 11.4}}, NOON)
    assert noon is not None and (noon["index"], noon["category"]) == (11, "ekstrem")


def test_noise_needs_day_and_night() -> None:
    """From 06.00 to 06.00: at noon the last whole day ended this morning."""
    begin = last_noise_day(NOON)
    assert begin == milliseconds("2026-11-28T06:00:00+07:00")
    rows = [(begin + n * HOUR + 60_000, 55.0 if n < 16 else 50.0) for n in range(24)]
    whole = noise_day(rows, NOON)
    assert whole is not None and (round(whole.value, 6), whole.ls, whole.lm) == (55.0, pytest.approx(55), pytest.approx(50))
    assert noise_day(rows[:16], NOON) is None
    assert noise_day(rows[5:], NOON) is None


def test_an_hour_is_over_when_its_readings_had_time_to_come() -> None:
    assert last_hour(NOON + 119_000) == NOON - HOUR
    assert last_hour(NOON + 120_000) == NOON
    assert last_midnight(NOON) == milliseconds("2026-11-29T00:00:00+07:00") == NOON - DAY // 2
