"""From raw numbers to readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_bridge.crc8 import crc8_maxim, crc8_sensirion
from kampung_bridge.measure import Measure
from kampung_bridge.reading import FAIL, GOOD, SUSPECT


@given(st.integers(-(2**31), 2**32 - 1), st.sampled_from([0, 1, 2, 3]), st.booleans())
def test_a_count_becomes_the_decimal_people_write(raw: int, places: int, negative: bool) -> None:
    """-25 tenths are exactly the -2.5 of a literal, not 0.1 × -25 = -2.5000000000000004."""
    scale = (-1 if negative else 1) * float(f"1e-{places}")
    measure = Measure(quantity="x", unit="1", scale=scale, span=(-1e12, 1e12))
    assert measure.reading(raw).value == float(f"{-raw if negative else raw}e-{places}")


@pytest.mark.parametrize(
    ("raw", "given", "quality"),
    [
        (0, GOOD, GOOD),
        (1000, GOOD, FAIL),
        (9999, SUSPECT, FAIL),
        (999, GOOD, SUSPECT),
        (999, FAIL, FAIL),
        (500, SUSPECT, SUSPECT),
        (-1, 1, FAIL),
    ],
)
def test_the_worst_judgement_stays(raw: int, given: int, quality: int) -> None:
    measure = Measure(quantity="x", unit="1", scale=0.1, span=(0, 99.9), doubts=(99.9,), faults=(999.9,))
    assert measure.reading(raw, given).quality == quality


def test_a_number_that_is_none_is_a_failure() -> None:
    assert Measure(quantity="x", unit="1", span=(0, 1)).reading(float("nan")).quality == FAIL


def test_checks_are_the_data_sheets() -> None:
    assert crc8_sensirion(bytes.fromhex("BEEF")) == 0x92
    assert crc8_maxim(bytes.fromhex("02 1C B8 01 00 00 00")) == 0xA2  # Maxim application note 27
