"""A program's own wall clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from kampung_sim.chaos.wallclock import WallClock

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
