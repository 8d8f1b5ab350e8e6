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
    """``ready`` of its process decides when a start is over. ``on_ready`` is called once a start, never after the process's death."""

    def __init__(self, process: Process, on_ready: Callable[[], None] | None = None, on_death: Callable[[], None] | None = None) -> None:
        self.process, self._on_ready, self._on_death = process, on_ready, on_death
        self.restarts: list[float] = []
        self.kills = 0
        self.ended_by_itself: list[str] = []
        self.memory_kb = 0
        self.frozen_since: int | None = None
        self.froze = self.thawed = 0
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
            self._is_ready, self.frozen_since, self.thawed = False, None, 0
            self._started = time.monotonic()
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
            if pid is not None and self.frozen_since is None:
                os.kill(pid, signal.SIGSTOP)
                self.frozen_since = _now()
                return pid
        return None

    def thaw(self, pid: int | None = None) -> None:
        """SIGCONT; only the process ``pid`` where one is named."""
        with self._lock:
            if self.frozen_since is not None and self.process.pid is not None and pid in (None, self.process.pid):
                os.kill(self.process.pid, signal.SIGCONT)
                self.froze, self.frozen_since, self.thawed = self.frozen_since, None, _now()

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
        if self._on_death is not None:
            self._on_death()
        self.frozen_since = None

    def _watch(self) -> None:
        next_memory = 0.0
        while not self._ended.wait(LOOK_S):
            if time.monotonic() >= next_memory:
                next_memory = time.monotonic() + 0.5
                self._measure()
            child = self.process.child
            if self._is_ready or self.frozen_since is not None or not self.process.running or not self.process.ready():
                continue
            with self._lock:
                if child is self.process.child and self.process.running and not self._is_ready:
                    self._is_ready = True
                    if not self._first:
                        self.restarts.append(time.monotonic() - self._started)
                    self._first = False
                    if self._on_ready is not None:
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
