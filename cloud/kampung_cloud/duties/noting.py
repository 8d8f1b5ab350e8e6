"""What is late is written down in the transaction that finds it so: a process killed after that has lost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from kampung_cloud.records.duty_models import DutyRow

Kind = Literal["request", "report", "complaint"]
WHOM = {"petugas": "petugas", "sekdes": "desa", "kades": "desa", "inspektur": "inspektorat"}
"""People's roles (docs/alarms.md) by the role of the ladder: secretary and head are the village's *desa*."""


@dataclass(frozen=True, slots=True)
class Late:
    """``subject`` of ``kind`` has been where it is since ``since`` (ms UTC), too long: ``who`` hears of it on ``rung`` (from 1 on).

    ``line`` says what it is without naming anybody: messages go over open networks. ``village`` is empty for what the regency's own people
    have to see to, such as inspectors.
    """

    village: str
    kind: Kind
    subject: str
    since: int
    rung: int
    who: str
    line: str


def note(session: Session, late: Late, now: int) -> None:
    """Once for a rung, however often it is found."""
    key = f"{late.kind}/{late.subject}/{late.since}/{late.rung}"
    if session.get(DutyRow, key) is None:
        row = DutyRow(
            key=key, village=late.village, role=WHOM[late.who], kind=late.kind, subject=late.subject, rung=late.rung, line=late.line[:200],
            at=now,
        )  # fmt: skip
        session.add(row)


def seen_to(session: Session, kind: Kind, subject: str, now: int, up_to: int = 99) -> None:
    """It went on: what nobody was told yet of the rungs ``up_to`` this one, nobody need be told."""
    waiting = (DutyRow.kind == kind, DutyRow.subject == subject, DutyRow.rung <= up_to, DutyRow.told.is_(None), DutyRow.ended.is_(None))
    session.execute(update(DutyRow).where(*waiting).values(ended=now).execution_options(synchronize_session=False))
