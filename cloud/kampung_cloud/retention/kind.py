"""Something that is kept for a time: what each part of the platform brings, so that one page can list and destroy all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Item:
    """One thing. ``subject`` names it without naming a person, ``label`` says what it is; ``at``: when its time began (ms UTC)."""

    subject: str
    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Pile:
    """How many are over their time, and the moment from which the oldest of them counts; None where there are none."""

    count: int
    oldest: int | None


class Kind(Protocol):
    """``name`` as in ``times.toml``; ``village``: a Kemendagri code, or the regency's for what is at the inspectorate.
    ``before``: what began to count before this moment (ms UTC) is over its time."""

    @property
    def name(self) -> str: ...

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """What is over its time and not destroyed yet."""
        ...

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """The same, the oldest first."""
        ...

    def named(self, session: Session, village: str, said: str) -> str | None:
        """The subject of what somebody calls so, by the number that people know; None where there is nothing of this name."""
        ...

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """Take out what names a person, in the caller's transaction. Whether it was still there and over its time, and whose it was:
        his number in the register, where that is known."""
        ...
