"""A spool that is damaged, and the copy that says what it held: the truth that the edge's own count of its loss is compared with."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from kampung_contract.errors import InvalidPack
from kampung_contract.pack import Pack, decode

FLIP = "spool-flip"
BYTES_A_FLIP = 20_000


@dataclass(frozen=True, slots=True)
class Held:
    """What a spool held when it was damaged. ``packs`` by number; ``last`` the highest number given; empty ``epoch``: it was no spool any
    more, damaged before. ``kind`` names the fault and what it hit."""

    kind: str
    epoch: str = ""
    last: int = 0
    packs: dict[int, Pack] = field(default_factory=dict)

    def readings(self, series: str) -> list[tuple[int, int]]:
        """(time in ms UTC, millimetres) of one series, given as ``device/quantity``."""
        return [row for pack in self.packs.values() for row in readings(pack, series)]


def readings(pack: Pack, series: str) -> list[tuple[int, int]]:
    """(time in ms UTC, millimetres) of one series, given as ``device/quantity``."""
    return [(t, round(v * 1000)) for c in pack.series if c.n == series for t, v in zip(c.times(), c.v, strict=True)]


def harm(spool: Path, kind: str, copy: Path, dice: random.Random) -> Held | None:
    """Flip bytes of a spool, or cut it short: the file, with all in it that was in its journal, or the journal. Nobody has it open.

    Gives what it held, None where there is none. ``copy`` is a new folder, in which file and journal stay as they were.
    """
    if not spool.exists() or not spool.stat().st_size:
        return None
    copy.mkdir(parents=True)
    for suffix in ("", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(spool.with_name(spool.name + suffix), copy / f"{spool.name}{suffix}")
    journal = spool.with_name(f"{spool.name}-wal")
    hit = journal if journal.exists() and journal.stat().st_size and dice.random() < 0.5 else spool
    if hit is spool:
        with contextlib.closing(sqlite3.connect(spool)) as db, contextlib.suppress(sqlite3.DatabaseError):
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(hit.read_bytes())
    if kind == FLIP:
        for _ in range(max(4, len(data) // BYTES_A_FLIP)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    else:
        del data[dice.randrange(len(data) + 1) :]
    hit.write_bytes(bytes(data))
    return _held(copy / spool.name, f"{kind} {'journal' if hit is journal else 'file'}")


def _held(file: Path, kind: str) -> Held:
    held = Held(kind)
    # Where it was damaged before, some does not read; the copy made then says what that was.
    with contextlib.closing(sqlite3.connect(file)) as db, contextlib.suppress(sqlite3.DatabaseError, ValueError):
        ((epoch,),) = db.execute("SELECT value FROM meta WHERE key = 'epoch'")
        ((last,),) = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'packs'")
        held = Held(kind, str(epoch), int(last))
        for seq, payload in db.execute("SELECT seq, payload FROM packs ORDER BY seq"):
            with contextlib.suppress(InvalidPack):
                held.packs[seq] = decode(payload)
    return held
