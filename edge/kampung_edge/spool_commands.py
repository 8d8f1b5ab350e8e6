"""Which commands were taken and what was answered: in the spool's own file, so that an answer and its mark are one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kampung_contract.command import LIFE_MS
from kampung_contract.errors import StorageUnavailable

from kampung_edge.spool_file import transaction
from kampung_edge.spool_tend import TendedSpool

T = TypeVar("T")

KEPT_MS = 2 * LIFE_MS
"""A command that expired so long ago is known to be void by its own words."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A command that was taken; ``at`` when it was given, in milliseconds UTC. ``answered``: its reply is in the event lane."""

    id: str
    output: str
    at: int
    answered: bool


class CommandSpool(TendedSpool):
    """Raises ``StorageUnavailable`` like all of the spool. A file that is replaced takes its marks with it; ``memory_since`` tells."""

    def take_command(self, mark: Mark, expires: int, now: int | None) -> bool:
        """Durable when it returns: this command is being executed, and never will be again; False when it was taken before.

        ``now`` is None while nobody knows it.
        """

        def take() -> bool:
            with transaction(self._db):
                row = (mark.id, mark.output, mark.at, expires)
                new = self._db.execute("INSERT OR IGNORE INTO commands VALUES (?, ?, ?, ?, 0)", row).rowcount == 1
                if now is not None:
                    self._db.execute("DELETE FROM commands WHERE answered AND expires < ?", (now - KEPT_MS,))
            return new

        return self._now_or_anew(take)

    def command(self, number: str) -> Mark | None:
        """What is known of a command."""

        def look() -> Mark | None:
            row = self._db.execute("SELECT id, output, at, answered FROM commands WHERE id = ?", (number,)).fetchone()
            return None if row is None else Mark(row[0], row[1], row[2], bool(row[3]))

        return self._now_or_anew(look)

    def unanswered_commands(self) -> list[Mark]:
        """Taken by an earlier run that was ended before it could answer."""
        query = "SELECT id, output, at FROM commands WHERE NOT answered ORDER BY at"
        rows = self._now_or_anew(lambda: self._db.execute(query).fetchall())
        return [Mark(number, output, at, answered=False) for number, output, at in rows]

    def latest_commands(self) -> dict[str, int]:
        """By output, when the last command that was taken had been given."""
        query = "SELECT output, max(at) FROM commands GROUP BY output"
        return dict(self._now_or_anew(lambda: self._db.execute(query).fetchall()))

    def memory_since(self, now: int | None) -> int | None:
        """Milliseconds UTC since when every command taken is known here; None until the time was known once in this file's life."""

        def look() -> int | None:
            found = self._number("commands_since")
            if found is None and now is not None:
                with transaction(self._db):
                    self._db.execute("INSERT OR REPLACE INTO meta VALUES ('commands_since', ?)", (str(now),))
                return now
            return found

        return self._now_or_anew(look)

    def last_order(self) -> int:
        """The order of the last event that an output told."""
        return self._now_or_anew(lambda: self._number("output_order")) or 0

    def _now_or_anew(self, work: Callable[[], T]) -> T:
        """Once more in a file that had to be opened or made anew just now."""
        with self._lock:
            for _ in range(2):
                with self._guarded():
                    return work()
        raise StorageUnavailable(f"{self.path}: the spool is being made anew; it is tried again")

    def _number(self, key: str) -> int | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        with contextlib.suppress(ValueError):
            return None if row is None else int(row[0])
        return None


def note_answer(db: sqlite3.Connection, mark: Mark, expires: int) -> None:
    """Called within the transaction that stores the reply."""
    db.execute("INSERT OR REPLACE INTO commands VALUES (?, ?, ?, ?, 1)", (mark.id, mark.output, mark.at, expires))


def note_order(db: sqlite3.Connection, order: int) -> None:
    """Called within the transaction that stores an output's event."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('output_order', ?)", (str(order),))
