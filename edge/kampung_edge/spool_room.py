"""What a full spool lets go of: rejected packs (the cloud holds their bytes), then the oldest backfill, then live; never an event."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kampung_contract.receipt import coalesce

SHARE = 50
"""Frees at least this part (1/50) at once, so that gap records stay few."""

FLOOR = 2_048
"""Pages (2 MB) that the spool may always use, however little disk others leave."""


@dataclass
class Room:
    """``gaps`` are the events that tell the cloud what is missing; ``bytes`` of the payloads ``dropped``."""

    dropped: set[int] = field(default_factory=set)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    bytes: int = 0
    rejected: int = 0


def make_room(db: sqlite3.Connection, max_pages: int) -> Room:
    """Called within a transaction. Drops nothing while the file uses at most ``max_pages`` pages.

    A spool of nothing but events may grow beyond the limit: the disk is then the only limit left.
    """
    room = Room()
    if _used(db) <= max_pages:
        return room
    target = max_pages - max_pages // SHARE
    while _used(db) > target:
        oldest = db.execute("SELECT seq FROM rejected ORDER BY seq LIMIT 16").fetchall()
        if not oldest:
            break
        db.executemany("DELETE FROM rejected WHERE seq = ?", oldest)
        room.rejected += len(oldest)
    rows: list[tuple[int, int, int, int, int]] = []
    for lane in ("backfill", "live"):
        after = 0
        while _used(db) > target:
            found = db.execute(
                "SELECT seq, readings, first, last, length(payload) FROM packs WHERE lane = ? AND seq > ? ORDER BY seq LIMIT 8",
                (lane, after),
            ).fetchall()
            if not found:
                break
            db.executemany("DELETE FROM packs WHERE seq = ?", [(f[0],) for f in found])
            rows += found
            after = found[-1][0]
    room.dropped, room.bytes = {r[0] for r in rows}, sum(r[4] for r in rows)
    room.gaps = gaps(rows)
    return room


def gaps(rows: Iterable[tuple[int, int, int, int, int]]) -> list[dict[str, Any]]:
    """The events that tell of packs which will never come; ``rows`` are (seq, readings, first, last, bytes)."""
    by_seq = {r[0]: r for r in rows}
    out = []
    for first, last in coalesce(by_seq):
        within = [by_seq[s] for s in range(first, last + 1)]
        readings, low, high = sum(r[1] for r in within), min(r[2] for r in within), max(r[3] for r in within)
        out.append({"type": "gap", "first": first, "last": last, "readings": readings, "from": low, "to": high})
    return out


def low_disk(folder: Path, reserve: int) -> bool:
    """Whether less than ``reserve`` bytes, or than a tenth of a disk under ten times that, are free; of one that cannot be seen, no."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < min(reserve, disk.f_blocks * disk.f_frsize // 10)


def ceiling(db: sqlite3.Connection, max_pages: int, folder: Path, reserve: int) -> int:
    """Pages the spool may use now: on a disk that is low, no more than its file already takes, but always ``FLOOR``."""
    if not low_disk(folder, reserve):
        return max_pages
    pages: int = db.execute("PRAGMA page_count").fetchone()[0]
    return min(max_pages, max(pages, FLOOR))


def _used(db: sqlite3.Connection) -> int:
    pages: int = db.execute("PRAGMA page_count").fetchone()[0]
    free: int = db.execute("PRAGMA freelist_count").fetchone()[0]
    return pages - free
