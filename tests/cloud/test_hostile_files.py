"""Files that somebody made to do harm: backups, imports, units and titles that want to be more than text."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from kampung_cloud.backup import archive, tables
from kampung_cloud.backup.restoring import restore
from kampung_cloud.backup.taking import take
from kampung_cloud.config import CloudConfig, parse
from kampung_cloud.leases.holder import Holder
from kampung_cloud.readings import taking_in
from kampung_cloud.readings.csv_file import csv_file, dialect
from kampung_cloud.readings.subject import Subject, subject
from kampung_cloud.records import open_records
from kampung_cloud.serving import SHORTEST, Serving
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.errors import ConfigurationError, InvalidRequest, TooMuch
from kampung_contract.pack import column

from .conftest import VILLAGE

T0 = 1_795_280_400_000
DAY = 86_400_000
NOW = T0 + DAY
SOIL = SeriesKey(VILLAGE, "kiosk-1", "soil-1", "soil_moisture", "%")
Parts = dict[str, bytes]


def committed(store: Any, key: SeriesKey = SOIL) -> Any:
    batch = Batch()
    batch.add(key, column(f"{key.device}/{key.quantity}", key.unit, [(T0, 1.5, 1), (T0 + 1, 2.5, 1)]), T0)
    store.commit(batch)
    return store


def config(folder: Path) -> CloudConfig:
    return parse({"data": "cloud-data"}, folder)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The files of a backup with two readings, one of them in a file of its day."""
    folder = tmp_path_factory.mktemp("made")
    store, records = committed(DuckDBStore(folder / "telemetry.duckdb")), open_records("sqlite:records.sqlite", folder)
    store.maintain(T0 + 2 * DAY)
    store.settle()
    body = b"".join(take(store, records, folder, lambda action: action()).pieces())
    store.close()
    records.close()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]


def sealed(parts: Parts, **changes: Any) -> bytes:
    """A manifest that fits ``parts``, as anybody can make one."""
    manifest = msgspec.json.decode(parts["manifest.json"])
    files = {n: c for n, c in parts.items() if not n.startswith("manifest.")}
    manifest["files"] = [{"name": n, "size": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in files.items()]
    return msgspec.json.encode({**manifest, **changes})


def tar_of(parts: Parts, file: Path, odd: Callable[[tarfile.TarInfo], tarfile.TarInfo] = lambda info: info, **changes: Any) -> Path:
    content = sealed(parts, **changes)
    whole = {**parts, "manifest.json": content, "manifest.sha256": hashlib.sha256(content).hexdigest().encode()}
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in ("manifest.json", "manifest.sha256", *(n for n in whole if not n.startswith("manifest."))):
            info = tarfile.TarInfo(name)
            info.size = len(whole[name])
            info = odd(info)
            tar.addfile(info, io.BytesIO(whole[name]) if info.isreg() else None)
    return file


def refused(file: Path, folder: Path) -> str:
    """Why; and nothing is left of it."""
    with pytest.raises(ConfigurationError) as error:
        restore(file, config(folder))
    assert sorted(p.name for p in (folder / "cloud-data").glob("*")) == []
    return error.value.message


def test_a_backup_packed_again_is_as_good(parts: Parts, tmp_path: Path) -> None:
    assert restore(tar_of(parts, tmp_path / "x.tar"), config(tmp_path)).readings == 2


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "records/../../outside.jsonl.gz", "readings.days/day=../readings-1.parquet"]
)
def test_names_lead_nowhere_else(parts: Parts, tmp_path: Path, name: str) -> None:
    assert "not a backup" in refused(tar_of({**parts, name: b"x"}, tmp_path / "x.tar"), tmp_path)
    assert list(tmp_path.rglob("outside*")) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_and_devices_are_not_followed(parts: Parts, tmp_path: Path, kind: bytes) -> None:
    def odd(info: tarfile.TarInfo) -> tarfile.TarInfo:
        if info.name == "readings.duckdb":
            info.type, info.linkname, info.size = kind, "/etc/passwd", 0
        return info

    assert "readings.duckdb: its content is not what was backed up" in refused(tar_of(parts, tmp_path / "x.tar", odd), tmp_path)


def test_a_file_with_holes_takes_no_room(parts: Parts, tmp_path: Path) -> None:
    """A sparse member of a few bytes would be a terabyte on disk."""
    huge, pax = 1 << 40, {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "readings.duckdb"}
    manifest = msgspec.json.decode(sealed(parts))
    for part in manifest["files"]:
        part["size"] = huge if part["name"] == "readings.duckdb" else part["size"]
    content = msgspec.json.encode(manifest)
    file = tmp_path / "x.tar"
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, body in (("manifest.json", content), ("manifest.sha256", hashlib.sha256(content).hexdigest().encode())):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        for name in [n for n in parts if not n.startswith("manifest.")]:
            info, body = tarfile.TarInfo(name), parts[name]
            if name == "readings.duckdb":
                info.pax_headers = {**pax, "GNU.sparse.realsize": str(huge)}
                body = b"1\n0\n1\n".ljust(512, b"\0") + b"x"  # one byte at the beginning
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    assert "readings.duckdb: its content is not what was backed up" in refused(file, tmp_path)


def test_a_manifest_has_its_size_and_is_text(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not a backup" in refused(tar_of(parts, tmp_path / "x.tar", made="\x1b]0;owned\x07"), tmp_path)
    monkeypatch.setattr(archive, "MOST_MANIFEST", 100)
    assert "not a backup" in refused(tar_of(parts, tmp_path / "y.tar"), tmp_path)


def table(head: Any, *rows: Any, more: bytes = b"") -> bytes:
    return gzip.compress(b"".join(msgspec.json.encode(line) + b"\n" for line in (head, *rows)) + more, mtime=0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no gzip", "gzip"),
        (table({"columns": ["node"], "bytes": []}, ["a"])[:-9], "not what a backup holds"),
        (table(["columns"]), "object"),
        (table({"columns": ["node; DROP TABLE nodes"], "bytes": []}, ["a"]), "unknown column 'node; DROP TABLE nodes'"),
        (table({"columns": ["node"], "bytes": ["node"]}, ["%"]), "not what a backup holds"),
        (table({"columns": ["node"], "bytes": []}, ["a", "b"]), "argument"),
        (table({"columns": ["node"], "bytes": []}, ["a"], ["b"]), "more rows than the manifest says"),
        (table({"columns": ["node"], "bytes": []}), "truncated"),
        (table({"columns": ["node"], "bytes": []}, more=b" " * 20_000_000), "truncated"),
    ],
    ids=["no-gzip", "cut-off", "no-head", "column", "bytes", "cells", "rows", "no-row", "endless"],
)  # fmt: skip
def test_records_that_dump_does_not_write(parts: Parts, tmp_path: Path, content: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_LINE", 100_000)
    what = msgspec.json.decode(parts["manifest.json"])["records"]
    what["rows"]["nodes"] = 1
    told = refused(tar_of({**parts, "records/nodes.jsonl.gz": content}, tmp_path / "x.tar", records=what), tmp_path)
    assert told.startswith("nodes.jsonl.gz: not what a backup holds")
    assert said in told


def test_tables_of_a_version_nobody_knows(parts: Parts, tmp_path: Path) -> None:
    what = msgspec.json.decode(parts["manifest.json"])["records"]
    for revision in ("ffff", "head; x", "../x"):
        assert refused(tar_of(parts, tmp_path / "x.tar", records={**what, "revision": revision}), tmp_path)


def changed(parts: Parts, folder: Path, *statements: str) -> Parts:
    """The backup with its database changed by somebody who can write SQL."""
    file = folder / "changed.duckdb"
    file.write_bytes(parts["readings.duckdb"])
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)
    return {**parts, "readings.duckdb": file.read_bytes()}


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE segments SET file = '../../../precious.txt'",),
        ("UPDATE segments SET file = 'day=2026-11-22/../../../../precious.txt'",),
        ("CREATE MACRO arg_max(a, b) AS 1",),
        ("DROP TABLE epochs", "CREATE VIEW epochs AS SELECT * FROM read_csv('/etc/passwd')"),
    ],
)
def test_a_database_that_leads_elsewhere_is_refused(parts: Parts, tmp_path: Path, statements: tuple[str, ...]) -> None:
    """Names of files and functions are the database's; what they lead to is neither read nor renamed nor removed."""
    (tmp_path / "precious.txt").write_text("mine")
    assert refused(tar_of(changed(parts, tmp_path, *statements), tmp_path / "x.tar"), tmp_path)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_tables_of_hours_are_known_by_their_names(parts: Parts, tmp_path: Path) -> None:
    """A month's table is named in the database; what is none does not count, and is not dropped either."""
    statements = (
        'CREATE TABLE "hours_x; DROP TABLE readings" (i INTEGER)',
        "INSERT INTO months VALUES (24322, 'read_csv(''/etc/passwd'')')",
    )
    restore(tar_of(changed(parts, tmp_path, *statements), tmp_path / "x.tar"), config(tmp_path))
    store = DuckDBStore(tmp_path / "cloud-data" / "telemetry.duckdb")
    assert store.window(SOIL.id, 0, T0 + DAY, 3_600_000).aggregates["count"] == [2]
    store.close()


# -- import


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("time,series,value\n" + "1" * 50_000_000)
    with pytest.raises(InvalidRequest, match="line 2 has more than 10,000 characters"):
        taking_in.read(file, MemoryStore(), NOW, 500)


def test_a_small_parquet_file_that_unpacks_to_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before it is unpacked; and columns that nobody asked for are not read at all."""
    count = 1000
    columns = {"time": [T0] * count, "series": [SOIL.id] * count, "value": [1.0] * count}
    pq.write_table(
        pa.table({**columns, "extra": ["x" * 100_000] * count}), tmp_path / "x.parquet", use_dictionary=False, compression="zstd"
    )
    assert (tmp_path / "x.parquet").stat().st_size < 100_000
    monkeypatch.setattr(taking_in, "MOST_UNPACKED", 10_000_000)
    with pytest.raises(TooMuch, match="unpacked"):
        taking_in.read(tmp_path / "x.parquet", MemoryStore(), NOW, 500)
    monkeypatch.setattr(taking_in, "MOST_UNPACKED", 2**40)
    seen: list[set[str]] = []
    real = taking_in._plain
    monkeypatch.setattr(taking_in, "_plain", lambda batch: (seen.append(set(batch.schema.names)), real(batch))[1])
    found = taking_in.read(tmp_path / "x.parquet", committed(MemoryStore()), NOW, 500)
    assert found.count == count
    assert seen == [set(columns)]


@pytest.mark.parametrize("unit", ["x" * 25, "a\tb", "a\x1b[2J", "a\u202eb"])
def test_a_unit_is_a_word(tmp_path: Path, unit: str) -> None:
    """It goes into InfluxDB's lines and onto terminals."""
    table = {"time": [T0], "series": ["kiosk-1.x-1.odd_quantity"], "village": [VILLAGE], "value": [1.0], "unit": [unit]}
    pq.write_table(pa.table(table), tmp_path / "x.parquet")
    with pytest.raises(InvalidRequest, match="is not a unit of up to 24 characters"):
        taking_in.read(tmp_path / "x.parquet", MemoryStore(), NOW, 500)


# -- CSV


@pytest.mark.parametrize("unit", ["=1+2", "+x", "-", "@SUM(A1)", "=cmd|'/c calc'!A1", "'"])
@pytest.mark.parametrize("form", [("comma", "point"), ("semicolon", "comma"), ("tab", "point")])
def test_no_cell_is_a_formula(tmp_path: Path, unit: str, form: tuple[str, str]) -> None:
    """Units and titles come from whoever owns a device; spreadsheets compute cells that begin like a formula. Import reads them back."""
    key = SeriesKey(VILLAGE, "kiosk-1", "odd-1", "odd_quantity", unit)
    store = committed(committed(MemoryStore(), key))
    kind = dialect(*form)
    evil = Subject(key.id, key.id, VILLAGE, unit, f"=1{kind.separator}=2{kind.separator} @x", f'a{kind.separator}"=3')
    file = tmp_path / "x.csv"
    file.write_bytes(b"".join(csv_file(store, [evil, subject(SOIL, None)], 0, NOW, kind, notes=["@note"])))
    text = file.read_text(encoding="utf-8-sig")
    for row in csv.reader(io.StringIO(text), delimiter=kind.separator):
        for cell in row:
            number = cell.replace(",", ".").replace(".", "", 1).lstrip("-").isdigit()
            assert number or not cell.lstrip(' "').startswith(("=", "+", "-", "@", "\t")), cell
    found = taking_in.read(file, store, NOW, 500)
    assert (found.count, store.commit(found.batch()).new) == (4, 0)
    other = MemoryStore()
    other.commit(taking_in.read(file, other, NOW, 500).batch())
    assert {k.id: k.unit for k in other.series()} == {key.id: unit, SOIL.id: "%"}


# -- secrets


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "cloud-data"
    shutil.rmtree(tmp_path / "cloud-data", ignore_errors=True)


def test_an_empty_token_lets_nobody_in(data: Path, tmp_path: Path) -> None:
    """As a full disk once could leave it: then ``Bearer`` and nothing behind it would have been the token."""
    data.mkdir()
    for content in (b"", b"\n", b"short", b"\xff\xfe"):
        (data / "token").write_bytes(content)
        serving = Serving(parse({"data": "cloud-data", "api": {"port": 0}}, tmp_path), None, None)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="no token; remove the file"):
            serving.token()
        serving.close()
    (data / "token").unlink()
    serving = Serving(parse({"data": "cloud-data", "api": {"port": 0}}, tmp_path), None, None)  # type: ignore[arg-type]
    token = serving.token()
    assert len(token) > SHORTEST
    assert serving.token() == token
    assert (data / "token").stat().st_mode & 0o077 == 0
    serving.close()


@pytest.mark.parametrize(
    "tables", [{"records": {"url": "sqlite://cloud:pass-1@x"}}, {"records": {"url": "postgresql://cloud:pass-1@x/y"}}]
)  # fmt: skip
def test_no_password_in_what_is_refused(tmp_path: Path, tables: dict[str, Any]) -> None:
    try:
        Holder(parse({"data": "cloud-data", **tables}, tmp_path))
    except ConfigurationError as error:
        assert "pass-1" not in error.message
    else:
        raise AssertionError("it was taken")
