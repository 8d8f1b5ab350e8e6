"""What the technician's commands share: how they take a device, tell what is wrong, and show results."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import serial
import typer
from pydantic import ValidationError

from kampung_bridge.config import DeviceConfig
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.error import BridgeError
from kampung_bridge.profile import ModbusProfile, Serial, StreamProfile, load_profile
from kampung_bridge.replay import open_line
from kampung_bridge.session import Line

DeviceOption = Annotated[str, typer.Option("--device", "-d", help="Profile of the device; see `kampung-bridge list`.")]
AddressOption = Annotated[str | None, typer.Option(help="Modbus address (1-247) or SDI-12 character, when it is not the factory's.")]
PortArgument = Annotated[str, typer.Argument(help="/dev/serial/by-id/…, socket://host:port, rfc2217://host:port or replay:FILE")]


class WrongUseError(typer.Exit):
    """Says why on standard error and ends with 2."""

    def __init__(self, message: str) -> None:
        typer.echo(f"kampung-bridge: {message}", err=True)
        super().__init__(2)


def profile_of(name: str) -> ModbusProfile | StreamProfile:
    """Ends with 2 and the nearest names when there is none."""
    try:
        return load_profile(name)
    except BridgeError as error:
        raise WrongUseError(str(error)) from None


def device_config(name: str, profile: str, address: str | None, every: float) -> DeviceConfig:
    """Ends with 2 where the edge's configuration would be refused."""
    number = int(address) if address and address.isdecimal() and isinstance(profile_of(profile), ModbusProfile) else address
    try:
        return DeviceConfig(name=name, profile=profile, address=number, every=every)
    except ValidationError as error:
        raise wrong(error) from None


def modbus_address(profile: ModbusProfile, address: str | None) -> int:
    """The one given, else the factory's. Ends with 2."""
    return device_config("device", profile.id, address, 1.0).bus_address


def wrong(error: ValidationError) -> WrongUseError:
    """A configuration's first mistake, without pydantic's words around it."""
    return WrongUseError(error.errors()[0]["msg"].removeprefix("Value error, "))


def hex_bytes(text: str) -> bytes:
    """Digits with blanks, commas, colons and 0x between them; a comment begins with #. Raises ValueError."""
    return bytes.fromhex(re.sub(r"0x|[\s,:]", "", text.partition("#")[0], flags=re.IGNORECASE))


def hex_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Ends with 2 at a line that is no hex."""
    for number, raw in enumerate(lines, 1):
        line = raw.decode("utf-8", "replace")
        try:
            data = hex_bytes(line)
        except ValueError:
            raise WrongUseError(f"line {number}: '{line.strip()[:60]}' is not hexadecimal; write bytes such as FF 07 A1 A7") from None
        if data:
            yield data


def objects(result: Frame | FrameError) -> Iterator[dict[str, Any]]:
    """One object a reading, or one for the error."""
    if isinstance(result, FrameError):
        number = {} if result.number is None else {"number": result.number}
        yield {"error": result.code, "detail": result.detail, "frame": result.raw.hex()} | number
        return
    for reading in result.readings:
        yield {**reading._asdict(), "frame": result.raw.hex()}


def opened(url: str, settings: Serial) -> Line:
    """An open line, or an end with 2 that says how to be let in."""
    try:
        return open_line(url, settings)
    except (OSError, ValueError, serial.SerialException) as error:
        raise WrongUseError(f"{url}: {reason(error, url)}; is it plugged in, and free of other programs?") from None


def reason(error: BaseException, url: str) -> str:
    """As ports tell it."""
    from kampung_bridge.port import reason as told

    return told(error, url)
