"""The technician's commands beside list, decode and watch: probe, capture, replay, send, calibrate."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from kampung_contract.times import WIB

from kampung_bridge.calibration import calibrate as solve
from kampung_bridge.calibration import to_toml
from kampung_bridge.command import (
    AddressOption,
    DeviceOption,
    PortArgument,
    WrongUseError,
    hex_bytes,
    modbus_address,
    objects,
    opened,
    profile_of,
    reason,
)
from kampung_bridge.decoder import FrameError
from kampung_bridge.edge_file import EdgeFile
from kampung_bridge.error import BridgeError
from kampung_bridge.link import RESULTS, LinkDecoder, output_done, set_output
from kampung_bridge.modbus import WriteReplyDecoder, write_request
from kampung_bridge.port import LOST
from kampung_bridge.probing import BAUDS, Guess, factory_addresses, listen
from kampung_bridge.probing import probe as find
from kampung_bridge.profile import ModbusProfile, Serial, StreamProfile
from kampung_bridge.reading import GOOD
from kampung_bridge.replay import open_line, read_capture, write_chunk
from kampung_bridge.sdi12_probing import ALL, USUAL
from kampung_bridge.session import Line
from kampung_bridge.showing import WORDS, Display, JsonOption, show_table
from kampung_bridge.stream import STREAM_DECODERS

SHOWN = 5  # guesses


def probe(
    port: PortArgument,
    everything: Annotated[bool, typer.Option("--all", help="Ask every address, in Modbus 1 to 247: minutes instead of seconds.")] = False,
    baud: Annotated[int | None, typer.Option(help="Only this baud rate.")] = None,
    seconds: Annotated[float, typer.Option(min=0.01, max=60, help="To listen at each baud rate.")] = 1.5,
) -> None:
    """Which device is here: listens, asks in SDI-12 and Modbus at every usual baud rate, and explains its guess."""
    addresses = list(range(1, 248)) if everything else factory_addresses()
    try:
        bauds, sdi12 = (baud,) if baud else BAUDS, ALL if everything else USUAL
        guesses = find(lambda settings: open_line(port, settings), addresses, bauds, seconds, typer.echo, sdi12=sdi12)
    except (*LOST, ValueError) as error:
        raise WrongUseError(f"{port}: {reason(error, port)}") from None
    if not guesses:
        asked = "every address" if everything else f"addresses {', '.join(map(str, addresses))}"
        typer.echo(f"nothing recognised; asked {asked}. Check power, A and B of RS485, and TX and RX; then try --all")
        raise typer.Exit(1)
    show_table(("FIT", "PROFILE", "BAUD", "ADDRESS", "WHY, VALUES"), [_row(guess) for guess in guesses[:SHOWN]])
    best = guesses[0]
    alike = dict.fromkeys(g.profile for g in guesses if best.score - g.score < 0.1 and g.profile != best.profile)
    if alike:
        typer.echo(f"{best.profile} fits hardly better than {', '.join(alike)}: compare the values with what is true here")


def _row(guess: Guess) -> tuple[str, ...]:
    readings = [f"{r.quantity} {r.value:g} {r.unit}{'' if r.quality == GOOD else f' ({WORDS[r.quality]})'}" for r in guess.readings]
    address = "" if guess.address is None else str(guess.address)
    return f"{guess.score:4.0%}", guess.profile, str(guess.baud), address, ": ".join(filter(None, (guess.why, ", ".join(readings))))


def capture(
    port: PortArgument,
    file: Annotated[Path, typer.Argument(help="Is written anew.")],
    baud: Annotated[int, typer.Option()] = 9600,
    seconds: Annotated[float, typer.Option(min=0, help="0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Everything a line says into a file, as hex with times, for `replay` and `decode`."""
    line = opened(port, Serial(baud=baud))
    count, begun = 0, time.monotonic()
    try:
        with file.open("w", encoding="utf-8") as out:
            out.write(f"# kampung-bridge capture of {port} at {baud} baud\n")
            while not seconds or time.monotonic() - begun < seconds:
                if data := line.read(max(1, min(line.in_waiting, 4096))):
                    count += len(data)
                    out.write(write_chunk(time.monotonic() - begun, data) + "\n")
                    out.flush()
    except KeyboardInterrupt:
        pass
    except LOST as error:
        raise WrongUseError(f"{port}: {reason(error, port)}; {count} bytes were kept in {file}") from None
    finally:
        line.close()
    typer.echo(f"{count} bytes in {file}", err=True)


def replay(
    file: Annotated[Path, typer.Argument(help="What `capture` wrote.")],
    device: DeviceOption,
    speed: Annotated[float, typer.Option(min=0, help="2 is twice as fast; 0 at once.")] = 0,
    json_lines: JsonOption = False,
) -> None:
    """A capture decoded as if it came now; `at` is the seconds since the capture began. Columns at a terminal, else JSON lines."""
    profile, display = profile_of(device), Display(json_lines)
    if not isinstance(profile, StreamProfile):
        raise WrongUseError(f"{device} answers requests, which a capture does not hold; use decode, a line for each reply")
    try:
        chunks = read_capture(file.read_text("utf-8", "replace"))
    except (OSError, ValueError) as error:
        raise WrongUseError(f"{file}: {error}") from None
    decoder = STREAM_DECODERS[profile.decoder](profile.fields)
    begun = time.monotonic()
    for at, data in chunks:
        if speed:
            time.sleep(max(0.0, at / speed - (time.monotonic() - begun)))
        for result in decoder.feed(data):
            for entry in objects(result):
                display.show({"at": at, **entry})
    for result in decoder.finish():
        for entry in objects(result):
            display.show({"at": chunks[-1].at, **entry})


def send(
    *,
    port: PortArgument,
    device: DeviceOption,
    output: Annotated[int | None, typer.Option(min=0, max=255, help="Output of a kampung node.")] = None,
    on: Annotated[int | None, typer.Option(min=1, max=65535, help="Seconds the output stays on.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Switch the output off.")] = False,
    register: Annotated[int | None, typer.Option(min=0, max=65535, help="Modbus holding register to write.")] = None,
    value: Annotated[int | None, typer.Option(min=0, max=65535, help="What to write there.")] = None,
    raw: Annotated[str, typer.Option("--hex", help="Bytes to send as they are.")] = "",
    text: Annotated[str, typer.Option(help="Text to send as it is, such as 0I! to an SDI-12 sensor.")] = "",
    address: AddressOption = None,
    seconds: Annotated[float, typer.Option(min=0.05, max=60, help="To wait for the answer.")] = 1.0,
) -> None:
    """Sends once and shows the answer: an output of our own node, a Modbus register, or plain bytes or text."""
    profile = profile_of(device)
    linked = isinstance(profile, StreamProfile) and profile.decoder == "link"
    try:
        if raw or text:
            data = hex_bytes(raw) if raw else text.encode("utf-8")
        elif linked and output is not None and (on is not None) != off:
            data = set_output(int(time.time()) & 0xFF, output, on is not None, on or 0)
        elif isinstance(profile, ModbusProfile) and register is not None and value is not None:
            data = write_request(modbus_address(profile, address), register, value)
        else:
            raise WrongUseError("give --hex, --text, --output with --on or --off (a kampung node), or --register with --value (Modbus)")
    except BridgeError as error:
        raise WrongUseError(str(error)) from None
    except ValueError:
        raise WrongUseError(f"'{raw[:60]}' is not hexadecimal; write bytes such as FF 07 A1 A7") from None
    line = opened(port, profile.serial)
    try:
        line.write(data)
        plain = bool(raw or text)
        if linked and not plain:
            _await_output(line, data, seconds)
            return
        heard = listen(line, seconds)
    except LOST as error:
        raise WrongUseError(f"{port}: {reason(error, port)}") from None
    finally:
        line.close()
    told: dict[str, Any] = {"sent": data.hex(), "heard": heard.hex()}
    if heard and heard.strip().isascii() and heard.strip().decode("ascii").isprintable():
        told["text"] = heard.strip().decode("ascii")
    if isinstance(profile, ModbusProfile) and not plain:
        told |= _accepted(data, heard)
    typer.echo(json.dumps(told))
    if told.get("accepted") is False:
        raise typer.Exit(1)


def _accepted(request: bytes, heard: bytes) -> dict[str, Any]:
    """A device repeats what it was written; when it did not, why."""
    if request in heard:
        return {"accepted": True}
    decoder = WriteReplyDecoder(request)
    errors = [result for result in [*decoder.feed(heard), *decoder.finish()] if isinstance(result, FrameError)]
    return {"accepted": False, "detail": errors[0].detail if errors else f"no reply from address {request[0]}"}


def _await_output(line: Line, data: bytes, seconds: float) -> None:
    """Ends with 0 when the node did it, else with 1."""
    decoder, asker = LinkDecoder({}), LinkDecoder({})
    asker.feed(data)
    seq = asker.messages[-1].seq
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        decoder.feed(line.read(max(1, min(line.in_waiting, 4096))))
        for message in decoder.messages:
            done = output_done(message)
            if done is not None and done.seq == seq:
                typer.echo(json.dumps({**done._asdict(), "detail": RESULTS.get(done.result, "unknown result")}))
                raise typer.Exit(0 if done.result == 0 else 1)
    typer.echo(json.dumps({"error": "no_reply", "detail": f"no answer in {seconds:g} s; the output may or may not have switched"}))
    raise typer.Exit(1)


def calibrate(
    *,
    quantity: Annotated[str, typer.Option(help="As `kampung-bridge list` names it.")],
    shown: Annotated[list[float], typer.Option(help="What the device shows; twice for two points.")],
    true: Annotated[list[float], typer.Option(help="What is true then.")],
    device: Annotated[str, typer.Option("--device", "-d", help="Profile of the device; with --config the file says it.")] = "",
    method: Annotated[str, typer.Option(help="With one point: offset or gain.")] = "offset",
    by: Annotated[str, typer.Option(help="Who measured, for the record.")] = "",
    config: Annotated[Path | None, typer.Option("--config", "-c", help="The edge's file, to write the calibration into.")] = None,
    name: Annotated[str, typer.Option(help="The device's name in that file.")] = "",
    on_kiosk: Annotated[bool, typer.Option("--shown-on-kiosk", help="The shown values already have the file's calibration.")] = False,
) -> None:
    """From one or two reference measurements: a table for the edge's file, or with --config and --name the file itself."""
    if (config is None) == (not device) or (config is None) != (not name) or (on_kiosk and config is None):
        raise WrongUseError("give --device with a profile, or --config and --name to write into an edge's file")
    if method not in ("offset", "gain"):
        raise WrongUseError(f"method '{method}' does not exist; use offset or gain (two points need none)")
    chosen: Literal["offset", "gain"] = "gain" if method == "gain" else "offset"
    try:
        file = EdgeFile(config) if config else None
        known = file.device(name) if file else None
        profile = known.model if known else profile_of(device)
        if quantity not in profile.quantities:
            raise WrongUseError(f"{profile.id} has no quantity '{quantity}'; it has {', '.join(profile.quantities)}")
        former = known.adjust.get(quantity) if known else None
        if on_kiosk and former:
            shown = [former.undone(value) for value in shown]
        adjust = solve(shown, true, chosen, by=by, at=datetime.now(WIB).replace(microsecond=0))
        if file:
            file.calibrate(name, quantity, adjust)
    except BridgeError as error:
        raise WrongUseError(str(error)) from None
    typer.echo(to_toml(quantity, adjust), nl=False)
    for before, after in zip(shown, true, strict=True):
        typer.echo(f"# {before:g} -> {adjust.applied(before):g} (true: {after:g} {profile.quantities[quantity]})")
    if not file:
        return
    if former and not on_kiosk:
        typer.echo("# replaces another calibration; the shown values must be the device's own (kampung-bridge watch), not the kiosk's,")
        typer.echo("# which has that calibration: for those, add --shown-on-kiosk")
    typer.echo(f"# written into {file.path}; a running edge takes it at its next start: systemctl restart kampung-edge")
