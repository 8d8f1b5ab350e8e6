"""The short form of benchmarks/receipts_lost.py: a real edge behind a link that loses receipts."""

from __future__ import annotations

from benchmarks.receipts_lost import lose

COUNT, SHARE = 600, 0.2


def test_a_fifth_of_the_receipts_is_lost_and_no_row() -> None:
    """Packs whose receipt is lost are sent again, and are stored once."""
    done = lose(COUNT, SHARE, seconds=120)
    assert done.rows == COUNT
    assert done.dropped > 0
