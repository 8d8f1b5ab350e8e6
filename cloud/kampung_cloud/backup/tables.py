"""Records as files, a table each: lines of JSON, gzip. They go back into SQLite or PostgreSQL alike."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from kampung_contract.errors import ConfigurationError
from sqlalchemy import JSON, Connection, LargeBinary, MetaData, Table, func, inspect, select, text

VERSIONS = "alembic_version"
AT_ONCE = 1_000
MOST_LINE = 256 * 1024 * 1024
"""Bytes of a row: of the telemetry log, whole commits."""


class Revision(msgspec.Struct, frozen=True):
    """Of the schema, rows by table, and the last number that was given where numbers are never given twice."""

    revision: str
    rows: dict[str, int]
    numbers: dict[str, int]


def dump(connection: Connection, folder: Path) -> Revision:
    """Every table as ``folder/NAME.jsonl.gz``; the first line names the columns, and which of them hold bytes (in base64)."""
    folder.mkdir(parents=True)
    rows = {}
    for table in _tables(connection):
        name, columns = str(table.name), [str(c.name) for c in table.columns]
        bytes_in = [str(c.name) for c in table.columns if isinstance(c.type, LargeBinary)]
        with gzip.open(folder / f"{name}.jsonl.gz", "wb", compresslevel=5) as out:
            out.write(msgspec.json.encode({"columns": columns, "bytes": bytes_in}) + b"\n")
            rows[name] = 0
            for row in connection.execution_options(yield_per=AT_ONCE).execute(select(table)):
                out.write(msgspec.json.encode(tuple(row)) + b"\n")
                rows[name] += 1
    revision = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar_one()  # noqa: S608 - a constant
    return Revision(revision, rows, _numbers(connection, list(rows)))


def load(connection: Connection, folder: Path, what: Revision) -> None:
    """Put back what ``dump`` wrote, into empty tables of the same revision.

    Raises ``ConfigurationError`` where one is not empty, or where a file holds what ``dump`` does not write.
    """
    for table in _tables(connection):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise ConfigurationError(
                f"the records hold rows already (table {table.name}); restore only goes into an empty place: choose another records.url"
            )
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
        if table.name in what.rows:
            for some in _rows(folder / f"{table.name}.jsonl.gz", {str(c.name) for c in table.columns}, what.rows[str(table.name)]):
                connection.execute(table.insert(), some)
    _number(connection, what.numbers)


def _rows(file: Path, known: set[str], count: int) -> Iterator[list[dict[str, Any]]]:
    try:
        with gzip.open(file, "rb") as lines:
            head = msgspec.json.decode(lines.readline(MOST_LINE), type=_Head)
            if not known.issuperset(head.columns):
                raise ValueError(f"unknown column {min(set(head.columns) - known)!r}")
            coded, some = set(head.bytes), []
            for _ in range(count):
                row = dict(zip(head.columns, msgspec.json.decode(lines.readline(MOST_LINE)), strict=True))
                some.append({k: base64.b64decode(v, validate=True) if k in coded and v is not None else v for k, v in row.items()})
                if len(some) == AT_ONCE:
                    yield some
                    some = []
            if lines.read(1):
                raise ValueError("more rows than the manifest says")
            if some:
                yield some
    except (OSError, EOFError, zlib.error, ValueError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{file.name}: not what a backup holds: {str(error)[:200]}; choose another backup") from None


class _Head(msgspec.Struct):
    """The first line of a table's file."""

    columns: list[str]
    bytes: list[str]


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(bind=connection)
    return [table for table in found.sorted_tables if table.name != VERSIONS]


def _numbers(connection: Connection, tables: list[str]) -> dict[str, int]:
    if connection.dialect.name == "sqlite":
        counted = inspect(connection).has_table("sqlite_sequence")
        return dict(connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all()) if counted else {}
    out = {}
    for name in tables:
        sequence = _sequence(connection, name)
        if sequence is not None:
            out[name] = connection.execute(text(f"SELECT last_value FROM {sequence}")).scalar_one()  # noqa: S608 - the database's own name
    return out


def _number(connection: Connection, numbers: dict[str, int]) -> None:
    if connection.dialect.name == "sqlite":
        if inspect(connection).has_table("sqlite_sequence"):
            for name, last in numbers.items():
                connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
                connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), {"name": name, "last": last})
        return
    for table in _tables(connection):
        sequence = _sequence(connection, str(table.name))
        if sequence is not None:  # SQLite counts most tables by their greatest number, and tells nothing of them
            greatest = connection.execute(select(func.max(table.c.id))).scalar_one() or 0
            if last := max(greatest, numbers.get(str(table.name), 0)):
                connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _sequence(connection: Connection, table: str) -> str | None:
    if "id" not in {c["name"] for c in inspect(connection).get_columns(table)}:
        return None
    return connection.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table}).scalar_one_or_none()
