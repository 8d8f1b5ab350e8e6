"""What is wrong with a definition: where, what, and what to do, in words for whoever wrote the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """``at`` as in the file: ``fields[2].least`` (the first is 1), nothing for the whole of it."""

    at: str
    said: str

    def __str__(self) -> str:
        return f"{self.at}: {self.said}" if self.at else self.said


def listed(names: Iterable[str]) -> str:
    """Names there are, or that there are none."""
    return ", ".join(names) or "belum ada"
