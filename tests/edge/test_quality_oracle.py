"""Our streaming tests against ioos_qc, the reference of QARTOD's tests, which sees a whole series at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from ioos_qc import qartod
from kampung_contract.pack import FAIL, GOOD, NOT_EVALUATED, SUSPECT
from kampung_contract.quality import together
from kampung_edge.check_setting import CheckSetting, SpikeSetting, StillSetting
from kampung_edge.checks.rate import RateCheck
from kampung_edge.checks.spike import SpikeCheck
from kampung_edge.checks.still import StillCheck
from kampung_edge.quality import Quality

START, STEP = 1_790_000_000, 60
values = st.lists(st.integers(-8, 8) | st.integers(-100, 100), min_size=3, max_size=60)
"""Readings a minute apart; whole numbers, since both sides round differences in their own way."""
resting = st.lists(st.tuples(st.integers(-2, 2), st.integers(1, 15)), min_size=1, max_size=12).map(
    lambda runs: [v for v, count in runs for _ in range(count)]
)


def times(series: list[int]) -> list[int]:
    """Seconds."""
    return [START + STEP * i for i in range(len(series))]


def feed(check, series: list[int]) -> list:
    return [check(1000 * t, float(v)) for t, v in zip(times(series), series, strict=True)]


@given(values, st.integers(-50, 0), st.integers(1, 50), st.integers(0, 20), st.integers(0, 20))
def test_gross_range(series, low, high, below, above):
    own = CheckSetting(range=(low - below, high + above), usual=(low, high), source="the test")
    quality = Quality({"d": {"gauge": own}})
    ours = [quality.judge("d", "gauge", (1000 * t, v), GOOD) for t, v in zip(times(series), series, strict=True)]
    assert ours == qartod.gross_range_test(series, (low - below, high + above), (low, high)).tolist()


@given(values, st.integers(1, 12), st.integers(0, 40))
def test_spike(series, suspect, more):
    """The verdict on each reading once its neighbour is there; of the last one nothing is known yet."""
    check = SpikeCheck(SpikeSetting(suspect=suspect, fail=suspect + more, within=STEP))
    heard = feed(check.hear, series)
    theirs = qartod.spike_test(series, suspect, suspect + more, method="differential").tolist()
    assert [*(h.verdict for h in heard[1:]), NOT_EVALUATED] == theirs
    assert [h.said for h in heard[1:]] == [h.flag for h in heard[:-1]]


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=40), st.integers(1, 38), st.sampled_from([-20, 20]), st.booleans())
def test_a_lone_spike_is_doubted_when_it_comes(series, place, height, back):
    """And nothing but it: a step, which does not come back, costs the same one reading and turns out to be none."""
    place = 1 + place % (len(series) - 2)
    moved = [v + height * (i == place or (not back and i > place)) for i, v in enumerate(series)]
    heard = feed(SpikeCheck(SpikeSetting(suspect=10, fail=13, within=STEP)).hear, moved)
    assert [h.flag for h in heard] == [SUSPECT if i == place else GOOD for i in range(len(series))]
    assert heard[place + 1].verdict == (FAIL if back else GOOD)


@given(resting, st.integers(4, 12), st.integers(0, 12), st.integers(1, 4))
def test_flat_line(series, count, more, change):
    """Exactly, where readings come evenly; over gaps ours says nothing (test_quality)."""
    check = StillCheck(StillSetting(seconds=count * STEP, fail=(count + more) * STEP, change=change))
    theirs = qartod.flat_line_test(series, np.array(times(series)), count * STEP, (count + more) * STEP, change).tolist()
    assert feed(check.flag, series) == theirs


@given(values, st.integers(1, 20))
def test_rate_of_change(series, change):
    """Ours flags what QARTOD flags, but for readings that only come back to what was believed before: a spike costs itself alone."""
    check = RateCheck(((STEP, change),))
    ours = feed(check.suspect, series)
    theirs = qartod.rate_of_change_test(series, np.array(times(series)), change / STEP).tolist()
    believed = None
    for value, mine, (at, flag) in zip(series, ours, enumerate(theirs), strict=True):
        jumped = flag == SUSPECT
        came_back = believed is not None and (at - believed[0] > 1 or abs(value - believed[1]) <= change)
        assert mine == (jumped and not came_back), (at, value)
        if not mine:
            believed = (at, value)


@given(st.lists(st.sampled_from([1, 2, 3, 4, 9]), min_size=1, max_size=6))
def test_flags_together(flags):
    """9 < 2 < 1 < 3 < 4."""
    assert together(flags) == qartod.qartod_compare([np.array([flag]) for flag in flags]).tolist()[0]
