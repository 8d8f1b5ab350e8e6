"""The sun's height, against astral, which reckons with other formulas."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from astral import Observer
from astral.sun import elevation as reference
from hypothesis import given
from hypothesis import strategies as st
from kampung_edge.sun import elevation


@given(st.datetimes(datetime(2020, 1, 1), datetime(2049, 12, 31)), st.floats(-8.9, -7.4), st.floats(113.4, 114.8))
def test_as_astral_says(at, latitude, longitude):
    at = at.replace(tzinfo=UTC)
    expected = reference(Observer(latitude, longitude), at, with_refraction=False)
    assert elevation(round(at.timestamp() * 1000), latitude, longitude) == pytest.approx(expected, abs=0.1)
