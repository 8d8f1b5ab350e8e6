"""What may be under way, and what is sent again."""

from __future__ import annotations

from kampung_edge.flight import Flight


def flight_of(*numbers, window=4, resend_s=10.0):
    flight = Flight(window, resend_s)
    for number in numbers:
        flight.sent(number, 0.0)
    return flight


def test_window_and_credit():
    """Credit lowers the window, never below one and never above what is configured."""
    flight = flight_of(1, 2)
    assert flight.room() == 2
    flight.receipted([], 3, 1.0)
    assert flight.room() == 1
    flight.receipted([1, 2], 0, 1.0)
    assert flight.room() == 1
    flight.receipted([], 99, 1.0)
    assert flight.room() == 4


def test_all_that_is_late_goes_again_while_receipts_come():
    """The cloud lives: what it has not named was lost."""
    flight = flight_of(1, 2, 3)
    assert flight.overdue(9.0) == []
    flight.receipted([2], None, 5.0)
    assert flight.overdue(10.0) == [1, 3]


def test_one_asks_for_all_while_no_receipt_comes():
    """A village pays for its bytes: each resend time one pack, in turn, until the cloud stores again."""
    flight = flight_of(1, 2, 3)
    asked = []
    for now in range(10, 45, 1):
        for seq in flight.overdue(float(now)):
            asked.append((now, seq))
            flight.sent(seq, float(now))
    assert asked == [(10, 1), (20, 2), (30, 3), (40, 1)]
    flight.receipted([1], None, 45.0)
    assert flight.overdue(45.0) == [2, 3] or flight.overdue(45.0) == [2]


def test_stalled_counts_from_the_last_receipt():
    """Waiting without progress is what makes a link down, not waiting alone."""
    flight = flight_of(1, 2)
    assert flight.stalled_s(16.0) == 16.0
    flight.receipted([1], None, 10.0)
    assert flight.stalled_s(16.0) == 6.0
    flight.receipted([2], None, 16.0)
    assert flight.stalled_s(99.0) == 0.0
