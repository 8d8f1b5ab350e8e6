"""Where those concerned by an incident are found: what each part of the platform brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Query:
    """``since`` and ``until`` (ms UTC) bound when it was read or written; ``actor``: an account, nothing for all of them."""

    village: str
    since: int
    until: int
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Concerned:
    """``subject`` is a resident's number, or the reference of what names no resident; ``why`` in words, without a name."""

    subject: str
    resident: int | None
    why: str


class Source(Protocol):
    """``name`` as the page asks, ``title`` as it says."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    def concerned(self, session: Session, query: Query) -> Iterator[Concerned]:
        """Each once or more; the first ``why`` counts."""
        ...
