"""Randomness by counter: the published sequence, its moments, and smooth curves without steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kampung_sim.scenario.dice import Dice


def test_the_published_sequence() -> None:
    """SplitMix64 seeded with 1234567: the first five numbers of the reference implementation."""
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert Dice(1234567).bits(np.arange(5)).tolist() == expected


def test_moments() -> None:
    """Uniform has mean 1/2 and variance 1/12; normal and smooth have mean 0 and deviation 1, and names are independent."""
    dice, index = Dice.of(3), np.arange(200_000)
    uniform, normal = dice.uniform(index), dice.normal(index)
    assert abs(uniform.mean() - 0.5) < 0.003
    assert abs(uniform.var() - 1 / 12) < 0.001
    assert abs(normal.mean()) < 0.01
    assert abs(normal.std() - 1) < 0.01
    smooth = dice.smooth(np.arange(0, 2 * 10**9, 5_000), 50_000)
    assert abs(smooth.mean()) < 0.02
    assert abs(smooth.std() - 1) < 0.02
    assert abs(np.corrcoef(dice.child("a").normal(index), dice.child("b").normal(index))[0, 1]) < 0.01


@given(st.integers(0, 2**63), st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=50))
def test_an_answer_depends_on_the_question_alone(seed: int, questions: list[int]) -> None:
    """Asked together, one by one, or amid others."""
    dice = Dice.of(seed)
    index = np.array(questions, np.int64)
    for ask in (dice.uniform, dice.normal, lambda i: dice.smooth(i, 60_000)):
        together = ask(index)
        assert [float(ask(np.array([q], np.int64))[0]) for q in questions] == together.tolist()
        assert np.all(np.abs(together) <= 7)


@given(st.integers(0, 2**63), st.integers(-(2**45), 2**45), st.integers(10_000, 10**9))
def test_smooth_has_no_steps(seed: int, around: int, period: int) -> None:
    """Across knots, a thousandth of the period changes it by little."""
    t = around + np.arange(0, 3 * period, max(1, period // 1000))
    assert np.abs(np.diff(Dice.of(seed).smooth(t, period))).max() < 0.05
