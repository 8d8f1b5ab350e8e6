"""One configured device as a port sees it: its readings on their way out, its polls, its health."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from kampung_bridge.clock import SampleClock
from kampung_bridge.config import DeviceConfig
from kampung_bridge.reading import GOOD, Reading

LOST_AFTER = 3  # failures in a row
RETRY_MAX = 60.0  # seconds of true time between two polls of a dead device


@dataclass(frozen=True, slots=True)
class DeviceStats:
    """`state`: "new" (nothing heard yet), "up", "down". Times in ms UTC of the sample clock."""

    name: str
    profile: str
    state: str
    frames: int
    errors: int
    last_frame_ms: int | None
    detail: str


def transform(config: DeviceConfig, readings: Iterable[Reading]) -> list[Reading]:
    """Calibrated (`adjust`), then derived (`derive`), as the configuration says; qualities are kept."""
    out: list[Reading] = []
    for reading in readings:
        adjust = config.adjust.get(reading.quantity)
        if adjust is not None:
            reading = reading._replace(value=adjust.applied(reading.value))  # noqa: PLW2901 - the calibrated one
        derived = [d for d in config.derive if d.source == reading.quantity]
        if not derived or any(d.keep for d in derived):
            out.append(reading)
        out += [Reading(d.quantity, round(reading.value * d.gain + d.offset, 9), d.unit, reading.quality) for d in derived]
    return out


class Device:
    """Used by its port's thread only, but for `stats`."""

    def __init__(self, config: DeviceConfig, clock: SampleClock) -> None:
        self.config = config
        self.name = config.name
        self._clock = clock
        self._last_ms: int | None = None  # last poll, or last frame of a stream delivered
        self._last_frame_ms: int | None = None
        self._frames = self._errors = self._failures = 0
        self._retry_at = -math.inf  # monotonic
        self._state, self._detail = "new", ""

    @property
    def _interval_ms(self) -> int:
        config = self.config
        seconds = config.every
        if self._clock.rehearsing and config.rehearsal_every is not None:
            seconds = config.rehearsal_every
        return round(seconds * 1000)

    def due_ms(self, now_ms: int) -> int:
        """When the next poll is due: on the clock's whole multiples of the interval, so that devices of one interval are read together
        and travel in one pack. The first is due at once, as after a clock that was set back.
        """
        if self._last_ms is None or now_ms < self._last_ms:
            return now_ms
        return (self._last_ms // self._interval_ms + 1) * self._interval_ms

    @property
    def polled_ms(self) -> float:
        """When it was polled last; minus infinity for never."""
        return -math.inf if self._last_ms is None else self._last_ms

    def resting(self) -> float:
        """Seconds of true time before a dead device is asked again."""
        return max(0.0, self._retry_at - time.monotonic())

    def polled(self, now_ms: int) -> None:
        """A poll begins; those missed are not made up for."""
        self._last_ms = now_ms

    def put_off(self) -> None:
        """The poll gave way to something more urgent and is due at once."""
        self._last_ms = None

    def wants(self, readings: Iterable[Reading], now_ms: int) -> bool:
        """Thins a stream: the first frame of each interval on the clock's grid. One that is not good waits half of it for a good one."""
        interval = self._interval_ms
        if interval and self._last_ms is not None and now_ms >= self._last_ms:
            passed = now_ms // interval - self._last_ms // interval
            good = all(reading.quality == GOOD for reading in readings)
            if passed == 0 or (passed == 1 and not good and now_ms % interval < interval // 2):
                return False
        self._last_ms = now_ms
        return True

    def heard(self, now_ms: int) -> bool:
        """A valid frame; True when the device was down."""
        back = self._state == "down"
        self._frames += 1
        self._last_frame_ms = now_ms
        self._failures, self._retry_at = 0, -math.inf
        self._state, self._detail = "up", ""
        return back

    def complained(self, detail: str) -> None:
        """A damaged or foreign frame."""
        self._errors += 1
        self._detail = detail

    def failed(self, detail: str, at_once: bool = False) -> bool:
        """A poll without a reading; True when the device has just been given up (`at_once`: without further tries)."""
        self._failures += 1
        self._detail = detail
        if self._failures < LOST_AFTER and not at_once:
            return False
        self._retry_at = time.monotonic() + min(RETRY_MAX, 2.0 ** min(self._failures - LOST_AFTER, 10))
        lost = self._state != "down"
        self._state = "down"
        return lost

    def port_reopened(self) -> None:
        """A new line deserves a new try."""
        self._retry_at = -math.inf

    def stats(self) -> DeviceStats:
        return DeviceStats(
            self.name, self.config.profile, self._state, self._frames, self._errors, self._last_frame_ms, self._detail
        )  # fmt: skip


def next_due(devices: Iterable[Device], now_ms: int) -> Device | None:
    """Of those that are due the one polled longest ago, so that on a line too slow for its intervals none starves another (one that was
    never polled is due since now, but first in turn); when none is due, the one that will be first.
    """
    waiting = list(devices)
    due = [device for device in waiting if device.due_ms(now_ms) <= now_ms]
    if due:
        return min(due, key=lambda device: device.polled_ms)
    return min(waiting, key=lambda device: device.due_ms(now_ms), default=None)
