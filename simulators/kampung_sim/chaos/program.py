"""One program under faults: killed, frozen, started again, watched until it is ready, and measured from outside."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kampung_sim.process import Process

LOOK_S = 0.05


class Program:
    """``ready`` of its process decides when a start is over. ``on_ready`` is called once a start, never after the process's death.

    ``on_look`` is called with its process id, twenty times a second while it runs. No two of the four are called at once.
    """

    def __init__(
        self,
        process: Process,
        *,
        on_ready: Callable[[], None] = lambda: None,
        on_death: Callable[[], None] = lambda: None,
        on_start: Callable[[], None] = lambda: None,
        on_look: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.process = process
        self._on_ready, self._on_death, self._on_start, self._on_look = on_ready, on_death, on_start, on_look
        self.restarts: list[float] = []
        self.kills = 0
        self.ended_by_itself: list[str] = []
        self.memory_kb = 0
        self.freezes: list[tuple[int, int | None]] = []
        """Of the present process: from and to (ms UTC), None while it is frozen."""
        self._is_ready = False
        self._started = 0.0
        self._first = True
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name=f"watch-{process.name}", daemon=True)

    @property
    def name(self) -> str:
        """As in the report."""
        return self.process.name

    @property
    def ready(self) -> bool:
        """Runs and has become ready since its last start."""
        return self._is_ready and self.process.running

    def start(self) -> None:
        """From the main thread: the guard against orphans is bound to the thread that starts."""
        with self._lock:
            if self.process.running:
                return
            self._is_ready, self.freezes = False, []
            self._started = time.monotonic()
            self._on_start()
            self.process.start()
        if self._watcher.ident is None:
            self._watcher.start()

    def kill(self) -> bool:
        """SIGKILL; False when it does not run."""
        with self._lock:
            if not self.process.running:
                return False
            self.process.kill()
            self.kills += 1
            self._died()
            return True

    def mend(self) -> bool:
        """Start again what has ended by itself; True when it had."""
        with self._lock:
            if self.process.running or self._started == 0:
                return False
            self.ended_by_itself.append(self.process.last_words())
            self._died()
        self.start()
        return True

    def freeze(self) -> int | None:
        """SIGSTOP; the process, None when it does not run."""
        with self._lock:
            pid = self.process.pid
            if pid is not None and not self._frozen:
                self.freezes.append((_now(), None))
                os.kill(pid, signal.SIGSTOP)
                return pid
        return None

    @property
    def _frozen(self) -> bool:
        return bool(self.freezes) and self.freezes[-1][1] is None

    def thaw(self, pid: int | None = None) -> None:
        """SIGCONT; only the process ``pid`` where one is named."""
        with self._lock:
            if self._frozen and self.process.pid is not None and pid in (None, self.process.pid):
                os.kill(self.process.pid, signal.SIGCONT)
                self.freezes[-1] = (self.freezes[-1][0], _now())

    def stop(self) -> None:
        """Politely, and not watched any more."""
        self._ended.set()
        if self._watcher.ident is not None:
            self._watcher.join()
        self.thaw()
        self.process.stop()

    def _died(self) -> None:
        self._is_ready = False
        self._started = 0.0
        self._on_death()
        self.freezes = []

    def _watch(self) -> None:
        next_memory = 0.0
        while not self._ended.wait(LOOK_S):
            if time.monotonic() >= next_memory:
                next_memory = time.monotonic() + 0.5
                self._measure()
            with self._lock:
                if (pid := self.process.pid) is not None:
                    self._on_look(pid)
            child = self.process.child
            if self._is_ready or self._frozen or not self.process.running or not self.process.ready():
                continue
            with self._lock:
                if child is self.process.child and self.process.running and not self._is_ready:
                    self._is_ready = True
                    if not self._first:
                        self.restarts.append(time.monotonic() - self._started)
                    self._first = False
                    self._on_ready()

    def _measure(self) -> None:
        pid = self.process.pid
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
        self.memory_kb = max(self.memory_kb, int(peak.split()[1]))


def _now() -> int:
    return time.time_ns() // 1_000_000
