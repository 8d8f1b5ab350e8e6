"""One output's life with a relay in memory: on for a time, off whenever anything is in doubt, and told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kampung_edge import output as module
from kampung_edge.output import Output
from kampung_edge.output_config import OutputSetting
from kampung_edge.switch import Change, Outcome, Request, Trouble

from .relay import Relay

Make = Callable[..., "Place"]


class Place:
    """An output with its thread."""

    def __init__(self, relay: Relay, max_on: int = 60, longest: float | None = None) -> None:
        self.relay = relay
        self.told: list[Change] = []
        self.trouble: Trouble | None = None
        setting = OutputSetting(name="pompa", device="relay-1", output="relay_1", max_on=max_on)
        self.output = Output(setting, switch=relay, longest=longest, trouble=lambda: self.trouble, tell=self.told.append)
        self.thread = threading.Thread(target=self.output.run, daemon=True)
        self.thread.start()

    def ask(self, on: bool, seconds: int | None = None, command: str | None = "c1") -> list[Outcome]:
        """What is answered, once it is."""
        out: list[Outcome] = []
        self.output.ask(Request(on, "command", out.append, seconds, command))
        return out

    @property
    def is_off(self) -> bool:
        """And this has been told."""
        return self.output.state == "off" and bool(self.told) and self.told[-1].state == "off"

    def causes(self) -> list[tuple[str, str]]:
        return [(c.state, c.cause) for c in self.told]


@pytest.fixture
def make(until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A place whose output is off; ``settled=False`` to watch it become so."""
    monkeypatch.setattr(module, "RETRY_S", (0.02, 0.05))
    monkeypatch.setattr(module, "WATCH_S", 0.02)
    monkeypatch.setattr(module, "GRACE_S", 0.0)
    made: list[Place] = []

    def of(relay: Relay | None = None, *, settled: bool = True, **more: Any) -> Place:
        place = Place(relay or Relay(), **more)
        made.append(place)
        if settled:
            until(lambda: place.is_off, "it is off")
        return place

    yield of
    for place in made:
        place.output.stop()
        place.thread.join(60)


def test_it_is_switched_off_at_start(make: Make) -> None:
    """And says so once it is confirmed."""
    place = make()
    assert place.relay.on is False
    assert place.causes() == [("off", "start")]


def test_on_for_a_time_and_off_again(make: Make, until: Callable[..., Any]) -> None:
    """By the monotonic clock; the answer names the end."""
    place = make()
    answer = place.ask(True, 1)
    until(lambda: answer, "the answer")
    assert (answer[0].answer, answer[0].state) == ("done", "on")
    assert answer[0].change is not None
    assert answer[0].change.until == answer[0].until
    assert place.relay.on is True
    until(lambda: place.is_off, "it goes off")
    assert place.causes()[-1] == ("off", "limit")
    assert place.relay.on is False


def test_what_is_not_confirmed_as_on_is_switched_off(make: Make, until: Callable[..., Any]) -> None:
    """It may have gone on all the same; the answer says that it failed, and off is tried until it is confirmed."""
    place = make()
    place.relay.silent = True
    answer = place.ask(True)
    until(lambda: answer, "the answer")
    assert (answer[0].answer, answer[0].code, answer[0].state) == ("failed", "no_reply", "unknown")
    assert "being switched off again" in answer[0].detail
    until(lambda: len(place.relay.calls) > 5, "off is tried again and again")
    assert place.output.trouble is not None
    assert place.causes() == [("off", "start")], "one telling is enough, and it came with the answer"
    again = place.ask(True)
    until(lambda: again, "the answer")
    assert (again[0].answer, again[0].code) == ("refused", "off_unconfirmed")
    place.relay.silent = False
    until(lambda: place.is_off, "it is confirmed")
    assert place.causes()[-1] == ("off", "command")
    assert place.output.trouble is None


def test_an_off_that_is_not_confirmed_is_told_and_tried_again(make: Make, until: Callable[..., Any]) -> None:
    """Once when it fails, once when it is confirmed."""
    place = make()
    on = place.ask(True, 30)
    until(lambda: on, "on")
    place.relay.silent = place.relay.deaf = True
    answer = place.ask(False)
    until(lambda: answer, "the answer")
    assert (answer[0].answer, answer[0].state) == ("failed", "unknown")
    assert answer[0].change is not None
    tries = len(place.relay.calls)
    until(lambda: len(place.relay.calls) > tries + 3, "it is tried again")
    place.relay.silent = place.relay.deaf = False
    until(lambda: place.is_off, "confirmed")
    assert place.causes() == [("off", "start"), ("off", "command")]
    assert place.relay.on is False


def test_an_interlock_refuses_and_ends(make: Make, until: Callable[..., Any]) -> None:
    """While a guard is silent nothing goes on, and what is on goes off."""
    place = make()
    place.trouble = Trouble("guard", "guard_silent", "no good reading for 70 s")
    answer = place.ask(True)
    until(lambda: answer, "the answer")
    assert (answer[0].answer, answer[0].code, answer[0].detail) == ("refused", "guard_silent", "no good reading for 70 s")
    assert place.relay.ons == 0
    place.trouble = None
    on = place.ask(True)
    until(lambda: on, "on")
    place.trouble = Trouble("guard", "guard_silent", "no good reading for 70 s")
    until(lambda: place.is_off, "it goes off")
    assert place.causes()[-1] == ("off", "guard")
    assert place.told[-1].detail == "no good reading for 70 s"
    off = place.ask(False)
    until(lambda: off, "off is never refused")
    assert (off[0].answer, off[0].change) == ("done", None)


def test_a_lost_line_is_in_doubt(make: Make, until: Callable[..., Any]) -> None:
    """Off is the first thing that is said once it is back; while it was off nothing happens."""
    place = make()
    place.output.doubt("unplugged")
    on = place.ask(True)
    until(lambda: on, "on")
    assert on[0].answer == "done"
    place.output.doubt("unplugged")
    until(lambda: place.is_off, "off")
    assert place.causes()[-1] == ("off", "line")


def test_a_stop_at_the_kiosk_overtakes(make: Make, until: Callable[..., Any]) -> None:
    """What was asked before it and had not had its turn does not happen; what is asked after it does."""
    place = make()
    place.relay.may_go_on = threading.Event()
    place.relay.entered.clear()
    first = place.ask(True)
    until(place.relay.entered.is_set, "the first is under way")
    second = place.ask(True)
    stopped: list[Outcome] = []
    halting = threading.Thread(target=lambda: stopped.append(place.output.halt()))
    halting.start()
    until(lambda: len(place.output._requests) == 2, "the stop waits")
    place.relay.may_go_on.set()
    until(lambda: stopped, "stopped")
    halting.join()
    assert (first[0].answer, second[0].code, stopped[0].answer) == ("done", "overtaken", "done")
    assert stopped[0].change is not None
    assert (stopped[0].change.state, stopped[0].change.cause) == ("off", "local")
    assert place.relay.on is False
    assert place.causes()[-1] == ("off", "local")
    after = place.ask(True)
    until(lambda: after, "on again")
    assert after[0].answer == "done"


def test_it_goes_off_when_the_kiosk_stops(make: Make, until: Callable[..., Any]) -> None:
    """And whoever still waits is told."""
    place = make()
    on = place.ask(True)
    until(lambda: on, "on")
    place.output.stop()
    place.thread.join(60)
    assert place.relay.on is False
    assert place.causes()[-1] == ("off", "stop")


def test_a_devices_own_timer_runs_for_what_is_left(make: Make, until: Callable[..., Any]) -> None:
    """And is started again while more is left than it can run."""
    place = make(longest=0.2)
    on = place.ask(True, 1)
    until(lambda: on, "on")
    until(lambda: place.is_off, "off")
    times = [seconds for on_, seconds in place.relay.calls if on_ and seconds is not None]
    assert len(times) > 4
    assert all(0 < s <= 0.2 for s in times)


def test_a_failed_renewal_is_a_lost_line(make: Make, until: Callable[..., Any]) -> None:
    """The device's timer will end it; off is asked for until it is confirmed."""
    place = make(longest=0.2)
    on = place.ask(True, 30)
    until(lambda: on, "on")
    place.relay.silent = True
    until(lambda: ("unknown", "line") in place.causes(), "told")
    place.relay.silent = False
    until(lambda: place.is_off, "off")
    assert place.causes()[-1] == ("off", "line")


def test_an_output_that_is_not_there_changes_nothing(make: Make, until: Callable[..., Any]) -> None:
    """Nothing was sent, so nothing is in doubt."""
    place = make()
    place.relay.silent, place.relay.deaf, place.relay.code = True, True, "unknown_output"
    answer = place.ask(True)
    until(lambda: answer, "the answer")
    assert (answer[0].answer, answer[0].state) == ("failed", "off")


def test_a_crashed_thread_begins_by_switching_off(make: Make, until: Callable[..., Any]) -> None:
    """As a started process does."""
    relay = Relay()
    place = make(relay)
    on = place.ask(True)
    until(lambda: on, "on")
    place.output.stop()
    place.thread.join(60)
    relay.on = True
    place.output._stopping.clear()
    place.thread = threading.Thread(target=place.output.run, daemon=True)
    place.thread.start()
    until(lambda: place.is_off, "off")
    assert relay.on is False
