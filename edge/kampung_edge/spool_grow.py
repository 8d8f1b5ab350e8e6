"""During an outage readings join the last waiting pack instead of beginning another: a village pays by the byte (decision 0014).

Only a pack that nobody was given may grow, and only in the run that stored it: its number then still names nothing outside this file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kampung_contract.errors import InvalidPack
from kampung_contract.pack import Pack, decode, encode
from kampung_contract.topics import Lane

from kampung_edge.clock import Era
from kampung_edge.packing import Draft, joined
from kampung_edge.spool_file import PAGE

ALONE_MS = 10_000
"""The uplink asks at least each five seconds while it can send; packs grow when nobody has asked for so long."""
FULL = PAGE - 124
"""Bytes of a grown pack: with its row's other columns it still fits a page, and growing writes no more flash than storing anew."""
SPAN_MS = 3_600_000
"""A grown pack holds readings of an hour at most: what one damaged page may cost."""


@dataclass(frozen=True, slots=True)
class Grown:
    """Pack ``seq`` with readings that came later; times in milliseconds UTC, ``growth`` in bytes."""

    seq: int
    payload: bytes
    growth: int
    readings: int
    first: int
    last: int


class Growth:
    """Which pack may grow now: the newest live one of this run, while nobody asks for packs."""

    def __init__(self, now: Callable[[], int]) -> None:
        """``now``: milliseconds UTC."""
        self._now, self._asked = now, now()
        self._newest: tuple[int, Era] | None = None

    def asked(self) -> None:
        """Somebody wants packs to send."""
        self._asked = self._now()

    def stored(self, seq: int, era: Era) -> None:
        """A live pack with readings of ``era``."""
        self._newest = seq, era

    def seq(self, draft: Draft, era: Era) -> int | None:
        """The pack that ``draft`` may join, unless it was handed out or is there no more."""
        now = self._now()
        self._asked = min(self._asked, now)  # the clock may have been set back
        if self._newest is None or self._newest[1] != era or draft.lane is not Lane.LIVE or now - self._asked < ALONE_MS:
            return None
        return self._newest[0]


def grow(seq: int, payload: bytes, draft: Draft, era: Era) -> Grown | None:
    """Pack ``seq``, stored in ``era`` too, with the readings of ``draft`` behind its own; None where that would become too large."""
    pack = decode(payload)
    if pack.clock.synchronised is not era.synchronised:
        return None  # its times were corrected meanwhile
    both = joined(Draft(draft.lane, pack.series), draft)
    first, last = both.span()
    if last - first > SPAN_MS:
        return None
    try:
        grown = encode(Pack(pack.v, pack.epoch, pack.seq, pack.boot, pack.clock, both.series, []))
    except InvalidPack:
        return None
    return Grown(seq, grown, len(grown) - len(payload), both.readings, first, last) if len(grown) <= FULL else None
