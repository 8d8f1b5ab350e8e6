"""Several ingest processes and an API, PostgreSQL, VictoriaMetrics and mosquitto: shares, kill -9, a process that stood still."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kampung_cloud.area import OTHERS, Area, area_of, areas
from kampung_cloud.config import Broker
from kampung_cloud.health import Health
from kampung_cloud.ingest.link import Link
from kampung_cloud.leases.board import Board, Sole, fair
from kampung_cloud.leases.lease import FencedRecords, LeaseLost
from kampung_cloud.main import cli
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import NodeRow
from kampung_contract.documents import Output, State, decode_content
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import column, encode
from kampung_contract.switching import Reply, event
from kampung_contract.topics import Lane
from kampung_contract.villages import villages
from sqlalchemy import func, select, text
from typer.testing import CliRunner

from .conftest import COMMAND, HTTP, BrokerProcess, EdgeClient, accepts, free_port, get, make_pack, now_ms, until
from .engines import EngineUrls
from .postgres import Postgres

PUMP = Output("pompa", "relay-1", "relay-board", 600)


def test_every_village_has_one_lease() -> None:
    """25 kecamatan and the others: each message is somebody's, and nobody subscribes to another's."""
    assert len(areas()) == 26
    for village in villages():
        topic = f"kampung/v1/{village.kecamatan_code}/{village.desa_code}/kiosk-1/up/live"
        area = area_of(topic)
        assert [a.code for a in areas().values() if a.code != OTHERS and a.holds(village.code)] == [area.code]
        assert f"kampung/v1/{village.kecamatan_code}/+/+/up/+" in area.filters
    for strange in ("kampung/v1/999999/2008/k/up/live", "kampung", "a/b/c/d"):
        assert area_of(strange).code == OTHERS
    assert [fair(list(areas()), n) for n in (0, 1, 2, 3, 26, 40)] == [26, 26, 13, 9, 1, 1]


@pytest.fixture
def records(postgres: Postgres, tmp_path: Path) -> Iterator[Records]:
    records = open_records(postgres.database(), tmp_path)
    yield records
    records.close()


@pytest.fixture
def board(records: Records) -> Iterator[Callable[[str], Board]]:
    """Sessions that take leases, by name."""
    made: list[Board] = []

    def make(name: str) -> Board:
        made.append(Board(records.engine.url.render_as_string(hide_password=False), name))
        made[-1].connect()
        return made[-1]

    yield make
    for board in made:
        board.close()


def write(records: Records, name: str) -> None:
    with records.session() as session:
        session.add(NodeRow(node=name, village="35.10.24.2008", since=0, last_seen=0, devices=[]))


def written(records: Records) -> list[str]:
    with records.session() as session:
        return list(session.scalars(select(NodeRow.node).order_by(NodeRow.node)))


def test_nobody_writes_with_an_old_token(records: Records, board: Callable[[str], Board]) -> None:
    """Not even in a transaction that began before: who takes over waits for it, or it finds no row."""
    area, first, second = Area("35.10.24"), board("a"), board("b")
    lease = first.take(area)
    assert lease is not None
    assert second.take(area) is None
    old = FencedRecords(records, lease)
    write(old, "one")
    with old.session() as session:
        session.add(NodeRow(node="two", village="35.10.24.2008", since=0, last_seen=0, devices=[]))
        first._connection.invalidate()  # type: ignore[union-attr]  # the server ends the session, as it does after eight silent seconds
        assert second.take(area) is None  # until the transaction is through
    taken = until(lambda: second.take(area), 10)
    assert taken is not None
    assert taken.token == lease.token + 1
    with pytest.raises(LeaseLost, match=r"35\.10\.24 is another process's"):
        write(old, "three")
    assert lease.lost.is_set()
    write(FencedRecords(records, taken), "four")
    assert written(records) == ["four", "one", "two"]


def test_a_lease_given_back_is_free_at_once(records: Records, board: Callable[[str], Board]) -> None:
    area, first, second = Area(OTHERS), board("a"), board("b")
    lease = first.take(area)
    assert lease is not None
    first.give(lease)
    with pytest.raises(LeaseLost):
        write(FencedRecords(records, lease), "x")
    again = second.take(area)
    assert again is not None
    assert again.token == 2


def test_a_line_that_swallows_everything_is_given_up(
    board: Callable[[str], Board], mosquitto: BrokerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer comes, and nothing breaks. Whoever waits gives up, and leaves the broker to whoever takes over."""
    for name, seconds in (("SILENCE_S", 0.3), ("GUARD_S", 0.05), ("BEAT_S", 0.1)):
        monkeypatch.setattr(f"kampung_cloud.leases.board.{name}", seconds)
    mine = board("a")
    lease = mine.take(Area("35.10.24"))
    assert lease is not None
    server = mine._ask(text("SELECT pg_backend_pid()"))
    link = Link(Broker(url=mosquitto.url), lambda _messages: None, Health(), lost=lease.lost)
    link.start()
    assert link.connected.wait(30)
    os.kill(server, signal.SIGSTOP)
    try:
        assert lease.lost.wait(30)
        assert until(lambda: not mine.connected)
        link._thread.join(30)
        assert not (link.connected.is_set() or link._thread.is_alive())
    finally:
        os.kill(server, signal.SIGCONT)


def test_one_process_for_all_keeps_others_out(records: Records, board: Callable[[str], Board], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kampung_cloud.leases.board.WAIT_S", 0.3)
    url = records.engine.url.render_as_string(hide_password=False)
    sole = Sole(url, lambda: None)
    sole.take()
    with pytest.raises(ConfigurationError, match="other processes take in with these records"):
        Sole(url, lambda: None).take()
    worker = board("a")
    assert not worker.whole(shared=True)
    sole.close()
    assert until(lambda: worker.whole(shared=True), 10)


class Process:
    """``kampung-cloud`` in its own process; its words are kept in a file."""

    def __init__(self, folder: Path, name: str, *arguments: str) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([*COMMAND, *arguments, "--config", str(folder / "cloud.toml")], stderr=log, stdout=log)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(60)


class Regency:
    """Stores, a broker, an API and ingest processes."""

    def __init__(self, folder: Path, broker: BrokerProcess, records: str, telemetry: str) -> None:
        self.folder, self.broker, self.records, self.telemetry, self.port = folder, broker, records, telemetry, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        tables = {"broker": broker.url, "records": records, "telemetry": telemetry}
        lines = [f'[{name}]\nurl = "{url}"\n' for name, url in tables.items()]
        (folder / "cloud.toml").write_text("".join(lines) + f"[api]\nport = {self.port}\n")
        self.processes: dict[str, Process] = {}

    def start(self, name: str) -> Process:
        self.processes[name] = Process(self.folder, name, name.partition("-")[0])
        return self.processes[name]

    def workers(self) -> dict[int, set[str]]:
        """Kecamatan by process id."""
        found = get(self.url, "workers")
        return {int(w["name"].split("-")[-2]): {x["area"] for x in w["leases"]} for w in found["workers"] if w["leases"]}

    def shared(self, *names: str) -> bool:
        """Whether exactly these hold everything between them, a fair share each."""
        held = self.workers()
        pids = {self.processes[n].process.pid for n in names}
        most = fair(list(areas()), len(names))
        return held.keys() == pids and sum(map(len, held.values())) == 26 and all(len(x) <= most for x in held.values())

    def words(self) -> str:
        return "\n".join(f"{name}: {p.log.read_text()[-3000:]}" for name, p in self.processes.items())


@pytest.fixture(params=["victoriametrics"])
def regency(
    request: pytest.FixtureRequest, tmp_path: Path, mosquitto: BrokerProcess, postgres: Postgres, engine_urls: EngineUrls
) -> Iterator[Regency]:
    with engine_urls(request.param) as telemetry:
        regency = Regency(tmp_path, mosquitto, postgres.database(), telemetry)
        yield regency
        print(regency.words())  # shown where a test fails
        for process in regency.processes.values():
            if process.process.poll() is None:
                process.process.send_signal(signal.SIGCONT)
            process.end(signal.SIGKILL)


def serves(regency: Regency) -> bool:
    try:
        return accepts(regency.port) and HTTP.get(f"{regency.url}/api/v1/healthz").json()["checks"].get("records", {}).get("ok", False)
    except (httpx.TransportError, json.JSONDecodeError):
        return False


class Village:
    """A kiosk in each of several kecamatan, sending until told to stop, again what has no receipt: as edges do."""

    def __init__(self, port: int, codes: list[str]) -> None:
        self.edges = [EdgeClient(port, f"kiosk-{code.replace('.', '')}", code) for code in codes]
        self.sent: Counter[str] = Counter()
        self.t = now_ms() - 3_600_000
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def pack(self, edge: EdgeClient, seq: int) -> None:
        rows = column("soil-1/soil_moisture", "%", [(self.t + seq * 1000, 30.0 + seq % 7, 1)])
        edge.send(edge.address.up(Lane.LIVE), make(seq, rows))

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            for edge in self.edges:
                self.sent[edge.address.node] += 1
                self.pack(edge, self.sent[edge.address.node])

    def missing(self) -> dict[str, set[int]]:
        out = {e.address.node: set(range(1, self.sent[e.address.node] + 1)) - e.receipted() for e in self.edges}
        return {node: numbers for node, numbers in out.items() if numbers}

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(20)

    def settle(self, seconds: float = 60) -> dict[str, set[int]]:
        """Send again what has no receipt until everything has one."""
        end = time.monotonic() + seconds
        while (missing := self.missing()) and time.monotonic() < end:
            for edge in self.edges:
                for seq in sorted(missing.get(edge.address.node, ())):
                    self.pack(edge, seq)
            until(lambda: not self.missing(), 3)
        return self.missing()

    def close(self) -> None:
        self.stop()
        for edge in self.edges:
            edge.close()


def make(seq: int, *columns: Any) -> bytes:
    return encode(make_pack(seq, *columns, events=[{"type": "request", "n": seq}]))


@pytest.fixture
def village(regency: Regency) -> Iterator[Callable[[], Village]]:
    made: list[Village] = []
    codes = [next(v.code for v in villages() if a.holds(v.code)) for a in list(areas().values())[:-1]][::4]

    def start() -> Village:
        made.append(Village(regency.broker.port, codes))
        return made[-1]

    yield start
    for one in made:
        one.close()


def what_the_api_puts_on_record_is_done(regency: Regency, edge: EdgeClient) -> None:
    """Announcements, commands and replays go from the API's process to whoever holds the lease; what strangers send has a taker, too."""
    token = {"Authorization": f"Bearer {(regency.folder / 'cloud-data' / 'token').read_text().strip()}"}
    base, village = f"{regency.url}/api/v1", edge.address.village

    def alike(events: list[str]) -> None:
        with contextlib.suppress(httpx.HTTPError), HTTP.stream("GET", f"{base}/stream", timeout=60) as stream:
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    events.append(line.removeprefix("event: "))
                if {"reading", "command"} <= set(events):
                    return

    events: list[str] = []
    listening = threading.Thread(target=alike, args=[events], daemon=True)
    listening.start()
    said = {"items": [{"id": "a", "title": {"id": "Posyandu"}, "body": {"id": "Besok"}, "from": None, "until": None}]}
    put = HTTP.put(f"{base}/villages/{village}/content/announcements", json=said, headers=token)
    assert put.status_code == 200, put.text
    contents = f"{edge.address.contents.removesuffix('+')}announcements"
    assert until(lambda: [p for topic, p, _ in list(edge.got) if topic == contents], 30), regency.words()
    assert decode_content(next(p for topic, p, _ in edge.got if topic == contents)).document == said

    edge.state(State(True, "aabbccdd", "r1", outputs=[PUMP]))
    assert until(lambda: [o for o in get(regency.url, "outputs") if o["online"]], 30), regency.words()
    ask = {"on": True, "seconds": 60, "by": "Bu Sari", "reason": "kebun kering"}
    given = HTTP.post(f"{base}/outputs/{edge.address.node}/pompa/commands", json=ask, headers=token)
    assert given.status_code == 202, given.text
    number = given.json()["id"]
    assert until(edge.commands, 30), regency.words()
    edge.pack(10**6, lane=Lane.EVENT, epoch="eeeeeeee", events=[event(Reply(number, "pompa", "done", "done", now_ms(), "on"))])
    assert until(lambda: get(regency.url, f"commands/{number}")["state"] == "done", 30), regency.words()
    assert [x["kind"] for x in get(regency.url, "output-log")] == ["answered", "sent", "asked"]

    edge.send("kampung/v1/999999/2008/kiosk-9/up/live", make(3))
    assert until(lambda: get(regency.url, "dead-letters"), 30), regency.words()
    (letter,) = get(regency.url, "dead-letters")
    assert letter["code"] == "unknown_village"
    again = HTTP.post(f"{base}/dead-letters/{letter['id']}/replay", headers=token, timeout=30)
    assert (again.status_code, again.json()["stored"], again.json()["code"]) == (200, False, "unknown_village"), again.text
    listening.join(30)
    assert {"reading", "command"} <= set(events)

    ask_status = lambda: CliRunner().invoke(cli, ["status", "--config", str(regency.folder / "cloud.toml")])  # noqa: E731
    until(lambda: ask_status().exit_code == 0, 30)  # lines of other kecamatan may still be connecting
    shown = ask_status()
    assert shown.exit_code == 0, shown.output
    for word in ("3 processes with 26 of 26 leases", "35.10.24", "Licin", "others"):
        assert word in shown.output


def a_node_that_is_withdrawn_is_refused_by_whoever_takes_in(regency: Regency, edge: EdgeClient) -> None:
    """Asked of the API's process, held to by another."""
    token = {"Authorization": f"Bearer {(regency.folder / 'cloud-data' / 'token').read_text().strip()}"}
    url = f"{regency.url}/api/v1/kiosks/{edge.address.node}/withdraw"
    withdrawn = HTTP.post(url, json={"reason": "dicuri malam ini"}, headers=token)
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn"), withdrawn.text
    numbers = itertools.count(10**6 + 1)

    def refused() -> Any:
        edge.pack(next(numbers), lane=Lane.EVENT, epoch="eeeeeeee", events=[{"type": "x"}])
        return get(regency.url, "dead-letters", code="withdrawn")

    assert until(refused, 30), regency.words()


def every_reading_is_there_once(regency: Regency, sending: Village) -> int:
    """By the counts and by the rows that the engine gives. How many there are."""
    total = sum(sending.sent.values())
    assert until(lambda: sum(n["readings"] for n in get(regency.url, "nodes")) == total, 20), (total, get(regency.url, "nodes"))
    for node in get(regency.url, "nodes"):
        count = sending.sent[node["node"]]
        assert (node["readings"], next(e["known"] for e in node["epochs"] if e["epoch"] == "aabbccdd")) == (count, count)
        series = f"series/{node['node']}.soil-1.soil_moisture/window"
        t = get(regency.url, series, every="raw", start=sending.t, stop=now_ms())["t"]
        assert len(t) == len(set(t)) == count
    return total


@pytest.mark.parametrize("regency", ["influxdb"], indirect=True)
def test_influxdb_serves_several_workers_too(regency: Regency, village: Callable[[], Village]) -> None:
    """Two share the regency, one is killed while packs stream in, and the other one takes over."""
    for name in ("api", "ingest-1", "ingest-2"):
        regency.start(name)
    assert until(lambda: serves(regency), 180), regency.words()
    assert until(lambda: regency.shared("ingest-1", "ingest-2"), 180), (regency.workers(), regency.words())
    sending = village()
    assert until(lambda: all(len(e.receipted()) > 3 for e in sending.edges), 60), regency.words()
    regency.processes["ingest-1"].end(signal.SIGKILL)
    assert until(lambda: regency.shared("ingest-2"), 120), (regency.workers(), regency.words())
    sending.stop()
    assert sending.settle() == {}, regency.words()
    assert every_reading_is_there_once(regency, sending) > 0


def test_a_kill_and_a_standstill_lose_nothing_and_double_nothing(regency: Regency, village: Callable[[], Village]) -> None:
    """Three share the regency; one is killed while packs stream in, then one stands still past its lease and wakes up again."""
    for name in ("api", "ingest-1", "ingest-2", "ingest-3"):
        regency.start(name)
    assert until(lambda: serves(regency), 180), regency.words()
    assert until(lambda: regency.shared("ingest-1", "ingest-2", "ingest-3"), 180), (regency.workers(), regency.words())
    sending, one, two = village(), regency.processes["ingest-1"], regency.processes["ingest-2"]
    assert until(lambda: all(len(e.receipted()) > 5 for e in sending.edges), 60), regency.words()

    what_the_api_puts_on_record_is_done(regency, sending.edges[0])

    one.end(signal.SIGKILL)
    killed = time.monotonic()
    assert until(lambda: regency.shared("ingest-2", "ingest-3"), 120), (regency.workers(), regency.words())
    took = time.monotonic() - killed
    assert until(lambda: get(regency.url, "healthz")["checks"]["ingest"]["ok"], 30)

    os.kill(two.process.pid, signal.SIGSTOP)
    assert until(lambda: regency.shared("ingest-3"), 120), (regency.workers(), regency.words())
    os.kill(two.process.pid, signal.SIGCONT)
    assert until(lambda: regency.shared("ingest-2", "ingest-3"), 120), (regency.workers(), regency.words())
    sending.stop()
    assert sending.settle() == {}, regency.words()

    total = every_reading_is_there_once(regency, sending)
    records = open_records(regency.records, regency.folder)
    with records.session() as session:
        assert session.scalar(text("SELECT count(*) FROM events WHERE type = 'request'")) == total
        assert session.scalar(select(func.max(text("token"))).select_from(text("leases"))) > 1
    records.close()
    a_node_that_is_withdrawn_is_refused_by_whoever_takes_in(regency, sending.edges[0])
    for process in (two, regency.processes["ingest-3"], regency.processes["api"]):
        process.end()
        assert process.process.returncode == 0
        assert "Traceback" not in process.log.read_text(), process.log.read_text()[-3000:]
    assert took < 10  # as promised; about 1 s on two cores with five times the work they can do
