"""Pauses before another try."""

import random

from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.backoff import Backoff


@given(st.floats(0.01, 10), st.floats(1, 100), st.floats(0, 1), st.integers(1, 40))
def test_pauses_double_to_the_longest_and_never_leave_their_range(first: float, times: float, least: float, tries: int) -> None:
    longest = first * times
    backoff = Backoff(first, longest, least)
    for turn in range(tries):
        whole = min(first * 2.0**turn, longest)
        assert least * whole * 0.999 <= backoff.pause() <= whole * 1.001
    backoff.forgive()
    assert backoff.pause() <= first


def test_chance_is_not_the_programs_common_one() -> None:
    """Two programs seeded alike, or one whose tests seed it, still wait differently; and a pause does not change what others draw."""
    random.seed(1)
    before = random.getstate()
    assert len({Backoff(1, 60, 0).pause() for _ in range(20)}) > 1
    assert random.getstate() == before
