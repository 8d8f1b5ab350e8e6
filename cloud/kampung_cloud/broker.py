"""An MQTT broker for one machine, in the foreground: mosquitto where it is installed, the embedded amqtt where it is not."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import socket
import sys
from pathlib import Path

import structlog
from kampung_contract.errors import ConfigurationError

LOOPBACK = "127.0.0.1"

CONFIGURATION = """\
# Written by kampung-cloud broker at each start; changes are lost.
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 30
persistent_client_expiration 14d
max_inflight_messages 10000
max_queued_messages 100000
max_packet_size 262144
set_tcp_nodelay true
log_dest stderr
log_type error
"""


def check_port(port: int, host: str = LOOPBACK) -> None:
    """Raise ``ConfigurationError`` when another program listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"broker port {port} on {host} cannot be used: {error.strerror}; stop the other program or choose another with --port"
            ) from None


def configuration(port: int, folder: Path) -> str:
    """What mosquitto is started with. Started as root it would drop to a user that cannot write ``folder``, so it stays."""
    text = CONFIGURATION.format(port=port, host=LOOPBACK, folder=folder)
    return text + "user root\n" if os.getuid() == 0 else text


def find_mosquitto() -> str | None:
    """The program; Debian keeps it in a folder that is not on everybody's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def run(port: int, folder: Path, *, embedded: bool = False) -> None:
    """Run until SIGTERM or SIGINT. Raises ``ConfigurationError`` when the port is taken or the folder cannot be written."""
    check_port(port)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        program = None if embedded else find_mosquitto()
        if program:
            file = folder.resolve() / "mosquitto.conf"
            file.write_text(configuration(port, folder.resolve()), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"broker folder {folder}: {error.strerror}; choose another with --data") from None
    if program:
        _say(f"mosquitto on {LOOPBACK}:{port}, data in {folder}")
        # In place of this process: whoever stops or kills the command stops or kills the broker, and no orphan stays behind.
        os.execv(program, [program, "-c", str(file)])  # noqa: S606
    asyncio.run(_embedded(port))


async def _embedded(port: int) -> None:
    from amqtt.broker import Broker
    from amqtt.contexts import BrokerConfig, ListenerConfig
    from amqtt.errors import BrokerError

    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.WARNING)
    # amqtt forgets a message that is not acknowledged in 5 s, through a task nobody awaits. Edges hold what has no receipt.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    broker = Broker(
        BrokerConfig(
            listeners={"default": ListenerConfig(bind=f"{LOOPBACK}:{port}")},
            plugins={"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        )
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await broker.start()
    except BrokerError as error:
        raise ConfigurationError(f"broker port {port}: {error}; choose another with --port") from None
    _say(f"amqtt (embedded; keeps nothing over a restart) on {LOOPBACK}:{port}")
    await stop.wait()
    await broker.shutdown()


def _say(text: str) -> None:
    structlog.get_logger().info("broker", runs=text)
    sys.stderr.flush()
