"""The backup's one file: a tar, the manifest and its SHA-256 first, then what it names, each with its size and SHA-256.

Any tar opens it: ``readings.days/day=…/*.parquet`` are plain Parquet, ``records/*.jsonl.gz`` plain lines of JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from io import FileIO
from pathlib import Path

import msgspec
from kampung_contract.errors import ConfigurationError

from kampung_cloud.backup.tables import Revision
from kampung_cloud.photo_folders import PHOTOS

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
FORMAT = 1
PIECE = 1024 * 1024
MOST_MANIFEST = 64 * 1024 * 1024
"""Bytes: a file of readings a day for centuries."""
MOST_TOLD = 10
"""Damaged files that are named; a backup that was cut off lacks a hundred."""
NAME = re.compile(
    r"(records/[a-z0-9_]+\.jsonl\.gz|readings\.duckdb|readings\.days/day=[0-9-]+/readings-[0-9]+\.parquet"
    rf"|({'|'.join(PHOTOS)})(/[A-Za-z0-9_-]+){{1,4}}\.jpg)"
)


class Part(msgspec.Struct, frozen=True):
    """A file of the backup; ``size`` in bytes, ``sha256`` in hex."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """``made`` is ISO 8601 in WIB, ``version`` the program's; ``readings`` is None where the engine keeps them itself."""

    format: int
    made: str
    version: str
    records: Revision
    readings: int | None
    files: list[Part]


def digest(file: Path) -> str:
    """SHA-256 in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def size_of(manifest: Manifest) -> int:
    """Bytes of the whole archive."""
    return sum(512 + -(-size // 512) * 512 for size in (len(msgspec.json.encode(manifest)), 64, *(p.size for p in manifest.files))) + 1024


def written(manifest: Manifest, folder: Path) -> Iterator[bytes]:
    """The archive in pieces."""
    content = msgspec.json.encode(manifest)
    yield _head(MANIFEST, len(content)) + content + _padding(len(content))
    yield _head(SEAL, 64) + hashlib.sha256(content).hexdigest().encode() + _padding(64)
    for part in manifest.files:
        yield _head(part.name, part.size)
        with (folder / part.name).open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
        yield _padding(part.size)
    yield b"\0" * 1024


def read(file: Path, folder: Path | None, progress: Callable[[int], None] = lambda _: None) -> Manifest:
    """Check the archive against its manifest and, with a ``folder``, unpack it there. ``progress`` is told bytes read.

    Raises ``ConfigurationError`` for a file that is no backup, or naming each of its files that is damaged or missing.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            manifest = _manifest(file, tar)
            damaged = _parts(tar, manifest, folder, progress)
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror or error}") from None
    except tarfile.TarError:
        raise ConfigurationError(f"{file}: not a backup of kampung-cloud, or damaged at its beginning; choose another one") from None
    if damaged:
        rest = [f"and {len(damaged) - MOST_TOLD} more"] if len(damaged) > MOST_TOLD else []
        lines = [*damaged[:MOST_TOLD], *rest, "nothing was restored; choose another backup"]
        raise ConfigurationError("\n".join(f"{file}: {line}" for line in lines))
    return manifest


def _manifest(file: Path, tar: tarfile.TarFile) -> Manifest:
    content, seal = _content(tar, MANIFEST), _content(tar, SEAL)
    manifest = None
    if content is not None and seal == hashlib.sha256(content).hexdigest().encode():
        with contextlib.suppress(msgspec.MsgspecError):
            manifest = msgspec.json.decode(content, type=Manifest)
    told = "" if manifest is None else f"{manifest.made}{manifest.version}"
    if manifest is None or not told.isprintable() or any(NAME.fullmatch(p.name) is None for p in manifest.files):
        raise ConfigurationError(f"{file}: not a backup of kampung-cloud, or its {MANIFEST} is damaged; choose another one")
    if manifest.format != FORMAT:
        raise ConfigurationError(
            f"{file}: format {manifest.format}, this program reads {FORMAT}; restore it with version {manifest.version}"
        )
    return manifest


def _content(tar: tarfile.TarFile, name: str) -> bytes | None:
    member = tar.next()
    if member is None or member.name != name or not _plain(member) or member.size > MOST_MANIFEST:
        return None
    content = tar.extractfile(member)
    return None if content is None else content.read()


def _plain(member: tarfile.TarInfo) -> bool:
    """A file that takes as much room as it does in the archive: no link, no device, nothing with holes in it."""
    return member.isreg() and not member.issparse()


def _parts(tar: tarfile.TarFile, manifest: Manifest, folder: Path | None, progress: Callable[[int], None]) -> list[str]:
    wanted, damaged = {p.name: p for p in manifest.files}, []
    while wanted:
        try:
            member = tar.next()
            part = wanted.get(member.name) if member is not None else None
            if member is None or part is None:
                break
            found = _unpacked(tar, member, folder, progress) if _plain(member) and member.size == part.size else ""
        except tarfile.TarError:
            break
        del wanted[part.name]
        if found != part.sha256:
            damaged.append(f"{part.name}: its content is not what was backed up (SHA-256 differs)")
    return [*damaged, *(f"{name}: missing, the archive is cut off or damaged before it" for name in wanted)]


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path | None, progress: Callable[[int], None]) -> str:
    content = tar.extractfile(member)
    if content is None:
        return ""
    known = hashlib.sha256()
    with _file(None if folder is None else folder / member.name) as out:
        while piece := content.read(PIECE):
            known.update(piece)
            progress(len(piece))
            out(piece)
    return known.hexdigest()


@contextlib.contextmanager
def _file(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    """To be called with pieces; nothing is kept without a path. Raises ``ConfigurationError`` where there is no room."""
    if path is None:
        yield lambda _: None
        return
    with _room(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        out = path.open("wb", buffering=0)
    with out:
        yield partial(_put, out, path)
        with _room(path):
            os.fsync(out.fileno())


def _put(out: FileIO, path: Path, piece: bytes) -> None:
    with _room(path):
        while piece:
            piece = piece[out.write(piece) :]


@contextlib.contextmanager
def _room(path: Path) -> Iterator[None]:
    """What fails here is the place's fault and not the backup's."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; make room there, or choose another data folder") from None


def _head(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % 512)
