"""Switches on their way to a port's thread: which goes first, which came too late, and what must be switched off again."""

import threading
import time

from kampung_bridge.decoder import FrameError
from kampung_bridge.link import RESULTS, OutputDone
from kampung_bridge.output import Output, Switched

MARGIN = 0.15  # seconds: the port gives up before whoever waits, a read of the line included
AGAIN = (1.0, 30.0)  # seconds between two tries to switch off what has been on long enough, first and longest
OWN_TIMEOUT = 2.0  # seconds for one such try


class Order:
    """One switch, until `deadline` (monotonic)."""

    def __init__(self, device: str, output: Output, on: bool, seconds: float | None, timeout: float) -> None:
        self.device, self.output, self.on, self.seconds = device, output, on, seconds
        self.deadline = time.monotonic() + timeout
        self.begun = False
        self.result: Switched | None = None
        self._done = threading.Event()

    @property
    def key(self) -> tuple[str, str]:
        """What is switched."""
        return self.device, self.output.name

    @property
    def goal(self) -> str:
        """For people, such as "valve of pump-1 on"."""
        return f"{self.output.name} of {self.device} {'on' if self.on else 'off'}"

    @property
    def remaining(self) -> float:
        """Seconds the port has left."""
        return self.deadline - MARGIN - time.monotonic()

    def finish(self, result: Switched) -> None:
        """Only the first one counts."""
        if self.result is None:
            self.result = result
        self._done.set()

    def wait(self) -> None:
        self._done.wait(max(0.0, self.deadline - time.monotonic()))


class Switchboard:
    """Orders of many threads for one. Off goes before on; a switch-off ends earlier switch-ons of its output that still wait.

    An output without a timer of its own that was sent on for a time is switched off by an order of the board's own, again and again
    until the device confirms it.
    """

    def __init__(self) -> None:
        self.wake = threading.Event()  # set when there is something to do
        self._lock = threading.Lock()
        self._waiting: list[Order] = []
        self._current: Order | None = None
        self._closed = "not open yet"
        self._ends: dict[tuple[str, str], tuple[float, float, Output]] = {}  # when to switch off, pause before the next try

    def open(self) -> None:
        """The line is there."""
        with self._lock:
            self._closed = ""

    def close(self, detail: str) -> None:
        """The line is gone: whatever waits ends, and so does whatever comes, at once."""
        with self._lock:
            self._closed = detail
            orders, self._waiting, self._current = [*self._waiting, *filter(None, [self._current])], [], None
        for order in orders:
            order.finish(_lost(order, detail))

    def put(self, order: Order) -> bool:
        """Into the queue; False, with its result, when the line is gone."""
        with self._lock:
            if self._closed:
                order.finish(_lost(order, self._closed))
                return False
            if not order.on:
                self._overtake(order)
            self._waiting.append(order)
        self.wake.set()
        return True

    def place(self, order: Order) -> Switched:
        """Waits for what comes of it, at most until its deadline."""
        if self.put(order):
            order.wait()
        with self._lock:
            if order in self._waiting:
                self._waiting.remove(order)
            if order.begun:
                text = f"{order.goal} was sent but not confirmed in time: it may or may not have switched; read its state, or switch again"
            else:
                text = f"{order.goal} was not sent: the port was busy until its time was over; switch again"
            return order.result or Switched(False, "timeout", text)

    @property
    def pressing(self) -> bool:
        """Whether something waits."""
        return bool(self._waiting)

    def overtaken(self, order: Order) -> bool:
        """Whether a switch-off of the same output waits."""
        with self._lock:
            return order.on and any(other.key == order.key and not other.on for other in self._waiting)

    def next(self) -> Order | None:
        """The order to serve now; `done` must follow."""
        with self._lock:
            now = time.monotonic()
            self._waiting = [order for order in self._waiting if order.remaining > 0]
            offs = [order for order in self._waiting if not order.on]
            due = [key for key, (at, _, _) in self._ends.items() if at <= now]
            if offs or (self._waiting and not due):
                order = (offs or self._waiting)[0]
                self._waiting.remove(order)
            elif due:
                _, pause, output = self._ends[due[0]]
                self._ends[due[0]] = (now + pause, min(2 * pause, AGAIN[1]), output)
                order = Order(due[0][0], output, False, None, OWN_TIMEOUT)
            else:
                return None
            order.begun = True
            self._current = order
            if order.on and order.seconds is not None and not order.output.hardware_timer:
                self._ends.setdefault(order.key, (now + order.seconds, AGAIN[0], order.output))
            return order

    def done(self, order: Order, result: Switched) -> None:
        """The device answered, or did not."""
        with self._lock:
            self._current = None
            if result.ok:
                self._ends.pop(order.key, None)
                if order.on and order.seconds is not None and not order.output.hardware_timer:
                    self._ends[order.key] = (time.monotonic() + order.seconds, AGAIN[0], order.output)
        order.finish(result)

    def hurry(self) -> None:
        """The port stops: what must be switched off again is due now, and nothing goes on any more."""
        with self._lock:
            self._closed = "it is being stopped"
            for order in [order for order in self._waiting if order.on]:
                self._waiting.remove(order)
                order.finish(_lost(order, self._closed))
            self._ends = {key: (0.0, *rest) for key, (_, *rest) in self._ends.items()}  # type: ignore[misc]

    def _overtake(self, off: Order) -> None:
        late = [order for order in self._waiting if order.on and order.key == off.key]
        self._waiting = [order for order in self._waiting if order not in late]
        for order in late:
            order.finish(overtaken(order))


def overtaken(order: Order) -> Switched:
    """A switch-off came after this switch-on."""
    return Switched(
        False, "refused", f"{order.goal} was given up: a later switch-off of the same output came first; switch on again if needed"
    )


def answered(order: Order, seconds: float | None) -> Switched:
    """The device confirmed it."""
    for_long = f" for {seconds:g} s" if order.on and seconds is not None else ""
    return Switched(True, "done", f"{order.goal}{for_long}: confirmed by the device")


def no_reply(order: Order, why: str) -> Switched:
    """Nothing that can be trusted came back."""
    remedy = "it may or may not have switched; check power, wiring and address"
    return Switched(False, "no_reply", f"{order.goal} is not confirmed: {why}; {remedy}")


def refused(order: Order, error: FrameError, profile: str) -> Switched:
    """A Modbus exception."""
    remedy = f"check that profile {profile} is this device's" if error.number in (1, 2, 3) else "try again, else restart the device"
    return Switched(False, "refused", f"{order.goal}: {error.detail}; {remedy}")


def told_otherwise(order: Order, what: str) -> Switched:
    """The device answered, and not what was asked for."""
    return Switched(False, "wrong_state", f"{order.goal} is not confirmed: {what}; look at the device, then switch again")


def node_said(order: Order, done: OutputDone) -> Switched:
    """The answer of our own microcontroller."""
    remedies = {1: "give it a longest_s in its firmware", 2: "find out what its interlock guards", 3: "update its firmware"}
    if done.result:
        detail = f"{order.goal}: {RESULTS.get(done.result, f'result {done.result}')}; {remedies.get(done.result, remedies[3])}"
        return Switched(False, "refused", detail)
    if bool(done.state) is not order.on:
        return told_otherwise(order, f"it says {'on' if done.state else 'off'}")
    return answered(order, done.seconds)


def _lost(order: Order, detail: str) -> Switched:
    unsure = ": it may or may not have switched" if order.begun else ""
    return Switched(False, "port_lost", f"{order.goal} failed{unsure}: the port is not open: {detail}; try again when it is back")
