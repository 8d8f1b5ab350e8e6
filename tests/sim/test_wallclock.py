"""A program's own wall clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from kampung_sim.chaos.wallclock import Pace, WallClock

WATCH = "import sys, time\nfor _ in sys.stdin: print(time.time_ns() // 1_000_000, round(time.monotonic() * 1000), flush=True)"


def test_a_jump_is_seen_at_once_and_by_nobody_else(tmp_path: Path) -> None:
    """Forward, backward over a whole second's border, and back to the truth; the monotonic clock goes on."""
    clock = WallClock(tmp_path)
    env = {**os.environ, **clock.env}
    with subprocess.Popen([sys.executable, "-c", WATCH], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for shift in (0, 3_600_500, -7_200_999, -1, 0):
            clock.jump(shift)
            program.stdin.write("\n")
            program.stdin.flush()
            wall, monotonic = map(int, program.stdout.readline().split())
            assert abs(wall - shift - time.time_ns() // 1_000_000) < 500
            assert abs(monotonic - time.monotonic() * 1000) < 500
        program.stdin.close()


def test_a_clock_that_runs_forty_times_as_fast(tmp_path: Path) -> None:
    """From a time of its own on, with CLOCK_BOOTTIME, so that no program sees a jump; the monotonic clock goes on."""
    pace = Pace.now(40, 1_795_305_600_000)
    look = "import time; print(time.time_ns() // 1_000_000, round(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000), time.monotonic_ns())"
    program = f"{look}; time.sleep(0.2); {look}"
    env = {**os.environ, **WallClock(tmp_path, pace).env}
    shown = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True).stdout.split()
    first, up, monotonic, then, later_up, later = map(int, shown)
    true_ms = (later - monotonic) / 1e6
    assert pace.to <= first <= then <= pace.at()
    assert abs((then - first) - 40 * true_ms) < 40 * 20
    assert abs((later_up - up) - (then - first)) < 40 * 20
