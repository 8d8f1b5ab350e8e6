"""A wall clock of an edge's own, that can be made to jump: a shim before the C library, compiled where it is needed."""

from __future__ import annotations

import struct
import subprocess
import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

from kampung_contract.errors import ConfigurationError


class Pace(NamedTuple):
    """``rate`` times as fast: at ``from_`` of true time (ms since 1970) the clock stood at ``to``; ``up``: CLOCK_BOOTTIME then, ms."""

    rate: int
    from_: int
    to: int
    up: int

    @classmethod
    def now(cls, rate: int, to: int) -> Pace:
        """From this moment on."""
        return cls(rate, time.time_ns() // 1_000_000, to, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)

    def at(self) -> int:
        """What such a clock shows now, ms since 1970."""
        return self.to + (time.time_ns() // 1_000_000 - self.from_) * self.rate


class WallClock:
    """``env`` for the program whose clock it is. Jumps are seen at once; restarts change nothing."""

    def __init__(self, folder: Path, pace: Pace | None = None) -> None:
        """With ``pace`` the clock also runs fast. Raises ``ConfigurationError`` where there is no compiler."""
        shim, self._file = folder / "clockshift.so", folder / "clockshift"
        self.jump(0)
        with as_file(files("kampung_sim.chaos").joinpath("clockshift.c")) as source:
            command = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(shim), str(source), "-ldl"]
            try:
                subprocess.run(command, check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise ConfigurationError(f"--faults clock-jump needs gcc ({error}); apt-get install gcc libc6-dev") from None
        self.env = {"LD_PRELOAD": str(shim), "CLOCKSHIFT_FILE": str(self._file)}
        if pace is not None:
            self.env |= {f"CLOCKSHIFT_{name.rstrip('_').upper()}": str(value) for name, value in pace._asdict().items()}

    def jump(self, ms: int) -> None:
        """The clock is now so many milliseconds off the true time."""
        with self._file.open("r+b" if self._file.exists() else "w+b") as file:
            file.write(struct.pack("<q", ms))
