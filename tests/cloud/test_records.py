"""Records in SQLite and in PostgreSQL 15: migrations from every earlier version, refusals, and a server that goes away and comes back."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.ingest.patience import Stopped
from kampung_cloud.records import open_records
from kampung_cloud.records import postgresql as pg
from kampung_cloud.records.migrating import MIGRATIONS, configuration, migrate, newest
from kampung_cloud.records.models import Base, NodeRow
from kampung_contract.documents import State
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_contract.pack import column
from kampung_contract.topics import Lane
from sqlalchemy import Engine, create_engine, inspect, text

from . import all_tables as _all_tables  # noqa: F401
from . import rows_of_a_time
from .conftest import COMMAND, HTTP, VILLAGE, BrokerProcess, EdgeClient, free_port, get, now_ms, until
from .postgres import Postgres

Cloud = Callable[..., CloudApp]
Edge = Callable[..., EdgeClient]
VERSIONS = [script.revision for script in reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))]
WORDS = {"digest": "d" * 64, "topic": "t", "reason": "pack", "code": "c", "detail": "d"}
UNHURRIED = {"idle_in_transaction_session_timeout": "0"}
"""A loaded machine may need longer between two looks at the tables than a stopped process is given."""
LETTER = {**WORDS, "payload": b"\0\xff", "first_at": 1, "last_at": 2**53, "count": 3}
NODE = {"node": "kiosk-1", "village": VILLAGE, "state": "online", "since": 2**41, "last_seen": 2**41, "last": 2**62, "devices": "[]"}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table."""
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path / 'r.sqlite'}")
    else:
        made = pg.engine(request.getfixturevalue("postgres").database(tables=False), **UNHURRIED)
    yield made
    made.dispose()


def differences(engine: Engine) -> list[Any]:
    """What the tables have and the models do not, and the other way round."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return [d for d in compare_metadata(context, Base.metadata) if "sqlite_sequence" not in str(d)]


def put(engine: Engine, table: str, row: dict[str, Any]) -> None:
    """Insert as a program of that time would have."""
    names = ", ".join(f'"{name}"' for name in row)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{n}' for n in row)})"), row)


def test_the_newest_version_is_known_without_reading_all() -> None:
    assert newest() == VERSIONS[-1]


def as_declared(engine: Engine) -> None:
    """The tables are what the models say, and taking them back leaves nothing."""
    migrate(engine)
    assert differences(engine) == []
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
    assert [t for t in inspect(engine).get_table_names() if t != "alembic_version"] == []


def test_rows_of_every_earlier_version_are_brought_up_to_date(engine: Engine) -> None:
    """Each version gets a row in every table that is new in it or has changed, and nodes and letters as a program of its time wrote them;
    all go through every later migration, and are what they were."""
    before: dict[str, rows_of_a_time.Columns] = {}
    kept: list[tuple[str, str, dict[str, Any]]] = []
    for version in VERSIONS[:-1]:
        migrate(engine, version)
        put(engine, "dead_letters", LETTER | {"digest": version.zfill(64)})
        put(engine, "nodes", NODE | {"node": version})
        with engine.begin() as connection:
            now = rows_of_a_time.tables(connection)
            fresh = sorted(name for name, columns in now.items() if before.get(name) != columns)
            kept += [(version, table, rows_of_a_time.put(connection, table, now[table], f"1{version}")) for table in fresh]
        before = now
    migrate(engine)
    with engine.begin() as connection:
        letters = connection.execute(text("SELECT digest, payload, count, last_at FROM dead_letters WHERE count = 3 ORDER BY digest")).all()
        nodes = connection.execute(text("SELECT node, last, reused FROM nodes WHERE last = :last ORDER BY node"), {"last": 2**62}).all()
        held = {table: rows_of_a_time.rows(connection, table) for _, table, _ in kept}
    assert [(row[0], bytes(row[1]), *row[2:]) for row in letters] == [(v.zfill(64), b"\0\xff", 3, 2**53) for v in VERSIONS[:-1]]
    assert [tuple(row) for row in nodes] == [(v, 2**62, 0) for v in VERSIONS[:-1]]
    lost = [(v, t, row) for v, t, row in kept if not any(row.items() <= now.items() for now in held[t])]
    assert lost == []
    (oldest,) = [row for row in held["alarms"] if row["id"] == f"1{VERSIONS[0]}"]
    assert (oldest["scope"], oldest["worst"], oldest["worst_at"]) == (oldest["series"], oldest["value"], oldest["since"])
    as_declared(engine)


@pytest.mark.parametrize("version", [None, VERSIONS[0]])
def test_all_migrations_at_once(engine: Engine, version: str | None) -> None:
    """From nothing, and from the oldest version with rows in it, in the one transaction of a program's start."""
    if version is not None:
        migrate(engine, version)
        put(engine, "dead_letters", LETTER)
        put(engine, "nodes", NODE)
    migrate(engine)
    if version is not None:
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count FROM dead_letters")).scalar() == 3
            assert connection.execute(text("SELECT node FROM nodes")).scalar() == "kiosk-1"
    as_declared(engine)


def test_programs_that_start_together_migrate_once(postgres: Postgres, tmp_path: Path) -> None:
    url, opened, failed = postgres.database(tables=False), [], []

    def start() -> None:
        try:
            opened.append(open_records(url, tmp_path))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(opened), failed) == (4, [])
    for records in opened:
        records.close()


def test_tables_of_a_newer_version_are_left_alone(records_url: str, tmp_path: Path) -> None:
    records = open_records(records_url, tmp_path)
    with records.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    records.close()
    with pytest.raises(ConfigurationError, match=r"newer version than this program.*9999"):
        open_records(records_url, tmp_path)


def test_what_can_never_work_is_refused_in_words(postgres: Postgres, tmp_path: Path) -> None:
    """The key, the value without its password, the server's own words."""
    url = f"postgresql://nobody:SECRET@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(ConfigurationError, match=r"records\.url = 'postgresql://…@.*role \"nobody\" does not exist"):
        open_records(url, tmp_path)
    with pytest.raises(ConfigurationError, match='database "nowhere" does not exist'):
        open_records(url.replace("nobody:SECRET", "kampung").replace("/postgres", "/nowhere"), tmp_path)
    gone = f"postgresql://kampung:SECRET@127.0.0.1:{free_port()}/x"
    with pytest.raises(StorageUnavailable, match=r"records in PostgreSQL 127\.0\.0\.1:\d+/x: .*refused") as refusal:
        open_records(gone, tmp_path)
    assert "SECRET" not in refusal.value.message


def test_text_that_a_database_cannot_hold_is_stored_all_the_same(records_url: str, tmp_path: Path) -> None:
    """U+0000 in what a kiosk says of itself: SQLite keeps it, PostgreSQL gets the sign for a character that cannot be shown."""
    records = open_records(records_url, tmp_path)
    row = NodeRow(node="kiosk-1", village=VILLAGE, since=0, last_seen=0, version="1\0x", devices=[{"name": "a\0b"}])
    with records.session() as session:
        session.add(row)
    with records.session() as session:
        found = session.get(NodeRow, "kiosk-1")
        assert found is not None
        assert (found.version in ("1\0x", "1\ufffdx"), found.devices) == (True, [{"name": "a\0b"}])
    records.close()


def soil(t: int, *values: float) -> Any:
    return column("soil-1/soil_moisture", "%", [(t + i * 1000, v, 1) for i, v in enumerate(values)])


def test_packs_events_and_dead_letters_come_once(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, records_url: str) -> None:
    """The same pack, the same event and the same junk again change nothing but the letter's count; over a restart, too."""
    tables: dict[str, Any] = {"telemetry": {"url": "duckdb:t.duckdb"}, "records": {"url": records_url}}
    edge, t = connect(mosquitto), now_ms() - 60_000
    for again in (2, 4):
        app = start_cloud(mosquitto.url, **tables)
        edge.state(State(True, "aabbccdd", "r1", "1.0", last=2))
        for _ in range(2):
            edge.pack(1, soil(t, 30.0, 31.0))
            edge.pack(2, events=[{"type": "request", "name": "surat\0"}], lane=Lane.EVENT)
            edge.send(edge.address.up(Lane.LIVE), b"junk\0")
        assert until(lambda app=app, again=again: [x["count"] for x in get(app, "dead-letters")] == [again])  # type: ignore[misc]
        assert until(lambda: edge.receipted() == {1, 2})
        with app._records.session() as session:
            assert session.execute(text("SELECT count(*) FROM events")).scalar() == 1
        (node,) = get(app, "nodes")
        assert (node["readings"], node["complete"], node["version"]) == (2, True, "1.0")
        app.stop()
        edge.receipts.clear()


class Serving:
    """``kampung-cloud serve`` in its own process, records in PostgreSQL."""

    def __init__(self, folder: Path, broker: BrokerProcess, url: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        file = folder / "cloud.toml"
        file.write_text(f'[broker]\nurl = "{broker.url}"\n[api]\nport = {self.port}\n[records]\nurl = "{url}"\n')
        self.process = subprocess.Popen([*COMMAND, "serve", "--config", str(file)], stderr=subprocess.PIPE, text=True)

    def health(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = get(self.url, "healthz")
        except httpx.TransportError:
            assert self.process.poll() is None
            return {"status": "silent", "checks": {}}
        return found

    def records(self) -> dict[str, Any]:
        found: dict[str, Any] = self.health()["checks"].get("records", {"ok": None, "detail": ""})
        return found

    def stop(self, number: int = signal.SIGTERM) -> str:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.communicate(timeout=180)[1]


@pytest.fixture
def serve(tmp_path: Path, mosquitto: BrokerProcess) -> Iterator[Callable[[str], Serving]]:
    """Serve with records at a URL."""
    started: list[Serving] = []

    def start(url: str) -> Serving:
        started.append(Serving(tmp_path, mosquitto, url))
        return started[-1]

    yield start
    for serving in started:
        if serving.process.poll() is None:
            serving.stop(signal.SIGKILL)


@pytest.fixture
def own() -> Iterator[Postgres]:
    """A server that a test may kill."""
    server = Postgres()
    yield server
    server.close()


def test_a_server_that_is_away_costs_receipts_and_nothing_else(
    own: Postgres, mosquitto: BrokerProcess, connect: Edge, serve: Callable[[str], Serving]
) -> None:
    """Away at the start, and killed later: health names engine and reason, nothing is receipted; back again, everything is."""
    url = own.database(tables=False)
    own.kill()
    serving = serve(url)
    assert until(lambda: "refused" in serving.records()["detail"], 60)
    assert serving.health()["status"] == "degraded"
    assert f"PostgreSQL 127.0.0.1:{own.port}/" in serving.records()["detail"]
    answer = HTTP.get(f"{serving.url}/api/v1/nodes")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_unavailable")
    own.start()
    assert until(lambda: serving.health()["status"] == "ok", 60)
    edge, t = connect(mosquitto), now_ms() - 60_000
    edge.pack(1, soil(t, 30.0), events=[{"type": "request"}])
    assert until(lambda: edge.receipted() == {1}, 30)
    own.kill()
    for seq in range(2, 12):
        edge.pack(seq, soil(t + seq, 31.0), events=[{"type": "request", "n": seq}])
    assert until(lambda: serving.records()["ok"] is False, 30)
    assert f"PostgreSQL 127.0.0.1:{own.port}/" in serving.records()["detail"]
    assert edge.receipted() == {1}
    own.start()
    assert until(lambda: edge.receipted() == set(range(1, 12)), 60)
    assert until(lambda: serving.health()["status"] == "ok", 30)
    assert own.ask("SELECT count(*) FROM events", url.rpartition("/")[2]) == [(11,)]
    assert get(serving.url, "nodes")[0]["readings"] == 11
    said = serving.stop()
    assert (serving.process.returncode, "Traceback" in said) == (0, False), said


def test_a_signal_ends_the_wait_for_a_server(tmp_path: Path) -> None:
    tables = {"api": {"port": 0}, "records": {"url": f"postgresql://kampung@127.0.0.1:{free_port()}/x"}}
    app, ended = CloudApp(parse(tables, tmp_path)), []

    def start() -> None:
        with pytest.raises(Stopped):
            app.start()
        ended.append(True)

    thread = threading.Thread(target=start)
    thread.start()
    assert until(lambda: app.port and "refused" in get(app, "healthz")["checks"].get("records", {"detail": ""})["detail"], 30)
    app._on_signal(signal.SIGTERM, None)
    thread.join(30)
    assert ended
