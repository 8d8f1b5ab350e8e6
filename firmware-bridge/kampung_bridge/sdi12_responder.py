"""An SDI-12 sensor, the answering side, without I/O: what a simulated one needs to stand on a bus."""

import re
from collections.abc import Callable, Sequence

from kampung_bridge.sdi12 import encode_sdi12

_COMMAND = re.compile(rb"([0-9A-Za-z?])(|I|A[0-9A-Za-z]|[MC]C?[1-9]?|D[0-9]|RC?[0-9])!")
LONGEST_COMMAND = 5


class Sdi12Responder:
    """Answers `a!`, `?!`, `aI!`, `aAb!`, `aM!`, `aC!`, `aD0!` …, `aR0!` and their variants with a CRC.

    `measure` gives the values, once a measurement, as the additional command asks (0 for `aM!`, 1 for `aM1!` …): none is a sensor that
    cannot. `seconds` is what it announces and takes; `page` how many values a reply holds. Times are the caller's, in seconds.
    """

    def __init__(self, address: str, measure: Callable[[int], Sequence[float]], seconds: int = 0, page: int = 9) -> None:
        self.address = address
        self.identification = "14KAMPUNG SIM   100"
        self._measure, self._seconds, self._page = measure, seconds, page
        self._heard = b""
        self._values: Sequence[float] = ()
        self._ready_at: float | None = None  # of a measurement under way
        self._calls = False  # for service, when it is ready
        self._checked = False

    def answer(self, data: bytes, now: float) -> bytes:
        """What to send back at once for what was heard on the bus."""
        self._heard += data
        out, end = b"", 0
        for match in _COMMAND.finditer(self._heard):
            end = match.end()
            out += self._obey(match[1].decode("ascii"), match[2].decode("ascii"), now)
        self._heard = self._heard[end:][-LONGEST_COMMAND:]
        return out

    def service(self, now: float) -> bytes:
        """The service request, once it is due."""
        if not self._calls or self._ready_at is None or now < self._ready_at:
            return b""
        self._calls = False
        return encode_sdi12(self.address, ())

    def _obey(self, address: str, command: str, now: float) -> bytes:
        if self._calls:  # the break before any word on the bus ends a measurement after aM!
            self._calls = False
            if self._ready_at is not None and now < self._ready_at:
                self._ready_at = None
        if address not in (self.address, "?"):
            return b""
        kind = command[:1]
        if kind == "I":
            return f"{self.address}{self.identification}\r\n".encode("ascii")
        if kind == "A":
            self.address = command[1]
        if kind in ("M", "C"):
            return self._begin(command, now)
        if kind == "D":
            return self._data(int(command[1]), now)
        if kind == "R":
            return encode_sdi12(self.address, self._measure(int(command[-1])), crc="C" in command)
        return encode_sdi12(self.address, ())

    def _begin(self, command: str, now: float) -> bytes:
        self._values = self._measure(int(command[-1]) if command[-1].isdigit() else 0)
        self._checked = "C" in command[1:]
        self._ready_at = now + self._seconds
        self._calls = command[0] == "M" and self._seconds > 0
        count = f"{len(self._values):02d}" if command[0] == "C" else f"{len(self._values)}"
        return f"{self.address}{self._seconds:03d}{count}\r\n".encode("ascii")

    def _data(self, page: int, now: float) -> bytes:
        """Before it is ready, and beyond its last value, a sensor has none to send."""
        ready = self._ready_at is not None and now >= self._ready_at
        values = self._values[page * self._page : (page + 1) * self._page] if ready else ()
        return encode_sdi12(self.address, values, crc=self._checked)
