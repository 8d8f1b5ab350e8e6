"""One output in use: a thread that switches it, watches over it while it is on, and does not rest until off is confirmed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import structlog
from kampung_bridge.output import Switched
from kampung_contract.errors import StorageUnavailable
from kampung_contract.switching import Cause, OutputState
from kampung_contract.times import text

from kampung_edge.clock import wall_ms
from kampung_edge.interlock import Interlock
from kampung_edge.output_config import OutputSetting
from kampung_edge.switch import Change, Outcome, Request, Switch, Trouble

log = structlog.get_logger("output")

SWITCH_S = 5.0
"""What a device has to confirm a switch."""
LEAVE_S = 1.0
"""The same while the kiosk is being stopped."""
RETRY_S = (0.5, 10.0)
"""Between two tries to switch off what does not confirm it, first and longest."""
GRACE_S = 5.0
"""A device that is just being connected is not told as silent before."""
WATCH_S = 1.0
"""While it is on, the interlocks are looked at so often at least."""
IDLE_S = 10.0
UNTOUCHED = ("unknown_output",)
"""Codes after which nothing can have been switched; after any other that is no success it may have been."""


class Output:
    """``run`` is a thread's body; everything else may be called from any thread."""

    def __init__(
        self,
        setting: OutputSetting,
        *,
        switch: Switch,
        longest: float | None,
        trouble: Callable[[], Trouble | None],
        tell: Callable[[Change], None],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """``longest``: seconds the device's own timer can run, None without one. ``tell`` takes changes that no request asked for,
        ``changed`` is called after any; neither may wait."""
        self.setting = setting
        self._switch, self._trouble, self._tell, self._changed = switch, trouble, tell, changed
        self._lock = Interlock(setting.max_on, longest)
        self._requests: deque[Request] = deque()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._begun = time.monotonic()
        self._retry_at, self._pause = 0.0, RETRY_S[0]
        self._silence_told = False
        self._line_lost: str | None = None
        self._shown = Change("unknown", "start", "starting", "", wall_ms())
        self.progress = time.monotonic()
        """When it should have got on at the latest."""

    def ask(self, request: Request) -> None:
        """Its turn comes within seconds; a switch-off overtakes switch-ons that were asked before it."""
        self._requests.append(request)
        self._wake.set()

    def halt(self, seconds: float = SWITCH_S + 2.0) -> Outcome:
        """Somebody at the kiosk stops it. Raises ``StorageUnavailable`` when the thread does not answer in time."""
        future: Future[Outcome] = Future()
        self.ask(Request(False, "local", future.set_result))
        try:
            return future.result(seconds)
        except TimeoutError:
            raise StorageUnavailable(f"output {self.setting.name!r} did not take the stop within {seconds:g} s; cut its power") from None

    def doubt(self, detail: str) -> None:
        """Its line or device is lost: if it is on, nobody knows that any more."""
        self._line_lost = detail
        self._wake.set()

    def retry(self) -> None:
        """Its line or device is back."""
        self._retry_at = 0.0
        self._wake.set()

    def run(self) -> None:
        """Until ``stop``. Begins by switching off: after a crash nobody knows what it does."""
        self._lock.doubt("start")
        while not self._stopping.is_set():
            rest = self._rest()
            self.progress = time.monotonic() + rest
            self._wake.wait(rest)
            self._wake.clear()
            if not self._stopping.is_set():
                self._serve()
        self._leave()

    def stop(self) -> None:
        """The thread switches off once more and ends."""
        self._stopping.set()
        self._wake.set()

    def _serve(self) -> None:
        self._watch()
        while (request := self._next()) is not None:
            outcome = self._on(request) if request.on else self._off_asked(request)
            if outcome.change is not None and request.command is None:
                self._tell(outcome.change)  # that of a command is stored with its reply
            request.done(outcome)
            self._changed()
            self._watch()

    def _watch(self) -> None:
        """Switch off what must not be on, and keep a device's own timer running."""
        trouble = self._line_trouble() or (self._trouble() if self._lock.state == "on" else None)
        now = time.monotonic()
        cause = self._lock.due(now, trouble.cause if trouble else None)
        if cause is not None and now >= self._retry_at:
            self._off(cause, trouble.detail if trouble and cause == trouble.cause else "")
        elif cause is None and self._lock.renewal(now):
            self._renew(now)

    def _line_trouble(self) -> Trouble | None:
        lost, self._line_lost = self._line_lost, None
        if lost is None or self._lock.state != "on":
            return None
        return Trouble("line", "port_lost", lost)

    def _next(self) -> Request | None:
        """The first request; those to switch on that a later switch-off has overtaken are refused on the way."""
        while self._requests:
            request = self._requests.popleft()
            if request.on and any(not later.on for later in list(self._requests)):
                detail = "a switch-off came before its turn; switch on again if it is still wanted"
                request.done(Outcome("refused", "overtaken", detail, self._lock.state))
                continue
            return request
        return None

    def _on(self, request: Request) -> Outcome:
        refusal = self._refusal()
        if refusal is not None:
            return Outcome("refused", refusal.code, refusal.detail, self._lock.state)
        self._line_lost = None  # what is lost from here on counts
        now = time.monotonic()
        end = self._lock.end(request.seconds, now)
        result = self._act(True, self._lock.timer(end, now))
        if result.ok:
            self._lock.went_on(now, end)
            until = wall_ms() + round((end - time.monotonic()) * 1000)
            change = self._show(Change("on", request.cause, result.code, "", wall_ms(), until, request.command))
            return Outcome("done", "done", "", "on", until, change)
        if result.code in UNTOUCHED:
            return Outcome("failed", result.code, result.detail, self._lock.state)
        self._lock.doubt(request.cause)
        self._retry_at, self._pause, self._silence_told = 0.0, RETRY_S[0], True
        change = self._show(Change("unknown", request.cause, result.code, result.detail, wall_ms(), None, request.command))
        return Outcome("failed", result.code, f"{result.detail}; it is being switched off again", "unknown", None, change)

    def _refusal(self) -> Trouble | None:
        if self._lock.owed is not None:
            detail = f"its device has not confirmed that it is off: {self._shown.detail or 'it was not heard yet'}"
            return Trouble("command", "off_unconfirmed", detail)
        return self._trouble()

    def _off_asked(self, request: Request) -> Outcome:
        before = self._lock.state
        result = self._act(False)
        if result.ok:
            change = self._went_off(request.cause, request.command)
            return Outcome("done", "done", "" if before != "off" else "it was off already", "off", None, change)
        change = self._did_not(request.cause, result, request.command)
        detail = f"{result.detail}; it is tried again until the device confirms it"
        return Outcome("failed", result.code, detail, "unknown", None, change)

    def _off(self, cause: Cause, why: str = "") -> None:
        result = self._act(False)
        change = self._went_off(cause, None, why) if result.ok else self._did_not(cause, result)
        if change is not None:
            self._tell(change)
            self._changed()

    def _went_off(self, cause: Cause, command: str | None = None, why: str = "") -> Change | None:
        before = self._lock.state
        self._lock.went_off()
        self._retry_at, self._pause, self._silence_told = 0.0, RETRY_S[0], False
        if before == "off":
            return None
        return self._show(Change("off", cause, "done", why, wall_ms(), None, command))

    def _did_not(self, cause: Cause, result: Switched, command: str | None = None) -> Change | None:
        """Told once, until it is confirmed."""
        self._lock.doubt(self._lock.owed or cause)
        now = time.monotonic()
        self._retry_at, self._pause = now + self._pause, min(self._pause * 2, RETRY_S[1])
        if self._lock.owed == "start" and now - self._begun < GRACE_S:
            self._shown = Change("unknown", "start", result.code, result.detail, self._shown.at)
            return None
        if self._silence_told and command is None:
            return None
        self._silence_told = True
        return self._show(Change("unknown", cause, result.code, result.detail, wall_ms(), None, command))

    def _renew(self, now: float) -> None:
        end = self._lock.until or now
        result = self._act(True, self._lock.timer(end, now))
        if result.ok:
            self._lock.went_on(now, end)
        else:
            self._lock.doubt("line")
            self._retry_at = 0.0
            self._tell(self._show(Change("unknown", "line", result.code, result.detail, wall_ms())))
            self._changed()

    def _act(self, on: bool, seconds: float | None = None) -> Switched:
        setting, patience = self.setting, LEAVE_S if self._stopping.is_set() else SWITCH_S
        self.progress = time.monotonic() + patience
        return self._switch(setting.device, setting.output, on, seconds=seconds, timeout=patience)

    def _show(self, change: Change) -> Change:
        level = log.warning if change.state == "unknown" else log.info
        level("output.changed", output=self.setting.name, state=change.state, cause=change.cause, code=change.code, detail=change.detail)
        self._shown = change
        return change

    def _rest(self) -> float:
        """Seconds until there may be something to do."""
        if self._requests:
            return 0.0
        now, lock = time.monotonic(), self._lock
        if lock.owed is not None:
            return max(0.0, min(self._retry_at - now, IDLE_S))
        if lock.state != "on" or lock.until is None:
            return IDLE_S
        return max(0.0, min(lock.until - now, WATCH_S))

    def _leave(self) -> None:
        while self._requests:
            self._requests.popleft().done(Outcome("refused", "stopping", "the kiosk is being stopped", self._lock.state))
        if self._lock.state != "off":
            self._off("stop")

    @property
    def state(self) -> OutputState:
        """As far as the device has confirmed it."""
        return self._lock.state

    @property
    def trouble(self) -> str | None:
        """For health: an off that is not confirmed."""
        if self._lock.owed is None or (self._lock.owed == "start" and time.monotonic() - self._begun < GRACE_S):
            return None
        shown = self._shown
        return f"output {self.setting.name}: not confirmed that it is off: {shown.detail or shown.code}; it is tried again until it is"

    def object(self, guard: dict[str, Any] | None) -> dict[str, Any]:
        """As the kiosk API gives it."""
        setting, shown = self.setting, self._shown
        state = self._lock.state
        return {
            "name": setting.name,
            "title": setting.label,
            "state": state,
            "since": text(shown.at),
            "until": None if shown.until is None or state != "on" else text(shown.until),
            "cause": shown.cause,
            "code": shown.code,
            "detail": shown.detail,
            "max_on": setting.max_on,
            "guard": guard,
        }
