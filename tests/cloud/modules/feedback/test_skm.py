"""The satisfaction index, by the regulation's rounding."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.modules.feedback.skm import satisfaction


def test_satisfaction_of_the_regulation():
    assert satisfaction([4] * 9, 1).index == 100 and satisfaction([4] * 9, 1).grade == "A"
    assert satisfaction([1] * 9, 1).index == 25 and satisfaction([1] * 9, 1).grade == "D"
    assert satisfaction([30] * 9, 10).index == Decimal("75.00")


def test_the_bands_have_no_hole():
    assert satisfaction([2758] * 8 + [2758 - 8 * 0], 900).index == Decimal("76.61")
    for n in (1, 7, 36, 1000):
        grades = [satisfaction(_spread(total, n), n) for total in range(9 * n, 36 * n + 1, max(1, n // 7))]
        assert [g.index for g in grades] == sorted(g.index for g in grades)
        order = [g.grade for g in grades]
        assert order == sorted(order, reverse=True) and set(order) <= set("ABCD")


@given(st.integers(1, 5000), st.data())
def test_the_index_is_the_mean_of_nine_times_25_rounded_half_up(n, data):
    sums = data.draw(st.lists(st.integers(n, 4 * n), min_size=9, max_size=9))
    found = satisfaction(sums, n)
    assert abs(Fraction(found.index) - Fraction(25 * sum(sums), 9 * n)) <= Fraction(1, 200)
    assert 25 <= found.index <= 100


def test_sums_that_nobody_gave_are_refused():
    for sums, n, said in (
        ([4] * 8, 1, "8 numbers"),
        ([5] + [4] * 8, 1, "persyaratan = 5"),
        ([1] * 9, 0, "nobody has answered"),
        ([0] * 9, 1, "persyaratan = 0"),
    ):
        with pytest.raises(ValueError, match=said):
            satisfaction(sums, n)


def _spread(total, n):
    each, rest = divmod(total, 9)
    return [each + (at < rest) for at in range(9)]
