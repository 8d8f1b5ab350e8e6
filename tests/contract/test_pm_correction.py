"""Corrections of fine dust: published numbers, and what a formula in pieces must not do at its seams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.errors import InvalidCorrection
from kampung_contract.pm_correction import barkjohn_2021, epa_2021, method, methods
from kampung_contract.quantities import catalogue

dust = st.floats(0, 1000)
humidity = st.floats(0, 100)


@pytest.mark.parametrize(
    ("pm25", "humid", "expected"),
    [
        (10.0, 40.0, 7.542),  # each piece as the slide writes it, and by hand
        (40.0, 40.0, (0.786 * 0.5 + 0.524 * 0.5) * 40 - 0.0862 * 40 + 5.75),
        (100.0, 40.0, 80.902),
        (235.0, 40.0, (0.69 * 0.5 + 0.786 * 0.5) * 235 - 0.0862 * 40 * 0.5 + 2.966 * 0.5 + 5.75 * 0.5 + 8.84e-4 * 235**2 * 0.5),
        (300.0, 40.0, 289.526),
    ],
)
def test_every_piece(pm25, humid, expected):
    assert epa_2021(pm25, humid) == pytest.approx(expected, abs=1e-9)


@given(st.sampled_from([30.0, 50.0, 210.0, 260.0]), humidity)
def test_the_pieces_meet(seam, humid):
    assert epa_2021(seam - 1e-9, humid) == pytest.approx(epa_2021(seam, humid), abs=1e-6)


@given(dust, dust, humidity, humidity)
def test_more_dust_is_never_less_and_wetter_air_never_more(one, other, dry, wet):
    for formula in (epa_2021, barkjohn_2021):
        assert formula(min(one, other), dry) <= formula(max(one, other), dry) + 1e-9
        assert formula(one, max(dry, wet)) <= formula(one, min(dry, wet)) + 1e-9


@given(dust, humidity, st.sampled_from(sorted(methods())))
def test_what_comes_out_is_a_concentration(pm25, humid, name):
    """Never below 0, and within what the catalogue takes for possible."""
    assert catalogue()["pm25_corrected"].plausible(method(name).corrected(pm25, humid))


@given(st.floats(0, 30, exclude_max=True), humidity)
def test_both_methods_agree_in_clean_air(pm25, humid):
    assert epa_2021(pm25, humid) == barkjohn_2021(pm25, humid)


@pytest.mark.parametrize(("one", "other", "agree"), [(1, 5.5, True), (2, 8, False), (100, 150, True), (100, 210, False), (0, 5, True)])
def test_two_channels(one, other, agree):
    """Rejected when more than 5 µg/m³ and more than 70 % of their mean apart."""
    assert method("epa-2021").agree(one, other) is method("epa-2021").agree(other, one) is agree


@pytest.mark.parametrize(
    ("pm25", "humid", "words"),
    [
        (-1.0, 50.0, "pm25 = -1.0: give a concentration"),
        (float("nan"), 50.0, "pm25 = nan"),
        (10.0, 101.0, "humidity = 101.0: give the relative humidity"),
        (10.0, float("nan"), "without one there is no corrected value"),
    ],
)
def test_what_is_no_number_is_refused(pm25, humid, words):
    with pytest.raises(InvalidCorrection, match=words):
        method("epa-2021").corrected(pm25, humid)


def test_methods_name_source_and_climate():
    with pytest.raises(InvalidCorrection, match="there are epa-2021, barkjohn-2021"):
        method("lrapa")
    for found in methods().values():
        assert len(found.source) > 20
        assert "Indonesia" in found.caution["id"]
