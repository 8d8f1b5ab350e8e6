"""Who changed a village's signing keys: a line before a change and one after it, so that one that was cut off is seen.

Keys are files, which no transaction of the records holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from kampung_cloud.modules.services.models import LetterKeyLogRow
from kampung_cloud.modules.services.signing.keys import PublicKey
from kampung_cloud.records import Records


@dataclass(frozen=True, slots=True)
class By:
    """Who, and by which way: an account over the API, a user of the machine by the command."""

    name: str
    via: Literal["api", "command"]


def logged(
    records: Records, village: str, act: Literal["rotate", "compromised"], *, by: By, now: int, change: Callable[[], PublicKey]
) -> PublicKey:
    """Make the change between its two lines. Raises ``StorageUnavailable`` before anything is changed, and what ``change`` does."""
    _line(records, village, act, by, now, None)
    done = change()
    _line(records, village, act, by, now, done)
    return done


def lines(records: Records, village: str, limit: int = 200) -> list[LetterKeyLogRow]:
    """The last first."""
    chosen = select(LetterKeyLogRow).where(LetterKeyLogRow.village == village).order_by(LetterKeyLogRow.id.desc())
    with records.session() as session:
        return list(session.scalars(chosen.limit(limit)))


def _line(records: Records, village: str, act: str, by: By, now: int, done: PublicKey | None) -> None:  # noqa: PLR0917
    with records.session() as session:
        session.add(
            LetterKeyLogRow(
                village=village, at=now, act=act, done=done is not None, kid="" if done is None else done.kid.hex(),
                since=None if done is None else done.compromised, by=by.name[:63], via=by.via,
            )
        )  # fmt: skip
