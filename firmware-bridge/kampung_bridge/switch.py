"""The technician's command `switch`: an output on or off, through the same port code as at the kiosk, and what the device confirmed."""

import contextlib
import threading
from typing import Annotated

import typer
from pydantic import ValidationError

from kampung_bridge.clock import SystemClock
from kampung_bridge.command import AddressOption, DeviceOption, PortArgument, WrongUseError, device_config, profile_of, wrong
from kampung_bridge.config import PortConfig
from kampung_bridge.output import Output, Switched
from kampung_bridge.port import Event, Port
from kampung_bridge.profile import StreamProfile

SELDOM = 86_400.0  # seconds between polls: nothing is measured here


def switch(
    *,
    port: PortArgument,
    device: DeviceOption,
    output: Annotated[str, typer.Option("--output", "-o", help="As `kampung-bridge list` names it.")],
    state: Annotated[str, typer.Argument(metavar="on|off")],
    seconds: Annotated[float | None, typer.Option("--for", help="Seconds it stays on.")] = None,
    address: AddressOption = None,
    baud: Annotated[int | None, typer.Option(help="When the device no longer has its factory setting.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, max=60, help="Seconds the device has to confirm it.")] = 5.0,
) -> None:
    """Switches an output and says what the device confirmed; ends with 1 when it did not.

    Where the device has no timer of its own, or closes when nobody talks to it, the command stays until the time is over and switches off;
    Ctrl-C switches off at once.
    """
    profile = profile_of(device)
    found = next((o for o in profile.outputs if o.name == output), None)
    if found is None:
        names = ", ".join(o.name for o in profile.outputs)
        raise WrongUseError(f"{device} has no output '{output}'; " + (f"it has {names}" if names else "it has none at all"))
    if state not in ("on", "off"):
        raise WrongUseError(f"'{state}' is no state; use on or off")
    own = device_config(device, device, address, SELDOM)
    try:
        config = PortConfig(url=port, baud=baud, device=(own,))
    except ValidationError as error:
        raise wrong(error) from None
    line = _opened(config)
    try:
        done = line.switch(device, output, state == "on", seconds=seconds, timeout=timeout)
        _tell(done)
        stays = isinstance(profile, StreamProfile) or not found.hardware_timer
        if done.ok and state == "on" and stays:
            done = _stay(line, device, found, found.time_on(seconds), timeout)
    finally:
        line.stop()
    raise typer.Exit(0 if done.ok else 1)


def _opened(config: PortConfig) -> Port:
    """An open port, or an end with 2."""
    known, refused = threading.Event(), [""]

    def on_event(event: Event) -> None:
        if event.kind == "port_lost":
            refused[0] = event.detail
            known.set()

    line = Port(config, SystemClock(), lambda *_: None, on_event)
    line.start()
    while line.stats().state != "up" and not known.wait(0.02):
        pass
    if refused[0]:
        line.stop()
        raise WrongUseError(f"{config.url}: {refused[0]}; is it plugged in, and free of other programs?")
    return line


def _tell(done: Switched) -> None:
    typer.echo(f"{done.code}: {done.detail}", err=not done.ok)


def _stay(line: Port, device: str, output: Output, time_on: float | None, timeout: float) -> Switched:
    """Until the time is over; then off, as Ctrl-C does at once."""
    if time_on is None:
        typer.echo(f"{output.name} has no timer of its own: it stays on until you switch it off")
        return Switched(True, "done", "")
    with contextlib.suppress(KeyboardInterrupt):
        typer.echo(f"staying {time_on:g} s to switch it off; Ctrl-C switches it off now")
        threading.Event().wait(time_on)
    done = line.switch(device, output.name, False, timeout=timeout)
    _tell(done)
    return done
