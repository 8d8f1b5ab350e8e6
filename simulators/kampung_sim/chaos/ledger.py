"""What was put on each line and when it was read from it: the truth, kept outside the system."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

SLACK_MS = 200
"""Between the moment a frame leaves us and our note of it, on a busy machine."""
LATE_MS = 15_000
"""A frame gets its time when the edge reads it; later than so after we saw it read, its time is wrong."""


class Fate(StrEnum):
    """What became of a frame."""

    SENT = "sent"
    UNREAD = "unread"


@dataclass(slots=True)
class Frame:
    """One value on a line. Times in milliseconds UTC; ``read`` when we first saw that it was off the line."""

    value: int
    written: int
    read: int | None = None
    fate: Fate = Fate.SENT


@dataclass(frozen=True, slots=True)
class Death:
    """An edge died at ``at``. What it had read since ``safe`` it need not have committed.

    ``refused``: by its own record its disk took nothing of what it had read since then; None when it did.
    """

    at: int
    safe: int
    refused: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What explains a loss on one edge: its deaths by time, the spans (ms UTC) it dropped, and ``wrecked``, the readings (time, value) of
    this series that were in a spool when it was damaged."""

    deaths: list[Death]
    gaps: tuple[tuple[int, int], ...] = ()
    shifts: frozenset[int] = frozenset()
    """Milliseconds by which the edge's clock was off at some time."""
    wrecked: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Account:
    """Counts of one run; ``lost`` names what is unexplained.

    ``oldest_loss_ms``: the longest before a death that a frame was lost which was in no damaged spool and on no disk that refused.
    """

    sent: int = 0
    unread: int = 0
    stored: int = 0
    missing: int = 0
    duplicated: int = 0
    altered: int = 0
    out_of_order: int = 0
    in_loss_window: int = 0
    while_disk_refused: int = 0
    in_damaged_spool: int = 0
    dropped_with_gap_record: int = 0
    unexplained: int = 0
    oldest_loss_ms: int = 0
    lost: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """The frames of one device, in order."""

    series: str
    edge: str
    frames: list[Frame] = field(default_factory=list)


def compare(
    account: Account,
    line: Line,
    rows: list[tuple[int, int]],
    told: Told,
) -> None:
    """Add one series to ``account``. ``rows``: (time in ms UTC, value) the cloud holds, by time."""
    find = _Finder(line, told)
    held: dict[int, int] = {}
    order: list[int] = []
    for at, value in rows:
        near = find(at, value)
        if near is None:
            account.altered += 1
            account.lost.append(f"{line.series}: {value} at {at} was never on the line then")
        elif near in held:
            account.duplicated += 1
            account.lost.append(f"{line.series}: {value} is there twice, at {held[near]} and {at}")
        else:
            held[near] = at
            order.append(near)
    account.out_of_order += sum(b < a for a, b in pairwise(order))
    account.stored += len(rows)
    wrecked = {find(at, value) for at, value in told.wrecked}
    ends = [d.at for d in told.deaths]
    for index, frame in enumerate(line.frames):
        if frame.fate is Fate.UNREAD:
            account.unread += index not in held
            account.sent += index in held
            continue
        account.sent += 1
        if index not in held:
            account.missing += 1
            if index in wrecked:
                account.in_damaged_spool += 1
            else:
                _explain(account, line, frame, told, bisect_left(ends, frame.written))


class _Finder:
    """The frame that a row stands for."""

    def __init__(self, line: Line, told: Told) -> None:
        self._frames, self._shifts = line.frames, (0, *told.shifts)
        self._by_value: dict[int, list[int]] = {}
        for index, frame in enumerate(line.frames):
            self._by_value.setdefault(frame.value, []).append(index)

    def __call__(self, at: int, value: int) -> int | None:
        near = min(self._by_value.get(value, ()), key=lambda i: abs(self._frames[i].written - at), default=None)
        if near is None or not any(_fits(self._frames[near], at - shift) for shift in self._shifts):
            return None
        return near


def _fits(frame: Frame, at: int) -> bool:
    return frame.written - SLACK_MS <= at <= (frame.read or frame.written) + LATE_MS


def _explain(account: Account, line: Line, frame: Frame, told: Told, next_death: int) -> None:
    read = frame.read if frame.read is not None else frame.written
    death = told.deaths[next_death] if next_death < len(told.deaths) else None
    if death is not None and read >= death.safe:
        account.in_loss_window += 1
        account.oldest_loss_ms = max(account.oldest_loss_ms, death.at - frame.written)
    elif death is not None and death.refused is not None and read >= death.refused:
        account.while_disk_refused += 1
    elif any(first - SLACK_MS <= read <= last + SLACK_MS for first, last in told.gaps):
        account.dropped_with_gap_record += 1
    else:
        account.unexplained += 1
        after = f"{death.at - read} ms before a kill ({death.at - death.safe} ms may be lost)" if death else "no kill after it"
        account.lost.append(f"{line.series}: {frame.value} written {frame.written}, read {frame.read}: missing, {after}")
