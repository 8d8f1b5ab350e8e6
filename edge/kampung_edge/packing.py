"""Readings into drafts of packs: by lane, by series, within the limits of the wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kampung_contract.errors import KampungError
from kampung_contract.pack import MAX_READINGS, Column, column
from kampung_contract.topics import Lane

from kampung_edge.clock import Era

FRESH_MS = 60_000
"""Readings older than this are backfill."""


class Row(NamedTuple):
    """One reading on its way to the spool; ``t`` in milliseconds UTC, ``q`` a QARTOD flag, ``era`` the clock that gave ``t``."""

    lane: Lane
    device: str
    quantity: str
    unit: str
    t: int
    v: float
    q: int
    era: Era | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack without its number. Holds readings (lane live or backfill) or events."""

    lane: Lane
    series: list[Column] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def readings(self) -> int:
        """Readings in all columns."""
        return sum(len(c.v) for c in self.series)

    def span(self) -> tuple[int, int]:
        """First and last time of its readings in milliseconds UTC; (0, 0) for events."""
        if not self.series:
            return 0, 0
        times = [t for c in self.series for t in c.times()]
        return min(times), max(times)

    def halves(self) -> tuple[Draft, Draft]:
        """Two drafts with the same content in the same order within each series.

        Raises ``KampungError`` with code ``too_large`` when there is nothing left to divide.
        """
        if len(self.events) > 1:
            half = len(self.events) // 2
            return Draft(self.lane, events=self.events[:half]), Draft(self.lane, events=self.events[half:])
        if self.readings < 2:
            raise KampungError("one event or reading alone is over 64 KB; make it smaller", code="too_large")
        rows = list(_rows(self))
        half = len(rows) // 2
        return _draft(self.lane, rows[:half]), _draft(self.lane, rows[half:])


def drafts(rows: Sequence[Row]) -> list[Draft]:
    """One draft a lane, more only beyond 2,000 readings; backfill behind live."""
    out = []
    for lane in (Lane.LIVE, Lane.BACKFILL):
        of_lane = [r for r in rows if r.lane is lane]
        out += [_draft(lane, of_lane[i : i + MAX_READINGS]) for i in range(0, len(of_lane), MAX_READINGS)]
    return out


def joined(one: Draft, other: Draft) -> Draft:
    """The readings of both in the first one's lane, in the same order within each series."""
    return _draft(one.lane, [*_rows(one), *_rows(other)])


def _draft(lane: Lane, rows: Iterable[Row]) -> Draft:
    by_series: dict[tuple[str, str, str], list[tuple[int, float, int]]] = {}
    for row in rows:
        by_series.setdefault((row.device, row.quantity, row.unit), []).append((row.t, row.v, row.q))
    return Draft(lane, [column(f"{device}/{quantity}", unit, values) for (device, quantity, unit), values in by_series.items()])


def _rows(draft: Draft) -> Iterable[Row]:
    for c in draft.series:
        flags = c.q or [1] * len(c.v)
        for t, v, q in zip(c.times(), c.v, flags, strict=True):
            yield Row(draft.lane, c.device, c.quantity, c.u, t, v, q)
