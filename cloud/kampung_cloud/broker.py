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

from kampung_cloud.broker_address import LONGEST_SOCKET, SCHEME

LOOPBACK = "127.0.0.1"
SOCKET = "mqtt.sock"
"""Beside what the broker keeps: for a cloud on the same machine, to which each message costs less than over TCP."""

CONFIGURATION = """\
# Written by kampung-cloud broker at each start; changes are lost.
listener {port} {host}
{local}allow_anonymous true
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
ACCOUNTS = """\
allow_anonymous false
password_file {passwords}
acl_file {folder}/access.acl
pid_file {folder}/mosquitto.pid
"""
ACCESS = """\
# Written by kampung-cloud broker at each start; changes are lost. A node's name is its account's.
user cloud
topic readwrite kampung/v1/#

pattern write kampung/v1/+/+/%u/up/+
pattern write kampung/v1/+/+/%u/senml/+
pattern readwrite kampung/v1/+/+/%u/state
pattern read kampung/v1/+/+/%u/down/#
pattern read kampung/v1/+/+/all/content/+
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


def configuration(port: int, folder: Path, passwords: Path | None = None) -> str:
    """What mosquitto is started with. Started as root it would drop to a user that cannot write ``folder``, so it stays.

    With ``passwords``, a file of mosquitto_passwd, only its accounts are let in, and a node keeps to its own topics.
    """
    local = f"listener 0 {folder / SOCKET}\n" if _fits(folder) else ""
    text = CONFIGURATION.format(port=port, host=LOOPBACK, folder=folder, local=local)
    if passwords is not None:
        text = text.replace("allow_anonymous true\n", ACCOUNTS.format(passwords=passwords, folder=folder))
    return text + "user root\n" if os.getuid() == 0 else text


def _fits(folder: Path) -> bool:
    """Whether the socket's name is not too long for one, and would not end its line or be taken for several words."""
    name = str(folder / SOCKET)
    return len(os.fsencode(name)) <= LONGEST_SOCKET and not any(c.isspace() for c in name)


def url(folder: Path, port: int) -> str:
    """Where a cloud on this machine reaches the broker that runs in ``folder``."""
    folder = folder.resolve()
    local = _fits(folder) and find_mosquitto() is not None
    return (folder / SOCKET).as_uri().replace("file://", f"{SCHEME}://") if local else f"mqtt://{LOOPBACK}:{port}"


def written(port: int, folder: Path, passwords: Path | None = None) -> Path:
    """What mosquitto reads, in ``folder``: the file of its configuration. Raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    folder, file = folder.resolve(), folder.resolve() / "mosquitto.conf"
    if passwords is not None:
        access = folder / "access.acl"
        access.write_text(ACCESS, encoding="utf-8")
        access.chmod(0o600)
    file.write_text(configuration(port, folder, passwords and passwords.resolve()), encoding="utf-8")
    return file


def find_mosquitto() -> str | None:
    """The program; Debian keeps it in a folder that is not on everybody's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def run(port: int, folder: Path, *, embedded: bool = False, passwords: Path | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises ``ConfigurationError`` when the port is taken, the folder cannot be written
    or the passwords cannot be read.
    """
    check_port(port)
    program = None if embedded else find_mosquitto()
    if passwords is not None:
        _check_passwords(passwords, program)
    try:
        file = written(port, folder, passwords)
    except OSError as error:
        raise ConfigurationError(f"broker folder {folder}: {error.strerror}; choose another with --data") from None
    if program:
        _say(f"mosquitto on {LOOPBACK}:{port}, for a cloud on this machine {url(folder, port)}, data in {folder}")
        # In place of this process: whoever stops or kills the command stops or kills the broker, and no orphan stays behind.
        os.execv(program, [program, "-c", str(file)])  # noqa: S606
    asyncio.run(_embedded(port))


def _check_passwords(passwords: Path, program: str | None) -> None:
    if program is None:
        raise ConfigurationError(f"--passwords {passwords}: only mosquitto knows accounts; apt install mosquitto, and leave out --embedded")
    try:
        passwords.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"--passwords {passwords}: {error.strerror}; make it with 'mosquitto_passwd -c {passwords} cloud', and an account for each node"
        ) from None


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
