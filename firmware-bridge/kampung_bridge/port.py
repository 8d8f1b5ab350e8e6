"""One thread a port: opens the line, serves it, survives its loss."""

import errno
import logging
import math
import termios
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kampung_contract.backoff import Backoff

from kampung_bridge.bus_session import BusSession
from kampung_bridge.clock import SampleClock
from kampung_bridge.config import DeviceConfig, PortConfig
from kampung_bridge.decoder import FrameError
from kampung_bridge.device import Device, DeviceStats, next_due, transform
from kampung_bridge.discovery import DiscoveryStats, Explorer
from kampung_bridge.output import Switched
from kampung_bridge.profile import Serial, StreamProfile
from kampung_bridge.reading import Reading
from kampung_bridge.replay import open_line
from kampung_bridge.sdi12_bus import Sdi12Session
from kampung_bridge.session import IDLE_SLICE, READ_SLICE, Line, Session
from kampung_bridge.stream_session import StreamSession
from kampung_bridge.switching import Order, Switchboard

log = logging.getLogger(__name__)

BACKOFF = (0.5, 30.0)  # seconds between two tries to open, first and longest
GARBAGE_AFTER = 10.0  # seconds without a valid frame
GARBAGE_BYTES = 16
LAST_ORDERS = 3.0  # seconds a stopping port takes to switch off what it was to switch off later
LOST = (OSError, termios.error)  # serial.SerialException is an OSError


class Event(NamedTuple):
    """A change of state, told once. `kind`: port_lost, port_back, device_lost, device_back, garbage, garbage_over.

    `device` is None when the whole port is meant; `at_ms` by the sample clock.
    """

    kind: str
    port: str
    device: str | None
    detail: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class PortStats:
    """Health of a port. `state` "up" or "down"; `garbage` in bytes; `errors` are damaged, foreign and missing frames."""

    name: str
    url: str
    state: str
    since_ms: int
    frames: int
    errors: int
    garbage: int
    last_frame_ms: int | None
    detail: str
    devices: tuple[DeviceStats, ...]
    discovery: DiscoveryStats | None = None


# device, quantity, value, unit, quality (QARTOD), at_ms (sample clock)
OnReading = Callable[[str, str, float, str, int, int], None]
# device, the readings of one frame that are about to be delivered one by one, at_ms
OnFrame = Callable[[str, Sequence[Reading], int], None]
OnEvent = Callable[[Event], None]
OnFrameError = Callable[[str, FrameError], None]


class Port:
    """Callbacks come from the port's own thread, one at a time; one that raises is logged and the port goes on.

    A lost line (unplugged, closed, refused) is reopened after 0.5 s, then ever later up to 30 s, for as long as the port runs.
    """

    def __init__(
        self,
        config: PortConfig,
        clock: SampleClock,
        on_reading: OnReading,
        on_event: OnEvent,
        *,
        on_frame: OnFrame | None = None,
        on_frame_error: OnFrameError | None = None,
        backoff: tuple[float, float] = BACKOFF,
        garbage_after: float = GARBAGE_AFTER,
        explorer: Explorer | None = None,
    ) -> None:
        """With an `explorer`, devices that it finds are added to `config`."""
        self.config = config
        self._clock = clock
        self._on_reading, self._on_event, self._on_frame, self._on_frame_error = on_reading, on_event, on_frame, on_frame_error
        self._backoff, self._garbage_after = backoff, garbage_after
        self._devices = [Device(device, clock) for device in config.devices]
        self._explorer, self._serial = explorer, config.serial
        self._stop = threading.Event()
        self.board = Switchboard()
        self._thread = threading.Thread(target=self._run, name=f"port {config.title}", daemon=True)
        self._state = ("down", clock.now_ms(), "not started")
        self._told_lost = False
        self._frames = self._errors = self._garbage = 0
        self._last_frame_ms: int | None = None
        self._last_valid = time.monotonic()
        self._garbage_since_valid = 0
        self._garbage_text = ""

    def start(self) -> None:
        """Returns at once; whether the line could be opened is an event."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Closes the line and waits for the thread; afterwards no callback comes."""
        self._stop.set()
        self.board.wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def stats(self) -> PortStats:
        """A snapshot; may be called from any thread."""
        state, since, detail = self._state
        devices = tuple(device.stats() for device in self._devices)
        troubles = [f"{d.name}: {d.detail}" for d in devices if d.state == "down"]
        return PortStats(
            self.config.title, self.config.url, state, since, self._frames, self._errors, self._garbage, self._last_frame_ms,
            detail or self._garbage_text or "; ".join(troubles), devices, self._explorer.stats() if self._explorer else None,
        )  # fmt: skip

    def switch(self, device: str, output: str, on: bool, *, seconds: float | None = None, timeout: float = 5.0) -> Switched:
        """Switch an output; from any thread but the port's own (a callback), waits at most `timeout` seconds, and never raises for a
        line's trouble.

        It goes before polls, and a switch-off before switch-ons; without a reply it is tried twice. `seconds` is how long the output
        stays on. The device itself counts them when the output has a `hardware_timer` (without `seconds`, for its `longest`); else the
        port switches off, also when it stops, but not when the process is killed: who can remember must look again after a restart.
        """
        model = next((d.config.model for d in self._devices if d.name == device), None)
        if model is None:
            text = f"port {self.config.title} has no device '{device}'; it has {', '.join(d.name for d in self._devices)}"
            return Switched(False, "unknown_output", text)
        found = next((o for o in model.outputs if o.name == output), None)
        if found is None:
            known = ", ".join(o.name for o in model.outputs) or "none"
            return Switched(False, "unknown_output", f"{device} ({model.id}) has no output '{output}'; it has {known}")
        if on and seconds is not None and not 0 < seconds <= (found.longest or math.inf):
            limit = "; use more than 0" + (f" and at most {found.longest:g}" if found.longest else "")
            return Switched(False, "refused", f"{output} of {device} cannot be on for {seconds:g} s{limit}")
        return self.board.place(Order(device, found, on, seconds, timeout))

    # What a session reports; see session.Sink.

    def heard(self, device: Device, readings: Sequence[Reading], at_ms: int, deliver: bool) -> None:
        self._frames += 1
        self._last_frame_ms = at_ms
        if self._explorer:
            self._explorer.heard(device)
        self._last_valid, self._garbage_since_valid = time.monotonic(), 0
        if self._garbage_text:
            self._garbage_text = ""
            self._tell("garbage_over", None, "valid frames again", at_ms)
        if device.heard(at_ms):
            self._tell("device_back", device.name, "answers again", at_ms)
        if not deliver:
            return
        delivered = transform(device.config, readings)
        if self._on_frame is not None and len(delivered) > 1:
            self._call(self._on_frame, device.name, delivered, at_ms)
        for reading in delivered:
            self._call(self._on_reading, device.name, *reading, at_ms)

    def complained(self, device: Device, error: FrameError) -> None:
        if error.code not in ("garbage", "text"):
            self._errors += 1
            device.complained(error.detail)
        if self._on_frame_error is not None:
            self._call(self._on_frame_error, device.name, error)

    def failed(self, device: Device, detail: str, at_once: bool = False) -> None:
        if device.failed(detail, at_once):
            self._tell("device_lost", device.name, detail, self._clock.now_ms())

    def garbage(self, count: int) -> None:
        self._garbage += count
        self._garbage_since_valid += count

    # The thread.

    def _run(self) -> None:
        backoff = Backoff(*self._backoff)
        while not self._stop.is_set():
            before = self._frames
            try:
                self._serve()
            except LOST as error:
                self._lost(reason(error, self.config.url))
            except Exception as error:  # a defect on one port must not end the port for good
                log.exception("port %s: internal error", self.config.title)
                self._lost(f"internal error: {error!r}")
            else:
                continue  # the line is well; something was found, or is to be looked for
            if self._frames > before:
                backoff.forgive()
            self._stop.wait(backoff.pause())
        self._state = ("down", self._clock.now_ms(), "stopped")

    def _serve(self) -> None:
        """Until the port is stopped, or the line has to be opened anew for what was found, or looked at alone."""
        if self._explorer and self._explorer.must_look(self._devices):
            self._adopt(self._explorer.look(self._open_to_look, self._stop.is_set))
        line = self._open()
        try:
            self._opened()
            session = self._session(line)
            while True:
                self.board.wake.clear()
                if self._stop.is_set():
                    break
                if order := self.board.next():
                    self._obey(session, order, self._stop)
                    continue
                if self._explorer and (self._explorer.must_look(self._devices) or self._adopt(self._explorer.step(line, self._room()))):
                    return
                session.step(self._stop)
                self._watch_garbage()
            self._last_orders(session)
        finally:
            self.board.close("it was stopped" if self._stop.is_set() else "its line was lost")
            try:
                line.close()
            except LOST:
                log.debug("port %s: closing a lost line failed too", self.config.title)

    def _open_to_look(self, serial: Serial) -> Line:
        line = open_line(self.config.url, serial)
        if self._state[0] == "down":
            self._up()
        return line

    def _room(self) -> float:
        """Seconds until the next poll."""
        if self._clock.rehearsing:
            return 0.0
        now = self._clock.now_ms()
        device = next_due([device for device in self._devices if device.resting() == 0], now)
        return math.inf if device is None else (device.due_ms(now) - now) / 1000

    def _adopt(self, found: Sequence[tuple[DeviceConfig, int]]) -> bool:
        """Read these from now on; True when the line must be opened anew for that. What has their place, or another baud rate, goes."""
        anew = False
        for config, baud in found:
            alone = isinstance(config.model, StreamProfile) or baud != self.config.serial.baud
            anew = anew or isinstance(config.model, StreamProfile) or baud != self._serial.baud
            device = next((d for d in self._devices if d.config == config), None) or Device(config, self._clock)
            device.port_reopened()
            stays = [] if alone else [d for d in self._devices if d.config.bus_address != config.bus_address]
            self._devices[:] = [*stays, device]  # in place: the session reads what is in this list
            self.config = self.config.model_copy(update={"devices": tuple(d.config for d in self._devices), "baud": baud})
        return anew

    def _obey(self, session: Session, order: Order, stop: threading.Event) -> None:
        device = next(d for d in self._devices if d.name == order.device)
        self.board.done(order, session.switch(device, order, stop))

    def _last_orders(self, session: Session) -> None:
        until = time.monotonic() + LAST_ORDERS
        self.board.hurry()
        while time.monotonic() < until and (order := self.board.next()):
            self._obey(session, order, threading.Event())

    def _open(self) -> Line:
        self._serial = self.config.serial
        if self._explorer and not self._devices:
            self._serial = self._serial.model_copy(update={"baud": self._explorer.idle_baud})
        line = open_line(self.config.url, self._serial, IDLE_SLICE if self._only_listens() else READ_SLICE)
        try:
            line.reset_input_buffer()
        except LOST:
            line.close()
            raise
        return line

    def _only_listens(self) -> bool:
        """Whether nothing is ever said on this line: what is heard wakes the reader, and there is nothing else to be in time for."""
        model = self.config.devices[0].model if self._devices and not self._explorer else None
        return isinstance(model, StreamProfile) and not (model.sdi12 or model.request or model.outputs)

    def _session(self, line: Line) -> Session:
        if not self._devices:
            return BusSession(line, self._devices, self._serial, self._clock, self)
        model = self.config.devices[0].model
        if isinstance(model, StreamProfile) and model.sdi12 is not None:
            return Sdi12Session(line, self._devices, self._clock, self)
        if isinstance(model, StreamProfile):
            return StreamSession(line, self._devices[0], self._clock, self)
        return BusSession(line, self._devices, self.config.serial, self._clock, self)

    def _opened(self) -> None:
        self._up()
        self.board.open()
        self._last_valid, self._garbage_since_valid = time.monotonic(), 0
        for device in self._devices:
            device.port_reopened()
        if self._explorer:
            self._explorer.opened(self._serial.baud, self._devices)

    def _up(self) -> None:
        now = self._clock.now_ms()
        self._state = ("up", now, "")
        if self._told_lost:
            self._told_lost = False
            self._tell("port_back", None, "open again", now)

    def _lost(self, detail: str) -> None:
        self.board.close(detail)
        if self._explorer:
            self._explorer.lost()
        if self._told_lost:
            self._state = ("down", self._state[1], detail)
            return
        now = self._clock.now_ms()
        self._state = ("down", now, detail)
        self._told_lost = True
        self._tell("port_lost", None, detail, now)

    def _watch_garbage(self) -> None:
        if not self._devices:  # what speaks here has yet to be named
            return
        silent = time.monotonic() - self._last_valid
        if self._garbage_text or silent < self._garbage_after or self._garbage_since_valid < GARBAGE_BYTES:
            return
        self._garbage_text = (
            f"garbage on port {self.config.title}: {self._garbage_since_valid} bytes, no valid frame for {silent:.0f} s: "
            "check baud rate and wiring"
        )
        self._tell("garbage", None, self._garbage_text, self._clock.now_ms())

    def _tell(self, kind: str, device: str | None, detail: str, at_ms: int) -> None:
        self._call(self._on_event, Event(kind, self.config.title, device, detail, at_ms))

    def _call(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            callback(*arguments)
        except Exception:
            log.exception("port %s: a callback failed", self.config.title)


def reason(error: BaseException, url: str) -> str:
    """The errno's own words where there is one (pyserial wraps them twice); a refusal names the group to join."""
    text = str(error.args[-1]) if error.args else repr(error)
    if getattr(error, "errno", None) in (errno.EACCES, errno.EPERM) or "Permission denied" in text:
        return f"permission denied: join the group {_group(url)} (sudo usermod -aG {_group(url)} $USER) and log in again"
    return text or repr(error)


def _group(path: str) -> str:
    """Who may open a device; Debian's serial ports belong to dialout."""
    try:
        return Path(path).group()
    except (OSError, KeyError):
        return "dialout"
