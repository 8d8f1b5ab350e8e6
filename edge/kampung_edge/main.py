"""The command ``kampung-edge``."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

cli = typer.Typer(
    name="kampung-edge", help="The agent on a village kiosk.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The edge's configuration file (TOML).", envvar="KAMPUNG_EDGE_CONFIG")]
PortOption = Annotated[
    int | None, typer.Option("--kiosk-port", help="Instead of kiosk.port of the file.", envvar="KAMPUNG_KIOSK_PORT", min=0, max=65535)
]


@cli.command()
def run(config: ConfigOption, kiosk_port: PortOption = None) -> None:
    """Run the edge until SIGTERM or Ctrl+C."""
    from kampung_contract.errors import KampungError

    from kampung_edge import logs
    from kampung_edge.app import EdgeApp
    from kampung_edge.config import load

    logs.configure()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        app = EdgeApp(load(config, overrides(kiosk_port)), str(config), ended)
    except KampungError as error:
        fail(error.message)
    app.start()
    ended.wait()
    app.stop()
    if app.supervisor.refusal is not None:
        fail(app.supervisor.refusal.message)


@cli.command()
def check(config: ConfigOption, kiosk_port: PortOption = None) -> None:
    """Check the configuration file; touches neither devices nor network."""
    from kampung_contract.errors import KampungError
    from kampung_contract.villages import village

    from kampung_edge.config import load

    try:
        read = load(config, overrides(kiosk_port))
    except KampungError as error:
        fail(error.message)
    place = village(read.village)
    typer.echo(f"{config}: {read.node} in {place.name}, kecamatan {place.kecamatan} ({place.code})")
    typer.echo(f"  data {read.data}; broker {read.broker.url}; kiosk http://{read.kiosk.host}:{read.kiosk.port}")
    for port in read.port:
        devices = ", ".join(f"{d.name} ({d.profile}: {', '.join(d.quantities) or 'switches only'})" for d in port.devices)
        if port.discover:
            what = ", ".join(port.discover) if isinstance(port.discover, tuple) else "whatever is there"
            devices = f"{devices}{'; ' if devices else ''}looks for {what}"
        typer.echo(f"  port {port.title}: {port.url}: {devices}")
    for output in read.output:
        guard = f", guarded by {output.guard} ({output.guard_age} s)" if output.guard else ", without a guard"
        typer.echo(f"  output {output.name}: {output.output} of {output.device}, on for at most {output.max_on} s{guard}")


@cli.command()
def status(config: ConfigOption, kiosk_port: PortOption = None) -> None:
    """Ask the running edge how it is."""
    from kampung_contract.errors import KampungError

    from kampung_edge.config import load
    from kampung_edge.status import ask, lines

    try:
        read = load(config, overrides(kiosk_port))
        health = ask(read.kiosk.host, read.kiosk.port)
    except KampungError as error:
        fail(error.message)
    for line in lines(health):
        typer.echo(line)
    if health["status"] != "ok":
        raise typer.Exit(1)


@cli.command()
def counter(config: ConfigOption, kiosk_port: PortOption = None) -> None:
    """Show the link, and its QR code, that opens the queue's counter page on a phone or a desk. Whoever has it may call numbers."""
    from kampung_contract.errors import KampungError

    from kampung_edge.config import load
    from kampung_edge.queueing.invitation import links, picture

    try:
        read = load(config, overrides(kiosk_port))
        found = links(read.queue, read.kiosk, str(config))
    except KampungError as error:
        fail(error.message)
    typer.echo(f"Loket (rahasia): {found.counter}\nLayar ruang tunggu: {found.display}")
    picture(found.counter, sys.stdout)


def overrides(kiosk_port: int | None) -> dict[str, dict[str, Any]]:
    """What the command line says instead of the file."""
    return {} if kiosk_port is None else {"kiosk": {"port": kiosk_port}}


def fail(message: str) -> None:
    """One message for people on standard error, exit code 2."""
    typer.echo(message, err=True)
    sys.exit(2)
