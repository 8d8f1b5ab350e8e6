"""Whether SQLite's write-ahead log still holds every commit that was once in it.

SQLite takes a log for ended at the first frame that is not right, as it has to after a power cut, and says nothing of what came behind it.
What was committed can be told apart from what was not: the index beside the log (``-shm``) counts frames only once they were synced.
Formats: https://www.sqlite.org/walformat.html, https://www.sqlite.org/fileformat2.html (4).
"""

from __future__ import annotations

import struct
from pathlib import Path

HEAD, FRAME = 32, 24
LITTLE, BIG = 0x377F0682, 0x377F0683
"""Magic numbers: in which order the words of the checksum are read."""
INDEX = struct.Struct("=III2B2xII8s8s8s")
"""Version, unused, changes, is initialised, order, (page size), frames, pages, the last frame's checksum, salts, own checksum."""


def committed(database: Path) -> int:
    """Frames of its log that hold commits; those behind them are of what was never committed. 0 where that is not known."""
    return _committed(_read(database, "-shm"), _read(database, "-wal")[16:24])


def lost_frames(database: Path) -> int:
    """Committed frames of its log that no longer read; 0 when all is well. Nobody may have it open. Raises ``OSError``."""
    log = _read(database, "-wal")
    if len(log) <= HEAD:
        return 0
    magic, _, size = struct.unpack(">III", log[:12])
    if magic not in (LITTLE, BIG) or size < 512:
        return _committed(_read(database, "-shm"), log[16:24])
    sound = _sound(log, "<" if magic == LITTLE else ">", size)
    commits = [n for n, at in enumerate(range(HEAD, len(log) - FRAME, FRAME + size), 1) if _commits(log, at)]
    # One commit behind the break may be the one that was under way when the power went.
    behind = commits[-2] if len(commits) > 1 else 0
    return max(0, max(behind, _committed(_read(database, "-shm"), log[16:24])) - sound)


def cut_off(database: Path) -> int:
    """Committed frames that lay behind the log's present end. Raises ``OSError``."""
    log = _read(database, "-wal")
    if len(log) <= HEAD:
        return 0
    size = int.from_bytes(log[8:12], "big")
    return max(0, committed(database) - (len(log) - HEAD) // (FRAME + size))


def _read(database: Path, suffix: str) -> bytes:
    try:
        return database.with_name(database.name + suffix).read_bytes()
    except FileNotFoundError:
        return b""


def _commits(log: bytes, at: int) -> bool:
    return log[at + 4 : at + 8] != b"\0\0\0\0" and log[at + 8 : at + 16] == log[16:24]


def _committed(index: bytes, salts: bytes) -> int:
    """Frames of the log with these salts that the index counts; 0 where it does not speak of that log."""
    if len(index) < 2 * INDEX.size or index[: INDEX.size] != index[INDEX.size : 2 * INDEX.size]:
        return 0
    _, _, _, _, _, frames, _, _, said, _ = INDEX.unpack(index[: INDEX.size])
    return int(frames) if said == salts else 0


def _sound(log: bytes, order: str, size: int) -> int:
    """Frames from the beginning whose chain of checksums is right."""
    head = struct.Struct(f"{order}6I")
    page = struct.Struct(f"{order}{size // 4}I")
    sums = _add(0, 0, head.unpack(log[:24]))
    if struct.pack(">II", *sums) != log[24:32]:
        return 0
    count = 0
    for at in range(HEAD, len(log) - FRAME - size + 1, FRAME + size):
        if log[at + 8 : at + 16] != log[16:24]:
            break
        sums = _add(*sums, struct.unpack(f"{order}2I", log[at : at + 8]))
        sums = _add(*sums, page.unpack(log[at + FRAME : at + FRAME + size]))
        if struct.pack(">II", *sums) != log[at + 16 : at + 24]:
            break
        count += 1
    return count


def _add(one: int, two: int, words: tuple[int, ...]) -> tuple[int, int]:
    for index in range(0, len(words), 2):
        one = (one + words[index] + two) & 0xFFFFFFFF
        two = (two + words[index + 1] + one) & 0xFFFFFFFF
    return one, two
