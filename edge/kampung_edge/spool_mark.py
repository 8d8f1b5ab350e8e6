"""What is remembered beside the spool: how far it had come. A file that has come less far is an older copy of itself."""

from __future__ import annotations

import contextlib
from pathlib import Path

STEP = 1_000
"""The mark is renewed after so many packs at the earliest, and when the spool is opened and closed: flash wears by bytes written."""


class Mark:
    """``<spool>.mark``: epoch and the highest number given. Never ahead of what is durable in the spool; losing it is harmless."""

    def __init__(self, spool: Path) -> None:
        self._path = spool.with_name(spool.name + ".mark")
        self._last = 0

    def behind(self, epoch: str, last: int) -> int | None:
        """The number that this epoch had already reached, when that is beyond ``last``."""
        try:
            words = self._path.read_text(encoding="ascii").split()
        except (OSError, UnicodeDecodeError):
            return None
        if len(words) != 2 or words[0] != epoch or not words[1].isdigit():
            return None
        return int(words[1]) if int(words[1]) > last else None

    def renew(self, epoch: str, last: int, force: bool = False) -> None:
        """Remember ``last``, when it is worth a write."""
        if not force and self._last <= last < self._last + STEP:
            return
        beside = self._path.with_name(self._path.name + "-new")
        with contextlib.suppress(OSError):
            beside.write_text(f"{epoch} {last}\n", encoding="ascii")
            beside.replace(self._path)
            self._last = last
