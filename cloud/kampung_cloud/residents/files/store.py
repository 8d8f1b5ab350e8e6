"""Files on their way in lie in the data folder, sealed: they hold everybody's numbers. Gone once they are in, given up, or a day old."""

from __future__ import annotations

from pathlib import Path

from kampung_contract.errors import NotFound

from kampung_cloud.lasting import put
from kampung_cloud.sealing import Keyring

FOLDER = "imports"
KEPT_MS = 86_400_000


class Store:
    """Below the data folder, for its owner alone."""

    def __init__(self, folder: Path, ring: Keyring) -> None:
        self._folder = folder / FOLDER
        self._ring = ring

    def put(self, name: str, data: bytes) -> None:
        """Keep a file under a name of ours."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        put(self._folder / name, self._ring.seal(data, f"import {name}"), mode=0o600)

    def get(self, name: str) -> bytes:
        """Raises ``NotFound``."""
        try:
            return self._ring.open((self._folder / name).read_bytes(), f"import {name}")
        except FileNotFoundError:
            raise NotFound(f"the file of import {name} is gone after a day; bring it again") from None

    def drop(self, name: str) -> None:
        """Forget a file."""
        (self._folder / name).unlink(missing_ok=True)

    def clear(self, now: int) -> None:
        """Forget what nobody took within a day."""
        if self._folder.is_dir():
            for file in self._folder.iterdir():
                if file.stat().st_mtime * 1000 < now - KEPT_MS:
                    file.unlink(missing_ok=True)
