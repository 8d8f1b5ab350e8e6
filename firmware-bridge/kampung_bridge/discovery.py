"""Devices nobody has configured: found a question at a time beside what is polled, and taken only when it is sure what they are."""

import math
import time
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kampung_bridge.config import DeviceConfig, PortConfig
from kampung_bridge.device import Device
from kampung_bridge.probing import BAUDS, Guess, examine, factory_addresses, modbus_profiles, probe
from kampung_bridge.profile import ModbusProfile, Serial
from kampung_bridge.reading import GOOD
from kampung_bridge.session import Line

SURE = 0.8  # score from which a guess may be sure; what `probe` shows is the same number
LEAD = 0.1  # by which every other profile must be behind
ALL_ADDRESSES = range(1, 248)
PAUSE = 0.25  # seconds between two questions on a line in use: others have it most of the time
PATIENCE = 0.3  # seconds for an answer on a line in use: longer than any profile takes, so that none comes late into a poll
LISTEN = 1.5  # seconds, at each baud rate
MISSED = 2.5  # intervals without an answer that make a polled device's silence
SILENT = 30.0  # seconds without a frame of any known device before a line is looked at anew
AGAIN = 600.0  # seconds until a line on which nothing was found is looked at again


class Finding(NamedTuple):
    """What speaks at an address (None: by itself). `guesses` are the likeliest first; when not `sure`, `why` says what is against it."""

    address: int | None
    baud: int
    guesses: tuple[Guess, ...]
    sure: bool
    why: str


def findings(guesses: Iterable[Guess], named: Collection[str] = ()) -> list[Finding]:
    """By address. `named` are the only profiles that can be here, when a technician has said so."""
    by_address: dict[int | None, list[Guess]] = {}
    for guess in guesses:
        if not isinstance(guess.address, str) and (not named or guess.profile in named):  # SDI-12 sensors have to be listed
            by_address.setdefault(guess.address, []).append(guess)
    return [_finding(address, sorted(found, key=lambda g: -g.score), named) for address, found in by_address.items()]


def _finding(address: int | None, guesses: Sequence[Guess], named: Collection[str]) -> Finding:
    best = guesses[0]
    alike = [guess.profile for guess in guesses[1:] if best.score - guess.score < LEAD]
    against = ""
    if alike:
        against = f"{best.profile} fits no better than {', '.join(alike)}"
    elif best.score < SURE or not all(reading.quality == GOOD for reading in best.readings):
        against = f"{best.profile} fits only to {best.score:.0%} ({best.why})"
    elif address is not None and len(best.readings) < 2 and not named:
        against = f"{best.profile} has a single register, which another device may have too"
    return Finding(address, best.baud, tuple(guesses), not against, against or best.why)


class Search:
    """Asks a bus at addresses where nothing is configured, one question a step. Only reads; never asks an address in `taken`."""

    def __init__(self, baud: int, addresses: Sequence[int], named: Collection[str], taken: Callable[[], Collection[int]]) -> None:
        self._baud, self._named, self._taken = baud, named, taken
        self._waiting = list(addresses)
        self._examined: Generator[None, None, list[Guess]] | None = None
        self._next_at = 0.0
        self.asked, self.of = 0, len(self._waiting)

    @property
    def done(self) -> bool:
        return self._examined is None and not self._waiting

    @property
    def longest(self) -> float:
        """Seconds that a step takes at most."""
        return PATIENCE + 320 / self._baud + 0.1

    def due(self) -> bool:
        return not self.done and time.monotonic() >= self._next_at

    def step(self, line: Line) -> list[Finding]:
        """Raises what the Line raises."""
        if self._examined is None:
            address = self._waiting.pop(0)
            if address in self._taken():
                self.asked += 1
                return []
            self._examined = examine(line, address, self._baud, PATIENCE + 300 / self._baud, modbus_profiles(self._named))
        try:
            next(self._examined)
        except StopIteration as over:
            self._examined = None
            self.asked += 1
            return findings(over.value, self._named)
        finally:
            time.sleep(3.5 * 10 / self._baud)  # the silence that ends a frame
            self._next_at = time.monotonic() + PAUSE
        return []


@dataclass(frozen=True, slots=True)
class DiscoveryStats:
    """`state`: "looking" (the line is probed alone), "asking" (beside what is polled), "done". `unsure` is what a person must decide."""

    state: str
    asked: int
    of: int
    unsure: tuple[Finding, ...]


Take = Callable[[Finding], DeviceConfig | None]
"""Called from the port's thread with all that was found: the device to read from now on, None where it is not sure or not wanted."""


class Explorer:
    """One port's discovery; used by the port's thread only, but for `stats`.

    A line that has a device of the file is only asked beside its polls. One that has none is looked at alone, over the baud rates, as long
    as nothing known speaks on it.
    """

    def __init__(
        self,
        config: PortConfig,
        take: Take,
        *,
        addresses: Sequence[int] = ALL_ADDRESSES,
        listen: float = LISTEN,
        silent: float = SILENT,
        again: float = AGAIN,
    ) -> None:
        """`config` is the file's: the devices that it lists stay, whatever is found."""
        self._parity, self._baud = config.parity, config.baud
        self._named = config.discover if isinstance(config.discover, tuple) else ()
        self._take, self._silent, self._again, self._listen = take, silent, again, listen
        self._fixed = frozenset(device.name for device in config.devices)
        first = factory_addresses()
        self._addresses = [a for a in first if a in addresses] + [a for a in addresses if a not in first]
        self._search: Search | None = None
        self._unsure: dict[int | None, Finding] = {}
        self._looking, self._looks = False, 0
        self._opened_at, self._looked_at = time.monotonic(), -math.inf
        self._heard: dict[str, float] = {}

    def stats(self) -> DiscoveryStats:
        search = self._search
        asked, of = (search.asked, search.of) if search else (0, 0)
        state = "looking" if self._looking else "asking" if search and not search.done else "done"
        return DiscoveryStats(state, asked, of, tuple(self._unsure.values()))

    @property
    def idle_baud(self) -> int:
        """To ask at while nothing is known: where something spoke, else another one each time."""
        heard = next((finding.baud for finding in self._unsure.values()), None)
        return self._baud or heard or BAUDS[max(0, self._looks - 1) % len(BAUDS)]

    def must_look(self, devices: Sequence[Device]) -> bool:
        """Nothing known speaks here: at once where nothing is known, else after a silence; and again after a while, for ever."""
        now = time.monotonic()
        if self._fixed or now - self._looked_at < self._again:
            return False
        last = max([self._opened_at, *(self._heard.get(device.name, -math.inf) for device in devices)])
        return not devices or now - last >= max([self._silent, *(MISSED * d.config.every for d in devices if d.config.bus_address)])

    def look(self, open_at: Callable[[Serial], Line], over: Callable[[], bool]) -> list[tuple[DeviceConfig, int]]:
        """What is sure, with its baud rate; half a minute where nothing speaks. Raises what `open_at` and the Line raise."""

        def opened(serial: Serial) -> Line:
            return open_at(serial if self._parity is None else serial.model_copy(update={"parity": self._parity}))

        bauds = (self._baud,) if self._baud else BAUDS
        first = [address for address in factory_addresses() if address in self._addresses]
        self._looking, self._looks = True, self._looks + 1
        try:
            guesses = probe(opened, first, bauds, self._listen, lambda _: None, sdi12="", over=over, named=self._named)
        finally:
            self._looking, self._looked_at = False, time.monotonic()
        self._unsure = {}
        return self._taken(findings(guesses, self._named))

    def heard(self, device: Device) -> None:
        """It sent a frame."""
        self._heard[device.name] = time.monotonic()

    def opened(self, baud: int, devices: Sequence[Device]) -> None:
        """The line is open, also after it was lost: whatever is new on it shall be found. `devices` may change while it is open."""
        self._opened_at = time.monotonic()
        bus = None not in self._unsure and all(isinstance(device.config.model, ModbusProfile) for device in devices)
        known = {device.config.bus_address for device in devices}
        last = [address for address in self._addresses if address in known]  # until then they have been polled, and may have answered
        order = [address for address in self._addresses if address not in known] + last
        self._search = Search(baud, order, self._named, lambda: self._spoken_for(devices)) if bus else None

    def lost(self) -> None:
        """The line is gone; when it is back, another device may hang on it."""
        self._looked_at, self._search = -math.inf, None

    def step(self, line: Line, room: float) -> list[tuple[DeviceConfig, int]]:
        """One question, when it is time for one and `room` seconds suffice. Raises what the Line raises."""
        search = self._search
        if search is None or not search.due() or search.longest > room:
            return []
        return self._taken(search.step(line))

    def _taken(self, found: Sequence[Finding]) -> list[tuple[DeviceConfig, int]]:
        out = []
        for finding in found:
            config = self._take(finding)
            if config is not None:
                out.append((config, finding.baud))
            others = {address: f for address, f in self._unsure.items() if address != finding.address}
            self._unsure = others if finding.sure else {**others, finding.address: finding}  # anew: others may be reading it
        return out

    def _spoken_for(self, devices: Sequence[Device]) -> set[int]:
        """Addresses that are not asked: those of the file, whatever their state, and of devices that answer."""
        since = self._opened_at
        return {d.config.bus_address for d in devices if d.name in self._fixed or self._heard.get(d.name, -math.inf) >= since}
