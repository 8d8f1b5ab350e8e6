"""What the edge knows of time: wall clock, CLOCK_BOOTTIME, and whether the wall clock can be believed."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from typing import Literal

from kampung_contract.pack import Clock as PackClock

UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""
RECHECK_S = 10.0

Setting = Literal["auto"] | bool


def boot_id() -> str:
    """Eight hex digits that change at each start of the machine."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        text = f"{int(time.time() - time.monotonic()) // 10:08x}"
    return text.strip().replace("-", "")[:8]


def wall_ms() -> int:
    """Milliseconds UTC."""
    return time.time_ns() // 1_000_000


def up_ms() -> int:
    """CLOCK_BOOTTIME in milliseconds; runs on while the machine sleeps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class EdgeClock:
    """``setting`` is the configuration's ``clock.synchronised``.

    ``"auto"`` asks the kernel (adjtimex) and systemd-timesyncd. A virtual machine or container that runs no time service of its own
    has its host's clock and counts as synchronised, and so does a kernel that does not answer; a kiosk is neither.
    """

    def __init__(self, setting: Setting = "auto") -> None:
        self._setting = setting
        self._hosted = _hosted()
        self._checked = -RECHECK_S
        self._last = True
        self.boot = boot_id()

    def synchronised(self) -> bool:
        """Asked of the kernel at most each ten seconds."""
        if isinstance(self._setting, bool):
            return self._setting
        now = time.monotonic()
        if now - self._checked >= RECHECK_S:
            self._checked, self._last = now, self._hosted or _kernel_synchronised()
        return self._last

    def stamp(self) -> PackClock:
        """What a pack made now says of its clock."""
        known = self.synchronised()
        return PackClock(known, up_ms(), None if known else wall_ms())


def _kernel_synchronised() -> bool:
    if Path("/run/systemd/timesync/synchronized").exists():
        return True
    try:
        status = (ctypes.c_char * 512)()
        answer: int = ctypes.CDLL(None, use_errno=True).adjtimex(status)
    except (OSError, AttributeError):
        return True
    if answer < 0:
        return True
    offset = 5 * ctypes.sizeof(ctypes.c_long)  # modes (padded), offset, freq, maxerror, esterror, then status
    return not int.from_bytes(bytes(status)[offset : offset + 4], "little") & UNSYNCHRONISED


def _hosted() -> bool:
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists() or "container" in os.environ:
        return True
    try:
        return " hypervisor" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
