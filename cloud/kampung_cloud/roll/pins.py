"""PINs for the kiosks: given by staff, changed by their holders. Only argon2id of a PIN is kept, and that is sealed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from kampung_contract.errors import NotFound
from kampung_contract.roll import DIGEST, LANES, MEMORY_KIB, PASSES, SALT, PinChange, card, check_pin, new_pin, short
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kampung_cloud.access.passwords import MEMORY
from kampung_cloud.records import Records
from kampung_cloud.records.roll_models import HelperPinRow, PinRow
from kampung_cloud.resealing import Kept
from kampung_cloud.sealing import Keyring

KEPT = (Kept(PinRow.__table__, {"pin_sealed": "pin {resident}"}), Kept(HelperPinRow.__table__, {"pin_sealed": "helper pin {account}"}))


@dataclass(frozen=True, slots=True)
class Held:
    """What a resident has at the kiosks. ``first``: he has not changed what was given him; ``at`` (ms UTC) and ``by`` of that."""

    first: bool
    card: bool
    by: str
    at: int


class Pins:
    """Over the process's records; ``ring`` seals."""

    def __init__(self, records: Records, ring: Keyring) -> None:
        self._records, self._ring = records, ring

    def give(self, resident: int, village: str, by: str, now: int) -> str:
        """A first PIN, or another: told once and kept nowhere. Raises ``StorageUnavailable``."""
        pin = new_pin()
        sealed = self._ring.seal(hashed(pin), f"pin {resident}")
        told = {"village": village, "pin_sealed": sealed, "first": True, "by": by, "at": now, "changed": now}
        insert = postgresql.insert if self._records.shared else sqlite.insert
        fresh = insert(PinRow).values(resident=resident, name=secrets.token_hex(8), card=None, **told)
        with self._records.session() as session:
            session.execute(fresh.on_conflict_do_update(index_elements=["resident"], set_=told))
        return pin

    def take(self, resident: int) -> None:
        """He is known at no kiosk any more."""
        with self._records.session() as session:
            session.execute(delete(PinRow).where(PinRow.resident == resident))

    def set_card(self, resident: int, number: str | None, now: int) -> None:
        """His card, in place of one he had; None takes it away. Raises ``InvalidRequest``, ``NotFound`` for whom has no PIN."""
        with self._records.session() as session:
            row = session.get(PinRow, resident)
            if row is None:
                raise NotFound("beri PIN dulu: kartu saja tidak membuktikan siapa pemegangnya")
            row.card = None if number is None else short(key(self._ring, row.village), "card", card(number))
            row.changed = now

    def of(self, resident: int) -> Held | None:
        """None for whom has no PIN."""
        with self._records.session() as session:
            row = session.get(PinRow, resident)
            return None if row is None else Held(row.first, row.card is not None, row.by, row.at)

    def resident(self, village: str, name: str) -> int | None:
        """Whom the roll of a village calls so."""
        with self._records.session() as session:
            return session.scalar(select(PinRow.resident).where(PinRow.village == village, PinRow.name == name))

    def change(self, session: Session, village: str, said: PinChange, now: int) -> bool:
        """What a resident chose at a kiosk; False where the PIN before it was another, which then stays."""
        row = session.scalar(select(PinRow).where(PinRow.village == village, PinRow.name == said.person).with_for_update())
        if row is None or self._ring.open(row.pin_sealed, f"pin {row.resident}")[:SALT] != said.before:
            return False
        row.pin_sealed = self._ring.seal(said.salt + said.pin, f"pin {row.resident}")
        row.first, row.changed = False, now
        return True

    def set_helper(self, account: str, pin: str, now: int) -> None:
        """The PIN of somebody who helps. Raises ``InvalidRequest`` for one that is easily guessed."""
        told = {"pin_sealed": self._ring.seal(hashed(check_pin(pin)), f"helper pin {account}"), "changed": now}
        insert = postgresql.insert if self._records.shared else sqlite.insert
        with self._records.session() as session:
            session.execute(
                insert(HelperPinRow).values(account=account, **told).on_conflict_do_update(index_elements=["account"], set_=told)
            )

    def take_helper(self, account: str) -> None:
        """He helps at no kiosk any more."""
        with self._records.session() as session:
            session.execute(delete(HelperPinRow).where(HelperPinRow.account == account))

    def helps(self, account: str) -> bool:
        """Whether he has a PIN for kiosks."""
        with self._records.session() as session:
            return session.get(HelperPinRow, account) is not None

    def touch(self, resident: int, now: int) -> None:
        """Something about him changed that the roll says too."""
        with self._records.session() as session:
            session.execute(update(PinRow).where(PinRow.resident == resident).values(changed=now))


def hashed(pin: str) -> bytes:
    """Salt and argon2id."""
    salt = secrets.token_bytes(SALT)
    with MEMORY:
        return salt + hash_secret_raw(pin.encode(), salt, PASSES, MEMORY_KIB, LANES, DIGEST, Type.ID)


def key(ring: Keyring, village: str) -> bytes:
    """Of a village's short hashes."""
    return ring.lookup("roll", village)
