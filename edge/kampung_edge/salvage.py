"""Reads packs out of a SQLite file that SQLite refuses: page by page, cell by cell, writing nothing.

The file format is https://www.sqlite.org/fileformat2.html: table leaf pages (1.6), records (2.1), the write-ahead log (4). Every pack
proves itself by its own decoding, so a page that is only half right gives what is right in it.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from kampung_contract.errors import InvalidPack
from kampung_contract.pack import Pack, decode
from kampung_contract.topics import Lane

from kampung_edge.journal import committed
from kampung_edge.salvage_tree import LEAF, Range, Tree, cells, local, varint

COLUMNS = 6
"""Of the table ``packs``."""


@dataclass
class PageFound:
    """What one page gave; ``lost_bytes`` of packs that should be there and do not read."""

    packs: list[tuple[Lane, Pack]] = field(default_factory=list)
    lost_bytes: int = 0


class Wreck:
    """A damaged spool and the write-ahead log beside it. Pages are counted from 1."""

    def __init__(self, path: Path, page: int) -> None:
        """``page``: bytes a page, where the file itself does not say. Raises ``OSError``."""
        self._file = path.open("rb")
        head = self._file.read(100)
        size = int.from_bytes(head[16:18], "big")
        size = 65536 if size == 1 else size
        self.size = size if head[:16] == b"SQLite format 3\0" and size >= 512 and size & (size - 1) == 0 else page
        self._usable = self.size
        log = path.with_name(path.name + "-wal")
        self._log = log.open("rb") if log.exists() else None
        self._committed = committed(path)
        self._logged = dict(self._frames())
        self._in_file = path.stat().st_size // self.size
        in_part = -(-path.stat().st_size // self.size)
        self.pages = max([in_part, *self._logged]) if in_part or self._logged else 0
        self._free = self._free_pages()

    def __enter__(self) -> Wreck:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        if self._log is not None:
            self._log.close()

    def page(self, number: int) -> bytes:
        """Its newest bytes; fewer than a page, or none, where the file ends."""
        at = self._logged.get(number)
        file = self._file if at is None or self._log is None else self._log
        try:
            file.seek((number - 1) * self.size if at is None else at)
            return file.read(self.size)
        except OSError:  # a bad sector
            return b""

    def read(self, number: int) -> PageFound:
        """The packs on this page. Never raises for what the bytes are."""
        found, page = PageFound(), self.page(number)
        if number in self._free or number == 1 or len(page) < 8:
            return found
        if page[0] == LEAF:
            self._leaf(page, found)
        return found

    def given(self, root: int) -> int:
        """The highest number ever given, as the table of sequences with this root page says; 0 where it does not read."""
        page = self.page(root)
        for at in cells(page) if page[:1] == bytes([LEAF]) else ():
            with contextlib.suppress(IndexError, ValueError):
                name, number = self._values(page, at)
                if name == b"packs":
                    return int.from_bytes(number, "big")
        return 0

    def cut_off(self) -> int | None:
        """Pages that the file should have and neither it nor the log has; None where it does not say."""
        head = self.page(1)
        if len(head) < 100 or head[24:28] != head[92:96]:
            return None
        return sum(n not in self._logged for n in range(self._in_file + 1, int.from_bytes(head[28:32], "big") + 1))

    def held(self, root: int, first: int, last: int) -> list[Range]:
        """Numbers from ``first`` to ``last`` that the table with this root page holds; of what does not read, all it may have held."""
        return Tree(self.page, self._usable).keys(root, first, last)

    def _leaf(self, page: bytes, found: PageFound) -> None:
        for at in cells(page):
            try:
                record = self._record(page, at)
            except (IndexError, ValueError, struct.error):
                found.lost_bytes += max(0, len(page) - at)
                continue
            if record is None:
                continue  # of another table
            lane, payload = record
            try:
                pack = decode(payload)
            except InvalidPack:
                found.lost_bytes += len(payload)
                continue
            known = lane if lane in set(Lane) else (Lane.EVENT if pack.events else Lane.LIVE)
            found.packs.append((Lane(known), pack))

    def _record(self, page: bytes, at: int) -> tuple[str, bytes] | None:
        values = self._values(page, at, COLUMNS)
        return (values[1].decode("ascii", "replace"), values[5]) if values else None

    def _values(self, page: bytes, at: int, columns: int = 2) -> list[bytes]:
        """The record's columns; none where it is not one of a pack's, or of ``columns`` columns."""
        length, at = varint(page, at)
        _, at = varint(page, at)
        body = self._payload(page, at, length)
        header, at = varint(body, 0)
        kinds = []
        while at < header:
            kind, at = varint(body, at)
            kinds.append(kind)
        if len(kinds) != columns:
            return []
        if columns == COLUMNS and (kinds[0] != 0 or kinds[1] < 13 or kinds[1] % 2 == 0 or kinds[5] < 12 or kinds[5] % 2):
            return []
        at, values = header, []
        for kind in kinds:
            width = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]
            values.append(body[at : at + width])
            at += width
        return values

    def _payload(self, page: bytes, at: int, length: int) -> bytes:
        """The record's bytes, those on overflow pages too."""
        if not 0 < length <= 1 << 20:
            raise ValueError(length)
        usable, own = self._usable, local(length, self._usable)
        if own == length:
            return page[at : at + length]
        parts, have = [page[at : at + own]], own
        following = int.from_bytes(page[at + own : at + own + 4], "big")
        while have < length and 1 < following <= self.pages:
            more = self.page(following)
            parts.append(more[4 : 4 + length - have])
            have += usable - 4
            following = int.from_bytes(more[:4], "big")
        return b"".join(parts)

    def _frames(self) -> Iterator[tuple[int, int]]:
        """Page number and place of each frame of the log's present generation, oldest first."""
        if self._log is None:
            return
        head = self._log.read(32)
        size = int.from_bytes(head[8:12], "big")
        if len(head) < 32 or size != self.size:
            return
        at, count = 32, 0
        while len(frame := self._log.read(24)) == 24 and (not self._committed or count < self._committed):
            count += 1
            number = int.from_bytes(frame[:4], "big")
            if frame[8:16] == head[16:24] and 0 < number < 2**31:
                yield number, at + 24
            at += 24 + size
            self._log.seek(at)

    def _free_pages(self) -> set[int]:
        """Pages that hold nothing but what was receipted long ago."""
        free: set[int] = set()
        trunk = int.from_bytes(self.page(1)[32:36], "big")
        while 1 < trunk <= self.pages and trunk not in free:
            page = self.page(trunk)
            free.add(trunk)
            count = min(int.from_bytes(page[4:8], "big"), self.size // 4 - 2)
            free.update(int.from_bytes(page[8 + 4 * i : 12 + 4 * i], "big") for i in range(count))
            trunk = int.from_bytes(page[:4], "big")
        return free
