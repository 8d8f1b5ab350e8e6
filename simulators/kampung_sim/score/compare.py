"""One series: what was sent against what is held. Pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NAMED = 20
"""So many unexplained readings are named."""


class Sent(NamedTuple):
    """Of one series: arrays of one length."""

    seq: NDArray[np.int64]
    t: NDArray[np.int64]
    v: NDArray[np.float64]
    q: NDArray[np.uint8]


class Held(NamedTuple):
    """Of one series as the API gives it."""

    t: NDArray[np.int64]
    v: NDArray[np.float64]


class Frames(NamedTuple):
    """How a series came about: ``every`` ms; ``polled``: each frame answers a question and is a reading; ``dead``: without power or
    disk. ``slack``: ms of the scenario between a frame and its stamp; ``lost`` before a death need not be committed; ``back``: a start.
    """

    every: int
    polled: bool
    slack: int
    lost: int
    back: int
    dead: list[tuple[int, int]]


@dataclass(slots=True)
class Account:
    """Readings, each a (series, time, value). Of the ``missing``, ``waiting`` were never receipted, ``refused`` came back with a
    reason, ``hindered`` were on the line of a kiosk without power or disk.

    ``altered``: the time is there with another value; ``foreign``: nobody sent it; ``unexplained`` is everything that has no explanation.
    """

    sent: int = 0
    stored: int = 0
    missing: int = 0
    waiting: int = 0
    refused: int = 0
    hindered: int = 0
    duplicated: int = 0
    altered: int = 0
    foreign: int = 0
    unexplained: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, series: str, sent: Sent, held: Held, waiting: set[int], refused: set[int]) -> None:
        """Take one series in. ``waiting`` and ``refused``: its node's packs without a receipt, and with a refusal."""
        mine: dict[tuple[int, float], int] = {}
        for seq, t, v in zip(sent.seq.tolist(), sent.t.tolist(), sent.v.tolist(), strict=True):
            mine.setdefault((t, v + 0.0), seq)
        theirs: dict[tuple[int, float], int] = {}
        for t, v in zip(held.t.tolist(), held.v.tolist(), strict=True):
            theirs[t, v + 0.0] = theirs.get((t, v + 0.0), 0) + 1
        self.sent += len(mine)
        self.stored += len(theirs)
        twice = sum(n - 1 for n in theirs.values())
        gone, strange = [k for k in mine if k not in theirs], [k for k in theirs if k not in mine]
        times_gone = {t for t, _ in gone}
        altered = [k for k in strange if k[0] in times_gone]
        self.duplicated += twice
        self.missing += len(gone)
        self.altered += len(altered)
        self.foreign += len(strange) - len(altered)
        for key in gone:
            seq = mine[key]
            if seq in waiting:
                self.waiting += 1
            elif seq in refused:
                self.refused += 1
            else:
                self._name(f"{series}: {key[1]:g} at {key[0]} (pack {seq}) was sent and receipted and is not there")
        for t, v in strange:
            self._name(f"{series}: {v:g} at {t} is there and nobody sent it")
        if twice:
            self.unexplained += twice - 1
            self._name(f"{series}: {twice} readings are there twice")

    def add_wire(self, series: str, sent: Sent, held: Held, frames: Frames) -> None:
        """One series of real frames: an edge stamps them itself, so times agree within ``slack``; a stream is read once in ``every``."""
        by_value: dict[float, list[int]] = {}
        for t, v in sorted(zip(sent.t.tolist(), (sent.v + 0.0).tolist(), strict=True)):
            by_value.setdefault(v, []).append(t)
        rows = list(zip(held.t.tolist(), (held.v + 0.0).tolist(), strict=True))
        self.stored += len(rows)
        twice = len(rows) - len(set(rows))
        self.duplicated += twice
        for t, v in set(rows):
            if not _near(by_value.get(v, []), t, frames.slack):
                self.foreign += 1
                self._name(f"{series}: {v:g} at {t} is there and was never on the line then")
        if twice:
            self.unexplained += twice - 1
            self._name(f"{series}: {twice} readings are there twice")
        times = sorted(t for t, _ in rows)
        wanted = sorted(set(sent.t.tolist())) if frames.polled else sorted({t // frames.every * frames.every for t in sent.t.tolist()})
        for t in wanted:
            if not frames.polled and times and not times[0] < t <= times[-1] - frames.every:
                continue  # before the edge listened, or not over
            self.sent += 1
            after = frames.slack if frames.polled else frames.every + frames.slack
            if _near(times, t, frames.slack, after):
                continue
            self.missing += 1
            if any(begin - frames.lost <= t <= end + frames.back for begin, end in frames.dead):
                self.hindered += 1
            else:
                self._name(f"{series}: the frame at {t} is not there")

    def _name(self, what: str) -> None:
        self.unexplained += 1
        if len(self.named) < NAMED:
            self.named.append(what)

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def _near(times: list[int], t: int, before: int, after: int | None = None) -> bool:
    """Whether one of the rising ``times`` lies from ``before`` before ``t`` to ``after`` (or as much) after it."""
    at = bisect_left(times, t - before)
    return at < len(times) and times[at] <= t + (before if after is None else after)
