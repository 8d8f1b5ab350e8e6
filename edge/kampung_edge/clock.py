"""What the edge knows of time: wall clock, CLOCK_BOOTTIME, and whether the wall clock can be believed."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog
from kampung_contract.pack import Clock as PackClock

log = structlog.get_logger("clock")

UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""
RECHECK_S = 10.0
JUMP_MS = 1_000
"""The wall clock has jumped when it parts so far from CLOCK_BOOTTIME; readings of an era are never further off than this."""
TOGETHER_MS = 20
"""Two clocks are compared only when both were read within so many milliseconds."""

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


@dataclass(frozen=True, slots=True)
class Era:
    """A time in which the wall clock ran evenly. ``offset``: wall clock minus CLOCK_BOOTTIME, in milliseconds."""

    synchronised: bool
    offset: int

    def stamp(self, up: int) -> PackClock:
        """What a pack with readings of this era says of its clock; ``up`` is CLOCK_BOOTTIME in milliseconds."""
        return PackClock(self.synchronised, up, None if self.synchronised else up + self.offset)


class EdgeClock:
    """``setting`` is the configuration's ``clock.synchronised``. Safe to use from several threads.

    ``"auto"`` asks the kernel (adjtimex) and systemd-timesyncd. A virtual machine or container that runs no time service of its own
    has its host's clock and counts as synchronised, and so does a kernel that does not answer; a kiosk is neither.
    """

    def __init__(
        self,
        setting: Setting = "auto",
        *,
        wall: Callable[[], int] = wall_ms,
        up: Callable[[], int] = up_ms,
        kernel: Callable[[], bool] | None = None,
        boot: str | None = None,
    ) -> None:
        """``kernel`` says whether the wall clock can be believed; all four are for tests and simulators."""
        self._setting, self._wall, self.up = setting, wall, up
        self._kernel = kernel or _asked_once_hosted()
        self._checked = -RECHECK_S
        self._last = True
        self._lock = threading.Lock()
        self.boot = boot or boot_id()
        self.jumps = 0
        """Times that the wall clock was set while the edge ran."""
        self._era = Era(self.synchronised(), self._offset())

    def synchronised(self) -> bool:
        """Asked of the kernel at most each ten seconds."""
        if isinstance(self._setting, bool):
            return self._setting
        now = time.monotonic()
        if now - self._checked >= RECHECK_S:
            self._checked, self._last = now, self._kernel()
        return self._last

    def era(self) -> Era:
        """The present one; another after a jump of the wall clock, or when it becomes believable or stops being so."""
        with self._lock:
            offset = self._offset()
            moved = offset - self._era.offset
            if abs(moved) > JUMP_MS:
                self._checked = -RECHECK_S
                self.jumps += 1
                log.warning("clock.jump", by_ms=moved, synchronised=self.synchronised())
                self._era = Era(self.synchronised(), offset)
            elif (known := self.synchronised()) != self._era.synchronised:
                log.info("clock.synchronised" if known else "clock.unsynchronised", boot=self.boot)
                self._era = Era(known, offset)
            return self._era

    def stamp(self) -> PackClock:
        """What a pack made now says of its clock."""
        return self.era().stamp(self.up())

    def _offset(self) -> int:
        for _ in range(50):
            before = self.up()
            wall = self._wall()
            if self.up() - before <= TOGETHER_MS:
                break
        return wall - before


def _asked_once_hosted() -> Callable[[], bool]:
    return (lambda: True) if _hosted() else _kernel_synchronised


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
