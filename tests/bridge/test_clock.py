"""The two clocks."""

import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_bridge.clock import RehearsalClock, SystemClock

DAY = 86_400_000


class Wall:
    """True time, moved by hand, in ms."""

    def __init__(self, ms: float) -> None:
        self.ms = ms

    def __call__(self) -> int:
        return int(self.ms * 1_000_000)


def test_a_rehearsal_runs_evenly_and_ends_in_the_present() -> None:
    wall = Wall(100 * DAY)
    clock = RehearsalClock(70 * DAY, 20, 100 * DAY, wall)
    assert (clock.rehearsing, clock.now_ms()) == (True, 70 * DAY)
    wall.ms += 10_000
    assert clock.now_ms() == pytest.approx(85 * DAY + 10_000, abs=2)
    wall.ms += 9_999.9
    assert clock.now_ms() <= clock.ends_at_ms
    wall.ms += 0.1
    assert (clock.rehearsing, clock.now_ms()) == (False, 100 * DAY + 20_000)
    wall.ms += 12_345
    assert clock.now_ms() == 100 * DAY + 32_345


def test_the_last_day_takes_a_quarter_of_the_time() -> None:
    wall = Wall(100 * DAY)
    clock = RehearsalClock(70 * DAY, 20, 100 * DAY, wall, settle_ms=DAY)
    told = []
    for _ in range(200):
        told.append(clock.now_ms())
        wall.ms += 100
    assert told[0] == 70 * DAY
    assert told[150] == pytest.approx(99 * DAY + 20_000, abs=2)
    assert told[175] == pytest.approx(99.5 * DAY + 20_000, abs=2)
    assert all(a < b for a, b in pairwise(told))
    assert (clock.rehearsing, clock.now_ms()) == (False, 100 * DAY + 20_000)


@given(
    span=st.integers(1, 60 * DAY),
    seconds=st.floats(0.1, 100),
    settle=st.integers(0, 3 * DAY),
    share=st.floats(0, 1.2),
    later=st.floats(0, 60),
)
def test_a_wait_ends_where_it_should(span: int, seconds: float, settle: int, share: float, later: float) -> None:
    wall = Wall(100 * DAY)
    clock = RehearsalClock(100 * DAY - span, seconds, 100 * DAY, wall, settle_ms=settle)
    end = clock.ends_at_ms
    wall.ms += share * seconds * 1000
    now = clock.now_ms()
    assert 100 * DAY - span <= now <= max(end, wall.ms)
    target = now + round(later * 1000)
    asked: list[float] = []
    stop = threading.Event()
    stop.wait = lambda timeout=None: asked.append(timeout or 0.0) or False  # type: ignore[method-assign,func-returns-value]
    clock.wait_until(target, stop)
    wall.ms += sum(asked) * 1000
    assert clock.now_ms() == pytest.approx(min(target, end) if share < 1 and now < end else target, abs=3 + span / seconds / 1e6)


def test_two_processes_given_the_same_beginning_agree() -> None:
    wall = Wall(100 * DAY + 3210)
    assert RehearsalClock(70 * DAY, 20, 100 * DAY, wall).now_ms() == RehearsalClock(70 * DAY, 20, 100 * DAY, wall).now_ms()


def test_a_rehearsal_never_waits_past_its_end() -> None:
    """An hour of rehearsed time after the end is an hour; the caller must look again when life begins."""
    now = SystemClock().now_ms()
    clock = RehearsalClock(now - 30 * DAY, 0.1, now)
    begun = time.monotonic()
    assert not clock.wait_until(now + DAY, threading.Event())
    assert time.monotonic() - begun < 30
    assert not clock.rehearsing


def test_waiting_is_scaled_in_a_rehearsal() -> None:
    now = SystemClock().now_ms()
    clock = RehearsalClock(now - 30 * DAY, 10, now)
    target = now - 30 * DAY + 6 * 3_600_000  # 0.08 s of true time
    begun = time.monotonic()
    clock.wait_until(target, threading.Event())
    assert time.monotonic() - begun < 30
    assert clock.now_ms() >= target - 60_000


@pytest.mark.parametrize("clock", [SystemClock(), RehearsalClock(0, 1000, SystemClock().now_ms())])
def test_a_stop_ends_the_wait(clock: SystemClock | RehearsalClock) -> None:
    stop = threading.Event()
    threading.Timer(0.02, stop.set).start()
    assert clock.wait_until(clock.now_ms() + 10**15, stop)
    assert clock.wait_until(0, stop)


def test_the_limit_is_true_time() -> None:
    begun = time.monotonic()
    assert not SystemClock().wait_until(2**60, threading.Event(), 0.02)
    assert time.monotonic() - begun < 30


def test_a_rehearsal_that_would_run_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="use an earlier start"):
        RehearsalClock(2 * DAY, 10, DAY)
