"""Changing keys while everything runs: what is sealed with an older key is sealed anew, some rows at a time, each lot a transaction.

Whoever ends this in the middle leaves rows under both keys, which both open; the next call goes on. Only when nothing is under an old key
any more is that key dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kampung_contract.errors import StorageUnavailable
from sqlalchemy import ColumnElement, Connection, FromClause, func, or_, select, update

from kampung_cloud.records import Records
from kampung_cloud.sealing import Keyring

LOT = 200
TRIES = 20


class Held(Protocol):
    """Something with sealed fields."""

    def left(self, connection: Connection, ring: Keyring) -> int:
        """Rows with a field that is not under the newest key."""
        ...

    def lot(self, connection: Connection, ring: Keyring) -> int:
        """Seal up to ``LOT`` of them anew; how many it were. Raises ``Unreadable``."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A table with sealed columns, and the context that binds each, such as ``nik {id}``: names in it are columns of the row."""

    table: FromClause
    columns: Mapping[str, str]

    def left(self, connection: Connection, ring: Keyring) -> int:
        """As ``Held`` says."""
        return connection.execute(select(func.count()).select_from(self.table).where(_old(self, ring))).scalar_one()

    def lot(self, connection: Connection, ring: Keyring) -> int:
        """As ``Held`` says."""
        return _lot(connection, self, ring)


def left(records: Records, ring: Keyring, tables: Sequence[Held]) -> int:
    """Rows with a field that is not under the newest key."""
    with records.transaction() as connection:
        return sum(kept.left(connection, ring) for kept in tables)


def reseal(records: Records, ring: Keyring, tables: Sequence[Held], told: Callable[[int], None] = lambda _: None) -> int:
    """Bring everything under the newest key; gives how many rows were sealed anew. Raises ``StorageUnavailable``, ``Unreadable``."""
    done = tries = 0
    for kept in tables:
        while True:
            try:
                with records.transaction() as connection:
                    lot = kept.lot(connection, ring)
            except StorageUnavailable:  # somebody else writes a lot, too
                tries += 1
                if tries > TRIES:
                    raise
                time.sleep(0.1 * tries)
                continue
            if not lot:
                break
            done += lot
            told(done)
    return done


def _lot(connection: Connection, kept: Kept, ring: Keyring) -> int:
    table: Any = kept.table
    primary = list(table.primary_key.columns)
    # A write that changes nothing comes first: SQLite takes its lock for it, so that nobody changes what is read after it.
    connection.execute(update(table).where(primary[0].is_(None)).values({primary[0].name: primary[0]}))
    rows = connection.execute(select(table).where(_old(kept, ring)).limit(LOT).with_for_update()).mappings().all()
    for row in rows:
        fresh = {
            name: ring.seal(ring.open(bytes(row[name]), context.format(**row)), context.format(**row))
            for name, context in kept.columns.items()
            if row[name]
        }
        connection.execute(update(table).where(*(column == row[column.name] for column in primary)).values(fresh))
    return len(rows)


def _old(kept: Kept, ring: Keyring) -> ColumnElement[bool]:
    table: Any = kept.table
    head = ring.head
    return or_(
        *(
            table.c[name].is_not(None) & (func.length(table.c[name]) > 0) & (func.substr(table.c[name], 1, len(head)) != head)
            for name in kept.columns
        )
    )
