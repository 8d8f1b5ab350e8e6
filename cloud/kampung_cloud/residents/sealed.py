"""What of a resident is sealed: each field is bound to its row, so that it opens in no other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kampung_cloud.records.resident_models import DataRequestRow, FamilyRow, ResidentRow
from kampung_cloud.resealing import Kept
from kampung_cloud.sealing import Keyring

KEPT = (
    Kept(ResidentRow.__table__, {"nik_sealed": "nik {id}", "contacts_sealed": "contacts {id}", "details_sealed": "details {id}"}),
    Kept(FamilyRow.__table__, {"kk_sealed": "kk {id}", "address_sealed": "address {id}"}),
    Kept(DataRequestRow.__table__, {"text_sealed": "asked {id}", "answer_sealed": "answered {id}"}),
)
"""Every sealed column of these tables, and the words that bind it."""


class Sealed:
    """Seals and opens texts for a row."""

    def __init__(self, ring: Keyring) -> None:
        self.ring = ring

    def seal(self, what: str, row: int, plain: str) -> bytes | None:
        """Nothing stays nothing."""
        return self.ring.seal(plain.encode(), f"{what} {row}") if plain else None

    def open(self, what: str, row: int, sealed: bytes | None) -> str:
        """Raises ``Unreadable``."""
        return "" if sealed is None else self.ring.open(sealed, f"{what} {row}").decode()

    def seal_all(self, what: str, row: int, values: Mapping[str, str]) -> bytes | None:
        """Several values in one field."""
        return self.seal(what, row, json.dumps(dict(values), ensure_ascii=False, sort_keys=True) if values else "")

    def open_all(self, what: str, row: int, sealed: bytes | None) -> dict[str, str]:
        """What ``seal_all`` sealed. Raises ``Unreadable``."""
        return dict(json.loads(self.open(what, row, sealed) or "{}"))


def next_id(session: Session, table: type[ResidentRow | FamilyRow | DataRequestRow]) -> int:
    """A row's number before it is there, since its fields are sealed for it. The session holds SQLite's lock by then."""
    if session.get_bind().dialect.name == "postgresql":
        return int(session.execute(text(f"SELECT nextval(pg_get_serial_sequence('{table.__tablename__}', 'id'))")).scalar_one())
    found: Any = session.scalar(select(func.max(table.id)))
    return (found or 0) + 1
