"""How often a password may be tried: after some failures each next one waits, and waits longer.

An attempt is counted before the password is looked at, so that many at once are many. Success takes its own count back, and forgets
the account's failures. What an address may is more: an office shares one.
"""

from __future__ import annotations

from dataclasses import dataclass

from kampung_contract.errors import KampungError
from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kampung_cloud.records.access_models import AttemptRow

FORGOTTEN_MS = 86_400_000
LONGEST_S = 900


class TooManyAttempts(KampungError):
    """Passwords were tried too often; ``wait_s`` seconds from now the next may be."""

    code = "too_many_attempts"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many wrong passwords; the next may be tried in {wait_s} s")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` failures cost nothing; the next one 5 s, and each further one twice as much, up to a quarter of an hour."""

    kind: str
    free: int

    def wait_s(self, failures: int) -> int:
        """Seconds until the next attempt after so many failures."""
        return 0 if failures < self.free else min(LONGEST_S, 5 * 2 ** min(failures - self.free, 10))


ACCOUNT = Limit("account", 5)
ADDRESS = Limit("address", 30)


def count(session: Session, limit: Limit, name: str, now: int) -> int | None:
    """Count an attempt; None when it is taken, else the seconds that are still to be waited. Holds the row until the transaction ends."""
    key = f"{limit.kind}/{name}"[:191]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(AttemptRow).values(key=key, failures=0, last=now, until=0).on_conflict_do_nothing())
    # The update comes first: it locks the row, and what is read after it is what nobody else changes.
    session.execute(update(AttemptRow).where(AttemptRow.key == key, AttemptRow.last < now - FORGOTTEN_MS).values(failures=0, until=0))
    taken = session.execute(
        update(AttemptRow).where(AttemptRow.key == key, AttemptRow.until <= now).values(failures=AttemptRow.failures + 1, last=now)
    )
    row = session.get_one(AttemptRow, key, populate_existing=True)
    if not taken.rowcount:  # type: ignore[attr-defined]
        return -(-(row.until - now) // 1000)
    row.until = now + limit.wait_s(row.failures) * 1000
    return None


def forget(session: Session, limit: Limit, name: str) -> None:
    """Nothing failed."""
    session.execute(delete(AttemptRow).where(AttemptRow.key == f"{limit.kind}/{name}"[:191]))


def take_back(session: Session, limit: Limit, name: str) -> None:
    """This one did not fail."""
    key = f"{limit.kind}/{name}"[:191]
    session.execute(update(AttemptRow).where(AttemptRow.key == key).values(failures=AttemptRow.failures - 1, until=0))


def clear(session: Session, now: int) -> None:
    """Drop what is long over."""
    session.execute(delete(AttemptRow).where(AttemptRow.last < now - FORGOTTEN_MS))
