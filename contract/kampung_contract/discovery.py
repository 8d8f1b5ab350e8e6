"""The event in which an edge tells what it found on a line: a device that it reads from now on, or one that somebody must name."""

from __future__ import annotations

from typing import Any

import msgspec


class Candidate(msgspec.Struct, frozen=True):
    """A profile that fits, the better the higher its ``score`` (0 to 1)."""

    profile: str
    score: float


class Discovery(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="discovery"):
    """``address`` is None for a device that sends by itself; ``device`` the name under which it is read, None where it is not sure what it
    is. ``why`` is for people; ``candidates`` are the likeliest first.
    """

    port: str
    baud: int
    why: str
    candidates: list[Candidate]
    address: int | None = None
    device: str | None = None

    def event(self) -> dict[str, Any]:
        """As it travels."""
        return dict(msgspec.to_builtins(self))
