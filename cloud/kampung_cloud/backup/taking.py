"""Taking a backup: everything as of one moment, while the cloud goes on taking readings in."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from kampung_contract.errors import ConfigurationError, KampungError, StorageUnavailable
from kampung_contract.times import text
from sqlalchemy import Connection

from kampung_cloud.backup import archive, tables
from kampung_cloud.health import now_ms
from kampung_cloud.photo_folders import PHOTOS
from kampung_cloud.records import Records
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.store import TelemetryStore

T = TypeVar("T")
READINGS = "readings.duckdb"
UNDERWAY = ".backup-"
LONGEST_S = 86_400.0
"""No backup takes as long to be fetched."""

_one = threading.Lock()
_open: set[Path] = set()


@runtime_checkable
class Copies(Protocol):
    """A store whose readings belong into the backup: it keeps them in files of its own."""

    def snapshot(self, file: Path) -> Callable[[], None]:
        """Fix the present moment, at once; what is returned writes it to ``file`` and a folder beside it, and must be called."""


class Taken:
    """A backup that is ready to be written out; ``close`` removes what it took on disk."""

    def __init__(self, manifest: archive.Manifest, folder: Path) -> None:
        self.manifest = manifest
        self.size = archive.size_of(manifest)
        self._folder = folder
        _open.add(folder)

    def pieces(self) -> Iterator[bytes]:
        """The archive; closes at its end."""
        try:
            yield from archive.written(self.manifest, self._folder)
        finally:
            self.close()

    def close(self) -> None:
        """May be called twice."""
        shutil.rmtree(self._folder, ignore_errors=True)
        _open.discard(self._folder)


def take(store: TelemetryStore, records: Records, data: Path, between: Callable[[Callable[[], T]], T]) -> Taken:
    """Fix the moment within ``between``, which no commit crosses, then copy. Files of readings are linked, not copied.

    Raises ``KampungError`` (``conflict``) while another is under way, ``StorageUnavailable`` when the disk is full.
    """
    if not _one.acquire(blocking=False):
        raise KampungError("a backup is under way; wait until it is done", code="conflict")
    try:
        for left in set(data.glob(f"{UNDERWAY}*")) - _open:
            if _ended(left):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{UNDERWAY}{_here()}.{os.getpid()}.", dir=data))
        try:
            return Taken(_copied(store, records, data, folder, between), folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        raise StorageUnavailable(f"the backup cannot be prepared in {data}: {error.strerror} ({error.filename}); make room there") from None
    finally:
        _one.release()


def _here() -> str:
    return re.sub("[^A-Za-z0-9-]", "-", socket.gethostname())


def _ended(left: Path) -> bool:
    """Whether the process that made it was killed: another API process may be at work in the same data folder, also on another machine."""
    host, _, number = left.name.removeprefix(UNDERWAY).rpartition(".")[0].rpartition(".")
    if host == _here() and number.isdigit():
        return int(number) == os.getpid() or not _alive(int(number))
    with contextlib.suppress(FileNotFoundError):
        return left.stat().st_mtime < time.time() - LONGEST_S
    return False


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _copied(
    store: TelemetryStore, records: Records, data: Path, folder: Path, between: Callable[[Callable[[], Any]], Any]
) -> archive.Manifest:
    def fix() -> tuple[Connection, Callable[[], None] | None]:
        connection = records.frozen()
        try:
            return connection, store.snapshot(folder / READINGS) if isinstance(store, Copies) else None
        except BaseException:
            connection.close()
            raise

    connection, copy = between(fix)
    try:
        if copy is not None:
            copy()
        known = tables.dump(connection, folder / "records")
    finally:
        connection.close()
    _pictures(data, folder)
    readings = None if copy is None else counted(folder / READINGS)
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    parts = [archive.Part(name, path.stat().st_size, archive.digest(path)) for name, path in found.items() if archive.NAME.fullmatch(name)]
    return archive.Manifest(archive.FORMAT, text(now_ms()), version("smart-kampung"), known, readings, parts)


def _pictures(data: Path, folder: Path) -> None:
    """Linked after the records were fixed: whatever a row names was on the disk before it. One that is taken away meanwhile is left out."""
    for name in PHOTOS:
        for file in (data / name).rglob("*.jpg"):
            there = folder / name / file.relative_to(data / name)
            there.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.link(file, there)


def counted(file: Path) -> int:
    """How many readings a copy holds, by opening it as the cloud would. Raises ``ConfigurationError`` for one that is damaged."""
    store = DuckDBStore(file)
    try:
        if store.days.troubles:
            raise ConfigurationError("; ".join(store.days.troubles))
        return sum(x.readings + x.estimates for x in store.latest())
    finally:
        store.close()
