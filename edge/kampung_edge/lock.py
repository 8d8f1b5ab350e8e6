"""One edge a data folder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

from kampung_contract.errors import ConfigurationError, StorageUnavailable

MISTAKES = {errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP}
"""A folder that can never be; anything else may be cured while the edge runs."""


class FolderLock:
    """Held from ``acquire`` to ``release``; the kernel releases it when the process dies, however it dies.

    It is the folder itself that is locked, since a full disk may have no room for a file; the file ``lock`` names the holder where it can.
    """

    def __init__(self, folder: Path, file: str) -> None:
        """Touches nothing. ``file`` is the configuration's name for messages."""
        self._folder, self._file = folder, file
        self._handle: int | None = None

    def acquire(self) -> None:
        """Does nothing where it is held.

        Raises ``ConfigurationError`` that names the process which holds it, or what is wrong with the folder; ``StorageUnavailable`` where
        the disk does not give the folder now.
        """
        if self._handle is not None:
            return
        where = f"{self._file}: data = {str(self._folder)!r}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in MISTAKES:
                raise ConfigurationError(f"{where}: {error.strerror}; choose a folder that this user may write") from None
            raise StorageUnavailable(f"{where}: {error.strerror}; the disk must have room and this user must be allowed to write") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise ConfigurationError(
                f"{where}: another kampung-edge (pid {self._holder()}) works on this folder; stop it, or give this one a folder of its own"
            ) from None
        self._handle = handle
        with contextlib.suppress(OSError):
            (self._folder / "lock").write_text(f"{os.getpid()}\n", encoding="ascii")

    def require(self) -> None:
        """Raises ``StorageUnavailable`` where it is not held."""
        if self._handle is None:
            raise StorageUnavailable(f"{self._file}: data = {str(self._folder)!r}: the folder cannot be had yet")

    def release(self) -> None:
        """Let another one have the folder."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _holder(self) -> str:
        try:
            return (self._folder / "lock").read_text(encoding="ascii", errors="replace").strip() or "unknown"
        except OSError:
            return "unknown"
