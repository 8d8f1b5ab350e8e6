"""Accounts: added and changed by operators."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.villages import village as find_village
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kampung_cloud.access import attempts, passwords
from kampung_cloud.access.actor import ROLES
from kampung_cloud.records import Records
from kampung_cloud.records.access_models import AccountRow, SessionRow

ID = re.compile(r"[a-z0-9][a-z0-9._-]{2,62}")


@dataclass(frozen=True, slots=True)
class Account:
    """``village`` is None for the whole regency; times in ms UTC."""

    id: str
    name: str
    roles: tuple[str, ...]
    village: str | None
    temporary: bool
    active: bool
    created: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new account, as somebody asks for it."""

    id: str
    name: str
    roles: Iterable[str]
    village: str | None


def listed(records: Records, village: str | None = None) -> list[Account]:
    """By village and id; of one village where that is asked."""
    query = select(AccountRow).order_by(AccountRow.village, AccountRow.id)
    with records.session() as session:
        return [_account(row) for row in session.scalars(query if village is None else query.where(AccountRow.village == village))]


def find(records: Records, name: str) -> Account:
    """Raises ``NotFound``."""
    with records.session() as session:
        return _account(_row(session, name))


def add(records: Records, wanted: Wanted, password: str, *, temporary: bool, now: int) -> Account:
    """A new account. Raises ``InvalidRequest``, ``UnknownVillage``, ``WeakPassword``, and ``conflict`` for a name that is taken."""
    name = wanted.id
    if ID.fullmatch(name) is None:
        raise InvalidRequest(f"account = {name[:63]!r}: expected 3 to 63 of a-z, 0-9, '.', '-', '_', beginning with a letter or digit")
    passwords.check(password, name)
    row = AccountRow(
        id=name,
        name=_title(wanted.name),
        roles=_roles(wanted.roles),
        village=_village(wanted.village),
        password=passwords.hashed(password),
        temporary=temporary,
        active=True,
        created=now,
        changed=now,
    )
    with records.session() as session:
        if session.get(AccountRow, name) is not None:
            raise KampungError(f"account {name!r} is there already; choose another name", code="conflict")
        session.add(row)
    return _account(row)


def change(
    records: Records, name: str, now: int, *, title: str | None = None, roles: Iterable[str] | None = None, active: bool | None = None
) -> Account:
    """What is named; sessions of one who is disabled end. Raises ``NotFound``, ``InvalidRequest``."""
    with records.session() as session:
        row = _row(session, name)
        if title is not None:
            row.name = _title(title)
        if roles is not None:
            row.roles = _roles(roles)
        if active is not None:
            row.active = active
        if not row.active:
            session.execute(delete(SessionRow).where(SessionRow.account == name))
        row.changed = now
        return _account(row)


def set_password(records: Records, name: str, password: str, now: int, *, temporary: bool, keep: str | None = None) -> None:
    """Its sessions end, but for ``keep``; failed attempts are forgotten. Raises ``NotFound``, ``WeakPassword``."""
    passwords.check(password, name)
    made = passwords.hashed(password)
    with records.session() as session:
        row = _row(session, name)
        row.password, row.temporary, row.changed = made, temporary, now
        session.execute(delete(SessionRow).where(SessionRow.account == name, SessionRow.id != (keep or "")))
        attempts.forget(session, attempts.ACCOUNT, name)


def _row(session: Session, name: str) -> AccountRow:
    row = session.get(AccountRow, name)
    if row is None:
        raise NotFound(f"account {name[:63]!r} is not here; GET /api/v1/accounts lists those that are")
    return row


def _account(row: AccountRow) -> Account:
    return Account(row.id, row.name, tuple(row.roles), row.village or None, row.temporary, row.active, row.created)


def _title(title: str) -> str:
    found = " ".join(title.split())
    if not 1 <= len(found) <= 80 or not found.isprintable():
        raise InvalidRequest(f"name = {title[:80]!r}: expected 1 to 80 characters, such as Siti Aminah")
    return found


def _roles(roles: Iterable[str]) -> list[str]:
    wanted = set(roles)
    if not wanted or not wanted <= set(ROLES):
        wrong = ", ".join(sorted(wanted - set(ROLES))) or "none"
        raise InvalidRequest(f"roles = {wrong[:80]!r}: expected one or more of {', '.join(ROLES)}")
    return [role for role in ROLES if role in wanted]


def _village(code: str | None) -> str:
    return find_village(code).code if code else ""
