"""Alarms: rules carried over the readings that were just committed, in event time.

History is what it would be had every reading come in order: what is late begins, moves, ends or withdraws alarms. Nobody is told of an
alarm that was found in old readings (*historic*) until a fresh one shows that it still holds. Silence resolves nothing.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from kampung_contract.alarm import Alarm
from kampung_contract.conditions import Silence
from kampung_contract.machine import Phase
from kampung_contract.rules import Rule, shown, version
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kampung_cloud.alarm import Reading, from_row, listed, to_row
from kampung_cloud.area import WHOLE, Area
from kampung_cloud.handling import book, changes
from kampung_cloud.handling.state import Handling
from kampung_cloud.health import now_ms
from kampung_cloud.records import Records
from kampung_cloud.records.models import AlarmRow, AlarmStateRow
from kampung_cloud.telemetry.store import SeriesKey, TelemetryStore
from kampung_cloud.watch import Watch

HORIZON_MS = 31 * 86_400_000
"""Alarms that ended longer ago are not changed any more, and readings from before that change none."""
RECHECK_MS = 48 * 3_600_000
"""A process that was killed may have committed late readings without counting them: the last two days are counted again at each start."""
SHOWN_MS = 3_600_000
"""A resolved alarm stays on the kiosks this long."""
REST_S = 2.0
"""Readings that come late are counted at once, but not more often than this for one rule: a backlog is thousands of packs."""
SLICE_S = 0.2
"""So long the ingest thread counts what waits before it takes in again."""
LISTEN_MS = 10_000
"""How often it is asked who is silent."""

Place = tuple[str, str]
"""A rule's id and its scope."""


class Saved(NamedTuple):
    """What a transaction wrote."""

    alarms: list[Alarm]
    places: set[Place]


class Alarms:
    """``update``, ``tick`` and ``save`` are called by the ingest thread, the rest by any."""

    def __init__(
        self, rules: Sequence[Rule], store: TelemetryStore, records: Records, area: Area = WHOLE, call: Callable[[str], str] = lambda _: ""
    ) -> None:
        """``call`` gives the number to call in a village."""
        self._area, self._call = area, call
        self._rules = {rule.id: rule for rule in rules}
        self._of: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
        """Rules by village and quantity: there may be thousands."""
        for rule in rules:
            for name in {leaf.quantity for leaf in rule.leaves} if area.holds(rule.watched) else ():
                self._of[rule.watched, name].append(rule)
        self._store, self._records = store, records
        self._lock = threading.Lock()
        self._watches: dict[Place, Watch] = {}
        self._counted: dict[Place, int] = {}
        self._recorded: dict[Place, list[Alarm]] = {}
        self._waiting: dict[Place, int] = {}
        """Since when readings are to be counted anew, by place."""
        self._rested: dict[Place, float] = {}
        self._next_listen = 0
        self._changed: dict[str, Alarm] = {}
        self._stepped: set[Place] = set()

    def start(self, now: int) -> None:
        """Take up where the last process ended; what it may have missed is counted in the ticks to come. Raises ``StorageUnavailable``."""
        with self._records.session() as session:
            for kept in session.scalars(select(AlarmStateRow)):
                self._counted[kept.rule, kept.series] = kept.at
            recent = or_(AlarmRow.until.is_(None), AlarmRow.until >= now - HORIZON_MS)
            # An alarm belongs to whoever takes in what its rule looks at, which may be another area than the one it warns.
            across = [rule.id for rule in self._rules.values() if rule.watches is not None]
            query = select(AlarmRow).where(recent, or_(AlarmRow.village.like(self._area.pattern), AlarmRow.rule.in_(across)))
            for row in session.scalars(query.order_by(AlarmRow.since)):
                alarm = from_row(row)
                if alarm.rule in self._rules and not self._area.holds(self._rules[alarm.rule].watched):
                    continue
                if alarm.rule in self._rules:
                    self._recorded.setdefault((alarm.rule, alarm.scope), []).append(alarm)
                elif alarm.until is None:
                    self._put([alarm.ended(now)])  # the rule was withdrawn
        for key in self._store.series():
            for rule in self.rules_for(key):
                place = (rule.id, rule.scope(key.id))
                if place in self._counted:
                    self._waiting[place] = self._counted[place] - RECHECK_MS

    def rules_of(self, village: str) -> dict[str, object]:
        """The kiosks' document of the rules in force there, with the version that names them."""
        mine = [rule for rule in self._rules.values() if rule.village == village]
        return {"version": version(mine), "rules": [shown(rule) for rule in mine]}

    @property
    def villages(self) -> set[str]:
        """Villages of ours that have rules."""
        return {rule.village for rule in self._rules.values() if self._area.holds(rule.village)}

    def rules_for(self, key: SeriesKey) -> tuple[Rule, ...]:
        """Rules that look at this series."""
        found = self._of.get((key.village, key.quantity), ())
        return tuple(r for r in found if r.concerns(key.village, key.node, key.device, key.quantity) and r.reads(key.unit, key.quantity))

    def update(self, key: SeriesKey, readings: Sequence[Reading]) -> None:
        """Count readings of a series that are committed. Raises ``StorageUnavailable``; the same may be counted again."""
        if not readings:
            return
        first = min(r.t for r in readings)
        for rule in self.rules_for(key):
            place = (rule.id, rule.scope(key.id))
            watch = self._watches.get(place)
            if watch is None or place in self._waiting:
                self._again(place, first)
                continue
            late = watch.late(key, readings)
            if late is None:
                self._done(place, watch.take(key, readings))
            else:
                self._again(place, late)

    def corrected(self, key: SeriesKey, first: int, last: int) -> None:
        """Count readings whose time is known only now, from ``first`` to ``last`` (ms UTC)."""
        del last
        for rule in self.rules_for(key):
            self._again((rule.id, rule.scope(key.id)), first)

    def tick(self, now: int, online: Callable[[str], bool] = lambda _: False, withdrawn: Callable[[str], bool] = lambda _: False) -> None:
        """Count some of what waits, and ask who is silent: of nodes that are ``online`` everything new is here. Of those that
        are ``withdrawn`` nobody waits to hear anything. Raises ``StorageUnavailable``.
        """
        began = time.monotonic()
        for place in list(self._waiting):
            if time.monotonic() - began > SLICE_S:
                break
            if self._rested.get(place, 0.0) <= began:
                self._count(place)
        if now < self._next_listen:
            return
        self._next_listen = now + LISTEN_MS
        for place, watch in list(self._watches.items()):
            if isinstance(watch.rule.when, Silence) and place not in self._waiting:
                found = self._store.find(watch.scope)
                if found is not None and online(found.key.node):
                    self._done(place, watch.tick(now))
                elif found is not None and watch.firing is not None and withdrawn(found.key.node):
                    self._done(place, watch.unheard(now))

    def settle(self) -> None:
        """Count all that waits, now. Raises ``StorageUnavailable``."""
        for place in list(self._waiting):
            self._count(place)

    def _again(self, place: Place, since: int) -> None:
        """Count anew from ``since``: now, or soon when that was done just before."""
        self._waiting[place] = min(since, self._waiting.get(place, since))
        if self._rested.get(place, 0.0) <= time.monotonic():
            self._count(place)

    def _count(self, place: Place) -> None:
        since = self._waiting[place]
        watch = self._watches.get(place)
        if watch is None:
            counted = self._counted.get(place, 0)
            watch = Watch(self._rules[place[0]], place[1], self._store, self._recorded.pop(place, ()), counted)
            if counted:
                since = min(since, counted)
        alarms = watch.again(since)
        self._watches[place] = watch
        del self._waiting[place]
        self._rested[place] = time.monotonic() + REST_S
        self._done(place, alarms)

    def _done(self, place: Place, alarms: list[Alarm]) -> None:
        self._put(alarms)
        with self._lock:
            self._stepped.add(place)

    def _put(self, alarms: Iterable[Alarm]) -> None:
        with self._lock:
            self._changed |= {alarm.id: alarm for alarm in alarms}

    @property
    def waiting(self) -> int:
        """How many rules are to be counted anew, and alarms to be saved."""
        return len(self._waiting) + len(self._changed)

    @property
    def changed(self) -> bool:
        """Whether alarms wait to be saved; states alone may wait longer, since they can be counted again."""
        return bool(self._changed)

    def phase(self, place: Place) -> Phase:
        """Where a rule stands."""
        watch = self._watches.get(place)
        return watch.phase if watch else Phase.INACTIVE

    def save(self, session: Session) -> Saved:
        """Write what changed; call ``saved`` with the result once the transaction is through."""
        with self._lock:
            alarms, places = list(self._changed.values()), set(self._stepped)
        for alarm in alarms:
            session.merge(to_row(alarm))
        changes.record(session, alarms, now_ms())
        for place in places:
            if place not in self._waiting:
                track = self._watches[place].track
                state = AlarmStateRow(rule=place[0], series=place[1], phase=track.phase.value, since=track.since, at=track.at, raised=0)
                session.merge(state)
        return Saved(alarms, places)

    def saved(self, what: Saved) -> None:
        """These are durable."""
        with self._lock:
            for alarm in what.alarms:
                if self._changed.get(alarm.id) is alarm:
                    del self._changed[alarm.id]
            self._stepped -= what.places - self._waiting.keys()

    def document(self, village: str, now: int) -> dict[str, object]:
        """The kiosks' document: announced alarms that are firing, or were resolved in the last hour, and what people did about them.

        A sensor's own troubles are for technicians, not for residents. With the number to call there, if any. Raises
        ``StorageUnavailable``.
        """
        found = [a for a in listed(self._records, village, "all") if a.announced and a.about != "device"]
        recent = [a for a in found if a.until is None or now - a.until <= SHOWN_MS]
        with self._records.session() as session:
            done = book.handled(session, [a.id for a in recent])
        alarms = [a.shown() | {"handling": (done.get(a.id) or Handling(a.id, a.village)).shown()} for a in recent]
        number = self._call(village)
        return {"alarms": alarms} | ({"contact": number} if number else {})
