"""Packs made while the clock could not be believed: remembered a boot, and corrected once true time is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kampung_contract.errors import InvalidPack
from kampung_contract.pack import Clock, Column, Pack, decode, encode

BATCH = 100
"""Packs corrected in one transaction, so that nobody waits long for the spool."""


def remember(db: sqlite3.Connection, seq: int, boot: str) -> None:
    """Pack ``seq`` of ``boot`` has times that are not to be believed. Called within a transaction."""
    db.execute("INSERT OR REPLACE INTO unsynchronised VALUES (?, ?)", (seq, boot))
    db.execute("INSERT INTO boots VALUES (?, 1, NULL, NULL) ON CONFLICT (boot) DO UPDATE SET pending = 1 WHERE pending = 0", (boot,))


def forget(db: sqlite3.Connection, ranges: Iterable[tuple[int, int]]) -> None:
    """These packs have left the spool. Called within a transaction."""
    db.executemany("DELETE FROM unsynchronised WHERE seq BETWEEN ? AND ?", ranges)


def pending(db: sqlite3.Connection) -> set[str]:
    """Boots in which such packs were made and no correction was told since."""
    return {boot for (boot,) in db.execute("SELECT boot FROM boots WHERE pending")}


def learn(db: sqlite3.Connection, boot: str, up: int, at: int) -> dict[str, Any]:
    """In ``boot``, at CLOCK_BOOTTIME ``up``, true time was ``at`` (milliseconds); gives the event that says so.

    Called within the transaction that stores the event.
    """
    db.execute("INSERT OR REPLACE INTO boots VALUES (?, 0, ?, ?)", (boot, up, at))
    return {"type": "clock", "boot": boot, "up": up, "at": at}


@dataclass(frozen=True, slots=True)
class Corrected:
    """A pack whose times are true now."""

    seq: int
    first: int
    last: int
    growth: int


def correct(db: sqlite3.Connection) -> tuple[list[Corrected], bool]:
    """Correct some waiting packs of boots whose true time is known; True when there may be more. Called within a transaction.

    A pack keeps its number, so a copy that the cloud already has under it is corrected there by the event.
    """
    rows = db.execute(
        "SELECT u.seq, b.up, b.at, p.payload FROM unsynchronised u JOIN boots b ON b.boot = u.boot AND NOT b.pending "
        "LEFT JOIN packs p ON p.seq = u.seq ORDER BY u.seq LIMIT ?",
        (BATCH,),
    ).fetchall()
    out = []
    for seq, up, at, payload in rows:
        done = None if payload is None else _correct_one(db, seq, payload, Clock(True, up, at))
        if done is not None:
            out.append(done)
    db.executemany("DELETE FROM unsynchronised WHERE seq = ?", [(row[0],) for row in rows])
    return out, len(rows) == BATCH


def _correct_one(db: sqlite3.Connection, seq: int, payload: bytes, truth: Clock) -> Corrected | None:
    try:
        pack = corrected(decode(payload), truth)
        new = encode(pack)
    except InvalidPack:
        return None  # damaged, which is told when it is read to be sent; or too large by a byte: the event corrects it
    times = [t for c in pack.series for t in c.times()] or [0]
    db.execute("UPDATE packs SET first = ?, last = ?, payload = ? WHERE seq = ?", (min(times), max(times), new, seq))
    return Corrected(seq, min(times), max(times), len(new) - len(payload))


def corrected(pack: Pack, truth: Clock) -> Pack:
    """``pack`` with true times; ``truth`` gives CLOCK_BOOTTIME and true time of one moment in the pack's boot."""
    if pack.clock.synchronised or pack.clock.at is None or truth.at is None:
        return pack
    shift = truth.at - (truth.up - pack.clock.up) - pack.clock.at
    columns = [Column(c.n, c.u, c.t + shift, c.v, c.dt, c.q) for c in pack.series]
    return Pack(pack.v, pack.epoch, pack.seq, pack.boot, Clock(True, pack.clock.up), columns, pack.events)
