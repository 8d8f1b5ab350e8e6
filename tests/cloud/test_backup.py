"""A backup holds everything as of one moment; what is restored is what was there, to the last reading and record."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.api.backup import Fetched
from kampung_cloud.app import CloudApp
from kampung_cloud.backup import archive, placing, taking
from kampung_cloud.backup.restoring import restore
from kampung_cloud.backup.taking import take
from kampung_cloud.config import CloudConfig, parse
from kampung_cloud.main import cli
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import Base, DeadLetterRow, EventRow, NodeRow
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, Correction, PackId, SeriesKey, TelemetryStore
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import column
from sqlalchemy import select, text
from starlette.requests import ClientDisconnect
from typer.testing import CliRunner

from . import all_tables as _all_tables  # noqa: F401
from .conftest import COMMAND, HTTP, VILLAGE, until
from .postgres import Postgres

SOIL = SeriesKey(VILLAGE, "kiosk-1", "soil-1", "soil_moisture", "%")
AIR = SeriesKey(VILLAGE, "kiosk-2", "air-1", "air_temperature", "Cel")
T0 = 1_795_280_400_000
DAY = 86_400_000


def batch(first: int, count: int = 50, key: SeriesKey = SOIL, seq: int = 0) -> Batch:
    out = Batch()
    rows = [(T0 + first + i * 1000, (first % 97) + i / 7, 3 if i % 11 == 0 else 1) for i in range(count)]
    out.add(key, column(f"{key.device}/{key.quantity}", key.unit, rows), T0 + first + 5)
    if seq:
        out.packs.append(PackId(key.node, "aabbccdd", seq, count))
    return out


def estimate() -> Batch:
    out = Batch()
    readings = column("soil-1/soil_moisture", "%", [(T0 + 7, 1.5, 1), (T0 + 9, 2.5, 4)])
    out.estimate(SOIL, readings, T0 + 20, epoch="aabbccdd", seq=900, boot="b00t", lead=-T0)
    out.packs.append(PackId("kiosk-1", "aabbccdd", 900, 2))
    out.corrections.append(Correction("kiosk-2", "b11t", 5, T0 + 3))
    return out


def filled(folder: Path) -> tuple[DuckDBStore, Records]:
    """Three days of readings: one in files, one half in files and half in the table, one in the table; estimates; records of every kind."""
    store, records = DuckDBStore(folder / "telemetry.duckdb"), open_records("sqlite:records.sqlite", folder)
    for day in range(2):
        store.commit(batch(day * DAY, seq=day + 1))
        store.commit(batch(day * DAY, key=AIR, seq=day + 1))
        store.maintain(T0 + (day + 2) * DAY)
        store.settle()
    store.commit(batch(DAY + 100_000, seq=3))
    store.commit(batch(2 * DAY, seq=5))
    store.commit(estimate())
    with records.session() as session:
        session.add(NodeRow(node="kiosk-1", village=VILLAGE, since=1, last_seen=T0, devices=[{"name": "soil-1"}]))
        session.add(
            EventRow(node="kiosk-1", epoch="aa", seq=2**60, position=0, village=VILLAGE, received=T0, type="gap", body={"v": [0.1, "é"]})
        )
        session.add(
            DeadLetterRow(
                digest="d", topic="t", reason="pack", code="x", detail="", payload=bytes(range(256)), first_at=1, last_at=2, count=3
            )
        )
    return store, records


def everything(store: TelemetryStore, records: Records) -> dict[str, Any]:
    """All that can be asked of both."""
    series = {x.key: store.window(x.key.id, 0, 2**52) for x in store.latest()}
    held = {"latest": store.latest(), "series": series, "packs": store.packs(), "boot": store.correction("kiosk-2", "b11t")}
    with records.session() as session:
        for table in Base.metadata.sorted_tables:
            held[table.name] = session.execute(select(table).order_by(*table.primary_key)).all()
    return held


def config(folder: Path) -> CloudConfig:
    return parse({"data": "cloud-data"}, folder)


def packed(store: TelemetryStore, records: Records, data: Path, file: Path, left: Sequence[Path] = ()) -> Path:
    taken = take(store, records, data, lambda action: action())
    file.write_bytes(b"".join(taken.pieces()))
    assert file.stat().st_size == taken.size
    assert set(data.glob(".backup-*")) == set(left)
    return file


PICTURES = ("farm-photos/sawah-1/0123456789abcdef.jpg", f"tree-photos/ab/{'ab' * 32}.jpg")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A backup, and all that was there when it was made."""
    folder = tmp_path_factory.mktemp("made")
    store, records = filled(folder)
    held = everything(store, records)
    for name in PICTURES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    file = packed(store, records, folder, folder / "backup.tar")
    store.close()
    records.close()
    yield file, held


Made = tuple[Path, dict[str, Any]]


def test_what_is_restored_is_what_was_there(made: Made, tmp_path: Path) -> None:
    """Every reading with its receive time and flag, every pack, every estimate, every row of every table."""
    file, held = made
    told: list[int] = []
    manifest = restore(file, config(tmp_path), told.append)
    assert manifest.readings == 302
    assert sum(told) == sum(p.size for p in manifest.files)
    data = tmp_path / "cloud-data"
    there = ["farm-photos", "records.sqlite", "telemetry.days", "telemetry.duckdb", "tree-photos"]
    assert sorted(p.name for p in data.iterdir()) == there
    assert [(data / name).read_bytes() for name in PICTURES] == [name.encode() for name in PICTURES]
    store, records = DuckDBStore(data / "telemetry.duckdb"), open_records("sqlite:records.sqlite", data)
    assert everything(store, records) == held
    assert store.commit(batch(2 * DAY, seq=5)).new == 0, "a pack that comes again is known"
    store.commit(batch(3 * DAY, seq=6))
    store.maintain(T0 + 5 * DAY)
    store.settle()
    assert store.count(SOIL.id, 0, 2**52) == 302 - 100 + 50
    store.close()
    records.close()


def test_a_backup_is_of_one_moment_while_readings_come(tmp_path: Path) -> None:
    """Each commit writes a pack and then its event. Whatever the moment: what the backup holds is whole packs, each with its event."""
    store, records = DuckDBStore(tmp_path / "telemetry.duckdb", turn_rows=200), open_records("sqlite:records.sqlite", tmp_path)
    turn, enough = threading.Lock(), threading.Event()
    done = 0

    def ingest() -> None:
        nonlocal done
        for seq in range(1, 1_000):
            if enough.is_set():
                return
            with turn:
                store.commit(batch(seq * 50_000, seq=seq))
                with records.session() as session:
                    session.add(EventRow(node="kiosk-1", epoch="aa", seq=seq, position=0, village=VILLAGE, received=1, type="t", body={}))
            done = seq

    def between(action: Callable[[], Any]) -> Any:
        with turn:
            return action()

    thread = threading.Thread(target=ingest)
    thread.start()
    files, begun = [], []
    for number in range(2):
        before = done
        assert until(lambda before=before: done > before + 1, 60)  # type: ignore[misc]
        begun.append(done)
        taken = take(store, records, tmp_path, between)
        files.append(tmp_path / f"{number}.tar")
        files[-1].write_bytes(b"".join(taken.pieces()))
    enough.set()
    thread.join()
    store.close()
    records.close()
    for number, file in enumerate(files):
        restore(file, parse({"data": f"back-{number}"}, tmp_path))
        folder = tmp_path / f"back-{number}"
        again, kept = DuckDBStore(folder / "telemetry.duckdb"), open_records("sqlite:records.sqlite", folder)
        (epoch,) = again.packs("kiosk-1")
        ((first, last),) = epoch.ranges
        with kept.session() as session:
            assert session.scalars(select(EventRow.seq).order_by(EventRow.seq)).all() == list(range(1, last + 1))
        assert (first, again.count(SOIL.id, 0, 2**52)) == (1, 50 * last)
        assert last >= begun[number]
        again.close()
        kept.close()


def test_the_commands_while_the_cloud_runs_and_while_it_does_not(
    start_cloud: Callable[..., CloudApp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As their user: backup of the running cloud, checked, restored elsewhere, refused twice; then without a running cloud."""
    app = start_cloud("mqtt://127.0.0.1:9", wait=False)
    app._worker.between(partial(app._services.store.commit, batch(0, seq=1))).result(60)
    (tmp_path / "cloud.toml").write_text(f'data = "cloud-data"\n[api]\nport = {app.port}\n')
    (tmp_path / "new.toml").write_text('data = "new"\n')

    monkeypatch.chdir(tmp_path)
    real = subprocess.run([*COMMAND, "backup", "one.tar"], capture_output=True, text=True, timeout=120, check=False)
    assert (real.returncode, "50 readings" in real.stdout) == (0, True), real.stdout + real.stderr

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, words)
        return done.exit_code, done.output

    code, said = run("backup", "one.tar")
    assert (code, "one.tar is there" in said) == (2, True), said
    code, said = run("restore", "one.tar", "--config", "new.toml")
    assert (code, "50 readings" in said) == (0, True), said
    code, said = run("restore", "one.tar", "--config", "new.toml")
    assert (code, "does not overwrite" in said) == (2, True), said
    code, said = run("backup", "two.tar", "--config", "new.toml")
    assert (code, "50 readings" in said) == (0, True), said
    code, said = run("restore", "two.tar", "--check")
    assert (code, "whole" in said) == (0, True), said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cloud-data", "cloud.toml", "new", "new.toml", "one.tar", "two.tar"]


def test_a_backup_needs_the_token(start_cloud: Callable[..., CloudApp]) -> None:
    app = start_cloud("mqtt://127.0.0.1:9", wait=False)
    assert HTTP.get(f"{app.url}/api/v1/backup").status_code == 401


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_anywhere_is_noticed_and_nothing_is_restored(made: Made, tmp_path: Path, data: st.DataObject) -> None:
    """A byte changed or an end cut off: either refused, or (where the byte means nothing) restored to the same."""
    whole = made[0].read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1025))
    bad = whole[:at] if data.draw(st.booleans()) else whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    file = tmp_path / "bad.tar"
    file.write_bytes(bad)
    try:
        manifest = archive.read(file, None)
    except ConfigurationError as error:
        assert "bad.tar" in error.message
        with pytest.raises(ConfigurationError):
            restore(file, config(tmp_path))
        assert list((tmp_path / "cloud-data").iterdir()) == []
    else:
        assert manifest.files == archive.read(made[0], None).files


def test_whoever_hangs_up_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    records = open_records("sqlite:records.sqlite", tmp_path)
    taken = take(MemoryStore(), records, tmp_path, lambda action: action())
    records.close()
    assert list(tmp_path.glob(".backup-*"))

    async def hung_up(*_: object) -> None:
        raise OSError

    with pytest.raises(ClientDisconnect):
        asyncio.run(Fetched(taken, {})({"type": "http", "asgi": {"spec_version": "2.4"}}, hung_up, hung_up))  # type: ignore[arg-type]
    assert list(tmp_path.glob(".backup-*")) == []


def test_only_what_a_killed_process_left_of_a_backup_is_removed(tmp_path: Path) -> None:
    """Another API process may be at work in the same folder, on this machine or another."""
    here, other = taking._here(), subprocess.Popen(["sleep", "60"])
    kept = [tmp_path / f".backup-{here}.{other.pid}.x", tmp_path / ".backup-elsewhere.1.x"]
    gone = [tmp_path / f".backup-{here}.4194999.x", tmp_path / ".backup-old"]
    for folder in (*kept, *gone):
        folder.mkdir()
    os.utime(gone[1], (0, 0))
    records = open_records("sqlite:records.sqlite", tmp_path)
    packed(MemoryStore(), records, tmp_path, tmp_path / "x.tar", left=kept)
    records.close()
    other.kill()
    other.wait()


def test_the_damaged_file_is_named(made: Made, tmp_path: Path) -> None:
    whole = bytearray(made[0].read_bytes())
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        parquet = next(m for m in tar if m.name.endswith(".parquet"))
        last = tar.getmembers()[-1]
    whole[parquet.offset_data + 100] ^= 1
    file = tmp_path / "bad.tar"
    file.write_bytes(whole[: last.offset_data + 3])
    with pytest.raises(ConfigurationError) as error:
        restore(file, config(tmp_path))
    assert f"{parquet.name}: its content is not what was backed up" in error.value.message
    assert f"{last.name}: missing" in error.value.message


def test_a_disk_that_takes_nothing_is_not_said_of_the_backup(made: Made, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "readings.duckdb").symlink_to("/dev/full")
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "records").write_text("no folder can be made here")
    for folder, said in (("full", r"readings\.duckdb: No space left on device"), ("closed", r"records/\S+: File exists")):
        with pytest.raises(ConfigurationError, match=rf"^{tmp_path}/{folder}/{said}; make room there, or choose another data folder"):
            archive.read(made[0], tmp_path / folder)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"no tar at all", bytes(10_240)):
        (tmp_path / "x.tar").write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"x\.tar"):
            restore(tmp_path / "x.tar", config(tmp_path))
    with pytest.raises(ConfigurationError, match=r"missing\.tar.*No such file"):
        restore(tmp_path / "missing.tar", config(tmp_path))


@pytest.mark.parametrize("moved", range(4))
def test_whatever_a_killed_restore_moved_is_taken_back(tmp_path: Path, moved: int) -> None:
    folder = tmp_path / ".restore-x"
    moves = {tmp_path / f"{n}.there": folder / f"{n}.made" for n in range(3)}
    folder.mkdir()
    for made in moves.values():
        made.write_text(made.name)
    placing.place(folder, moves)
    for target, made in list(moves.items())[moved:]:
        target.rename(made)  # as if it had been killed before these
    with pytest.raises(ConfigurationError, match=r"a restore ended before everything was in place; run 'kampung-cloud restore' once more"):
        placing.check_whole(tmp_path)
    placing.clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
    placing.check_whole(tmp_path)


def test_a_restore_that_was_killed_leaves_nothing_half(made: Made, tmp_path: Path) -> None:
    """Nothing starts on it, and the next restore takes back what was moved and begins anew."""
    file, held = made
    there = config(tmp_path)
    folder = there.data / ".restore-x"
    folder.mkdir(parents=True)
    moves = {there.data / name: folder / name for name in ("telemetry.duckdb", "records.sqlite")}
    for made_there in moves.values():
        made_there.write_text("half")
    placing.place(folder, moves)  # and killed before it was done
    with pytest.raises(ConfigurationError, match="a restore ended before everything was in place"):
        CloudApp(there.model_copy(update={"api": there.api.model_copy(update={"port": 0})})).start()
    assert restore(file, there).readings == 302
    store, records = DuckDBStore(there.data / "telemetry.duckdb"), open_records("sqlite:records.sqlite", there.data)
    assert everything(store, records) == held
    store.close()
    records.close()


def test_numbers_that_are_never_given_twice_go_on(tmp_path: Path) -> None:
    """SQLite's own counter goes with the backup, also when the rows are gone."""
    from kampung_cloud.backup import tables

    folder = tmp_path / "a"
    records = open_records("sqlite:records.sqlite", folder)
    with records.transaction() as connection:
        connection.execute(text("CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT)"))
        connection.execute(text("INSERT INTO counted VALUES (41, 'x')"))
        connection.execute(text("DELETE FROM counted"))
    with records.frozen() as connection:
        what = tables.dump(connection, tmp_path / "dump")
    records.close()
    other = open_records("sqlite:records.sqlite", tmp_path / "b")
    with other.transaction() as connection:
        connection.execute(text("CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT)"))
        tables.load(connection, tmp_path / "dump", what)
        connection.execute(text("INSERT INTO counted (v) VALUES ('y')"))
        assert connection.execute(text("SELECT id FROM counted")).scalar_one() == 42
    other.close()


def test_records_go_into_postgresql_and_back(made: Made, postgres: Postgres, tmp_path: Path) -> None:
    """From a file into a server, from there into a file: the same rows of every table. A server that holds rows is refused."""
    file, held = made
    url = postgres.database(tables=False)
    restore(file, parse({"data": "there", "records": {"url": url}}, tmp_path))
    store, records = DuckDBStore(tmp_path / "there/telemetry.duckdb"), open_records(url, tmp_path)
    assert everything(store, records) == held
    with pytest.raises(ConfigurationError, match="hold rows already"):
        restore(file, parse({"data": "again", "records": {"url": url}}, tmp_path))
    assert list((tmp_path / "again").iterdir()) == []
    with records.session() as session:
        more = {"topic": "t", "reason": "pack", "code": "x", "detail": "", "payload": b"", "first_at": 1, "last_at": 2, "count": 1}
        session.add(DeadLetterRow(digest="e", **more))
    with records.session() as session:
        assert len(set(session.scalars(select(DeadLetterRow.id)))) == 2, "the server's own numbers go on after what was put in"
    after = everything(store, records)
    back = packed(store, records, tmp_path / "there", tmp_path / "back.tar")
    store.close()
    records.close()
    restore(back, parse({"data": "back"}, tmp_path))
    store, records = DuckDBStore(tmp_path / "back/telemetry.duckdb"), open_records("sqlite:records.sqlite", tmp_path / "back")
    assert everything(store, records) == after
    store.close()
    records.close()
