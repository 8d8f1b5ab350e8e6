"""Farmers' keys: who holds one speaks for its field, and for no other. The records hold digests only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from kampung_contract import farm_key
from kampung_contract.errors import InvalidRequest, NotFound, Unauthorised
from sqlalchemy import select

from kampung_cloud.modules.farming.models import FarmKeyRow
from kampung_cloud.modules.farming.pace import Pace
from kampung_cloud.records import Records

MOST = 8
"""Keys of one field that are in force: a farmer, his family, whoever waters it."""
WRONG = Pace(10, 15 * 60_000)
"""Wrong keys from one address in a quarter of an hour. 74 bits are not guessed; this keeps the log and the records quiet."""
USED_MS = 3_600_000
"""How exactly it is remembered when a key was last used."""


@dataclass(frozen=True, slots=True)
class Held:
    """A key as it is listed: never the key itself. Times in ms UTC."""

    id: int
    by: str
    at: int
    used: int | None
    revoked: int | None


class Keys:
    """In the records. Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def make(self, field: str, *, by: str, now: int) -> str:
        """A new key, which is told only now. Raises ``InvalidRequest`` when the field has too many."""
        key = farm_key.new_key()
        self.add(field, farm_key.digest(key), by=by, now=now)
        return key

    def add(self, field: str, digest: str, *, by: str, now: int) -> None:
        """Take the digest of a key that was made elsewhere; the same again changes nothing. Raises ``InvalidRequest`` as ``make`` does."""
        with self._records.session() as session:
            held = list(session.scalars(select(FarmKeyRow).where(FarmKeyRow.field == field)))
            if any(row.digest == digest for row in held):
                return
            if sum(row.revoked is None for row in held) >= MOST:
                raise InvalidRequest(f"{field} has {MOST} keys; revoke one first: DELETE /api/v1/farming/fields/{field}/keys/ID")
            session.add(FarmKeyRow(field=field, digest=digest, by=by, at=now, used=None, revoked=None))

    def check(self, field: str, key: str, *, client: str, now: int) -> str:
        """Who was given the key. Raises ``Unauthorised`` for one that does not open the field, ``TooOften`` after too many of those."""
        WRONG.check(client, now, "wrong keys from here")
        try:
            wanted = farm_key.digest(key)
        except InvalidRequest as error:
            WRONG.count(client, now)
            raise Unauthorised(error.message) from None
        with self._records.session() as session:
            rows = session.scalars(select(FarmKeyRow).where(FarmKeyRow.field == field, FarmKeyRow.revoked.is_(None)))
            row = next((r for r in rows if secrets.compare_digest(r.digest, wanted)), None)
            if row is not None:
                if row.used is None or now - row.used > USED_MS:
                    row.used = now
                return row.by
        WRONG.count(client, now)
        raise Unauthorised(f"this key does not open {field}, or was revoked; the kiosk or the village office gives a new one")

    def listed(self, field: str) -> list[Held]:
        """Of a field, revoked ones too, the oldest first."""
        with self._records.session() as session:
            rows = session.scalars(select(FarmKeyRow).where(FarmKeyRow.field == field).order_by(FarmKeyRow.id))
            return [Held(r.id, r.by, r.at, r.used, r.revoked) for r in rows]

    def revoke(self, field: str, key: int, now: int) -> None:
        """From now on it opens nothing. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(FarmKeyRow, key)
            if row is None or row.field != field:
                raise NotFound(f"{field} has no key {key}; GET /api/v1/farming/fields/{field}/keys lists them")
            row.revoked = row.revoked or now
