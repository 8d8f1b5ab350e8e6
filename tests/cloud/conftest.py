"""Real brokers on free loopback ports in temporary folders, the real cloud, and an edge's side of the wire."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import paho.mqtt.client as mqtt
import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.broker import configuration, find_mosquitto
from kampung_cloud.config import parse
from kampung_contract.command import Command, decode_command
from kampung_contract.documents import State
from kampung_contract.documents import encode as encode_document
from kampung_contract.pack import Clock, Column, Pack, encode
from kampung_contract.receipt import Receipt, decode_receipt
from kampung_contract.topics import Address, Lane
from kampung_sim.process import free_port
from paho.mqtt.enums import CallbackAPIVersion

if TYPE_CHECKING:
    from .engines import EngineUrls
    from .postgres import Postgres

from .simulated import services, taken  # noqa: F401 - fixtures

T = TypeVar("T")

VILLAGE = "35.10.24.2008"
PATIENCE = 60.0
"""Seconds: a loaded machine answers late, and httpx would give up after five."""
HTTP = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0), timeout=PATIENCE)
"""Loopback only; made once, since making one costs more than a request. Tests that need cookies of their own take ``client``."""
SYSTEM = "/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"
COMMAND = [sys.executable, "-m", "kampung_cloud.main"]


def pytest_report_header() -> str:
    """Which servers were found."""
    found = {
        "mosquitto": find_mosquitto(),
        "rabbitmq-server": shutil.which("rabbitmq-server", path=SYSTEM),
        "nats-server": shutil.which("nats-server", path=SYSTEM),
        "influxd": shutil.which("influxd", path=SYSTEM),
        "victoria-metrics": shutil.which("victoria-metrics", path=SYSTEM),
        "postgres": next(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")), None),
    }
    return ", ".join(f"{name}: {path or 'MISSING (a failure)'}" for name, path in found.items())


def until(ask: Callable[[], T], seconds: float = 40.0) -> T:
    """Ask until the answer is true; the last answer, for the assertion to show, when it never is.

    A wait of ten ``seconds`` and more is one for a whole system, and a loaded machine is given three times as long.
    """
    end = time.monotonic() + (3 * seconds if seconds >= 10 else seconds)
    while not (answer := ask()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


def now_ms() -> int:
    """Milliseconds UTC."""
    return time.time_ns() // 1_000_000


def client(base_url: str = "", **headers: str) -> httpx.Client:
    """Somebody with cookies of his own, as patient as ``HTTP``."""
    return httpx.Client(base_url=base_url, headers=headers, timeout=PATIENCE)


def accepts(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class BrokerProcess:
    """A broker: ``mosquitto`` with the configuration that ``kampung-cloud broker`` gives it, or the command itself with ``amqtt``."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        self.kind = kind
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start and wait until it listens."""
        command = [*COMMAND, "broker", "--embedded", "--port", str(self.port), "--data", str(self.folder)]
        if self.kind == "mosquitto":
            program = find_mosquitto()
            assert program, "mosquitto is missing: apt install mosquitto"
            self.folder.mkdir(exist_ok=True)
            file = self.folder / "mosquitto.conf"
            file.write_text(configuration(self.port, self.folder))
            command = [program, "-c", str(file)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        assert until(lambda: accepts(self.port), 60), "the broker does not listen"

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop it."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(60)


class EdgeClient:
    """An edge's side of the wire: publishes, and keeps what the cloud sends."""

    def __init__(self, port: int, node: str = "kiosk-1", village: str = VILLAGE, account: tuple[str, str] | None = None) -> None:
        self.address = Address(village, node)
        self.receipts: list[Receipt] = []
        self.got: list[tuple[str, bytes, bool]] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"test-{node}-{now_ms()}")
        self._client.on_message = self._on_message
        subscribed: list[int] = []
        self._client.on_subscribe = lambda *_: subscribed.append(1)
        if account is not None:
            self._client.username_pw_set(*account)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        mine = [
            f"{self.address.base}/down/+",
            self.address.contents,
            self.address.commands,
            self.address.letters,
            "kampung/v1/999999/+/+/down/+",
        ]
        self._client.subscribe([(topic, 1) for topic in mine])
        assert until(lambda: subscribed)

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.got.append((message.topic, bytes(message.payload), message.retain))
        if message.topic.endswith("/down/receipt"):
            self.receipts.append(decode_receipt(bytes(message.payload)))

    @property
    def connected(self) -> bool:
        """Whether the broker has it on the line."""
        return self._client.is_connected()

    def send(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Publish at QoS 1 and wait for the broker."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def pack(
        self, seq: int, *columns: Column, epoch: str = "aabbccdd", lane: Lane = Lane.LIVE, events: list[dict[str, Any]] | None = None
    ) -> None:
        """Publish a pack."""
        self.send(self.address.up(lane), encode(make_pack(seq, *columns, epoch=epoch, events=events)))

    def state(self, state: State, retain: bool = True) -> None:
        """Publish a birth or will."""
        self.send(self.address.state, encode_document(state), retain)

    def receipted(self, epoch: str = "aabbccdd") -> set[int]:
        """Sequence numbers that receipts have named."""
        return {n for r in list(self.receipts) if r.epoch == epoch for first, last in r.ranges for n in range(first, last + 1)}

    def rejected(self) -> dict[int, str]:
        """Code by sequence number."""
        return {x.seq: x.code for r in list(self.receipts) for x in r.rejected}

    def commands(self) -> list[Command]:
        """Commands that came, each as often as it came."""
        return [decode_command(payload) for topic, payload, _ in list(self.got) if "/down/command/" in topic]

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


def make_pack(seq: int, *columns: Column, epoch: str = "aabbccdd", events: list[dict[str, Any]] | None = None) -> Pack:
    """A pack of a synchronised edge."""
    return Pack(1, epoch, seq, "b00t", Clock(True, 1000), list(columns), events or [])


@pytest.fixture(scope="session")
def engine_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineUrls]:
    """URLs of telemetry engines that hold nothing."""
    from .engines import EngineUrls

    urls = EngineUrls(tmp_path_factory.mktemp("engines"))
    yield urls
    urls.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of this process, each of which has a database of its own."""
    from .postgres import Postgres

    server = Postgres()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request: pytest.FixtureRequest) -> str:
    """Records that hold nothing yet, in every database they can be in."""
    return "sqlite:r.sqlite" if request.param == "sqlite" else str(request.getfixturevalue("postgres").database())


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[BrokerProcess]:
    broker = BrokerProcess(tmp_path / "mosquitto", "mosquitto")
    yield broker
    broker.stop()


@pytest.fixture(params=["mosquitto", "amqtt"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrokerProcess]:
    broker = BrokerProcess(tmp_path / "broker", request.param)
    yield broker
    broker.stop()


@pytest.fixture
def start_cloud(tmp_path: Path) -> Iterator[Callable[..., CloudApp]]:
    """Start a cloud in this process: ``start_cloud(broker_url, **tables)``; it waits until the broker is connected."""
    running: list[CloudApp] = []

    def start(url: str, *, wait: bool = True, **tables: Any) -> CloudApp:
        tables = {"data": "cloud-data", "broker": {"url": url}, "api": {"port": 0}, **tables}
        app = CloudApp(parse(tables, tmp_path))
        app.start()
        running.append(app)
        if wait:
            assert until(lambda: get(app, "healthz")["checks"]["broker"]["ok"])
        return app

    yield start
    for app in running:
        app.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., EdgeClient]]:
    clients: list[EdgeClient] = []

    def make(broker: BrokerProcess, node: str = "kiosk-1", village: str = VILLAGE) -> EdgeClient:
        clients.append(EdgeClient(broker.port, node, village))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def get(app: CloudApp | str, path: str, **query: Any) -> Any:
    """JSON of a successful answer below /api/v1."""
    url = app if isinstance(app, str) else app.url
    answer = HTTP.get(f"{url}/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()
