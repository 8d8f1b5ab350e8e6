"""Which SDI-12 sensors are on a line: who is there, what they say they are, and which profile fits what they measure."""

import string
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from kampung_bridge.profile import Sdi12Bus, StreamProfile
from kampung_bridge.reading import GOOD, Reading
from kampung_bridge.sdi12 import MAX_PAGES, Sdi12Decoder
from kampung_bridge.sdi12_bus import CHARACTER, LONGEST, ask
from kampung_bridge.session import CHUNK, Line
from kampung_bridge.stream import STREAM_DECODERS

USUAL: Final = string.digits
ALL: Final = string.digits + string.ascii_letters
PATIENCE = 0.25  # seconds a sensor has for its answer, beside the time the characters take
LONGEST_WAIT = 10  # seconds a measurement may take; slower sensors are only named


class Fit(NamedTuple):
    """A profile that could be a sensor's, as a `probing.Guess` has it."""

    profile: str
    address: str
    score: float
    why: str
    readings: tuple[Reading, ...]


def sdi12_fits(line: Line, profiles: Sequence[StreamProfile], addresses: str, tell: Callable[[str], None]) -> Iterator[Fit]:
    """Every profile that fits a sensor found. Raises what the Line raises."""
    for address in addresses if _somebody(line) else "":
        heard = ask(line, address, "", Sdi12Decoder({}), timeout=PATIENCE)
        if heard.error and heard.error.code == "collision":
            tell(f"SDI-12 address {address}: {heard.error.detail}")
        if heard.answer is None:
            continue
        name = identification(line, address)
        tell(f"SDI-12 address {address}: {name or 'gives no identification'}")
        taken: dict[str, list[bytes]] = {}
        for profile in profiles:
            if profile.sdi12 is None:
                continue
            if profile.sdi12.command not in taken:
                taken[profile.sdi12.command] = measure(line, address, profile.sdi12, profile.decoder)
            yield from _fit(profile, address, taken[profile.sdi12.command], name)


def _somebody(line: Line) -> bool:
    """All sensors answer `?!` at once: whatever is heard, somebody is there."""
    line.reset_input_buffer()
    line.write(b"?!")
    deadline = time.monotonic() + PATIENCE + 5 * CHARACTER
    heard = b""
    while not heard and time.monotonic() < deadline:
        heard = line.read(1).strip(b"?!")
    return bool(heard)


def identification(line: Line, address: str) -> str:
    """What a sensor says to `aI!`: version, maker, model, its version, and more; empty when it says nothing."""
    line.reset_input_buffer()
    line.write(f"{address}I!".encode("ascii"))
    deadline = time.monotonic() + PATIENCE + LONGEST * CHARACTER
    heard = b""
    while not heard.endswith(b"\n") and time.monotonic() < deadline:
        heard += line.read(max(1, min(line.in_waiting, CHUNK)))
    said = heard.rpartition(b"!")[2].strip()
    return said[1:].decode("ascii", "replace").strip() if said.startswith(address.encode("ascii")) else ""


def measure(line: Line, address: str, bus: Sdi12Bus, decoder_name: str) -> list[bytes]:
    """The values of one measurement as they are written; none when it failed, or would take too long."""
    decoder = STREAM_DECODERS[decoder_name]({})
    assert isinstance(decoder, Sdi12Decoder)
    heard = ask(line, address, bus.command, decoder, timeout=PATIENCE)
    if heard.answer is None or heard.answer.wait is None:
        return list(heard.answer.values) if heard.answer else []
    if heard.answer.wait.seconds > LONGEST_WAIT:
        return []
    ready = time.monotonic() + (0 if heard.service else heard.answer.wait.seconds)
    while time.monotonic() < ready:
        decoder.feed(line.read(max(1, min(line.in_waiting, CHUNK))))
        if bus.command.startswith("M") and any(answer.address == address for answer in decoder.answers):
            break
    values: list[bytes] = []
    for page in range(MAX_PAGES):
        answer = ask(line, address, f"D{page}", decoder, timeout=PATIENCE).answer
        if answer is None or not answer.values:
            break
        values += answer.values
        if len(values) >= heard.answer.wait.values:
            break
    return values


def _fit(profile: StreamProfile, address: str, values: Sequence[bytes], name: str) -> Iterator[Fit]:
    assert profile.sdi12 is not None
    if len(values) < max(map(int, profile.fields)):
        return
    decoder = STREAM_DECODERS[profile.decoder](profile.fields)
    assert isinstance(decoder, Sdi12Decoder)
    readings = decoder.readings(values)
    good = sum(reading.quality == GOOD for reading in readings) / len(readings)
    maker = profile.maker.split()[0].lower() in name.lower()
    whole = len(values) == len(profile.fields)
    score = 0.5 * good + 0.1 * profile.sdi12.checked + 0.1 * whole + 0.3 * maker
    why = f"answers a{profile.sdi12.command}! with {len(values)} values, {good:.0%} plausible{', by its maker' if maker else ''}"
    yield Fit(profile.id, address, score, why, readings)
