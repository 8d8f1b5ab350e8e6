"""What an edge says of itself in its own log, read line by line as it is written: that its disk refuses, what it salvaged."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

REFUSES, WRITES_AGAIN, SALVAGED = "spool.refuses", "spool.writes_again", "spool.salvaged"


@dataclass(frozen=True, slots=True)
class Salvage:
    """A spool of ``epoch`` that was set aside: packs brought over, and packs it counts as lost at most.

    ``last``: the highest number it knows to have been given; packs with higher ones may have been in ``tail`` bytes that are cut off, None
    where it cannot know how many these are.
    """

    epoch: str
    kept: int
    lost_packs: int
    last: int
    tail: int | None


class Diary:
    """Follows the log at ``path``, which need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._rest = b""
        self._read = 0
        self.refused: int | None = None
        """Since when (ms UTC, at the earliest) the disk refuses by the edge's own word; None when it takes."""
        self.salvages: list[Salvage] = []

    def born(self, at: int) -> None:
        """A new process, which holds nothing yet, began at ``at`` (ms UTC)."""
        self.read(at)
        self.refused, self._read = None, at

    def read(self, at: int) -> None:
        """What is new at ``at`` (ms UTC) was written since the last reading."""
        new = b""
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as log:
            log.seek(self._at)
            new = log.read()
        self._at += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        for line in lines:
            words = dict(w.split("=", 1) for w in line.decode(errors="replace").split() if "=" in w)
            event = words.get("event")
            if event == REFUSES and self.refused is None:
                self.refused = self._read
            elif event == WRITES_AGAIN:
                self.refused = None
            elif event == SALVAGED:
                kept, lost, last, tail = (words.get(name, "") for name in ("kept", "lost_packs", "last", "tail"))
                self.salvages.append(Salvage(words["epoch"], int(kept), int(lost), int(last), int(tail) if tail.isdigit() else None))
        self._read = at
