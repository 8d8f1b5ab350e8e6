"""What is brought over from a spool that was set aside: a step at a time, so that readings go on meanwhile, and over any kill."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kampung_contract.errors import InvalidPack
from kampung_contract.pack import Clock, decode
from kampung_contract.receipt import coalesce
from kampung_contract.topics import Lane

from kampung_edge import spool_mark
from kampung_edge.journal import cut_off
from kampung_edge.packing import Draft
from kampung_edge.salvage import PageFound, Wreck
from kampung_edge.salvage_tree import Range, merge, subtract
from kampung_edge.spool_file import PAGE
from kampung_edge.spool_mark import ASIDE, Marked

log = structlog.get_logger("spool")

PENDING, DONE = ".damaged-", ".salvaged-"
PACKS, PAGES = 60, 2_000
"""A step ends after so many packs or pages."""
RANGES = 200
"""Ranges of old numbers that the salvage event names; the first ones."""
MOST_RANGES = 5_000
"""Ranges that are remembered on the way; a file whose packs lie in more pieces has some counted as lost that are not."""
Store = Callable[[Draft, str, Clock], object]


class Progress(msgspec.Struct):
    """Kept in the new spool's ``meta`` under the old file's name. ``page``: the next to be read; 0 when all is done.

    ``ranges`` of numbers were brought over; ``held`` is used only for a file that is open.
    """

    page: int = 1
    kept: int = 0
    lost_bytes: int = 0
    epoch: str = ""
    ranges: list[Range] = []
    held: list[Range] = []


BESIDE = ("-wal", "-shm", ASIDE)


class Salvager:
    """Used under the spool's lock, ``step`` within a transaction of the new spool."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._wreck: Wreck | None = None
        self._lost: sqlite3.Connection | None = None
        """An open spool whose file was taken away while it ran."""
        self._done: Path | None = None
        self._rescue, self._rescued = Progress(), None  # type: Progress, Progress | None
        self.waiting = self._next()

    def begin(self) -> None:
        """A file was set aside."""
        self.close()
        self.waiting = self._next()

    def begin_open(self, connection: sqlite3.Connection) -> None:
        """``connection`` holds what nothing in the folder holds any more."""
        self.close()
        self._lost = connection
        self.waiting = self._spool
        self._rescue, self._rescued = Progress(), None

    def step(self, db: sqlite3.Connection, store: Store) -> dict[str, Any] | None:
        """Bring some packs over; gives the event to be stored with them once all are there."""
        if self.waiting is None:
            return None
        if self._lost is not None:
            return self._step_open(self._lost, store)
        key = f"salvage:{self.waiting.name}"
        row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        progress = msgspec.json.decode(row[0], type=Progress) if row else Progress()
        event = None
        if progress.page:
            event = self._read(self.waiting, progress, store, roots(db))
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, msgspec.json.encode(progress).decode()))
        if not progress.page:
            self._done = self.waiting
        return event

    def settle(self) -> str | None:
        """After the step's commit: a file that is done gets its last name; gives that name."""
        if self._rescued is not None:
            self._rescue, self._rescued = self._rescued, None
            if not self._rescue.page:
                self.close()
                self.waiting = self._next()
            return None
        if self._done is None:
            return None
        self.close()
        name = self._done.name.replace(PENDING, DONE)
        for suffix in (*BESIDE, ""):
            with contextlib.suppress(OSError):
                self._done.with_name(self._done.name + suffix).rename(self._done.with_name(name + suffix))
        self._done = None
        self.waiting = self._next()
        return name

    def close(self) -> None:
        """Let go of files."""
        if self._wreck is not None:
            self._wreck.__exit__(None, None, None)
        if self._lost is not None:
            self._lost.close()
        self._wreck = self._lost = None

    def finished(self) -> list[Path]:
        """Files that nothing is missing from, oldest first."""
        return sorted(p for p in self._spool.parent.glob(f"{self._spool.name}{DONE}*") if not p.name.endswith(BESIDE))

    def _next(self) -> Path | None:
        aside = self._spool.parent.glob(f"{self._spool.name}{PENDING}*")
        return min((p for p in aside if not p.name.endswith(BESIDE)), default=None)

    def _read(self, path: Path, progress: Progress, store: Store, root: tuple[int, int]) -> dict[str, Any] | None:
        if self._wreck is None:
            try:
                self._wreck = Wreck(path, PAGE)
            except OSError as error:
                log.error("spool.unreadable", file=path.name, error=str(error))
                progress.page = 0
                return _event(progress, path.name, [])
        taken, last = 0, min(progress.page + PAGES, self._wreck.pages + 1)
        while progress.page < last and taken < PACKS:
            found = self._wreck.read(progress.page)
            taken += len(found.packs)
            _keep(found, progress, store)
            progress.page += 1
        if progress.page <= self._wreck.pages:
            return None
        progress.page = 0
        packs, sequence = root
        marked = spool_mark.read(path.with_name(path.name + ASIDE)) or Marked(progress.epoch, 0, 1)
        progress.epoch = progress.epoch or marked.epoch
        marked = marked if marked.epoch == progress.epoch else Marked(progress.epoch, 0, 1)
        given = self._wreck.given(sequence)
        last = max([given, marked.last, *(high for _, high in progress.ranges)])
        held = self._wreck.held(packs, marked.oldest, last)
        behind, frames = self._wreck.cut_off(), cut_off(path)
        if frames and (not held or held[-1][1] < last):  # pages are older than what was given after them
            held = [*held, (max(held[-1][1] + 1 if held else 1, marked.oldest), last)]
        tail = None if behind is None else (frames + (0 if given else behind)) * self._wreck.size
        return _event(progress, path.name, held, last=last, tail=tail)

    def _step_open(self, lost: sqlite3.Connection, store: Store) -> dict[str, Any] | None:
        progress = msgspec.structs.replace(self._rescue)
        rows = lost.execute("SELECT seq, lane, payload FROM packs WHERE seq >= ? ORDER BY seq LIMIT ?", (progress.page, PACKS)).fetchall()
        _keep(_decoded(rows), progress, store)
        progress.held = merge(progress.held, coalesce(row[0] for row in rows))
        progress.page = rows[-1][0] + 1 if len(rows) == PACKS else 0
        self._rescued = progress
        return None if progress.page else _event(progress, "", progress.held)


def _decoded(rows: Sequence[tuple[int, str, bytes]]) -> PageFound:
    found = PageFound()
    for _, lane, payload in rows:
        try:
            found.packs.append((Lane(lane), decode(payload)))
        except (InvalidPack, ValueError):
            found.lost_bytes += len(payload)
    return found


def _keep(found: PageFound, progress: Progress, store: Store) -> None:
    for lane, pack in found.packs:
        store(Draft(lane, pack.series, pack.events), pack.boot, pack.clock)
        progress.epoch = pack.epoch
    if len(progress.ranges) < MOST_RANGES:
        progress.ranges = merge(progress.ranges, coalesce(p.seq for _, p in found.packs))
    progress.kept += len(found.packs)
    progress.lost_bytes += found.lost_bytes


def roots(db: sqlite3.Connection) -> tuple[int, int]:
    """Root pages of the tables of packs and of sequences; those of the old file are the same, since both were made alike."""
    found = dict(db.execute("SELECT name, rootpage FROM sqlite_master WHERE name IN ('packs', 'sqlite_sequence')").fetchall())
    return found["packs"], found["sqlite_sequence"]


def _event(progress: Progress, file: str, held: list[Range], **more: int | None) -> dict[str, Any]:
    """``lost``: numbers on what does not read; some may have been receipted before, so ``lost_packs`` is the most it can be.

    ``last`` is the highest number given, as far as that can be known: ``tail`` bytes, where packs with higher ones may have been, are cut
    off the file and its journal. None where not even that is known.
    """
    lost = subtract(held, progress.ranges)
    count = sum(last - first + 1 for first, last in lost)
    counts = {"lost_packs": count, "lost_bytes": progress.lost_bytes, "kept": progress.kept, **more}
    log.warning("spool.salvaged", file=file, epoch=progress.epoch, **counts)
    event: dict[str, Any] = {
        "type": "salvage",
        "from_epoch": progress.epoch,
        **counts,
        "file": file.replace(PENDING, DONE),
        "ranges": progress.ranges[:RANGES],
    }
    if len(progress.ranges) <= RANGES and len(lost) <= RANGES:
        event["lost"] = lost
    return event
