"""Tells the cloud which devices, origins and calibrations stand behind readings: one event, whenever that changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path

import msgspec
import structlog
from kampung_bridge.clock import SampleClock
from kampung_bridge.config import Derive
from kampung_contract.pm_correction import CORRECTED, method
from kampung_contract.provenance import Announcement, Calibration, Corrected, Derived, DeviceOrigin, SeriesOrigin

from kampung_edge import whole_file
from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.config import DeviceSetting
from kampung_edge.intake import Intake
from kampung_edge.quality import limits
from kampung_edge.quality_config import HUMIDITY, humidity_of
from kampung_edge.spool import Spool

log = structlog.get_logger("provenance")

REPEAT_MS = 7 * 86_400_000
"""A cloud that lost its records, or was set back to older ones, knows again after so long; the event is a few hundred bytes."""


class Told(msgspec.Struct, frozen=True):
    """What the spool has taken: its ``epoch``, and when (``at``, milliseconds UTC)."""

    epoch: str
    at: int
    announcement: Announcement


class Provenance:
    """``announce`` is called before a device is first read, so that no reading precedes the event that explains it.

    Remembered in ``path`` once the event is on the disk: after a kill in between it is told again with a later time, under which no
    reading was stored yet. A new spool hears it again with its old time.
    """

    def __init__(self, path: Path, intake: Intake, spool: Spool, clock: EdgeClock, samples: SampleClock) -> None:
        self._path, self._intake, self._spool, self._clock, self._samples = path, intake, spool, clock, samples
        self._lock = threading.Lock()
        self._told = _read(path)
        self._under_way: Future[int] | None = None
        self._stored: Told | None = None
        """On the disk, and not remembered yet."""

    def announce(self, devices: Iterable[DeviceSetting]) -> Future[int] | None:
        """What is in force from now on. None when that is known; else done once the event is on the disk."""
        now = in_force(devices)
        with self._lock:
            told = self._told
            if told is None and not now:
                return None
            if told is not None and told.epoch == self._spool.epoch and not self._must(told.announcement, now):
                return None
            announcement = told.announcement if told is not None and not self._must(told.announcement, now) else self._made(now)
            return self._tell(announcement)

    def tend(self) -> None:
        """Now and then: remember what is on the disk, tell a new spool, repeat what was told long ago."""
        self.remember()
        with self._lock:
            told = self._told
            if told is None or (self._under_way is not None and not self._under_way.done()):
                return
            if told.epoch != self._spool.epoch or wall_ms() - told.at > REPEAT_MS:
                self._tell(told.announcement)

    def _must(self, told: Announcement, now: dict[str, DeviceOrigin]) -> bool:
        """In every boot that does not know the time it is told anew, and in the first one that does again: their times do not compare."""
        if told.devices != now:
            return True
        return told.boot != self._clock.boot and not (told.synchronised and self._clock.era().synchronised)

    def _made(self, now: dict[str, DeviceOrigin]) -> Announcement:
        era, since = self._clock.era(), self._samples.now_ms()
        return Announcement(since, self._clock.boot, since - era.offset, now, era.synchronised)

    def _tell(self, announcement: Announcement) -> Future[int]:
        log.info("provenance", devices=len(announcement.devices), since=announcement.since)
        self._told = Told("", wall_ms(), announcement)  # no epoch: not on the disk yet
        self._under_way = self._intake.post(announcement.event())
        self._under_way.add_done_callback(lambda done: self._done(done, announcement))
        return self._under_way

    def _done(self, done: Future[int], announcement: Announcement) -> None:
        """Called by the spool's writer, which must not wait for us."""
        if (error := done.exception()) is None:
            self._stored = Told(self._spool.epoch, wall_ms(), announcement)
        else:
            log.error("provenance.untold", reason=str(error))

    def remember(self) -> None:
        """Write what is on the disk into our own file."""
        with self._lock:
            stored, self._stored = self._stored, None
            if stored is None or self._told is None or stored.announcement is not self._told.announcement:
                return
            self._told = stored
            try:
                _write(self._path, stored)
            except OSError as error:
                log.warning("provenance.unwritten", reason=str(error))  # it is told again after the next start


def in_force(devices: Iterable[DeviceSetting]) -> dict[str, DeviceOrigin]:
    """Devices by name, as they are told."""
    out = {}
    for device in devices:
        series = {name: made for name in device.quantities if (made := _series(device, name)) != SeriesOrigin()}
        out[device.name] = DeviceOrigin(device.profile, device.origin, series)
    return out


def _series(device: DeviceSetting, name: str) -> SeriesOrigin:
    derive: Derive | None = next((d for d in device.derive if d.quantity == name), None)
    adjust = device.adjust.get(derive.source if derive else name)
    calibration = None
    if adjust is not None:
        at = None if adjust.at is None else round(adjust.at.timestamp() * 1000)
        calibration = Calibration(adjust.gain, adjust.offset, adjust.method, list(adjust.points), adjust.by, at)
    checks = device.check.get(name)
    return SeriesOrigin(
        calibration,
        Derived(derive.source, derive.gain, derive.offset) if derive else None,
        _corrected(device) if name == CORRECTED else None,
        limits(name, checks) if checks is not None else None,
    )


def _corrected(device: DeviceSetting) -> Corrected | None:
    setting = device.correct
    if setting is None:
        return None
    source = method(setting.method).quantity
    pair = f"{setting.pair}/{source}" if setting.pair else ""
    return Corrected(setting.method, source, f"{humidity_of(device)}/{HUMIDITY}", pair)


def _read(path: Path) -> Told | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Told)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        log.warning("provenance.unread", file=path.name, reason=str(error))  # told again, from now on
        return None


def _write(path: Path, told: Told) -> None:
    whole_file.replace(path, msgspec.json.encode(told))
