"""The interlock's arithmetic, against every order of events."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from kampung_edge.interlock import RENEW, Interlock

MAX_ON, LONGEST = 100.0, 30.0


def off(longest: float | None = None) -> Interlock:
    lock = Interlock(MAX_ON, longest)
    lock.went_off()
    return lock


def test_it_begins_owing_a_switch_off() -> None:
    """After a crash nobody knows what the output does."""
    lock = Interlock(MAX_ON)
    assert (lock.state, lock.due(0.0, None)) == ("unknown", "start")
    lock.went_off()
    assert (lock.state, lock.due(1e9, "guard")) == ("off", None)


def test_a_second_command_cannot_keep_it_on_for_longer_than_allowed() -> None:
    """The time counts from when it first went on."""
    lock = off()
    lock.went_on(0.0, lock.end(60, 0.0))
    assert lock.until == 60.0
    lock.went_on(50.0, lock.end(None, 50.0))
    assert (lock.until, lock.since) == (100.0, 0.0)
    assert lock.due(99.9, None) is None
    assert lock.due(100.0, None) == "limit"


def test_a_command_may_shorten_the_time() -> None:
    """The last word counts."""
    lock = off()
    lock.went_on(0.0, lock.end(90, 0.0))
    lock.went_on(10.0, lock.end(5, 10.0))
    assert lock.until == 15.0


def test_a_short_timer_of_the_device_is_started_again() -> None:
    """So that a kiosk that dies leaves it on for no longer than the device's own timer."""
    lock = off(LONGEST)
    lock.went_on(0.0, lock.end(80, 0.0))
    assert lock.timer(80.0, 0.0) == LONGEST
    assert not lock.renewal(RENEW * LONGEST - 0.1)
    assert lock.renewal(RENEW * LONGEST)
    lock.went_on(60.0, 80.0)
    assert lock.timer(80.0, 60.0) == 20.0
    assert not lock.renewal(1e9), "what is left fits the timer"


class Life(RuleBasedStateMachine):
    """A device that obeys or does not, people, and time; ``real`` is whether the device may be on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.lock = Interlock(MAX_ON, None)
        self.real = True
        self.first_on: float | None = None

    @rule(seconds=st.floats(0, 40))
    def time_passes(self, seconds: float) -> None:
        """The runtime looks at each deadline, so no time passes one."""
        if self.lock.until is not None and self.lock.state == "on":
            seconds = min(seconds, self.lock.until - self.now)
        self.now += max(0.0, seconds)

    @precondition(lambda self: self.lock.owed is None and self.lock.due(self.now, None) is None)
    @rule(seconds=st.none() | st.integers(1, 300), answer=st.sampled_from(["done", "lost"]))
    def switch_on(self, seconds: int | None, answer: str) -> None:
        end = self.lock.end(seconds, self.now)
        if not self.real:
            self.first_on = self.now
        self.real = True
        if answer == "done":
            self.lock.went_on(self.now, end)
        else:
            self.lock.doubt("command")

    @rule(answer=st.sampled_from(["done", "lost"]), asked=st.booleans(), trouble=st.sampled_from([None, "guard", "storage"]))
    def switch_off(self, answer: str, asked: bool, trouble: str | None) -> None:
        cause = self.lock.due(self.now, trouble)
        if cause is None and not asked:
            return
        if answer == "done":
            self.real, self.first_on = False, None
            self.lock.went_off()
        else:
            self.lock.doubt(cause or "local")

    @rule()
    def line_lost(self) -> None:
        if self.lock.state == "on":
            self.lock.doubt("line")

    @invariant()
    def nothing_is_on_unwatched(self) -> None:
        """Whatever may be on either has an end not beyond ``max_on``, or is owed a switch-off."""
        if not self.real:
            return
        assert self.lock.state != "off"
        if self.lock.owed is None:
            assert self.lock.until is not None
            assert self.first_on is not None
            assert self.lock.until <= self.first_on + MAX_ON
            assert self.lock.due(self.lock.until, None) == "limit"
            assert self.lock.due(self.now, "guard") in ("guard", "limit")


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
