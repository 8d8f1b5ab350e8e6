"""The command ``kampung-sim channels``."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from kampung_sim.channels.replies import Door
from kampung_sim.channels.service import SimulatedChannels
from kampung_sim.process import port_taken

SERVICES = ("telegram", "whatsapp", "sms", "webhook")


def channels(  # noqa: PLR0917 - typer's
    http_port: Annotated[int, typer.Option(min=1, max=65535, help="Page and services.")] = 8082,
    smtp_port: Annotated[int, typer.Option(min=1, max=65535, help="The mail server.")] = 8025,
    host: str = "127.0.0.1",
    cloud: Annotated[str, typer.Option(help="Where answers go: the cloud's address; its channels bear the names of the services.")] = "",
    secret: Annotated[str, typer.Option(help="The cloud's inbound_token or app_secret for them.")] = "simulasi",  # noqa: S107 - of services that are none
    file: Annotated[Path | None, typer.Option(help="Keep what comes in this file, a JSON object a line.")] = None,
) -> None:
    """Stand in for Telegram, WhatsApp, an SMS gateway, a webhook's receiver and a mail server; nothing leaves this machine.

    The page shows what came and sends answers. POST /mood {"service", "slow", "status", "retry_after", "drop", "count"} makes one slow,
    failing, asking for patience, or hang up after it took a message.
    """
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    for port, key in ((http_port, "--http-port"), (smtp_port, "--smtp-port")):
        if port_taken(host, port):
            say(f"kampung-sim: port {port} is in use by another program; stop it, or choose another with {key}")
            raise typer.Exit(2)
    doors = {name: Door(f"{cloud.rstrip('/')}/api/v1/channels/{name}/inbound", secret) for name in SERVICES} if cloud else {}
    simulated = SimulatedChannels(host, http_port, smtp_port, doors, file)
    simulated.start()
    say(f"SIMULASI pesan: http://{host}:{http_port}/  (surel: {host}:{smtp_port})")
    ended.wait()
    simulated.stop()


def say(line: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
