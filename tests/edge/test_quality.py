"""Quality control at the source: flags beside readings, from numbers with a source, and nothing is ever dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.errors import ConfigurationError
from kampung_contract.machine import Row
from kampung_contract.pack import FAIL, GOOD, SUSPECT, decode
from kampung_contract.quantities import catalogue
from kampung_contract.rules import parse_rule
from kampung_contract.track import Track
from kampung_edge.check_setting import CheckSetting, SpikeSetting, StillSetting
from kampung_edge.checks.rate import NEIGHBOUR, RateCheck
from kampung_edge.checks.still import StillCheck
from kampung_edge.config import load
from kampung_edge.quality import Quality

MINUTE = 60_000
STEPS = ((60.0, 3.0), (3600.0, 4.0))
STILL = StillSetting(seconds=3600, change=1.0)

series = st.lists(st.tuples(st.integers(0, 40) | st.integers(0, 6000), st.integers(-60, 60)), max_size=60).map(
    lambda steps: [(sum(s for s, _ in steps[: i + 1]) * 1000, v / 4) for i, (_, v) in enumerate(steps)]
)
"""Readings at growing times, seconds apart or an hour and more."""


def flags(quality: Quality, name: str, readings) -> list[int]:
    return [quality.judge("d", name, (t, v), GOOD) for t, v in readings]


def test_numbers_have_a_source():
    """A limit nobody can look up is not used; steps grow."""
    for quantity in catalogue().values():
        for limit in (quantity.rate, quantity.still, quantity.usual):
            assert limit is None or len(limit.source) > 10
        usual = (quantity.usual.low, quantity.usual.high) if quantity.usual else None
        CheckSetting(
            range=(quantity.low, quantity.high), usual=usual, rate=quantity.rate.steps if quantity.rate else (), source=quantity.source
        )
    weather = {"air_temperature", "relative_humidity", "air_pressure", "wind_speed", "dew_point", "solar_irradiance"}
    assert {q.name for q in catalogue().values() if q.rate} == weather


def test_where_the_norms_say_nothing_nothing_is_checked():
    """A river may jump and rest as it likes."""
    readings = [(i * 10_000, v) for i, v in enumerate([0.1, 9.0, 0.1, 9.0] + [0.5] * 1000)]
    assert set(flags(Quality(), "water_level", readings)) == {GOOD}


def test_a_spike_costs_itself_and_not_its_neighbours():
    readings = [(i * 10_000, v) for i, v in enumerate([25.0, 25.1, 33.0, 25.2, 25.1])]
    assert flags(Quality(), "air_temperature", readings) == [1, 1, SUSPECT, 1, 1]


def test_a_true_step_costs_one_reading():
    """An outflow of cold air: what stands by it is believed."""
    readings = [(i * 10_000, v) for i, v in enumerate([30.0, 24.0, 23.9, 24.0, 30.0, 30.1])]
    assert flags(Quality(), "air_temperature", readings) == [1, SUSPECT, 1, 1, SUSPECT, 1]


def test_longer_gaps_allow_longer_limits_and_the_longest_none():
    """3 degrees within a minute, 4 within an hour, 25 within twelve hours, and nothing is said of a day."""
    for gap, change, flag in [
        (60_010, 3.0, GOOD), (60_010, 3.1, SUSPECT), (20 * MINUTE, 4.0, GOOD), (20 * MINUTE, 4.1, SUSPECT),
        (12 * 60 * MINUTE, 24.9, GOOD), (12 * 60 * MINUTE, 25.1, SUSPECT), (24 * 60 * MINUTE, 29.0, GOOD),
    ]:  # fmt: skip
        assert flags(Quality(), "air_temperature", [(0, 8.0), (gap, 8.0 + change)])[1] == flag, (gap, change)


def test_a_clock_set_back_proves_nothing():
    quality = Quality()
    assert flags(quality, "air_temperature", [(10 * MINUTE, 20.0), (0, 30.0), (10_000, 30.1), (20_000, 36.0)]) == [1, 1, 1, SUSPECT]


def test_what_failed_is_no_reference():
    """Out of range, or a fault of the device: the next reading is compared with what was believed before."""
    quality = Quality()
    assert quality.judge("d", "air_temperature", (0, 25.0), GOOD) == GOOD
    assert quality.judge("d", "air_temperature", (10_000, 85.0), GOOD) == FAIL
    assert quality.judge("d", "air_temperature", (20_000, 40.0), FAIL) == FAIL
    assert quality.judge("d", "air_temperature", (30_000, 25.2), GOOD) == GOOD
    assert quality.flagged == {"range": 1}


def test_humidity_that_rests_at_99_9():
    """After an hour without movement it is suspect, until it moves again; a device's own doubt stays all the while."""
    quality = Quality()
    resting = [(i * MINUTE, 99.9) for i in range(90)]
    assert flags(quality, "relative_humidity", resting) == [1] * 60 + [SUSPECT] * 30
    assert quality.judge("d", "relative_humidity", (90 * MINUTE, 97.0), GOOD) == GOOD
    assert Quality().judge("d", "relative_humidity", (0, 99.9), SUSPECT) == SUSPECT
    assert quality.flagged["still"] == 30


def test_a_calm_is_legal_and_a_stuck_wind_is_not():
    calm = [(i * MINUTE, 0.0) for i in range(90)]
    assert set(flags(Quality(), "wind_speed", calm)) == {GOOD}
    assert flags(Quality(), "wind_speed", [(t, 7.0) for t, _ in calm])[-1] == SUSPECT


def test_silence_is_not_stillness():
    """Two equal readings an hour apart prove nothing, nor does an hour with a hole in it."""
    assert set(flags(Quality(), "relative_humidity", [(i * 60 * MINUTE, 80.0) for i in range(5)])) == {GOOD}
    holed = [(i * MINUTE, 80.0) for i in range(50)] + [(i * MINUTE, 80.0) for i in range(70, 125)]
    assert set(flags(Quality(), "relative_humidity", holed)) == {GOOD}


@given(series)
def test_the_rate_check_flags_no_more_than_the_norm(readings):
    """The plain test compares neighbours; ours flags a part of what that flags, and nothing after the longest gap."""
    check = RateCheck(STEPS)
    longest = STEPS[-1][0] * NEIGHBOUR * 1000
    for before, (t, v) in zip([None, *readings], readings, strict=False):
        ours = check.suspect(t, v)
        if before is None or t - before[0] >= longest:
            assert not ours
        elif ours:
            allowed = next(change for seconds, change in STEPS if t - before[0] < NEIGHBOUR * 1000 * seconds)
            assert abs(v - before[1]) > allowed


@given(series, st.integers(0, 59), st.integers(8, 50))
def test_a_lone_spike_in_a_quiet_series_is_always_seen(readings, place, height):
    """Whatever the pace, as long as neighbours are near enough to say something."""
    times = sorted({t // 50 for t, _ in readings} | {0, 1000, 2000})
    place = 1 + place % (len(times) - 2)
    check = RateCheck(STEPS)
    found = [check.suspect(t, 20.0 + height * (i == place)) for i, t in enumerate(times)]
    near = times[place] - times[place - 1] < STEPS[-1][0] * NEIGHBOUR * 1000
    assert found == [near and i == place for i in range(len(times))]


@given(st.lists(st.tuples(st.integers(1, 600), st.integers(0, 12)), min_size=1, max_size=80))
def test_stillness_is_never_early_and_at_most_one_time_late(steps):
    """Against a look at every reading of the last hour: flagged only when all of them lie together, and after two hours certainly."""
    check, past, now = StillCheck(STILL), [], 0
    for step, value in steps:
        now += step * 1000
        past.append((now, value / 10))
        ours = check.suspect(now, value / 10)
        hours = [[v for t, v in past if t >= now - hours * 3_600_000] for hours in (1, 2)]
        moved = [round(max(values) - min(values), 9) >= STILL.change for values in hours]
        covered = past[0][0] <= now - 2 * 3_600_000
        assert not ours or not moved[0]
        assert ours or moved[1] or not covered


@given(series, st.sampled_from(sorted(catalogue())), st.sampled_from([1, 2, 3, 4, 9]))
def test_no_flag_is_ever_made_better(readings, name, own):
    """Every reading gets one of QARTOD's flags; a worse judgement of the device stays."""
    quality = Quality()
    for t, v in readings:
        flag = quality.judge("d", name, (t, v), own)
        assert flag in (1, 2, 3, 4, 9)
        assert flag == own if own in (4, 9) else flag >= own


def test_a_typing_error_of_10_cm_raises_no_alarm():
    """555, 10, 600 cm (norms): the gauge's own spike limit doubts it when it comes, and every kind of rule leaves it alone."""
    own = CheckSetting(spike=SpikeSetting(suspect=1.0, within=3600, fail=2.0), source="the range between two readings in 3 years")
    later = []
    quality = Quality({"d": {"water_level": own}}, later=lambda *told: later.append(told))
    levels = [5.50, 5.55, 0.10, 6.00, 6.02, 60.0, 6.05]
    rows = [Row(i * 600_000, "d", v, quality.judge("d", "water_level", (i * 600_000, v), GOOD)) for i, v in enumerate(levels, 1)]
    assert [row.flag for row in rows] == [1, 1, SUSPECT, 1, 1, FAIL, 1]
    assert later == [("d", "water_level", (3 * 600_000, 0.1), FAIL, "spike")]
    base = {"id": "r", "village": "35.10.24.2008", "for": "0s", "clear_for": "0s", "severity": 3, "source": "a test", "fresh": "1h"}
    base |= {"title": {"id": "Banjir"}, "message": {"id": "Air {value}"}}
    level = {"quantity": "water_level", "unit": "m"}
    for when in (
        {"type": "threshold", "threshold": 1.0, "clear": 1.5, "direction": "below"},
        {"type": "threshold", "threshold": 9.0, "clear": 8.0},
        {"type": "rise", "change": 1.0, "within": "30m", "clear": 0.1},
        {"type": "rise", "change": -1.0, "within": "30m", "clear": -0.1},
        {"type": "reach", "level": 9.5, "within": "30m", "over": "30m", "clear": "60m"},
    ):
        rule = parse_rule(base | {"when": level | when})
        for flags, alarms in ((True, 0), (False, 1)):
            track = Track(rule, lambda *_: True, lambda *_: ())
            track.take([row if flags else row._replace(flag=GOOD) for row in rows if not flags or row.flag != FAIL])
            assert bool(track.episodes) == bool(alarms), (when, flags)


def test_series_are_judged_apart():
    quality = Quality()
    assert quality.judge("a", "air_temperature", (0, 20.0), GOOD) == quality.judge("b", "air_temperature", (1000, 35.0), GOOD) == GOOD


FILE = """
[[port]]
url = "dev/river"
[[port.device]]
name = "river-1"
profile = "a02yyuw"
[port.device.derive]
quantity = "water_level"
from = "distance"
gain = -1
offset = 3.0
unit = "m"
[port.device.check.water_level]
source = "a survey of the bank"
{check}
"""


def test_the_file_may_say_otherwise(make_edge, until):
    """Of this gauge in this river: a range, a rate, a stillness; and all readings reach the spool with their flags."""
    edge = make_edge(more="[spool]\ncommit_ms = 20\n" + FILE.format(check="range = [0.0, 2.0]\nrate = [[600, 0.5]]"))
    for t, value in [(0, 1.0), (10, 1.9), (20, 1.1), (30, 2.1), (40, 1.0)]:
        edge.intake.take("river-1", "water_level", value, "m", GOOD, 1_790_000_000_000 + t * 1000)
    packs = until(lambda: [p for w in edge.spool.peek(10) if (p := decode(w.payload)).count == 5], "they are stored")
    (column,) = packs[0].series
    assert (column.v, column.q) == ([1.0, 1.9, 1.1, 2.1, 1.0], [1, 3, 1, 4, 1])
    assert edge.health.object()["intake"]["flagged"] == {"rate": 1, "range": 1}


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("range = [2.0, 1.0]", "is empty"),
        ("rate = [[600, 0.5], [60, 0.1]]", "longer times come later"),
        ("rate = [[-1, 0.5]]", "greater than 0"),
        ("still = true", "still"),
        ("still = { seconds = 3600 }", "missing"),
        ("raet = []", "did you mean rate"),
    ],
)
def test_a_check_that_cannot_be_is_refused(write_config, check, message):
    with pytest.raises(ConfigurationError, match=message):
        load(write_config(more=FILE.format(check=check)))


def test_a_check_of_something_else_is_refused(write_config):
    with pytest.raises(ConfigurationError, match=r"check.distance: river-1 delivers no 'distance'; it delivers water_level"):
        load(write_config(more=FILE.format(check="").replace("check.water_level", "check.distance")))


def test_checks_can_be_switched_off(write_config):
    own = CheckSetting(rate=(), still=False)
    quality = Quality({"d": {"air_temperature": own}})
    assert set(flags(quality, "air_temperature", [(i * 10_000, v) for i, v in enumerate([20.0, 30.0] + [25.0] * 1000)])) == {GOOD}
