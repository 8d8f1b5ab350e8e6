"""Files that outlast a power cut: whole or not at all, and on the disk, in folders that are, once these return. All raise ``OSError``."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

DRAFT = ".part"
"""How the name of a file ends that is not whole yet; a kill may leave one behind."""


def put(file: Path, data: bytes, *, mode: int = 0o644) -> None:
    """In place of what is there; folders are made."""
    with _draft(file, data, mode) as draft:
        draft.replace(file)
    sync(file.parent)


def first(file: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Unless something is there: of several that come at once one is first, and its file counts for all."""
    if file.exists():
        return
    with _draft(file, data, mode) as draft, contextlib.suppress(FileExistsError):
        file.hardlink_to(draft)
    sync(file.parent)


def sync(path: Path) -> None:
    """A file or folder onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folder(path: Path, mode: int = 0o777) -> None:
    """With all above it; each that is made, the last one with ``mode``, is known to the one above."""
    if path.is_dir():
        return
    folder(path.parent)
    path.mkdir(mode, exist_ok=True)
    sync(path.parent)


@contextlib.contextmanager
def _draft(file: Path, data: bytes, mode: int) -> Iterator[Path]:
    folder(file.parent)
    draft = file.with_name(f"{file.name[:200]}.{secrets.token_hex(4)}{DRAFT}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
