"""The decoder protocol: bytes in, frames out."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from kampung_bridge.reading import Reading

T = TypeVar("T")


class Frame(NamedTuple):
    """A frame whose checksum passed, and the readings in it."""

    raw: bytes
    readings: tuple[Reading, ...]


class FrameError(NamedTuple):
    """Bytes that gave no reading: a value, not an exception, because a line with noise is normal.

    `code` is one of: "garbage" (no frame begins here), "checksum", "exception" (the device refused; `number` is the Modbus
    exception code), "wrong_device", "wrong_function", "wrong_length", "other_master", "echo" (nothing but our own request
    came back), "no_reply", "collision" (two devices with one address), "power_on" (the device has not measured yet), "payload" (a
    value that is no number, or none at all), "text" (our own microcontroller printed something: no fault). `raw` holds at most
    MAX_RAW bytes.
    """

    code: str
    detail: str
    raw: bytes = b""
    number: int | None = None


MAX_RAW = 64


@dataclass(slots=True)
class Counters:
    """Since the decoder was made: frames delivered, bytes in no frame, and windows that looked like a frame but failed the check."""

    frames: int = 0
    garbage: int = 0
    bad_checksums: int = 0


class Decoder(Protocol[T]):
    """Bytes in, frames and errors out, in the order of the line. No I/O, no clock.

    What every decoder holds to, whatever the bytes (tests/bridge/test_decoders.py):

    - `feed` never raises, and the way the bytes are cut into calls does not change what comes out;
    - nothing is delivered whose checksum fails;
    - it is never locked out: every frame that begins one frame length or more after the last foreign byte is delivered;
    - memory is bounded by a constant, whatever is fed.
    """

    counters: Counters

    def feed(self, data: bytes) -> list[T | FrameError]:
        """Whatever became certain with these bytes; often nothing."""

    def finish(self) -> list[T | FrameError]:
        """The line fell silent or ended: what is still held is reported, and the next byte begins afresh."""
