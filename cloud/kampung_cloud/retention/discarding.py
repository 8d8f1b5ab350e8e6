"""Files of what was destroyed. A database forgets in one transaction and a disk does not: the transaction writes down what has to go, and
whoever comes next removes it, however often somebody was killed in between.
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import structlog
from kampung_contract.errors import StorageUnavailable
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kampung_cloud.lasting import DRAFT, sync
from kampung_cloud.photo_folders import FARMS, PHOTOS, TREES
from kampung_cloud.records import Records
from kampung_cloud.records.retention_models import DiscardedFileRow as Row
from kampung_cloud.rounds import Rounds

log = structlog.get_logger("retention")

EVERY_S = 60.0
AT_ONCE = 500
DRAFTS = (
    *(f"{folder}*{DRAFT}" for folder in ("", "keys/", "keys/letters/*/", f"{FARMS}/*/", f"{TREES}/*/")),
    f"{FARMS}/*/*.new",  # as versions before called them
    ".import-*",
    ".backup-*",
    ".restore-*",
)
"""What a process leaves below the data folder that was killed while it took something in or out; backups hold links to photos, too."""
OLD_S = 86_400
"""Nothing takes a day to come in."""


def discard(session: Session, village: str, path: str, certificate: str) -> None:
    """In the caller's transaction: the file (below the data folder, as ``farm-photos/lahan-1/0f.jpg``) is to go once that is done."""
    session.merge(Row(path=path, village=village, certificate=certificate))


def wanted_again(session: Session, path: str) -> None:
    """In the caller's transaction: the same file came anew, and stays."""
    session.execute(delete(Row).where(Row.path == path))


def left(records: Records, village: str) -> int:
    """Files of a village that are still to go. Raises ``StorageUnavailable``."""
    with records.session() as session:
        return session.scalar(select(func.count()).where(Row.village == village)) or 0


def of(session: Session, certificate: str) -> int:
    """Files that a certificate takes along, while they are still to go."""
    return session.scalar(select(func.count()).where(Row.certificate == certificate)) or 0


def remove(records: Records, data: Path, most: int | None = None) -> int:
    """Take off the disk what is to go, ``most`` of it where somebody waits; how many could not be.

    Raises ``StorageUnavailable`` for the records, never for a file.
    """
    stuck = 0
    for path in itertools.islice(_waiting(records), most):
        try:
            with records.session() as session:  # whoever deletes the row first has it; killed before the end, it is there again
                if session.execute(delete(Row).where(Row.path == path)).rowcount:  # type: ignore[attr-defined]
                    _unlink(data, path)
        except OSError as error:
            stuck += 1
            log.error("a file of what was destroyed is still on the disk", file=path, reason=error.strerror)
    return stuck


def _waiting(records: Records) -> Iterator[str]:
    """Piece by piece: files that cannot go do not stand before those that can."""
    last = ""
    while True:
        with records.session() as session:
            paths = session.scalars(select(Row.path).where(Row.path > last).order_by(Row.path).limit(AT_ONCE)).all()
        yield from paths
        if len(paths) < AT_ONCE:
            return
        last = paths[-1]


def clear_drafts(data: Path, now_s: float) -> int:
    """Remove what nobody finished within a day; how many they were."""
    gone = 0
    for draft in (found for pattern in DRAFTS for found in data.glob(pattern)):
        try:
            if draft.stat().st_mtime < now_s - OLD_S:
                shutil.rmtree(draft) if draft.is_dir() else draft.unlink(missing_ok=True)
                gone += 1
        except OSError as error:
            log.warning("a draft stays", file=str(draft), reason=error.strerror)
    return gone


def _unlink(data: Path, path: str) -> None:
    """With its drafts, which begin as it does."""
    parts = PurePosixPath(path).parts
    if len(parts) < 2 or ".." in parts or parts[0] not in PHOTOS:
        log.error("no file of a photo folder; it stays", file=path)
        return
    file = data.joinpath(*parts)
    file.unlink(missing_ok=True)
    for draft in file.parent.glob(f"{file.stem}.*"):
        draft.unlink(missing_ok=True)
    if file.parent.is_dir():
        sync(file.parent)  # before the row goes: without power it would be back, and nobody would know


class Discarding(Rounds):
    """A thread that goes on where somebody was killed. Several processes may."""

    def __init__(self, records: Records, data: Path) -> None:
        super().__init__("discarding")
        self._records, self._data = records, data
        self._drafts_due = 0.0

    def round(self) -> float:
        """As ``Rounds`` says."""
        try:
            if time.monotonic() >= self._drafts_due:
                self._drafts_due = time.monotonic() + OLD_S
                clear_drafts(self._data, time.time())
            remove(self._records, self._data)
        except StorageUnavailable as error:
            log.warning("files wait for the records", reason=error.message)
        except Exception:  # a thread that ends removes nothing more, and nobody would see it
            log.exception("discarding")
        return EVERY_S
