"""Many kiosks with a backlog at one regency: fresh readings are not kept waiting, and no time is lost."""

from __future__ import annotations

import heapq
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_edge.flight import Flight
from kampung_edge.width import FIRST, LEAST, Width


def drained(kiosks: int, packs: int, rate: float, way: float) -> tuple[float, list[float]]:
    """Seconds until all is receipted, and how long each pack waited: one queue, so many packs a second, ``way`` seconds there and back."""
    flights, left = [Flight(256, 1000.0) for _ in range(kiosks)], [packs] * kiosks
    sent: dict[tuple[int, int], float] = {}
    arriving: list[tuple[float, int, int]] = []
    queue: deque[tuple[int, int]] = deque()
    told: deque[tuple[float, int, int]] = deque()
    now, waits = 0.0, []

    def send(kiosk: int) -> None:
        while left[kiosk] and flights[kiosk].rest():
            seq = left[kiosk]
            left[kiosk] -= 1
            flights[kiosk].sent(seq, now)
            sent[kiosk, seq] = now
            heapq.heappush(arriving, (now + way / 2, kiosk, seq))

    for kiosk in range(kiosks):
        send(kiosk)
    while arriving or queue or told:
        if not queue:
            now = max(now, min(x[0][0] for x in (arriving, told) if x))
        while arriving and arriving[0][0] <= now:
            queue.append(heapq.heappop(arriving)[1:])
        if queue:
            now += 1 / rate
            told.append((now + way / 2, *queue.popleft()))
        while told and told[0][0] <= now:
            _, kiosk, seq = told.popleft()
            waits.append(now - sent[kiosk, seq])
            flights[kiosk].receipted([seq], None, now)
            send(kiosk)
    return now, waits


@pytest.mark.parametrize("rate", [200.0, 1000.0])
def test_a_regency_that_comes_back_at_once(rate: float) -> None:
    """125 kiosks, a day each; without this every fresh reading would wait behind all of it: 11 or 56 s."""
    seconds, waits = drained(125, 90, rate, 0.02)
    assert seconds < 1.1 * 125 * 90 / rate + 0.1
    assert sorted(waits)[int(len(waits) * 0.95)] < 1.3


@pytest.mark.parametrize("way", [0.02, 0.6])
def test_one_kiosk_alone_loses_no_time(way: float) -> None:
    """Near or behind a satellite: it is its own delay that counts, not how long the way is."""
    seconds, _ = drained(1, 5_000, 250.0, way)
    assert seconds < 1.1 * 5_000 / 250.0 + 10 * way


def test_what_is_fresh_needs_no_such_room() -> None:
    flight = Flight(256, 10.0)
    flight.sent(1, 0.0)
    assert (flight.rest(), flight.room()) == (0, 255)
    flight.receipted([], 1, 1.0)
    assert flight.room() == 0  # the cloud's word counts for all


def test_a_pack_that_was_sent_twice_says_nothing() -> None:
    """Nobody knows which of the two was receipted."""
    flight = Flight(256, 10.0)
    flight.sent(1, 0.0)
    flight.sent(1, 50.0)
    flight.receipted([1], None, 50.01)
    assert flight.rest() == FIRST
    flight.sent(2, 51.0)
    flight.receipted([2], None, 51.01)
    assert flight.rest() == FIRST + 1


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 100), st.integers(0, 300), st.floats(0, 5)), max_size=60))
def test_it_never_comes_to_a_stop(receipts: list[tuple[int, float, int, float]]) -> None:
    width, now = Width(), 0.0
    for count, seconds, under_way, pause in receipts:
        now += pause
        width.receipted(count, now - seconds, under_way, now)
        assert LEAST <= width.limit < 1e6
