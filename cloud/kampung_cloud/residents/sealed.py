"""What of a resident is sealed: each field is bound to its row, so that it opens in no other."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
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


class Ids:
    """Numbers for new rows before they are there, since their fields are sealed for them."""

    def __init__(self, residents: Iterator[int], families: Iterator[int]) -> None:
        self._residents, self._families = residents, families

    def resident(self) -> int:
        """The next resident's."""
        return next(self._residents)

    def family(self) -> int:
        """The next family's."""
        return next(self._families)


def next_ids(session: Session, count: int) -> Ids:
    """Enough for so many people. The session holds SQLite's lock by then, so that nobody else takes the same."""
    return Ids(_numbers(session, ResidentRow, count), _numbers(session, FamilyRow, count))


def _numbers(session: Session, table: type[ResidentRow | FamilyRow], count: int) -> Iterator[int]:
    if session.get_bind().dialect.name == "postgresql":
        name = f"pg_get_serial_sequence('{table.__tablename__}', 'id')"
        return iter(session.scalars(text(f"SELECT nextval({name}) FROM generate_series(1, {count})")).all())  # noqa: S608 - our own names
    first: Any = session.scalar(select(func.max(table.id)))
    return itertools.count((first or 0) + 1)
