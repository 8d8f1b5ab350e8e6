"""The brokers a village can run on, each a real one of Debian's or the embedded one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from kampung_sim.process import Process, find, free_port, listening

EMBEDDED = "choose --broker amqtt"
RABBITMQ = "/usr/lib/rabbitmq/bin"
"""The program itself; the one on the PATH changes its user."""


class Broker(StrEnum):
    """As ``--broker`` names them."""

    MOSQUITTO = "mosquitto"
    AMQTT = "amqtt"
    RABBITMQ = "rabbitmq"
    NATS = "nats"


def broker(kind: Broker, port: int, folder: Path, log: Path) -> tuple[Process, list[Process]]:
    """A broker on loopback ``port`` that keeps its state in ``folder``, and programs that must run before it.

    Raises ``ConfigurationError`` where it is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command, env = COMMANDS[kind](port, folder)
    before = [_epmd(int(env["ERL_EPMD_PORT"]), log)] if kind is Broker.RABBITMQ else []
    return Process("broker", command, log, lambda: listening(port), env), before


def _epmd(port: int, log: Path) -> Process:
    """Erlang's port mapper, our own; RabbitMQ would start one that nobody ends."""
    return Process(
        "epmd", [find("epmd", "erlang-base", EMBEDDED), "-address", "127.0.0.1", "-port", str(port)], log, lambda: listening(port)
    )


def _mosquitto(port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    find("mosquitto", "mosquitto", EMBEDDED)
    return [str(Path(sys.executable).with_name("kampung-cloud")), "broker", "--port", str(port), "--data", str(folder)], {}


def _amqtt(port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    command = [str(Path(sys.executable).with_name("kampung-cloud")), "broker", "--port", str(port), "--data", str(folder)]
    return [*command, "--embedded"], {}


def _nats(port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    program = find("nats-server", "nats-server", EMBEDDED)
    file = folder / "nats.conf"
    file.write_text(
        f'server_name: kampung\nlisten: "127.0.0.1:{free_port()}"\n'
        f'jetstream {{ store_dir: "{folder}/jetstream" }}\nmqtt {{ listen: "127.0.0.1:{port}" }}\n',
        encoding="utf-8",
    )
    return [program, "-c", str(file)], {}


def _rabbitmq(port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    program = find("rabbitmq-server", "rabbitmq-server", EMBEDDED, RABBITMQ)
    (folder / "enabled_plugins").write_text("[rabbitmq_mqtt].\n", encoding="ascii")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:{port}\nmqtt.allow_anonymous = true\nloopback_users = none\n",
        encoding="ascii",
    )
    env = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"kampung{port}@localhost",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(folder / "feature_flags"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "ERL_CRASH_DUMP": str(folder / "erl_crash.dump"),
        "RUNNING_UNDER_SYSTEMD": "1",  # then the script becomes the server instead of watching it
    }
    return [program], env


COMMANDS: dict[Broker, Callable[[int, Path], tuple[list[str], dict[str, str]]]] = {
    Broker.MOSQUITTO: _mosquitto,
    Broker.AMQTT: _amqtt,
    Broker.RABBITMQ: _rabbitmq,
    Broker.NATS: _nats,
}
