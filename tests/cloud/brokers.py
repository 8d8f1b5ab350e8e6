"""RabbitMQ and NATS from Debian, as plain processes in a temporary folder, on free loopback ports."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from .conftest import BrokerProcess, accepts, free_port, until

RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Not the wrapper on the PATH, which changes the user and the folders."""

NATS_CONFIG = """
server_name: kampung
host: 127.0.0.1
port: {other}
jetstream {{ store_dir: "{folder}", max_memory_store: 64MB, max_file_store: 1GB }}
mqtt {{ host: 127.0.0.1, port: {port}, max_ack_pending: 10000, ack_wait: "30s" }}
"""
RABBIT_CONFIG = """
listeners.tcp.1 = 127.0.0.1:{other}
mqtt.listeners.tcp.1 = 127.0.0.1:{port}
mqtt.allow_anonymous = true
mqtt.prefetch = 1000
mqtt.subscription_ttl = 1209600000
log.console = false
"""


class Nats(BrokerProcess):
    """``nats-server`` with JetStream and MQTT."""

    def __init__(self, folder: Path) -> None:
        self.other = free_port()
        super().__init__(folder, "nats")

    def start(self) -> None:
        """Start and wait until it listens."""
        program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
        assert program, "nats-server is missing: apt install nats-server"
        self.folder.mkdir(exist_ok=True)
        file = self.folder / "nats.conf"
        file.write_text(NATS_CONFIG.format(port=self.port, other=self.other, folder=self.folder))
        self.process = subprocess.Popen([program, "-c", str(file)], stderr=subprocess.DEVNULL)
        assert until(lambda: accepts(self.port), 60), "NATS does not listen"


class Rabbit(BrokerProcess):
    """``rabbitmq-server`` with ``rabbitmq_mqtt``; its port mapper is a child of ours too, so that nothing stays behind.

    It computes for seven seconds at a start and then waits three to six more for a cluster to join it, so it is launched when it is made
    and waited for (``ready``) when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self.other, self.mapper_port, self.distribution = free_port(), free_port(), free_port()
        folder.mkdir()
        mapper = shutil.which("epmd")
        assert mapper, "rabbitmq-server is missing: apt install rabbitmq-server"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self.mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"kampung-{self.mapper_port}@localhost",
            "RABBITMQ_DIST_PORT": str(self.distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
        }
        self.mapper = subprocess.Popen([mapper], env=self.environment, stderr=subprocess.DEVNULL)
        self.folder, self.kind, self.port = folder, "rabbitmq", free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._launch()

    def start(self) -> None:
        """Start and wait until it listens."""
        self._launch()
        self.ready()

    def ready(self) -> None:
        """Return when it listens."""
        assert until(lambda: accepts(self.port), 40), "RabbitMQ does not listen"

    def _launch(self) -> None:
        (self.folder / "rabbitmq.conf").write_text(RABBIT_CONFIG.format(port=self.port, other=self.other))
        (self.folder / "plugins").write_text("[rabbitmq_mqtt].\n")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([str(RABBIT)], env=self.environment, start_new_session=True, **quiet)  # type: ignore[call-overload]

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop the script and the Erlang machine below it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        self.process.wait(60)
        assert until(lambda: not accepts(self.port), 60), "the Erlang machine still listens"  # it dies after its script

    def close(self) -> None:
        """The end."""
        self.stop(signal.SIGKILL)
        self.mapper.kill()
        self.mapper.wait()
