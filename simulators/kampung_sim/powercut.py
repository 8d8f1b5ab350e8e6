"""Power cuts: what is left of a folder when the power goes, from a log of everything a process did to it (``simulators/powercut``).

The model is harsher than most disks. What was synced stays. Of each write since, all, nothing, or some of its 512-byte sectors
reach the disk, whatever came later. A name made, removed or changed is sure only when its folder was synced; without, some first
part of such changes is.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEAD = struct.Struct("<QcIQQ")
SECTOR = 512


@dataclass(frozen=True, slots=True)
class Record:
    """One act. ``what``: w write, t truncate, s sync, u unlink, r rename (``data`` is then the new path)."""

    number: int
    what: str
    path: str
    offset: int
    data: bytes


def read_log(file: Path) -> Iterator[Record]:
    """All whole records. Raises ``ValueError`` for a log with a hole."""
    log = file.read_bytes()
    at = expected = 0
    while at + HEAD.size <= len(log):
        number, what, path_length, offset, length = HEAD.unpack_from(log, at)
        start = at + HEAD.size
        end = start + path_length + length
        if end > len(log):
            return
        expected += 1
        if number != expected:
            raise ValueError(f"{file}: record {number} where {expected} was due")
        path = log[start : start + path_length].decode()
        yield Record(number, what.decode(), path, offset, log[start + path_length : end])
        at = end


@dataclass
class _File:
    synced: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # (offset, data), or (new length, None)

    def sync(self) -> None:
        for offset, data in self.pending:
            _apply(self.synced, offset, data)
        self.pending.clear()

    def after_cut(self, dice: random.Random) -> bytes:
        left = bytearray(self.synced)
        for offset, data in self.pending:
            fate = dice.random()
            if fate < 0.4:
                continue
            if data is None or fate < 0.7:
                _apply(left, offset, data)
                continue
            start = offset
            while start < offset + len(data):
                stop = min((start // SECTOR + 1) * SECTOR, offset + len(data))
                if dice.random() < 0.5:
                    _apply(left, start, data[start - offset : stop - offset])
                start = stop
        return bytes(left)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        content.extend(bytes(max(0, offset - len(content))))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


class Disk:
    """The files directly in ``folder``, followed record by record."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder.resolve())
        self._names: dict[str, _File] = {}
        self._sure: dict[str, _File] = {}
        self._changes: list[tuple[str, _File | None]] = []

    def follow(self, records: Iterable[Record]) -> None:
        """Take in what was done."""
        for record in records:
            self._take(record)

    def cut(self, dice: random.Random, into: Path) -> None:
        """Write what would be left if the power went now into the empty folder ``into``."""
        names = dict(self._sure)
        for name, file in self._changes[: dice.randint(0, len(self._changes))]:
            _change(names, name, file)
        for name, file in names.items():
            (into / name).write_bytes(file.after_cut(dice))

    def _take(self, record: Record) -> None:
        if record.path == self._folder:
            if record.what == "s":
                self._sure = dict(self._names)
                self._changes.clear()
            return
        name = record.path.removeprefix(self._folder + "/")
        if record.what == "u":
            self._rename(name, None)
        elif record.what == "r":
            file = self._names.get(name)
            self._rename(name, None)
            if file is not None:
                self._rename(record.data.decode().removeprefix(self._folder + "/"), file)
        else:
            if name not in self._names:
                self._rename(name, _File())
            file = self._names[name]
            if record.what == "s":
                file.sync()
            else:
                file.pending.append((record.offset, record.data if record.what == "w" else None))

    def _rename(self, name: str, file: _File | None) -> None:
        self._changes.append((name, file))
        _change(self._names, name, file)


def _change(names: dict[str, _File], name: str, file: _File | None) -> None:
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file
