"""What kiosks sent and the book could not take stays in its event, sealed: it comes along when keys are changed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from kampung_cloud.records.models import EventRow
from kampung_cloud.resealing import LOT
from kampung_cloud.sealing import Keyring

TAKEN = "taken"


def context(node: str, epoch: str, seq: int) -> str:
    """What binds the sealed words to their event."""
    return f"event {node} {epoch} {seq}"


@dataclass(frozen=True, slots=True)
class RefusedEvents:
    """Sealed bodies of refused events of some types, as ``resealing`` asks for them. They are few, so that all are looked at."""

    types: tuple[str, ...]

    def left(self, connection: Connection, ring: Keyring) -> int:
        """As ``Held`` says."""
        return len(self._stale(connection, ring))

    def lot(self, connection: Connection, ring: Keyring) -> int:
        """As ``Held`` says."""
        table: Any = EventRow.__table__
        primary = list(table.primary_key.columns)
        # A write that changes nothing comes first: SQLite takes its lock for it, so that nobody changes what is read after it.
        connection.execute(update(table).where(primary[0].is_(None)).values({primary[0].name: primary[0]}))
        stale = self._stale(connection, ring)[:LOT]
        for row in stale:
            bound = context(row["node"], row["epoch"], row["seq"])
            fresh = ring.seal(ring.open(base64.b64decode(row["body"]["sealed"]), bound), bound)
            body = {**row["body"], "sealed": base64.b64encode(fresh).decode()}
            connection.execute(update(table).where(*(column == row[column.name] for column in primary)).values(body=body))
        return len(stale)

    def _stale(self, connection: Connection, ring: Keyring) -> list[Any]:
        chosen = select(EventRow.__table__).where(EventRow.type.in_(self.types), EventRow.body[TAKEN].as_string() == "refused")
        rows = connection.execute(chosen).mappings().all()
        return [row for row in rows if row["body"].get("sealed") and ring.stale(base64.b64decode(row["body"]["sealed"]))]
