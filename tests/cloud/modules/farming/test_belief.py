"""What the probe teaches: of the depletion, of the crop's thirst, and of itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.farming import belief, probe

from benchmarks.dry_season import compare


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0.5, 9), st.floats(0, 40), st.floats(-20, 80) | st.none()), max_size=40))
def test_doubt_stays_a_doubt(days: list[tuple[float, float, float | None]]) -> None:
    """Whatever comes: variances are none below zero, the covariance fits them, and a word of the probe never makes less sure."""
    known, depletion = belief.begin(10), 20.0
    for crop_et, given_, said in days:
        known = belief.bounded(belief.another_day(known, crop_et, given_), 40)
        if said is not None:
            before = known
            known, corrected = belief.heard(known, depletion, probe.Estimate(said, 10), 90)
            depletion = corrected.state.depletion
            assert known.depletion_variance <= before.depletion_variance + 1e-9
            assert known.thirst_variance <= before.thirst_variance + 1e-9
        assert known.depletion_variance >= 0
        assert known.thirst_variance >= 0
        assert known.covariance**2 <= known.depletion_variance * known.thirst_variance * (1 + 1e-9) + 1e-9
        assert belief.LEAST_THIRST <= known.thirst <= belief.MOST_THIRST


def test_a_probe_that_keeps_saying_more_moves_the_thirst() -> None:
    """A crop that drinks a fifth more than the table: after some days the factor has learned most of it."""
    known, depletion, true = belief.begin(2), 0.0, 0.0
    for _ in range(12):
        depletion, true = depletion + 5.0 * known.thirst, true + 6.0
        known = belief.another_day(known, 5.0, 0.0)
        known, corrected = belief.heard(known, depletion, probe.Estimate(true, 5), 200)
        depletion = corrected.state.depletion
    assert known.thirst == pytest.approx(1.2, abs=0.06)


def test_an_offset_of_the_probe_cancels() -> None:
    """Two probes that differ by 0.05 all the time say the same depletion once each was seen in a full soil."""
    said = []
    for offset in (0.0, 0.05):
        full = probe.Fullness(0.25)
        assert full.content == 0.25
        for _ in range(3):
            full.learn(0.30 + offset, 0.0, 0.5, 0.0)
        said.append(probe.reading(0.24 + offset, full.content, 0.5, full.sd(0.04)).depletion)
    assert said[0] == pytest.approx(said[1]) == pytest.approx(30)


def test_water_that_did_not_come_teaches_nothing() -> None:
    """Reported, but the probe did not move: its reading is no full soil's."""
    full = probe.Fullness(0.25)
    full.pass_by(0.17)
    full.learn(0.171, 4.0, 0.5, 20.0)
    assert full.content == 0.25
    full.learn(0.20, 4.0, 0.5, 20.0)
    assert full.content == pytest.approx(0.208)


def test_a_dry_season_by_advice() -> None:
    """Eight fields of a made-up dry season: a quarter less water than every third day, no more stress; more water than the oracle's by no
    more than a quarter; without a probe the crop suffers more.
    """
    ways = compare(8)
    advice, fixed, oracle = ways["advice, probe"], ways["fixed schedule"], ways["oracle"]
    assert advice["water_mm"] <= 0.75 * fixed["water_mm"]
    assert advice["stress_days"] <= fixed["stress_days"]
    assert advice["water_mm"] < 1.25 * oracle["water_mm"]
    assert advice["mean_ks"] > 0.99
    assert ways["advice, no probe"]["mean_ks"] < advice["mean_ks"]
