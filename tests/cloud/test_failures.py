"""The program as people start it: killed, starved of disk, stopped, misconfigured."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kampung_cloud.config import load
from kampung_cloud.telemetry import open_store
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import Column, column
from kampung_contract.times import text

from .conftest import COMMAND, HTTP, VILLAGE, BrokerProcess, EdgeClient, accepts, free_port, get, now_ms, until

SOIL = "kiosk-1.soil-1.soil_moisture"


def soil(t: int, n: int = 5) -> Column:
    return column("soil-1/soil_moisture", "%", [(t + i, 30.0, 1) for i in range(n)])


class Serving:
    """``kampung-cloud serve`` in its own process."""

    def __init__(self, folder: Path, broker: BrokerProcess) -> None:
        self.file = folder / "cloud.toml"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file.write_text(f'[broker]\nurl = "{broker.url}"\n[api]\nport = {self.port}\n')
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([*COMMAND, "serve", "--config", str(self.file)], stderr=subprocess.PIPE, text=True)
        if not until(self.ready, 40):
            self.process.kill()
            raise AssertionError(f"not ready: {self.process.communicate()[1]}")

    def ready(self) -> bool:
        try:
            return bool(get(self.url, "healthz")["checks"]["broker"]["ok"])
        except httpx.TransportError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> str:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.communicate(timeout=180)[1]


@pytest.fixture
def serving(tmp_path: Path, mosquitto: BrokerProcess) -> Iterator[Serving]:
    serving = Serving(tmp_path, mosquitto)
    yield serving
    serving.stop()


def test_whatever_was_receipted_survives_kill_9(serving: Serving, mosquitto: BrokerProcess, tmp_path: Path) -> None:
    edge = EdgeClient(mosquitto.port)
    t = now_ms() - 600_000
    for seq in range(1, 300):
        edge.pack(seq, soil(t + seq * 100))
        if len(edge.receipted()) > 50:
            break
    assert until(lambda: len(edge.receipted()) > 50)
    serving.stop(signal.SIGKILL)
    edge.close()
    store = open_store("duckdb:telemetry.duckdb", tmp_path / "cloud-data")
    known = {n for e in store.packs("kiosk-1") for a, b in e.ranges for n in range(a, b + 1)}
    assert edge.receipted() <= known
    assert store.count(SOIL, 0, 2 * t) == 5 * len(known)
    store.close()
    serving.start()
    # What was not acknowledged comes again.
    assert until(lambda: len(get(serving.url, f"series/{SOIL}/window", every="raw")["t"]) == 5 * seq)


def test_a_node_is_listed_after_a_kill_right_after_its_first_pack(serving: Serving, mosquitto: BrokerProcess) -> None:
    """Nodes are saved every few seconds; one whose pack is in the store is there after a restart, in the village it belongs to."""
    t, first, second = now_ms(), EdgeClient(mosquitto.port), EdgeClient(mosquitto.port, "kiosk-2")
    first.pack(1, soil(t))
    assert until(first.receipted)
    second.pack(1, soil(t))
    assert until(second.receipted)
    serving.stop(signal.SIGKILL)
    for edge in (first, second):
        edge.close()
    serving.start()
    nodes = get(serving.url, "nodes")
    assert [(n["node"], n["village"], n["readings"], n["complete"]) for n in nodes] == [(f"kiosk-{i}", VILLAGE, 5, True) for i in (1, 2)]
    assert all(n["last_seen"] >= n["since"] > text(t - 60_000) for n in nodes)


def test_no_receipt_while_the_engine_cannot_write(serving: Serving, mosquitto: BrokerProcess, tmp_path: Path) -> None:
    """A file-size limit stands in for a full disk: the engine fails, nothing is receipted; it recovers, everything is."""
    edge = EdgeClient(mosquitto.port)
    t = now_ms() - 600_000
    edge.pack(1, soil(t))
    assert until(lambda: edge.receipted() == {1})
    pid = serving.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    for seq in range(2, 12):
        edge.pack(seq, soil(t + seq * 100))
    assert until(lambda: get(serving.url, "healthz")["status"] == "degraded")
    checks = get(serving.url, "healthz")["checks"]
    assert not checks["telemetry"]["ok"]
    assert "telemetry.duckdb" in checks["telemetry"]["detail"]
    assert edge.receipted() == {1}
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert until(lambda: edge.receipted() == set(range(1, 12)), 60)
    assert until(lambda: get(serving.url, "healthz")["status"] == "ok")
    assert get(serving.url, "nodes")[0]["readings"] == 55
    edge.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_a_page_open(serving: Serving, number: int) -> None:
    with HTTP.stream("GET", f"{serving.url}/api/v1/stream") as stream:
        assert next(stream.iter_lines()) == ": hello"
        said = serving.stop(number)  # within 5 s
    assert serving.process.returncode == 0
    assert "Traceback" not in said
    assert "cloud is down" in said


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=180, env={**os.environ, **environment}, check=False
    )


RULE: dict[str, Any] = {
    "id": "r", "village": "35.10.24.2008", "quantity": "water_level", "unit": "m", "threshold": 1.5, "clear": 1.3, "severity": 1,
    "source": "s",
}  # fmt: skip
WORDS = 'title = { id = "a" }\nmessage = { id = "a" }\n'


def rule(**changes: Any) -> str:
    lines = [f"{k} = {v!r}" for k, v in {**RULE, **changes}.items()]
    return "[[rule]]\n" + "\n".join(lines) + "\n" + WORDS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[api]\nport = 70000\n", r"cloud\.toml: api\.port = 70000: .*65535"),
        ("[api]\nprot = 80\n", r"cloud\.toml: api\.prot = 80: unknown key; did you mean 'port'\?"),
        ('[ingest]\nbatch_packs = "many"\n', r"ingest\.batch_packs = 'many': .*integer"),
        ('[broker]\nurl = "http://x"\n', r"broker\.url = 'http://x': expected mqtt://"),
        ('[broker]\nurl = "mqtt://a:SECRET@x"\n', r"broker\.url = 'mqtt://…@x': a name and a password belong into broker\.username"),
        ('[telemetry]\nurl = "influxdb:x"\n', r"telemetry\.url = 'influxdb:x': expected influxdb:http://HOST:8086/DATABASE"),
        ('[telemetry]\nurl = "influx:x"\n', r"telemetry\.url = 'influx:x': expected duckdb:FILE, influxdb:http.* or memory:"),
        (
            '[telemetry]\nurl = "influxdb:http://a:SECRET@h/db?bucket=x"\n',
            r"url = 'influxdb:http://…@h/db\?bucket=x': unknown option 'bucket'",
        ),
        (
            '[telemetry]\nurl = "victoriametrics:http://h:70000"\n',
            r"no host and port \(up to 65535\) can.*for example victoriametrics:http://HOST:8428",
        ),
        ('[telemetry]\nurl = "victoriametrics:http://h?settle=1m"\n', r"settle=1m: expected seconds, as in settle=30s"),
        ('[telemetry]\nurl = "influxdb:http://h/d"\nkeep_days = { "*" = 9 }\n', r"keep_days is for duckdb:, and url is influxdb:"),
        ('[records]\nurl = "mysql:x"\n', r"records\.url = 'mysql:x': expected sqlite:FILE"),
        ("data = \n", r"cloud\.toml: not TOML"),
        (rule(clear=1.9), r"cloud\.toml: rule\[1\]: rule 'r': clear 1\.9 lies beyond threshold"),
        (rule(source=""), r"rule 'r': no source"),
        (rule(village="35.10.13.2004"), r"Bomo is now 35\.10\.25\.2005"),
        (rule() + rule(), r"two rules have the id 'r'"),
        ('[[field]]\nid = "f"\n', r"field\[1\]\.village is missing"),
    ],
)
def test_a_wrong_configuration_names_file_key_value_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "cloud.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refusal:
        load(file)
    assert re.search(said, refusal.value.message), refusal.value.message
    assert refusal.value.message.startswith(str(file))


def test_a_wrong_configuration_ends_with_2_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "cloud.toml"
    file.write_text("[api]\nport = 70000\n")
    done = run("serve", "--config", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{file}: api.port = 70000: ")
    assert "Traceback" not in done.stderr


def test_a_missing_file_and_a_wrong_port_variable(tmp_path: Path) -> None:
    done = run("serve", "--config", str(tmp_path / "none.toml"))
    assert done.returncode == 2
    assert "none.toml: cannot be read" in done.stderr
    (tmp_path / "cloud.toml").write_text("")
    done = run("check", "--config", str(tmp_path / "cloud.toml"), KAMPUNG_CLOUD_PORT="x")
    assert done.returncode == 2
    assert "KAMPUNG_CLOUD_PORT = 'x'" in done.stderr


def test_check_shows_what_is_set(tmp_path: Path) -> None:
    (tmp_path / "cloud.toml").write_text(rule())
    done = run("check", "--config", str(tmp_path / "cloud.toml"), KAMPUNG_CLOUD_PORT="1234")
    assert (done.returncode, done.stderr) == (0, "")
    assert "good" in done.stdout
    assert "127.0.0.1:1234" in done.stdout
    assert "rules      1" in done.stdout


def test_a_port_in_use_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "cloud.toml").write_text("")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        served = run("serve", "--config", str(tmp_path / "cloud.toml"), "--port", port)
        broker = run("broker", "--port", port, "--data", str(tmp_path / "b"))
    assert served.returncode == broker.returncode == 2
    for word in (port, "--port", "KAMPUNG_CLOUD_PORT", "[api] port"):
        assert word in served.stderr
    assert port in broker.stderr
    assert "--port" in broker.stderr
    assert "Traceback" not in served.stderr + broker.stderr


@pytest.mark.parametrize(("options", "name"), [([], "mosquitto"), (["--embedded"], "amqtt")])
def test_the_broker_command_says_which_and_stops_cleanly(tmp_path: Path, options: list[str], name: str) -> None:
    port = free_port()
    command = [*COMMAND, "broker", "--port", str(port), "--data", str(tmp_path / "b"), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert until(lambda: accepts(port), 60)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=180)[1]
    assert process.returncode == 0
    assert name in said
    assert "Traceback" not in said


def test_mosquitto_keeps_retained_documents_over_a_restart(mosquitto: BrokerProcess) -> None:
    edge = EdgeClient(mosquitto.port)
    edge.send(edge.address.contents.replace("+", "prices"), b"{}", retain=True)
    edge.close()
    mosquitto.stop()
    mosquitto.start()
    edge = EdgeClient(mosquitto.port)
    assert until(lambda: [m for m in edge.got if m[2]])
    edge.close()
