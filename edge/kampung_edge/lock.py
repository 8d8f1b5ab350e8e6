"""One edge a data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kampung_contract.errors import ConfigurationError


class FolderLock:
    """Held from construction to ``release``; the kernel releases it when the process dies, however it dies."""

    def __init__(self, folder: Path, file: str) -> None:
        """Raises ``ConfigurationError`` that names the process which holds it, or what is wrong with the folder."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ConfigurationError(
                f"{file}: data = {str(folder)!r}: {error.strerror}; choose a folder that this user may write"
            ) from None
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._handle, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._handle)
            raise ConfigurationError(
                f"{file}: data = {str(folder)!r}: another kampung-edge (pid {holder}) works on this folder; "
                "stop it, or give this one a folder of its own"
            ) from None
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let another one have the folder."""
        os.close(self._handle)
