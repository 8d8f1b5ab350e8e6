"""Which device is on a line: streams are listened to, Modbus addresses are asked, and what answers is weighed."""

import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from typing import NamedTuple

from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.modbus import Reply, ReplyDecoder, read_request
from kampung_bridge.output import ModbusOutput
from kampung_bridge.profile import Block, ModbusProfile, Serial, StreamProfile, load_profile, profile_ids
from kampung_bridge.reading import GOOD, Reading
from kampung_bridge.sdi12_probing import USUAL, sdi12_fits
from kampung_bridge.session import Line
from kampung_bridge.stream import STREAM_DECODERS

BAUDS = (9600, 4800, 115200, 19200, 2400)  # the commonest first
ENOUGH = 3  # frames in a row
STATES_ONLY = 0.3  # score of a board that only tells the states of its outputs, as many do
PATIENCE = 0.12  # seconds a device has for its answer, beside the time the bytes take


Over = Callable[[], bool]


class Guess(NamedTuple):
    """A profile that fits, the better the higher its `score` (0-1); `why` is for people."""

    profile: str
    baud: int
    address: int | str | None  # Modbus, SDI-12; of a stream none
    score: float
    why: str
    readings: tuple[Reading, ...]


def weigh_stream(profile: StreamProfile, heard: bytes, baud: int) -> Guess | None:
    """From what a line said by itself: frames, and the share of its bytes that are in frames."""
    decoder = STREAM_DECODERS[profile.decoder](profile.fields)
    frames = [f for f in [*decoder.feed(heard), *decoder.finish()] if isinstance(f, Frame) and f.readings]
    if not frames:
        return None
    share = min(1.0, sum(len(f.raw) for f in frames) / len(heard))
    readings = frames[-1].readings
    good = sum(r.quality == GOOD for r in readings) / len(readings)
    score = share * min(1.0, len(frames) / ENOUGH) * (0.5 + 0.5 * good)
    why = f"{len(frames)} valid frames, {share:.0%} of the bytes"
    return Guess(profile.id, baud, None, score, why + ("" if good == 1 else ", values outside its range"), readings)


def weigh_answers(profile: ModbusProfile, address: int, baud: int, answers: Sequence[Reply | None]) -> Guess | None:
    """From its answers, one a block; all must have come. Values outside its range speak against it, and so does a map all zeros."""
    readings: list[Reading] = []
    for block, answer in zip(profile.blocks, answers, strict=True):
        if answer is None:
            return None
        readings += block.readings(answer.registers)
    good = sum(r.quality == GOOD for r in readings) / len(readings)
    alive = any(any(answer.registers) for answer in answers if answer)
    own = 0.05 if address == profile.address else 0.0
    wide = 0.01 * min(10, len(readings))  # a map that explains more of the registers that answer
    score = good * (0.8 if alive else 0.3) + own + wide
    why = f"address {address} answered all {len(readings)} registers, {good:.0%} plausible"
    return Guess(profile.id, baud, address, min(1.0, score), why, tuple(readings))


def listen(line: Line, seconds: float) -> bytes:
    """What comes by itself; at most 64 KiB."""
    heard = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and len(heard) < 65536:
        heard += line.read(max(1, min(line.in_waiting, 4096)))
    return heard


def ask(line: Line, address: int, block: Block, seconds: float) -> Reply | FrameError | None:
    """One request; None when nothing answers in time."""
    request = read_request(address, block.function, block.start, block.size)
    return _exchange(line, request, ReplyDecoder(address, block.function, 2 * block.size, request), seconds)


def ask_state(line: Line, address: int, output: ModbusOutput, seconds: float) -> bool:
    """Whether the device tells the state of this output."""
    read, request = output.read, output.read.request(address)
    answer = _exchange(line, request, ReplyDecoder(address, read.function, read.byte_count, request), seconds)
    return isinstance(answer, Reply) and read.state(answer.raw[3:-2]) is not None


def _exchange(line: Line, request: bytes, decoder: ReplyDecoder, seconds: float) -> Reply | FrameError | None:
    line.reset_input_buffer()
    line.write(request)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for result in decoder.feed(line.read(max(1, min(line.in_waiting, 4096)))):
            return result
    errors = [result for result in decoder.finish() if isinstance(result, FrameError) and result.code != "garbage"]
    return errors[0] if errors else None


def probe(
    open_at: Callable[[Serial], Line],
    addresses: Sequence[int],
    bauds: Sequence[int],
    seconds: float,
    tell: Callable[[str], None],
    *,
    sdi12: str = USUAL,
    over: Over = lambda: False,
    named: Collection[str] = (),
) -> list[Guess]:
    """Every guess, the best first; `seconds` to listen at each baud rate. Stops at the first baud rate where something speaks.

    `addresses` are asked in Modbus, those in `sdi12` in SDI-12, when anybody answers its address query. `named` are the only profiles
    that can be here, when somebody knows. Ends soon, with what it has, when `over` says so.

    Raises what `open_at` and the Line raise.
    """
    for baud in bauds:
        if over():
            break
        line = open_at(Serial(baud=baud))
        try:
            guesses = [*_streams(line, baud, seconds, tell, named)]
            if not guesses and sdi12 and not over():
                guesses = [Guess(fit.profile, baud, *fit[1:]) for fit in sdi12_fits(line, _streaming(named), sdi12, tell)]
            if not guesses and not over():
                guesses = [*_bus(line, baud, addresses, min(PATIENCE, seconds), tell=tell, over=over, named=named)]
        finally:
            line.close()
        if guesses:
            return sorted(guesses, key=lambda guess: -guess.score)
    return []


def _streaming(named: Collection[str]) -> list[StreamProfile]:
    return [p for p in map(load_profile, named or profile_ids()) if isinstance(p, StreamProfile)]


def _streams(line: Line, baud: int, seconds: float, tell: Callable[[str], None], named: Collection[str]) -> Iterator[Guess]:
    profiles = _streaming(named)
    heard = listen(line, seconds)
    tell(f"{baud} baud: {len(heard)} bytes came by themselves")
    for request in sorted({p.request for p in profiles if p.request}) if not heard else ():
        line.write(bytes.fromhex(request))
        heard = listen(line, 0.3)
        tell(f"{baud} baud: {len(heard)} bytes came when asked with {request}")
        if heard:
            break
    for profile in profiles if heard else ():
        if getattr(STREAM_DECODERS[profile.decoder], "records", False):
            continue  # these come over I²C and 1-Wire, not from a serial line
        guess = weigh_stream(profile, heard, baud)
        if guess and guess.score > 0.1:
            yield guess


def _bus(
    line: Line,
    baud: int,
    addresses: Sequence[int],
    patience: float,
    *,
    tell: Callable[[str], None],
    over: Over,
    named: Collection[str] = (),
) -> Iterator[Guess]:
    for address in addresses:
        steps = examine(line, address, baud, patience + 300 / baud, modbus_profiles(named), tell=tell)
        try:
            while not over():
                next(steps)
        except StopIteration as done:
            yield from done.value


def examine(
    line: Line, address: int, baud: int, wait: float, profiles: Sequence[ModbusProfile], *, tell: Callable[[str], None] = lambda _: None
) -> Generator[None, None, list[Guess]]:
    """Whatever fits the device at an address, asked one question a step, of `wait` seconds at most. Raises what the Line raises."""
    guesses: list[Guess] = []
    answers: dict[Block, Reply | FrameError | None] = {}

    def asked(block: Block) -> Reply | FrameError | None:
        """Each question once, whoever wants to know."""
        plain = block._replace(registers=())
        if plain not in answers:
            answers[plain] = ask(line, address, plain, wait)
        return answers[plain]

    first = asked(Block(3, 0, 1, ()))
    if first is None:
        yield
        first = asked(Block(4, 1, 1, ()))
    if first is not None:
        tell(f"{baud} baud: address {address} speaks" + (f" ({first.detail})" if isinstance(first, FrameError) else ""))
    for profile in [p for p in profiles if first is not None or p.address == address]:
        if not profile.registers:
            for output in (ends := profile.outputs[:: len(profile.outputs) - 1 or 1]):
                yield
                if not ask_state(line, address, output, wait):
                    break
                if output is ends[-1]:
                    why = f"address {address} tells the states of its outputs; that says little about which board it is"
                    guesses.append(Guess(profile.id, baud, address, STATES_ONLY, why, ()))
            continue
        replies: list[Reply | None] = []
        for block in profile.blocks:
            if block._replace(registers=()) not in answers:
                yield
            answer = asked(block)
            replies.append(answer if isinstance(answer, Reply) else None)
            if replies[-1] is None:
                break
        if len(replies) == len(profile.blocks) and (guess := weigh_answers(profile, address, baud, replies)):
            guesses.append(guess)
    return guesses


def modbus_profiles(named: Collection[str] = ()) -> list[ModbusProfile]:
    """Those that a bus can be asked for; of `named`, if any."""
    return [p for p in map(load_profile, named or profile_ids()) if isinstance(p, ModbusProfile)]


def factory_addresses() -> list[int]:
    """Where devices are as they come out of the box, and the next ones people choose."""
    return sorted({*(p.address for p in modbus_profiles()), 1, 2, 3})
