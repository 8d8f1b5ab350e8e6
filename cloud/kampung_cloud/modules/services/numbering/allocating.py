"""The next number, inside the transaction that issues the letter: if that fails, the number was never given.

So there are no gaps and no two letters of one number, however many issue at once and whoever is killed. A kiosk without a line gets a
reference, never a number.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from kampung_cloud.modules.services.models import LetterCounterRow

Scope = Literal["village", "code", "service"]
"""One row of numbers for all letters of a village, for each classification code, or for each service."""


def scope_name(scope: Scope, code: str, service: str) -> str:
    """As it stands in the counters."""
    return {"village": "desa", "code": f"kode {code}", "service": f"layanan {service}"}[scope]


def allocate(session: Session, village: str, scope: str, day: date) -> int:
    """The next serial of the year of ``day``, from 1. It must be the transaction's first statement.

    Whoever comes second waits for the first one's commit: in PostgreSQL at the counter's row, in SQLite at the database.
    """
    counter = LetterCounterRow.__table__
    new = {"village": village, "scope": scope, "year": day.year, "serial": 0}
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql_insert(LetterCounterRow).values(new).on_conflict_do_nothing())
    else:
        session.execute(sqlite_insert(LetterCounterRow).values(new).on_conflict_do_nothing())
    taken = session.execute(
        update(LetterCounterRow)
        .where(counter.c.village == village, counter.c.scope == scope, counter.c.year == day.year)
        .values(serial=counter.c.serial + 1)
        .returning(counter.c.serial)
    ).scalar_one()
    return int(taken)
