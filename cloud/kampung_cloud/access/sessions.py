"""Sessions: a browser that has shown a password. It holds a random secret, the records only its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from kampung_contract.errors import KampungError
from sqlalchemy import delete, or_, select

from kampung_cloud.access import attempts, passwords
from kampung_cloud.access.actor import Actor
from kampung_cloud.access.settings import Access
from kampung_cloud.records import Records
from kampung_cloud.records.access_models import AccountRow, SessionRow

NOTED_MS = 60_000
"""When the last request was is written at most so often."""


class WrongPassword(KampungError):
    """Account or password is wrong, or the account is disabled: which of them is not told."""

    code = "wrong_password"


@dataclass(frozen=True, slots=True)
class Opened:
    """``secret`` goes to the browser and nowhere else; ``seconds`` until it ends at the latest."""

    secret: str
    seconds: int
    actor: Actor


def begin(records: Records, limits: Access, account: str, password: str, *, address: str, agent: str, now: int) -> Opened:
    """Raises ``WrongPassword`` and ``TooManyAttempts``."""
    confirm(records, account, password, address=address, now=now)
    secret = secrets.token_urlsafe(32)
    seconds = limits.longest_hours * 3600
    with records.session() as session:
        row = session.get_one(AccountRow, account)
        session.execute(delete(SessionRow).where(or_(SessionRow.until <= now, SessionRow.last < now - limits.idle_minutes * 60_000)))
        attempts.clear(session, now)
        session.add(
            SessionRow(
                id=digest(secret),
                account=account,
                created=now,
                last=now,
                until=now + seconds * 1000,
                address=address[:63],
                agent=agent[:191],
            )
        )
        return Opened(secret, seconds, _actor(row, digest(secret)))


def confirm(records: Records, account: str, password: str, *, address: str, now: int) -> None:
    """Whether the password is the account's. Raises ``WrongPassword`` and ``TooManyAttempts``."""
    with records.session() as session:
        waits = [attempts.count(session, attempts.ACCOUNT, account, now), attempts.count(session, attempts.ADDRESS, address, now)]
        row = session.get(AccountRow, account)
    if wait := max((w for w in waits if w is not None), default=0):
        raise attempts.TooManyAttempts(wait)
    if not passwords.fits(password, row.password if row is not None and row.active else None) or row is None:
        raise WrongPassword("account or password is wrong; who has forgotten it gets a new one from the operator")
    with records.session() as session:
        attempts.forget(session, attempts.ACCOUNT, account)
        attempts.take_back(session, attempts.ADDRESS, address)
        if passwords.outdated(row.password):
            session.get_one(AccountRow, account).password = passwords.hashed(password)


def whose(records: Records, limits: Access, secret: str, now: int) -> Actor | None:
    """Who is logged in with this secret; None when the session is over or the account disabled. Raises ``StorageUnavailable``."""
    key = digest(secret)
    with records.session() as session:
        found = session.execute(
            select(SessionRow, AccountRow).join(AccountRow, AccountRow.id == SessionRow.account).where(SessionRow.id == key)
        ).one_or_none()
        if found is None:
            return None
        row, account = found
        if row.until <= now or row.last < now - limits.idle_minutes * 60_000 or not account.active:
            session.delete(row)
            return None
        if row.last < now - NOTED_MS:
            row.last = now
        return _actor(account, key)


def of(records: Records, account: str) -> list[SessionRow]:
    """An account's sessions, the last used first."""
    with records.session() as session:
        return list(session.scalars(select(SessionRow).where(SessionRow.account == account).order_by(SessionRow.last.desc())))


def end(records: Records, account: str, one: str | None = None) -> int:
    """End one session of an account, or all. Gives how many there were."""
    with records.session() as session:
        wanted = delete(SessionRow).where(SessionRow.account == account)
        return int(session.execute(wanted if one is None else wanted.where(SessionRow.id == one)).rowcount)  # type: ignore[attr-defined]


def digest(secret: str) -> str:
    """What the records keep of it. The secret is random and long: a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _actor(row: AccountRow, session: str) -> Actor:
    return Actor(row.id, row.name, frozenset(row.roles), row.village or None, session, row.temporary)
