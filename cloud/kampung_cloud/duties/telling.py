"""Late work becomes messages: one digest a person, in working time, and each rung once.

Messages and the mark that a duty was told stand in one transaction, and two who tell at once cannot both set the mark: who comes second
writes nothing. Channels send what is written (docs/alarms.md), tried again and over a restart as every message is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import structlog
from kampung_contract.errors import StorageUnavailable
from kampung_contract.villages import KABUPATEN
from kampung_contract.villages import village as find_village
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kampung_cloud.channels.choice import addresses
from kampung_cloud.records import Records
from kampung_cloud.records.duty_models import DutyRow
from kampung_cloud.records.message_models import MessageRow, PersonRow
from kampung_cloud.words.gsm import MOST, places, plain

log = structlog.get_logger("duties")

GATHER_MS = 5 * 60_000
"""From the first late thing to its message: what is late by then comes in the same one."""
LIFE_MS = 24 * 3_600_000
LISTED = 10
AT_ONCE = 2000
"""Of one village and role; the rest goes with the next message. Villages that have nobody to tell hold up no other."""


UNTOLD = (DutyRow.told.is_(None), DutyRow.ended.is_(None))


class _OvertakenError(Exception):
    """Another process has just told it."""


def tell(records: Records, working: Callable[[int], bool], now: int) -> int:
    """How many messages were written. ``working``: whether offices work at a moment (ms UTC); outside, everything waits.

    What a village has nobody with an address for stays untold, and goes as soon as there is somebody. Raises ``StorageUnavailable``.
    """
    if not working(now):
        return 0
    with records.session() as session:
        groups = select(DutyRow.village, DutyRow.role).where(*UNTOLD).group_by(DutyRow.village, DutyRow.role)
        ripe = session.execute(groups.having(func.min(DutyRow.at) <= now - GATHER_MS).order_by(func.min(DutyRow.at))).all()
    return sum(_group(records, village, role, now) for village, role in ripe)


def _group(records: Records, village: str, role: str, now: int) -> int:
    try:
        with records.session() as session:
            people = _people(session, village, role)
            if not people:
                return 0
            chosen = select(DutyRow).where(*UNTOLD, DutyRow.village == village, DutyRow.role == role)
            rows = session.scalars(chosen.order_by(DutyRow.at, DutyRow.key).limit(AT_ONCE)).all()
            session.expunge_all()
            mine = update(DutyRow).where(DutyRow.key.in_([r.key for r in rows]), *UNTOLD)
            marked = session.execute(mine.values(told=now, people=len(people)).execution_options(synchronize_session=False))
            if marked.rowcount != len(rows):  # type: ignore[attr-defined]
                raise _OvertakenError
            session.add_all(_message(person, village, rows, now) for person in people)
        log.info("late work was told", village=village, role=role, late=len(rows), people=len(people))
        return len(people)
    except _OvertakenError:
        return 0
    except StorageUnavailable as error:
        log.warning("late work waits to be told", village=village, reason=error.message)
        return 0


def _people(session: Session, village: str, role: str) -> list[PersonRow]:
    query = select(PersonRow).where(PersonRow.active.is_(True), PersonRow.role == role, PersonRow.village == village)
    found = [person for person in session.scalars(query.order_by(PersonRow.id)) if addresses(person.addresses)]
    session.expunge_all()
    return found


def _message(person: PersonRow, village: str, rows: Sequence[DutyRow], now: int) -> MessageRow:
    name = hashlib.sha256("\0".join(("duty", person.id, *sorted(r.key for r in rows))).encode()).hexdigest()
    place = find_village(village).name if village else f"Kabupaten {KABUPATEN}"
    title = f"{len(rows)} pekerjaan terlambat di {place}"
    lines = [f"- {r.line}" for r in rows[:LISTED]] + ([f"dan {len(rows) - LISTED} lagi"] if len(rows) > LISTED else [])
    text = "\n".join((f"{title}:", *lines, "Buka halaman petugas untuk menanganinya."))
    short = plain(f"{title}: {rows[0].line}" + (f" dan {len(rows) - 1} lagi" if len(rows) > 1 else ""))
    while places(short) > MOST:
        short = short[:-1]
    return MessageRow(
        id=name, person=person.id, village=village, kind="duty", group=f"duty/{village}/{person.role}", alarms=[], severity=1,
        about="other", language="id", title=title, text=text, short=short, code="",
        created=now, due=now, expires=now + LIFE_MS, state="waiting", channel=None,
    )  # fmt: skip
