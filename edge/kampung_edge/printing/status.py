"""What a printer says of itself when it is asked with DLE EOT, in bits as Epson's ESC/POS reference gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ASKED = (1, 2, 3, 4)
"""Printer, cause of being offline, kind of error, paper."""
ORDERED = b"\x1dr\x01"
"""GS r 1: answered only after all that was sent before it."""

State = Literal["ready", "paper_out", "cover_open", "error", "offline", "silent", "unreachable"]
"""``offline``: it is paused, or says no more; ``silent``: it takes a connection and answers nothing."""


@dataclass(frozen=True, slots=True)
class Status:
    """``low``: the paper is nearly at its end."""

    state: State
    low: bool = False

    @property
    def ready(self) -> bool:
        return self.state == "ready"


def question(n: int) -> bytes:
    """DLE EOT n."""
    return bytes((0x10, 0x04, n))


def is_status(byte: int) -> bool:
    """An answer to DLE EOT has these bits; one to GS r has not."""
    return byte & 0x93 == 0x12


def is_ordered(byte: int) -> bool:
    """An answer to GS r."""
    return byte & 0x90 == 0


def read(answers: dict[int, int]) -> Status:
    """``answers`` by number of the question; without all four it is silent."""
    if any(n not in answers for n in ASKED):
        return Status("silent")
    printer, offline, error, paper = (answers[n] for n in ASKED)
    low = bool(paper & 0x0C)
    if offline & 0x04:
        return Status("cover_open", low)
    if paper & 0x60 or offline & 0x20:
        return Status("paper_out", low=True)
    if offline & 0x40 or error & 0x6C:
        return Status("error", low)
    return Status("offline" if printer & 0x08 else "ready", low)
