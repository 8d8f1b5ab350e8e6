"""`kampung-bridge`: what devices are known, what bytes mean, what a line says right now."""

import contextlib
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from kampung_bridge import switch, technician
from kampung_bridge.clock import SystemClock
from kampung_bridge.command import (
    AddressOption,
    DeviceOption,
    PortArgument,
    WrongUseError,
    device_config,
    hex_lines,
    modbus_address,
    objects,
    profile_of,
    wrong,
)
from kampung_bridge.config import PortConfig
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.modbus import Reply, ReplyDecoder, read_request
from kampung_bridge.port import Event, Port
from kampung_bridge.profile import ModbusProfile, StreamProfile, profile_ids
from kampung_bridge.reading import Reading
from kampung_bridge.showing import Display, JsonOption, show_table
from kampung_bridge.stream import STREAM_DECODERS

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Bytes from devices into readings.")


@app.command("list")
def list_profiles(
    word: Annotated[str, typer.Argument(help="Only those with this in their name, maker, title or quantities.")] = "",
) -> None:
    """The device profiles there are: id, how it speaks, maker, title, what it measures and switches."""
    rows = [row for row in map(_row, map(profile_of, profile_ids())) if word.lower() in " ".join(row).lower()]
    if not rows:
        raise WrongUseError(f"no device profile has '{word}' in it; `kampung-bridge list` names them all")
    titles = ("PROFILE", "SPEAKS", "MAKER", "DEVICE", "MEASURES, SWITCHES")
    show_table(titles, rows)


def _row(profile: ModbusProfile | StreamProfile) -> tuple[str, ...]:
    speaks = "sdi12" if isinstance(profile, StreamProfile) and profile.sdi12 else profile.kind
    does = [f"{quantity} ({unit})" for quantity, unit in profile.quantities.items()]
    does += [f"switches {', '.join(output.name for output in profile.outputs)}"] if profile.outputs else []
    return profile.id, speaks, profile.maker, profile.title, ", ".join(does)


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
def decode(device: DeviceOption, address: AddressOption = None, json_lines: JsonOption = False) -> None:
    """Hex lines on standard input to readings: JSON lines, one a reading or damaged frame; columns at a terminal.

    For a stream the lines are one run of bytes (for ds18b20, sht3x and bme280 each is one record); for a Modbus device each line is what
    came back for one request.
    """
    profile, display = profile_of(device), Display(json_lines)
    if sys.stdin.isatty():
        typer.echo("kampung-bridge: type hex, such as FF 07 A1 A7; Ctrl-D ends", err=True)
    chunks = hex_lines(iter(sys.stdin.buffer.readline, b""))
    if isinstance(profile, StreamProfile):
        results: Iterable[Frame | FrameError] = _stream(profile, chunks)
    else:
        exchanges = _Exchanges(profile, modbus_address(profile, address))
        results = (result for chunk in chunks for result in exchanges.read(chunk))
    for result in results:
        for entry in objects(result):
            display.show(entry)


@app.command()
def watch(
    *,
    port: PortArgument,
    device: DeviceOption,
    address: AddressOption = None,
    every: Annotated[float, typer.Option(min=0, help="Seconds between readings; 0 shows each frame of a stream.")] = 1.0,
    baud: Annotated[int | None, typer.Option(help="When the device no longer has its factory setting.")] = None,
    count: Annotated[int, typer.Option(min=0, help="Stop after so many readings; 0 goes on until Ctrl-C.")] = 0,
    json_lines: JsonOption = False,
) -> None:
    """Values and frame errors of a live line, until Ctrl-C: columns at a terminal, else JSON lines."""
    own = device_config("watched", device, address, every)
    try:
        config = PortConfig(url=port, baud=baud, device=(own,))
    except ValidationError as error:
        raise wrong(error) from None
    clock, display = SystemClock(), Display(json_lines)
    done, opened, refused = threading.Event(), threading.Event(), [""]

    def show(entry: dict[str, Any], at_ms: int) -> None:
        opened.set()
        if not done.is_set():
            display.show({"at_ms": at_ms, **entry})
        if display.readings == (count or -1) or display.closed.is_set():
            done.set()

    def on_reading(_device: str, quantity: str, value: float, unit: str, quality: int, at_ms: int) -> None:
        show(Reading(quantity, value, unit, quality)._asdict(), at_ms)

    def on_event(event: Event) -> None:
        if event.kind == "port_lost" and not opened.is_set():
            refused[0] = event.detail
            done.set()
            return
        opened.set()
        typer.echo(f"kampung-bridge: {event.kind}: {event.detail}", err=True)

    def on_frame_error(_device: str, error: FrameError) -> None:
        show(next(objects(error)), clock.now_ms())

    line = Port(config, clock, on_reading, on_event, on_frame_error=on_frame_error)
    line.start()
    with contextlib.suppress(KeyboardInterrupt):
        done.wait()
    line.stop()
    if refused[0]:
        raise WrongUseError(f"{port}: {refused[0]}; is it plugged in, and free of other programs?")
    if display.people:
        typer.echo(f"\n{display.summary}", err=True)


for command in (technician.probe, technician.capture, technician.replay, technician.send, switch.switch, technician.calibrate):
    app.command()(command)


def cli() -> None:
    """The entry point."""
    app()
