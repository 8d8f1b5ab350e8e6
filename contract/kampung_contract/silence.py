"""Sensors that are not heard. A gap between two readings is an alarm from when it grew too long to the reading that ended it."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence

from kampung_contract.conditions import Silence, duration
from kampung_contract.episode import Change, Episode, differences
from kampung_contract.machine import Phase, Row
from kampung_contract.rules import Rule


class SilenceTrack:
    """One sensor under a rule of type ``silence``. Late readings divide the gap they fall into; nothing has to be read again."""

    def __init__(self, rule: Rule, episodes: Sequence[Episode] = (), first: Row | None = None, last: Row | None = None) -> None:
        """``first`` and ``last`` of the sensor's readings so far, by time."""
        assert isinstance(rule.when, Silence)
        self.rule, self._after = rule, duration(rule.when.after)
        self.episodes = list(episodes)
        self._first, self._last = first, last

    @property
    def at(self) -> int:
        """Time of the newest row taken, 0 before the first."""
        return self._last.t if self._last else 0

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return Phase.FIRING if self.episodes and self.episodes[-1].until is None else Phase.INACTIVE

    @property
    def since(self) -> int:
        """When that phase began, ms UTC."""
        if not self.episodes:
            return self._first.t if self._first else 0
        last = self.episodes[-1]
        return last.since if last.until is None else last.until

    def take(self, rows: Iterable[Row]) -> list[Change]:
        """Rows in any order, some perhaps for the second time."""
        out: list[Change] = []
        for row in sorted(set(rows)):
            out += self._one(row)
        return out

    def tick(self, now: int) -> list[Change]:
        """``now`` (ms UTC) is a time up to which everything that the sensor's kiosk had to say is here."""
        if self._last is None or self.phase is Phase.FIRING or now - self._last.t <= self._after:
            return []
        return self._put(*self._standing(self._last), [self._gap(self._last, None)])

    def end(self, now: int) -> list[Change]:
        """Nobody waits for the sensor any more (ms UTC): a silence that stands is over. Waited for again, it goes on."""
        if self.phase is not Phase.FIRING:
            return []
        last = self.episodes[-1]
        return self._put(len(self.episodes) - 1, [last], [last._replace(until=max(now, last.since))])

    def again(self, _since: int) -> list[Change]:
        """Nothing is to be counted anew."""
        return []

    def _one(self, row: Row) -> list[Change]:
        first, last, count = self._first, self._last, len(self.episodes)
        if first is None or last is None:
            self._first = self._last = row
            return []
        if row.t > last.t:
            self._last = row
            return self._put(*self._standing(last), [self._gap(last, row.t)])
        if row.t < first.t:
            self._first = row
            return self._put(0, [], [self._gap(row, first.t)])
        place = bisect.bisect_left(self.episodes, row.t, key=lambda e: e.end)
        if place == count or not self.episodes[place].since - self._after < row.t < self.episodes[place].end:
            return []
        gap = self.episodes[place]
        before = Row(gap.since - self._after, gap.source, gap.value, row.flag)
        return self._put(place, [gap], [self._gap(before, row.t), self._gap(row, gap.until)])

    def _standing(self, last: Row) -> tuple[int, list[Episode]]:
        """Where the silence after ``last``, the newest row, is put: in place of what is known of it, or behind the others."""
        ended = self.episodes and self.episodes[-1].since == last.t + self._after  # by ``end``
        known = self.episodes[-1:] if ended or self.phase is Phase.FIRING else []
        return len(self.episodes) - len(known), known

    def _gap(self, before: Row, end: int | None) -> Episode | None:
        since = before.t + self._after
        if end is not None and end <= since:
            return None
        return Episode(since, end, before.value, before.source, before.value, since)

    def _put(self, place: int, old: list[Episode], found: list[Episode | None]) -> list[Change]:
        """Put what was found where ``old`` was, from ``place`` on."""
        old = self.episodes[place : place + len(old)]
        new = [episode for episode in found if episode is not None]
        self.episodes[place : place + len(old)] = new
        return differences(old, new)
