"""Real brokers, real pseudo-terminals, the real program; nothing is mocked."""

from __future__ import annotations

import http.client
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from kampung_contract.documents import Content, State, decode_state, encode
from kampung_contract.pack import Pack, decode
from kampung_contract.receipt import Receipt, coalesce, encode_receipt
from kampung_contract.topics import Address, Topic, content
from kampung_edge.app import EdgeApp
from kampung_edge.config import EdgeConfig, load
from kampung_sim.process import free_port
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

VILLAGE = "35.10.24.2008"
COMMAND = [sys.executable, "-c", "from kampung_edge.main import cli; cli()"]
AMQTT = """
import asyncio, sys
from amqtt.broker import Broker
async def main():
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    broker = Broker({"listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{sys.argv[1]}"}}, "plugins": plugins})
    await broker.start()
    await asyncio.Event().wait()
asyncio.run(main())
"""


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 10.0) -> Any:
    """The first true value of ``condition``; polled, with a deadline four times what a quiet machine needs."""
    deadline = time.monotonic() + 4 * seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {4 * seconds} s in vain until {what}")
        time.sleep(0.02)
    return value


class Process:
    """A program of a test, ended with it. ``piped``: its log is written for it, since it may not let files grow."""

    def __init__(self, *arguments: str, log: Path, piped: bool = False) -> None:
        self.log = log
        self._file = log.open("ab")
        self._writer = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=self._file) if piped else None
        into = self._writer.stdin if self._writer else self._file
        self.process = subprocess.Popen(arguments, stdout=into, stderr=into)
        if self._writer:
            self._writer.stdin.close()

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self, number: int = signal.SIGTERM, seconds: float = 60.0) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.process.args!r} did not end within {seconds} s") from None
        finally:
            if self._writer:
                self._writer.wait()
            self._file.close()

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Broker:
    """A broker on a port that stays the same over restarts."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self._folder, self.port = kind, folder, free_port()
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        log = self._folder / f"{self.kind}-{self.port}.log"
        if self.kind == "mosquitto":
            program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
            assert program, "mosquitto is not installed: apt-get install mosquitto"
            file = self._folder / f"mosquitto-{self.port}.conf"
            file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n", encoding="ascii")
            self._process = Process(program, "-c", str(file), log=log)
        else:
            self._process = Process(sys.executable, "-c", AMQTT, str(self.port), log=log)
        wait_until(self._listens, f"{self.kind} listens", 15)

    def stop(self) -> None:
        if self._process is not None:
            self._process.end(signal.SIGKILL)
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0


class Cloud:
    """The least a cloud must do: take packs, send receipts. ``silent`` takes and says nothing."""

    def __init__(self, broker: Broker, node: str = "kiosk-1") -> None:
        self.address = Address(VILLAGE, node)
        self.packs: list[tuple[str, Pack]] = []
        self.states: list[State] = []
        self.silent = False
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"cloud-{free_port()}", protocol=MQTTProtocolVersion.MQTTv311)
        self._client.on_connect = self._connected
        self._client.on_message = self._message
        self._ready = threading.Event()
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert self._ready.wait(60)

    def _connected(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([(f"{self.address.base}/up/+", 1), (self.address.state, 1)])

    def _message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        topic = Topic.parse(message.topic)
        if topic.kind == "state":
            self.states.append(decode_state(message.payload))
            return
        pack = decode(message.payload)
        self.packs.append((topic.name, pack))
        if not self.silent:
            self.receipt(pack.epoch, [pack.seq])

    def receipt(self, epoch: str, numbers: list[int], **more: Any) -> None:
        self.publish(self.address.receipt, encode_receipt(Receipt(epoch, coalesce(numbers), **more)))

    def content(self, key: str, version: int, at: int, document: dict[str, Any]) -> None:
        self.publish(content(VILLAGE, key), encode(Content(key, version, at, document)), retain=True)

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self._client.publish(topic, payload, 1, retain)

    def seqs(self) -> list[int]:
        return [p.seq for _, p in list(self.packs)]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class River:
    """An A02YYUW on a pseudo-terminal, a frame each ``every`` seconds, ``step`` more than the one before."""

    def __init__(self, link: Path) -> None:
        self.millimetres, self.step, self.every = 1400, 0, 0.25
        self._master, self._slave = pty.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        link.symlink_to(os.ttyname(self._slave))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self) -> None:
        while not self._stop.wait(self.every):
            high, low = divmod(self.millimetres, 256)
            os.write(self._master, bytes([0xFF, high, low, (0xFF + high + low) & 0xFF]))
            self.millimetres += self.step

    def close(self) -> None:
        self._stop.set()
        self._thread.join(60)
        os.close(self._master)
        os.close(self._slave)


def get(port: int, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if answer.getheader("content-type", "").startswith("application/json") else body.decode()
    finally:
        connection.close()


@pytest.fixture
def until() -> Callable[..., Any]:
    return wait_until


@pytest.fixture
def api() -> Callable[[int, str], tuple[int, Any]]:
    return get


@pytest.fixture
def make_broker(tmp_path: Path) -> Iterator[Callable[[str], Broker]]:
    made: list[Broker] = []

    def make(kind: str = "mosquitto") -> Broker:
        made.append(Broker(kind, tmp_path))
        made[-1].start()
        return made[-1]

    yield make
    for broker in made:
        broker.stop()


@pytest.fixture
def make_cloud() -> Iterator[Callable[..., Cloud]]:
    made: list[Cloud] = []

    def make(broker: Broker, node: str = "kiosk-1") -> Cloud:
        made.append(Cloud(broker, node))
        return made[-1]

    yield make
    for cloud in made:
        cloud.close()


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., Path]:
    """Writes an edge.toml; keywords: broker, folder, node, more (TOML text)."""

    def write(broker: str = "mqtt://127.0.0.1:9", folder: str = "one", node: str = "kiosk-1", more: str = "", port: int = 0) -> Path:
        file = tmp_path / folder / "edge.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            f'village = "{VILLAGE}"\nnode = "{node}"\ndata = "edge-data"\n[broker]\nurl = "{broker}"\n[kiosk]\nport = {port}\n{more}\n',
            encoding="utf-8",
        )
        return file

    return write


@pytest.fixture
def make_edge(write_config: Callable[..., Path]) -> Iterator[Callable[..., EdgeApp]]:
    """A started edge within the test's process; keywords as ``write_config``."""
    made: list[EdgeApp] = []

    def make(**keywords: Any) -> EdgeApp:
        config: EdgeConfig = load(write_config(**keywords))
        made.append(EdgeApp(config))
        made[-1].start()
        return made[-1]

    yield make
    for edge in made:
        edge.stop()


@pytest.fixture
def run_edge(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """The real command in the background, after what ``prefix`` sets up for it."""
    made: list[Process] = []

    def run(config: Path, *prefix: str) -> Process:
        log = tmp_path / f"edge-{len(made)}.log"
        made.append(Process(*prefix, *COMMAND, "run", "--config", str(config), log=log, piped=bool(prefix)))
        return made[-1]

    yield run
    for process in made:
        process.end(signal.SIGKILL)


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The real command to its end."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], capture_output=True, text=True, timeout=180, check=False, env={**os.environ, **environment}
        )

    return run


@pytest.fixture
def make_river(tmp_path: Path) -> Iterator[Callable[[Path], River]]:
    made: list[River] = []

    def make(link: Path) -> River:
        link.parent.mkdir(parents=True, exist_ok=True)
        made.append(River(link))
        return made[-1]

    yield make
    for river in made:
        river.close()


@pytest.fixture
def free() -> int:
    """A port for a kiosk that must stay the same over restarts."""
    return free_port()
