"""Rows for tables as they stand at some version of the schema, made from the tables alone: what later migrations have to carry."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, text

ASKED = {
    "sqlite": (
        "SELECT t.name, c.name, c.type FROM sqlite_master AS t, pragma_table_info(t.name) AS c "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'alembic_version'"
    ),
    "postgresql": (
        "SELECT table_name, column_name, data_type || coalesce('(' || character_maximum_length || ')', '') "
        "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
    ),
}
Columns = dict[str, str]


def tables(connection: Connection) -> dict[str, Columns]:
    """Every table with its columns and their types, as the database names these."""
    out: dict[str, Columns] = {}
    for table, column, kind in connection.execute(text(ASKED[connection.dialect.name])):
        out.setdefault(table, {})[column] = kind.lower()
    return out


def value(kind: str, version: str) -> Any:
    """Something that a column of this type holds, and no other version's row."""
    number = int(version) * 1000  # what a database numbers itself comes between two of these
    if "char" in kind or kind == "text":
        length = re.search(r"\((\d+)\)", kind)
        return version[-int(length[1]) :] if length else version
    known = {"json": f'["{version}"]', "blob": version.encode(), "bytea": version.encode(), "boolean": True}
    known |= dict.fromkeys(("float", "double precision"), number + 0.5)
    return known.get(kind, number)


def put(connection: Connection, table: str, columns: Columns, version: str) -> dict[str, Any]:
    """Insert a row without any gap; as it reads then."""
    before = rows(connection, table)
    names, places = [f'"{name}"' for name in columns], [f":c{at}" for at in range(len(columns))]
    values = {f"c{at}": value(kind, version) for at, kind in enumerate(columns.values())}
    connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(places)})"), values)
    (made,) = [row for row in rows(connection, table) if row not in before]
    return made


def rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    """All of a table; bytes as bytes."""
    found = connection.execute(text(f"SELECT * FROM {table}")).mappings()
    return [{k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()} for row in found]
