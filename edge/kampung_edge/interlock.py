"""When an output may be on. Pure: times are seconds of a monotonic clock, and nothing is switched here.

An output is off unless something that was confirmed says otherwise. After a crash, a lost line or an answer that did not come its
state is unknown, which *owes* a switch-off until the device confirms one.
"""

from __future__ import annotations

from dataclasses import dataclass

from kampung_contract.switching import Cause, OutputState

RENEW = 0.5
"""A device's own timer that is shorter than the time wanted is started again after this part of it."""


@dataclass(slots=True)
class Interlock:
    """``max_on``: seconds it may stay on without a break; ``longest``: what the device's own timer can run, None without one."""

    max_on: float
    longest: float | None = None
    state: OutputState = "unknown"
    owed: Cause | None = "start"
    """Why a switch-off is due that is not confirmed yet."""
    since: float | None = None
    """When it was switched on."""
    until: float | None = None
    """When it must go off."""
    renew_at: float | None = None

    def end(self, seconds: float | None, now: float) -> float:
        """Until when it may be on if it is switched on now for ``seconds``: never beyond ``max_on`` after it first went on."""
        begun = now if self.state != "on" or self.since is None else self.since
        return min(now + (self.max_on if seconds is None else seconds), begun + self.max_on)

    def timer(self, until: float, now: float) -> float:
        """Seconds to give the device's own timer."""
        left = max(until - now, 0.1)
        return left if self.longest is None else min(left, self.longest)

    def went_on(self, at: float, until: float) -> None:
        """The device has confirmed a switch-on that was sent at ``at``."""
        if self.state != "on":
            self.since = at
        self.state, self.until, self.owed = "on", until, None
        shorter = self.longest is not None and self.longest < until - at
        self.renew_at = at + RENEW * self.longest if shorter and self.longest is not None else None

    def went_off(self) -> None:
        """The device has confirmed a switch-off."""
        self.state, self.owed = "off", None
        self.since = self.until = self.renew_at = None

    def doubt(self, cause: Cause) -> None:
        """Nothing confirms its state any more: it has to be switched off."""
        self.state, self.owed = "unknown", cause
        self.renew_at = None

    def due(self, now: float, trouble: Cause | None) -> Cause | None:
        """Why it must be switched off now; ``trouble`` is an interlock that is not content."""
        if self.owed is not None:
            return self.owed
        if self.state != "on" or self.until is None:
            return None
        return "limit" if now >= self.until else trouble

    def renewal(self, now: float) -> bool:
        """Whether the device's own timer must be started again, for it to stay on."""
        return self.state == "on" and self.renew_at is not None and now >= self.renew_at
