"""The thread that prints: one slip after another, each marked on the disk before its first byte goes out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from kampung_contract.errors import StorageUnavailable

from kampung_edge.printing.device import connected
from kampung_edge.printing.jobs import Job, Jobs
from kampung_edge.printing.rendering import rendered
from kampung_edge.printing.setting import PrinterSetting
from kampung_edge.printing.slip import Slip
from kampung_edge.printing.status import Status

log = structlog.get_logger("printer")

LOOK_S = 5.0
"""How often an idle printer is asked how it is."""
RETRY_S = 0.5
TROUBLE = {
    "paper_out": "out of paper; put in a new roll",
    "cover_open": "its cover is open; close it",
    "error": "jammed, or its cutter is stuck; clear it, and switch it off and on",
    "offline": "paused; press its button",
    "silent": "takes a connection and answers nothing; check its cable and printer.baud",
    "unreachable": "not reached; check printer.url, its cable and whether it is on",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    status: Status
    busy: bool = False


class Printer:
    """``run`` is its thread's; everything else may be called from any."""

    def __init__(self, setting: PrinterSetting, jobs: Jobs, changed: Callable[[], None] = lambda: None) -> None:
        """``changed`` is called when its state is another than before."""
        self.setting, self.jobs, self._changed = setting, jobs, changed
        self._seen = _Seen(Status("unreachable"))
        self._asked = False
        self._unsaved = ""
        self._wake, self._stopping = threading.Event(), threading.Event()

    def object(self) -> dict[str, Any]:
        """``{there, state, busy, low}``."""
        seen = self._seen
        return {"there": True, "state": seen.status.state, "busy": seen.busy, "low": seen.status.low}

    def troubles(self) -> list[str]:
        """In a line each, with the remedy."""
        state = self._seen.status.state
        found = [f"printer: {TROUBLE[state]}"] if self._asked and state in TROUBLE else []
        return found + ([f"printer: {self._unsaved}"] if self._unsaved else [])

    def print(self, about: str, slip: Slip) -> Job:
        """On the disk when it returns. Raises ``StorageUnavailable``."""
        job = self.jobs.add(about, slip)
        self._wake.set()
        return job

    def again(self, number: str) -> Job:
        """Raises as ``Jobs.again``."""
        job = self.jobs.again(number)
        self._wake.set()
        return job

    def run(self) -> None:
        """Until ``stop``."""
        while not self._stopping.is_set():
            try:
                job, self._unsaved = self.jobs.next(), ""
            except StorageUnavailable as error:
                job, self._unsaved = None, error.message
            tried = self._try(job)
            self._wake.wait(0 if tried else RETRY_S if job is not None else LOOK_S)
            self._wake.clear()

    def stop(self) -> None:
        """A slip that is being printed may still end as it must; it is then *perhaps*."""
        self._stopping.set()
        self._wake.set()

    def _try(self, job: Job | None) -> bool:
        """Whether something was printed, or at least begun."""
        begun = False
        try:
            with connected(self.setting) as line:
                status = line.status()
                self._sees(_Seen(status))
                if job is None or not status.ready:
                    return False
                body = rendered(msgspec.json.decode(job.slip, type=Slip), self.setting)
                if not self.jobs.begin(job.id):
                    return False
                begun = True
                self._sees(_Seen(status, busy=True))
                line.send(body, ordered=self.setting.ordered)
                clean, until = False, time.monotonic() + self.setting.patience_s
                while not clean and time.monotonic() < until and not self._stopping.is_set():
                    status = line.status()
                    self._sees(_Seen(status, busy=True))
                    clean = status.ready and (line.ordered or not self.setting.ordered)
                    if not clean:
                        self._stopping.wait(0.05 if status.ready else RETRY_S)
                self._finish(job, clean=clean)
                self._sees(_Seen(status))
        except StorageUnavailable as error:
            self._unsaved = error.message
        except (OSError, ValueError) as error:  # ValueError: pyserial's, of a line that is set up in no way it knows
            log.warning("printer.line", url=self.setting.url, reason=str(error))
            if begun and job is not None:
                self._finish(job, clean=False)
            self._sees(_Seen(Status("unreachable")))
        return begun

    def _finish(self, job: Job, *, clean: bool) -> None:
        log.info("printer.printed" if clean else "printer.perhaps", job=job.id[:6])
        while True:
            try:
                self.jobs.end(job.id, clean=clean)
                return
            except StorageUnavailable as error:  # it stands as printing, and is perhaps printed at the next start
                self._unsaved = error.message
            if self._stopping.wait(RETRY_S):
                return

    def _sees(self, seen: _Seen) -> None:
        changed, self._seen, self._asked = seen != self._seen or not self._asked, seen, True
        if changed:
            self._changed()
