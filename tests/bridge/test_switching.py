"""The order of switches: off before on, nothing on after its off, and what was to go off goes off."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_bridge import switching
from kampung_bridge.output import LinkOutput, ModbusOutput, Output, ReadBack, Switched
from kampung_bridge.switching import Order, Switchboard

TIMED = LinkOutput(name="valve", title="Valve", number=0)
PLAIN = ModbusOutput(name="lamp", title="Lamp", address=0, read=ReadBack(function=1, start=0, at=0))
DONE, NO_REPLY = Switched(True, "done", ""), Switched(False, "no_reply", "")


@dataclass
class Clock:
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(switching, "time", clock)
    return clock


def board() -> Switchboard:
    board = Switchboard()
    board.open()
    return board


orders = st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans())


@given(st.lists(st.one_of(orders, st.just(None)), max_size=40))
def test_off_goes_before_on_and_nothing_goes_on_after_its_off(steps: list[tuple[str, bool] | None]) -> None:
    """None serves the next one; each order is served or answered, and none twice."""
    line, put, served = board(), [], []

    def serve() -> None:
        offs = [o for o in line._waiting if not o.on]
        order = line.next()
        if order is None:
            assert not line.pressing
            return
        assert not (order.on and offs), "an off waits"
        assert not any(o.key == order.key and not o.on and put.index(o) > put.index(order) for o in served), "its off came later"
        served.append(order)
        line.done(order, DONE)

    for step in steps:
        if step is None:
            serve()
        else:
            put.append(Order(step[0], TIMED, step[1], None, 60))
            assert line.put(put[-1])
    while line.pressing:
        serve()
    assert len(set(map(id, served))) == len(served)
    assert all(order.result is not None for order in put)
    assert {order.result.code for order in put if order.result and order not in served} <= {"refused"}
    for device in "abc":
        last = next((o for o in reversed(put) if o.device == device), None)
        assert last is None or last in served, "the last word counts"


@given(st.lists(st.tuples(st.booleans(), st.floats(0.1, 100)), min_size=1, max_size=20))
def test_what_has_no_timer_is_switched_off_until_it_is_confirmed(steps: list[tuple[bool, float]]) -> None:
    """Each step is an answer (True) or a silence, and the seconds until the next look."""
    clock, before = Clock(), switching.time
    switching.time = clock  # type: ignore[assignment]
    try:
        line = board()
        on = Order("lamp-1", PLAIN, True, 30.0, 60)
        line.put(on)
        assert line.next() is on
        line.done(on, NO_REPLY)  # it may be on all the same
        confirmed = False
        for answers, pause in steps:
            clock.now += pause
            off = line.next()
            if confirmed or clock.now < 1030:
                assert off is None
            elif off is not None:
                assert (off.key, off.on) == (on.key, False)
                line.done(off, DONE if answers else NO_REPLY)
                confirmed = answers
        clock.now += 100
        assert (line.next() is None) is confirmed
    finally:
        switching.time = before


def test_a_later_time_counts_only_once_it_is_confirmed(clock: Clock) -> None:
    line = board()
    for seconds, answer in ((10.0, DONE), (50.0, NO_REPLY)):
        order = Order("lamp-1", PLAIN, True, seconds, 60)
        line.put(order)
        assert line.next() is order
        line.done(order, answer)
    clock.now += 11
    off = line.next()
    assert off is not None
    assert not off.on


@pytest.mark.parametrize("output", [TIMED, PLAIN])
def test_a_device_with_a_timer_needs_no_second_order(output: Output, clock: Clock) -> None:
    line, order = board(), Order("it", output, True, 10.0, 60)
    line.put(order)
    assert line.next() is order
    line.done(order, DONE)
    clock.now += 11
    assert (line.next() is None) is output.hardware_timer


def test_an_order_without_a_line_is_answered_and_so_are_those_that_wait() -> None:
    line, order, late = board(), Order("it", TIMED, True, 1.0, 60), Order("it", TIMED, False, None, 60)
    line.put(order)
    line.close("unplugged")
    assert not line.put(late)
    assert [(o.result.code, "unplugged" in o.result.detail) for o in (order, late) if o.result] == [("port_lost", True)] * 2
