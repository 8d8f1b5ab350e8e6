"""`kampung-bridge`: what devices are known, what bytes mean, what a line says right now."""

import json
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from kampung_bridge.clock import SystemClock
from kampung_bridge.config import DeviceConfig, PortConfig
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.error import BridgeError
from kampung_bridge.modbus import Reply, ReplyDecoder, read_request
from kampung_bridge.port import Event, Port
from kampung_bridge.profile import ModbusProfile, StreamProfile, load_profile, profile_ids
from kampung_bridge.reading import Reading
from kampung_bridge.stream import STREAM_DECODERS

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Bytes from devices into readings.")

DeviceOption = Annotated[str, typer.Option("--device", "-d", help="Profile of the device; see `kampung-bridge list`.")]
AddressOption = Annotated[int | None, typer.Option(min=1, max=247, help="Modbus address, when it is not the factory's.")]


class WrongUseError(typer.Exit):
    """Says why on standard error and ends with 2."""

    def __init__(self, message: str) -> None:
        typer.echo(f"kampung-bridge: {message}", err=True)
        super().__init__(2)


def _profile(name: str) -> ModbusProfile | StreamProfile:
    try:
        return load_profile(name)
    except BridgeError as error:
        raise WrongUseError(str(error)) from None


@app.command("list")
def list_profiles() -> None:
    """The device profiles there are: id, maker, title, quantities."""
    for profile_id in profile_ids():
        profile = _profile(profile_id)
        measured = ", ".join(f"{quantity} ({unit})" for quantity, unit in profile.quantities.items())
        typer.echo(f"{profile.id:<18} {profile.maker:<10} {profile.kind:<7} {profile.title}: {measured}")


def _hex(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, raw in enumerate(lines, 1):
        line = raw.decode("utf-8", "replace")
        digits = re.sub(r"0x|[\s,:]", "", line.partition("#")[0], flags=re.IGNORECASE)
        try:
            data = bytes.fromhex(digits)
        except ValueError:
            raise WrongUseError(f"line {number}: '{line.strip()[:60]}' is not hexadecimal; write bytes such as FF 07 A1 A7") from None
        if data:
            yield data


def _objects(result: Frame | FrameError) -> Iterator[dict[str, Any]]:
    if isinstance(result, FrameError):
        number = {} if result.number is None else {"number": result.number}
        yield {"error": result.code, "detail": result.detail, "frame": result.raw.hex()} | number
        return
    for reading in result.readings:
        yield {**reading._asdict(), "frame": result.raw.hex()}


def _stream(profile: StreamProfile, chunks: Iterable[bytes]) -> Iterator[Frame | FrameError]:
    decoder = STREAM_DECODERS[profile.decoder](profile.outputs)
    for chunk in chunks:
        yield from decoder.feed(chunk)
    yield from decoder.finish()


def _exchange(profile: ModbusProfile, address: int, data: bytes) -> list[Frame | FrameError]:
    """One line of hex is what was heard after one request; which request is told by what fits."""
    heard: list[Frame | FrameError] = []
    for block in profile.blocks:
        request = read_request(address, block.function, block.start, block.size)
        decoder = ReplyDecoder(address, block.function, 2 * block.size, request)
        results = [*decoder.feed(data), *decoder.finish()]
        heard = [Frame(r.raw, block.readings(r.registers)) if isinstance(r, Reply) else r for r in results]
        if any(isinstance(result, Frame) for result in heard):
            break
    return heard


@app.command()
def decode(device: DeviceOption, address: AddressOption = None) -> None:
    """Hex lines on standard input to JSON lines: one object a reading, one a damaged frame.

    For a stream the lines are one run of bytes; for a Modbus device each line is what came back for one request.
    """
    profile = _profile(device)
    chunks = _hex(sys.stdin.buffer)
    if isinstance(profile, StreamProfile):
        results: Iterable[Frame | FrameError] = _stream(profile, chunks)
    else:
        asked = address or profile.address
        results = (result for chunk in chunks for result in _exchange(profile, asked, chunk))
    for result in results:
        for entry in _objects(result):
            typer.echo(json.dumps(entry))


@app.command()
def watch(
    *,
    port: Annotated[str, typer.Argument(help="/dev/serial/by-id/…, socket://host:port or rfc2217://host:port")],
    device: DeviceOption,
    address: AddressOption = None,
    every: Annotated[float, typer.Option(min=0, help="Seconds between readings; 0 shows each frame of a stream.")] = 1.0,
    baud: Annotated[int | None, typer.Option(help="When the device no longer has its factory setting.")] = None,
    count: Annotated[int, typer.Option(min=0, help="Stop after so many readings; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Decoded values and frame errors of a live line, until Ctrl-C."""
    _profile(device)
    try:
        own = DeviceConfig(name="watched", profile=device, address=address, every=every)
        config = PortConfig(url=port, baud=baud, device=(own,))
    except ValidationError as error:
        raise WrongUseError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    done, opened, seen, refused = threading.Event(), threading.Event(), [0], [""]

    def on_reading(_device: str, quantity: str, value: float, unit: str, quality: int, at_ms: int) -> None:
        opened.set()
        seen[0] += 1
        if count and seen[0] > count:
            return
        typer.echo(json.dumps({"at_ms": at_ms, **Reading(quantity, value, unit, quality)._asdict()}))
        if seen[0] == count:
            done.set()

    def on_event(event: Event) -> None:
        if event.kind == "port_lost" and not opened.is_set():
            refused[0] = event.detail
            done.set()
            return
        opened.set()
        typer.echo(f"kampung-bridge: {event.kind}: {event.detail}", err=True)

    def on_frame_error(_device: str, error: FrameError) -> None:
        opened.set()
        typer.echo(json.dumps(next(_objects(error))))

    line = Port(config, SystemClock(), on_reading, on_event, on_frame_error=on_frame_error)
    line.start()
    try:
        done.wait()
    except KeyboardInterrupt:
        pass
    finally:
        line.stop()
    if refused[0]:
        raise WrongUseError(f"{port}: {refused[0]}; is it plugged in, and free of other programs?")


def cli() -> None:
    """The entry point."""
    app()
