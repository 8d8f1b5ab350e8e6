"""`kampung-bridge`: what devices are known, what bytes mean, what a line says right now."""

import json
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from pydantic import ValidationError

from kampung_bridge import switch, technician
from kampung_bridge.clock import SystemClock
from kampung_bridge.command import AddressOption, DeviceOption, PortArgument, WrongUseError, hex_lines, objects, profile_of
from kampung_bridge.config import DeviceConfig, PortConfig
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.modbus import Reply, ReplyDecoder, read_request
from kampung_bridge.port import Event, Port
from kampung_bridge.profile import ModbusProfile, StreamProfile, profile_ids
from kampung_bridge.reading import Reading
from kampung_bridge.stream import STREAM_DECODERS

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Bytes from devices into readings.")


@app.command("list")
def list_profiles() -> None:
    """The device profiles there are: id, maker, title, quantities, outputs."""
    for profile_id in profile_ids():
        profile = profile_of(profile_id)
        measured = ", ".join(f"{quantity} ({unit})" for quantity, unit in profile.quantities.items())
        switched = f"switches {', '.join(output.name for output in profile.outputs)}" if profile.outputs else ""
        typer.echo(f"{profile.id:<18} {profile.kind:<7} {profile.maker}: {profile.title}: {'; '.join(filter(None, (measured, switched)))}")


def _stream(profile: StreamProfile, chunks: Iterable[bytes]) -> Iterator[Frame | FrameError]:
    decoder = STREAM_DECODERS[profile.decoder](profile.fields)
    for chunk in chunks:
        yield from decoder.feed(chunk)
        if getattr(decoder, "records", False):
            yield from decoder.finish()
    yield from decoder.finish()


class _Exchanges:
    """Replies of a device, each the bytes heard after one request: which one is told by what fits, first the block after the last."""

    def __init__(self, profile: ModbusProfile, address: int) -> None:
        self._blocks, self._address = list(profile.blocks), address

    def read(self, data: bytes) -> list[Frame | FrameError]:
        heard: list[Frame | FrameError] = []
        for n, block in enumerate(self._blocks):
            request = read_request(self._address, block.function, block.start, block.size)
            decoder = ReplyDecoder(self._address, block.function, 2 * block.size, request)
            results = [*decoder.feed(data), *decoder.finish()]
            heard = [Frame(r.raw, block.readings(r.registers)) if isinstance(r, Reply) else r for r in results]
            if any(isinstance(result, Frame) for result in heard):
                self._blocks = self._blocks[n + 1 :] + self._blocks[: n + 1]
                break
        return heard


@app.command()
def decode(device: DeviceOption, address: AddressOption = None) -> None:
    """Hex lines on standard input to JSON lines: one object a reading, one a damaged frame.

    For a stream the lines are one run of bytes (for ds18b20, sht3x and bme280 each is one record); for a Modbus device each line is what
    came back for one request.
    """
    profile = profile_of(device)
    chunks = hex_lines(sys.stdin.buffer)
    if isinstance(profile, StreamProfile):
        results: Iterable[Frame | FrameError] = _stream(profile, chunks)
    else:
        exchanges = _Exchanges(profile, address or profile.address)
        results = (result for chunk in chunks for result in exchanges.read(chunk))
    for result in results:
        for entry in objects(result):
            typer.echo(json.dumps(entry))


@app.command()
def watch(
    *,
    port: PortArgument,
    device: DeviceOption,
    address: AddressOption = None,
    every: Annotated[float, typer.Option(min=0, help="Seconds between readings; 0 shows each frame of a stream.")] = 1.0,
    baud: Annotated[int | None, typer.Option(help="When the device no longer has its factory setting.")] = None,
    count: Annotated[int, typer.Option(min=0, help="Stop after so many readings; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Decoded values and frame errors of a live line, until Ctrl-C."""
    profile_of(device)
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
        typer.echo(json.dumps(next(objects(error))))

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


for command in (technician.probe, technician.capture, technician.replay, technician.send, switch.switch, technician.calibrate):
    app.command()(command)


def cli() -> None:
    """The entry point."""
    app()
