"""Times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.times import WIB, milliseconds, text

LATEST = 253_402_275_599_999
"""The end of year 9999 in WIB."""


@given(st.integers(-2_000_000_000_000, LATEST))
def test_text_and_back(ms: int) -> None:
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).astimezone(WIB)
    assert text(ms) == moment.isoformat(timespec="milliseconds")
    assert milliseconds(text(ms)) == ms
