"""The two clocks."""

import threading
import time

import pytest
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


def test_two_processes_given_the_same_beginning_agree() -> None:
    wall = Wall(100 * DAY + 3210)
    assert RehearsalClock(70 * DAY, 20, 100 * DAY, wall).now_ms() == RehearsalClock(70 * DAY, 20, 100 * DAY, wall).now_ms()


def test_a_rehearsal_never_waits_past_its_end() -> None:
    """An hour of rehearsed time after the end is an hour; the caller must look again when life begins."""
    now = SystemClock().now_ms()
    clock = RehearsalClock(now - 30 * DAY, 0.1, now)
    begun = time.monotonic()
    assert not clock.wait_until(now + DAY, threading.Event())
    assert time.monotonic() - begun < 1
    assert not clock.rehearsing


def test_waiting_is_scaled_in_a_rehearsal() -> None:
    now = SystemClock().now_ms()
    clock = RehearsalClock(now - 30 * DAY, 10, now)
    target = now - 30 * DAY + 6 * 3_600_000  # 0.08 s of true time
    begun = time.monotonic()
    clock.wait_until(target, threading.Event())
    assert time.monotonic() - begun < 1
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
    assert time.monotonic() - begun < 1


def test_a_rehearsal_that_would_run_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="use an earlier start"):
        RehearsalClock(2 * DAY, 10, DAY)
