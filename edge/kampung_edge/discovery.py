"""Devices that were found rather than listed: named once and for all, told to the cloud, and read like the others."""

from __future__ import annotations

import fnmatch
import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kampung_bridge.discovery import Explorer, Finding
from kampung_bridge.error import BridgeError
from kampung_contract.discovery import Candidate, Discovery
from pydantic import ValidationError

from kampung_edge import whole_file
from kampung_edge.config import DeviceSetting, PortSetting

log = structlog.get_logger("discovery")

EVERY_S = 60.0
"""Seconds between readings of a device that nobody has configured."""


TOLD = 200
"""Findings that are remembered as told."""


class Known(msgspec.Struct):
    """A device as it was found: the place (``line`` is the port's url) and the profile stand for it, and ``name`` is theirs for ever.

    ``used`` is false once another device was found in its place.
    """

    name: str
    line: str
    profile: str
    address: int | None
    baud: int
    used: bool = True


class Memory(msgspec.Struct):
    """The file. ``told`` are findings that were told to the cloud and are not told again."""

    devices: list[Known] = []
    told: list[str] = []


class Discoveries:
    """``take`` is called by the ports' threads. The edge's file goes first: what it lists by name or place is not read twice."""

    def __init__(self, path: Path, ports: Iterable[PortSetting], post: Callable[[dict[str, Any]], object]) -> None:
        """``post`` tells the cloud."""
        self._path, self._ports, self._post = path, tuple(ports), post
        self._listed = {device.name for port in self._ports for device in port.devices}
        self._lock = threading.Lock()
        self._memory = _read(path)
        self.joined: Callable[[list[DeviceSetting]], None] = lambda _: None
        """Called with all discovered devices before one more of them is read."""

    @property
    def devices(self) -> list[DeviceSetting]:
        """Those that are read, or would be if their line were there."""
        with self._lock:
            return self._devices()

    def _devices(self) -> list[DeviceSetting]:
        return [setting for known in self._memory.devices if (setting := self._setting(known)) is not None]

    def prepared(self, port: PortSetting) -> PortSetting:
        """The port with what is remembered of it."""
        if not port.discover:
            return port
        with self._lock:
            known = [k for k in self._memory.devices if k.line == port.url and self._setting(k) is not None]
        if not known:
            return port
        devices = (*port.devices, *(s for k in known if (s := self._setting(k)) is not None))
        return port.model_copy(update={"devices": devices, "baud": port.serial.baud if port.devices else known[-1].baud})

    def explorer(self, port: PortSetting) -> Explorer | None:
        """None for a port that does not discover."""
        return Explorer(port, lambda finding: self.take(port, finding)) if port.discover else None

    def take(self, port: PortSetting, finding: Finding) -> DeviceSetting | None:
        """The device to read from now on; what is not sure is told instead."""
        with self._lock:
            if not finding.sure:
                self._tell(port, finding, None)
                return None
            known = self._named(port, finding)
            known.used, known.baud = True, finding.baud
            setting = self._setting(known)
            if setting is None:  # the file lists another device under this name or address
                return None
            for other in self._memory.devices:
                if other is not known and other.line == port.url and _in_the_way(other, known):
                    other.used = False
            self._write()
            self._tell(port, finding, known.name)
            devices = self._devices()
        self.joined(devices)
        return setting

    def _named(self, port: PortSetting, finding: Finding) -> Known:
        profile, address = finding.guesses[0].profile, finding.address
        for known in self._memory.devices:
            if (known.line, known.profile, known.address) == (port.url, profile, address):
                return known
        names, number = self._listed.union(k.name for k in self._memory.devices), 1
        while f"{profile}-{number}" in names:
            number += 1
        self._memory.devices.append(Known(f"{profile}-{number}", port.url, profile, address, finding.baud))
        return self._memory.devices[-1]

    def _setting(self, known: Known) -> DeviceSetting | None:
        """None for what is not used, is not looked for any more, or stands in the file."""
        port = next((p for p in self._ports if p.discover and (p.url == known.line or (p.pattern and _matches(known.line, p.url)))), None)
        if not known.used or port is None or known.name in self._listed:
            return None
        if isinstance(port.discover, tuple) and known.profile not in port.discover:
            return None
        if any(device.bus_address == known.address for device in port.devices):
            return None
        try:
            return DeviceSetting(name=known.name, profile=known.profile, address=known.address, every=EVERY_S)
        except (ValidationError, BridgeError) as error:  # of a newer version, or by another hand
            log.warning("discovery.unusable", device=known.name, reason=str(error))
            return None

    def _tell(self, port: PortSetting, finding: Finding, device: str | None) -> None:
        sign = "|".join(map(str, (port.url, finding.address, finding.baud, device, *sorted(g.profile for g in finding.guesses))))
        if sign in self._memory.told:
            return
        self._memory.told = [*self._memory.told[1 - TOLD :], sign]
        self._write()
        candidates = [Candidate(guess.profile, round(guess.score, 2)) for guess in finding.guesses[:5]]
        log.log(
            logging.INFO if device else logging.WARNING,
            "discovery.found",
            port=port.title,
            address=finding.address,
            device=device,
            why=finding.why,
        )
        self._post(Discovery(port.title, finding.baud, finding.why, candidates, finding.address, device).event())

    def _write(self) -> None:
        try:
            whole_file.replace(self._path, msgspec.json.encode(self._memory))
        except OSError as error:
            log.warning("discovery.unwritten", reason=str(error))  # names may be given anew after the next start


def _in_the_way(one: Known, other: Known) -> bool:
    """They cannot both be on one line: a stream wants it alone, an address is one device's, and a line has one baud rate."""
    return one.address is None or other.address is None or one.address == other.address or one.baud != other.baud


def _matches(line: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(line, pattern)


def _read(path: Path) -> Memory:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except FileNotFoundError:
        return Memory()
    except (OSError, msgspec.DecodeError) as error:
        log.warning("discovery.unread", file=path.name, reason=str(error))
        return Memory()
