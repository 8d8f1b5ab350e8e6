"""A wall clock of an edge's own, that can be made to jump: a shim before the C library, compiled where it is needed."""

from __future__ import annotations

import struct
import subprocess
from importlib.resources import as_file, files
from pathlib import Path

from kampung_contract.errors import ConfigurationError


class WallClock:
    """``env`` for the program whose clock it is. Jumps are seen at once; restarts change nothing."""

    def __init__(self, folder: Path) -> None:
        """Raises ``ConfigurationError`` where there is no compiler."""
        shim, self._file = folder / "clockshift.so", folder / "clockshift"
        self.jump(0)
        with as_file(files("kampung_sim.chaos").joinpath("clockshift.c")) as source:
            command = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(shim), str(source), "-ldl"]
            try:
                subprocess.run(command, check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise ConfigurationError(f"--faults clock-jump needs gcc ({error}); apt-get install gcc libc6-dev") from None
        self.env = {"LD_PRELOAD": str(shim), "CLOCKSHIFT_FILE": str(self._file)}

    def jump(self, ms: int) -> None:
        """The clock is now so many milliseconds off the true time."""
        with self._file.open("r+b" if self._file.exists() else "w+b") as file:
            file.write(struct.pack("<q", ms))
