"""Backfill on a link of any speed: fresh readings never wait long behind it."""

from __future__ import annotations

from collections import deque

import pytest
from kampung_edge.pace import LEAST, Pace

SIZE = 400


def drain(pace: Pace, rate: float, delay: float, seconds: float) -> tuple[float, list[float]]:
    """A link of ``rate`` bytes a second; gives bytes a second taken, and how long each publication took."""
    now = free = 0.0
    under, done, waits = 0, 0, []
    queue: deque[tuple[float, float, int]] = deque()  # (given, taken, bytes under way then)
    while now < seconds:
        while pace.budget(under, now) > 0:
            free = max(free, now) + SIZE / rate
            under += SIZE
            queue.append((now, free + delay, under))
            pace.spent(SIZE)
        if not queue:
            now += 0.1
            continue
        given, taken, before = queue.popleft()
        now = max(now, taken)
        pace.acknowledged(now - given, SIZE, before, now)
        under, done = under - SIZE, done + SIZE
        waits.append(now - given)
    return done / now, waits


@pytest.mark.parametrize(("rate", "delay"), [(5_600, 0.3), (56_000, 0.1), (56_000, 0.8), (2_000_000, 0.005)])
def test_uses_the_link_and_keeps_the_queue_short(rate, delay):
    """At least half of what the link gives (up to a window of 1 MB), and 95 of 100 wait under a second and the link's own delay."""
    taken, waits = drain(Pace(), rate, delay, 30)
    assert taken > 0.5 * min(rate, 1_000_000)
    late = sorted(waits[len(waits) // 4 :])
    assert late[int(len(late) * 0.95)] < delay + 1.2


def test_a_long_drain_does_not_creep():
    """The link's own delay is looked for anew, so that a queue of our own making is not taken for it."""
    _, waits = drain(Pace(), 56_000, 0.1, 900)
    late = sorted(waits[-len(waits) // 5 :])
    assert late[int(len(late) * 0.95)] < 0.1 + 0.8


def test_a_rate_is_kept():
    """``uplink.backfill_bytes_s``."""
    taken, _ = drain(Pace(2_000), 1_000_000, 0.01, 60)
    assert 1_500 < taken < 2_500


def test_never_stops_altogether():
    """However slow the link becomes, a pack at a time goes."""
    pace = Pace()
    for i in range(200):
        pace.acknowledged(0.01 if i == 0 else 30.0, 400, 4_000, i * 31.0 % 59)
    assert pace.limit >= LEAST
    assert pace.budget(0, 1e9) >= LEAST
