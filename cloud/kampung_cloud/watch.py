"""One alarm rule over what it looks at, in the cloud: its track over the stored readings, and its alarms as they are on record."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kampung_contract.alarm import Alarm, begun, renewed
from kampung_contract.conditions import Leaf, Silence
from kampung_contract.episode import Change
from kampung_contract.machine import Phase, Row
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.rules import Rule
from kampung_contract.silence import SilenceTrack
from kampung_contract.track import Track

from kampung_cloud.alarm import FRESH_MS, Reading
from kampung_cloud.telemetry.store import Selector, SeriesKey, TelemetryStore

NEVER = -(2**62)


class Watch:
    """``scope`` is a series' identity, or the village for a rule over several. What a method gives is to be written to records."""

    def __init__(self, rule: Rule, scope: str, store: TelemetryStore, alarms: Iterable[Alarm], counted: int) -> None:
        """``counted``: how far readings were counted by whoever wrote ``alarms`` (ms UTC), 0 for not at all."""
        self.rule, self.scope = rule, scope
        self._store = store
        self._known = {alarm.since: alarm for alarm in alarms if not alarm.withdrawn}
        self._keys: dict[str, SeriesKey] = {}
        self._newest, self._fresh = NEVER, False
        episodes = [self._known[since].episode for since in sorted(self._known)]
        self.track: Track | SilenceTrack
        if isinstance(rule.when, Silence):
            heard = Row(counted, scope, 0.0, 1) if counted else None
            self.track = SilenceTrack(rule, episodes, heard and Row(0, scope, 0.0, 1), heard)
        else:
            self.track = Track(rule, self.matches, self.stored, episodes)

    @property
    def phase(self) -> Phase:
        """Where the rule stands."""
        return self.track.phase

    @property
    def firing(self) -> Alarm | None:
        """The alarm that stands."""
        return next((a for a in reversed(self._known.values()) if a.until is None), None)

    def late(self, key: SeriesKey, readings: Sequence[Reading]) -> int | None:
        """The time of the first of these that is not newer than what was counted; None when all follow."""
        begins = self.rule.begins
        first = min((r.t for r in readings if r.flag not in (FAIL, MISSING) and r.t >= begins), default=None)
        return first if first is not None and first <= self.track.at and not isinstance(self.track, SilenceTrack) else None

    def take(self, key: SeriesKey, readings: Iterable[Reading]) -> list[Alarm]:
        """Readings of one series that are stored by now."""
        self._keys[key.id] = key
        rows, begins = [], self.rule.begins
        for r in readings:
            if r.flag not in (FAIL, MISSING) and r.t >= begins:
                rows.append(Row(r.t, key.id, r.value, r.flag))
                self._hear(r.t, r.received)
        return self._apply(self.track.take(rows))

    def again(self, since: int) -> list[Alarm]:
        """Count anew what is stored from ``since`` (ms UTC) on. Raises ``StorageUnavailable``."""
        if isinstance(self.track, SilenceTrack):
            return self._apply(self.track.take(self.stored(since, 2**62)))
        return self._apply(self.track.again(since))

    def tick(self, now: int) -> list[Alarm]:
        """``now`` is a time up to which everything is here that the sensor's kiosk had to say."""
        self._fresh = isinstance(self.track, SilenceTrack)  # a silence is always told: its reading is old by its nature
        return self._apply(self.track.tick(now))

    def unheard(self, now: int) -> list[Alarm]:
        """The sensor's kiosk was withdrawn: its silence is no trouble any more."""
        return self._apply(self.track.end(now)) if isinstance(self.track, SilenceTrack) else []

    def matches(self, leaf: Leaf, source: str) -> bool:
        """Whether a condition looks at a series that ``looked_at`` has given."""
        key = self._keys[source]
        return leaf.concerns(key.node, key.device, key.quantity)

    def stored(self, start: int, stop: int) -> Iterator[Row]:
        """Good readings of everything it looks at, in order."""
        return heapq.merge(*(self._rows(key, max(start, self.rule.begins), stop) for key in self.looked_at()))

    def looked_at(self) -> list[SeriesKey]:
        """The series that the rule looks at."""
        if self.rule.single:
            found = self._store.find(self.scope)
            keys = [found.key] if found else []
        else:
            keys = [
                key
                for key in self._store.series(Selector(village=self.rule.watched))
                if self.rule.concerns(key.village, key.node, key.device, key.quantity) and self.rule.reads(key.unit, key.quantity)
            ]
        self._keys |= {key.id: key for key in keys}
        return keys

    def _rows(self, key: SeriesKey, start: int, stop: int) -> Iterator[Row]:
        latest = self._store.find(key.id)
        if latest is None or latest.estimated:
            return
        found = self._store.window(key.id, start, min(stop, latest.t + 1))
        doubtful = found.estimated or [0] * len(found.t)
        rows = []
        for t, value, flag, received, estimated in zip(found.t, found.v, found.q, found.received, doubtful, strict=True):
            if not estimated and flag not in (FAIL, MISSING):
                rows.append(Row(t, key.id, value, flag))
                self._hear(t, received)
        yield from sorted(rows)

    def _hear(self, t: int, received: int) -> None:
        if t >= self._newest:
            fresh = received - t <= FRESH_MS
            self._newest, self._fresh = t, fresh or (self._fresh and t == self._newest)

    def _apply(self, changes: Iterable[Change]) -> list[Alarm]:
        out: dict[str, Alarm] = {}
        for change in changes:
            out |= {alarm.id: alarm for alarm in self._changed(change)}
        out = {name: self._joined(alarm) for name, alarm in out.items()}
        standing = self.firing
        if standing is not None and not standing.announced and self._fresh and self.phase is Phase.FIRING:
            standing = self._known[standing.since] = replace(standing, announced=True)
            out[standing.id] = standing
        return list(out.values())

    def _joined(self, alarm: Alarm) -> Alarm:
        """Two that turn out to be one: what people did about the other goes along, and nobody is told that it was none."""
        if not alarm.withdrawn or alarm.became is not None:
            return alarm
        whole = next((known for known in self._known.values() if known.episode.meets(alarm.episode)), None)
        return alarm if whole is None else replace(alarm, became=whole.id)

    def _changed(self, change: Change) -> list[Alarm]:
        episode = change.episode
        if change.kind == "withdrawn":
            gone = self._known.pop(episode.since)
            return [replace(gone, withdrawn=True, until=episode.since if episode.until is None else episode.until)]
        if change.before is None:
            alarm = self._known[episode.since] = begun(self.rule, self.scope, episode)
            return [alarm]
        before = self._known.pop(change.before.since)
        alarm = self._known[episode.since] = renewed(before, self.rule, episode)
        if alarm.id == before.id:
            return [alarm]
        return [replace(before, withdrawn=True, until=before.until or before.since, became=alarm.id), alarm]
