"""Alarms: rules carried over the readings that were just committed, in order of event time.

An alarm raised by readings that came late is *historic*: kept, but announced to nobody until a fresh reading shows that it still
holds. Silence resolves nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kampung_contract.rules import Phase, Rule, RuleState, Transition, duration, evaluate
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.alarm import Alarm, Reading, fill, from_row, listed, to_row, words_for
from kampung_cloud.area import WHOLE, Area
from kampung_cloud.records import Records
from kampung_cloud.records.models import AlarmRow, AlarmStateRow
from kampung_cloud.telemetry.store import SeriesKey, TelemetryStore

LOOK_BACK_MS = 3_600_000
LATE_MS = 48 * 3_600_000
"""How far back a late reading may lie and still be counted anew."""
SHOWN_MS = 3_600_000
"""A resolved alarm stays on the kiosks this long."""
QUIET = (Phase.INACTIVE, Phase.PENDING)


class Alarms:
    """``update`` and ``save`` are called by the ingest thread, the rest by any."""

    def __init__(self, rules: Sequence[Rule], store: TelemetryStore, records: Records, area: Area = WHOLE) -> None:
        self._area = area
        self._rules = tuple(rules)
        self._store = store
        self._records = records
        self._lock = threading.Lock()
        self._states: dict[tuple[str, str], RuleState] = {}
        self._open: dict[tuple[str, str], Alarm] = {}
        self._changed: dict[str, Alarm] = {}
        self._stepped: set[tuple[str, str]] = set()

    def start(self, now: int) -> None:
        """Take up where the last process ended, and count what was committed since. Raises ``StorageUnavailable``."""
        with self._records.session() as session:
            for kept in session.scalars(select(AlarmStateRow)):
                self._states[kept.rule, kept.series] = RuleState(Phase(kept.phase), kept.since, kept.at, kept.raised)
            for row in session.scalars(select(AlarmRow).where(AlarmRow.until.is_(None), AlarmRow.village.like(self._area.pattern))):
                self._open[row.rule, row.series] = from_row(row)
        known = {rule.id for rule in self._rules}
        for rule_id, series in [key for key in self._open if key[0] not in known]:
            self._close((rule_id, series), now)  # the rule was withdrawn
        for key in self._store.series():
            for rule in self.rules_for(key):
                latest = self._store.find(key.id)
                state = self._states.get((rule.id, key.id), RuleState())
                if latest is None or latest.estimated:
                    continue
                if self._may_change(rule, key, state):
                    self._refold(rule, key, state, state.at or latest.t, latest.t)
                else:
                    self._step(rule, key, state, self._window(key.id, state.at, latest.t))

    def rules_for(self, key: SeriesKey) -> tuple[Rule, ...]:
        """Rules that watch this series."""
        return tuple(r for r in self._rules if r.unit == key.unit and r.concerns(key.village, key.node, key.device, key.quantity))

    def update(self, key: SeriesKey, readings: Iterable[Reading]) -> None:
        """Count readings of a series that are committed."""
        ordered = sorted(readings)
        if not ordered:
            return
        for rule in self.rules_for(key):
            state = self._states.get((rule.id, key.id), RuleState())
            if state.at and ordered[0].t < state.at and self._may_change(rule, key, state):
                self._refold(rule, key, state, ordered[0].t, max(ordered[-1].t, state.at))
            else:
                self._step(rule, key, state, ordered)

    def corrected(self, key: SeriesKey, first: int, last: int) -> None:
        """Count readings whose time is known only now."""
        if self.rules_for(key):
            self.update(key, self._window(key.id, first, last))

    def _may_change(self, rule: Rule, key: SeriesKey, state: RuleState) -> bool:
        """Whether late readings are counted: they are not once an alarm is announced, which only newer readings can end."""
        alarm = self._open.get((rule.id, key.id))
        return state.phase in QUIET if alarm is None else not alarm.announced

    def _refold(self, rule: Rule, key: SeriesKey, state: RuleState, first: int, last: int) -> None:
        """Count again from before ``first``: what arrives after newer readings belongs to the duration all the same."""
        at = state.at or first
        margin = duration(rule.hold) + duration(rule.clear_for) + LOOK_BACK_MS
        alarm = self._open.get((rule.id, key.id))
        start = max(min(first, at, alarm.since if alarm else at), at - LATE_MS) - margin
        self._step(rule, key, RuleState(), self._window(key.id, start, last), before=state)

    def _window(self, series: str, start: int, last: int) -> list[Reading]:
        found = self._store.window(series, start, last + 1)
        doubtful = found.estimated or [0] * len(found.t)
        rows = zip(found.t, found.v, found.q, found.received, doubtful, strict=True)
        return [Reading(*row[:4]) for row in rows if not row[4]]

    def _step(self, rule: Rule, key: SeriesKey, state: RuleState, readings: Sequence[Reading], before: RuleState | None = None) -> None:
        at = {(r.t, r.value): r for r in reversed(readings)}
        new, transitions = evaluate(rule, state, ((r.t, r.value, r.flag) for r in readings))
        place = (rule.id, key.id)
        for transition in transitions if before is None else self._unknown(place, transitions):
            if transition.kind == "raised":
                self._raise(rule, key, transition, announced=at[transition.at, transition.value].fresh)
            else:
                self._close(place, transition.at)
        alarm = self._open.get(place)
        newest = next((r for r in reversed(readings) if r.t == new.at), None)
        if alarm is not None and not alarm.announced and new.phase is Phase.FIRING and newest is not None and newest.fresh:
            self._put(replace(alarm, announced=True))
        old = before or self._states.get(place)
        if new != old:
            with self._lock:
                self._states[place] = new
                self._stepped.add(place)

    def _unknown(self, place: tuple[str, str], transitions: list[Transition]) -> list[Transition]:
        """Of a second count, what is not on record: alarms that none covers, and the end of the one that is open."""
        with self._records.session() as session:
            query = select(AlarmRow).where(AlarmRow.rule == place[0], AlarmRow.series == place[1], AlarmRow.until.is_not(None))
            closed = {row.id: from_row(row) for row in session.scalars(query)}
        closed |= {a.id: a for a in self._changed.values() if (a.rule, a.series) == place and a.until is not None}
        by_begin = {a.since: a for a in closed.values()}
        alarm = self._open.get(place)
        out: list[Transition] = []
        for index, transition in enumerate(transitions):
            if transition.kind != "raised":
                continue
            end = transitions[index + 1] if index + 1 < len(transitions) else None
            if alarm is not None and (end is None or end.at >= alarm.since):
                alarm = None
                out.extend((end,) if end else ())
            elif end is not None and (kept := by_begin.get(transition.at)) is not None:
                if not kept.announced and kept.until != end.at:
                    self._put(replace(kept, until=end.at))
            elif end is None or not any(a.since <= end.at and transition.at <= (a.until or a.since) for a in closed.values()):
                out.extend((transition, end) if end else (transition,))
        if alarm is not None:  # what came late shows that it should not have been raised
            out.append(Transition("resolved", alarm.since, alarm.value))
        return out

    def _raise(self, rule: Rule, key: SeriesKey, transition: Transition, *, announced: bool) -> None:
        number = f"{rule.id}:{key.id}:{transition.at}"
        words = {lang: words_for(rule, key, transition, lang) for lang in {*rule.title, *rule.message}}
        self._put(
            Alarm(
                id=number,
                rule=rule.id,
                village=key.village,
                node=key.node,
                series=key.id,
                severity=rule.severity,
                since=transition.at,
                until=None,
                value=transition.value,
                unit=rule.unit,
                threshold=rule.threshold,
                title={lang: fill(text, words[lang]) for lang, text in rule.title.items()},
                message={lang: fill(text, words[lang]) for lang, text in rule.message.items()},
                source=rule.source,
                announced=announced,
            )
        )

    def _close(self, place: tuple[str, str], at: int) -> None:
        alarm = self._open.get(place)
        if alarm is not None:
            self._put(replace(alarm, until=at))

    def _put(self, alarm: Alarm) -> None:
        with self._lock:
            self._changed[alarm.id] = alarm
            if alarm.until is None:
                self._open[alarm.rule, alarm.series] = alarm
            elif (firing := self._open.get((alarm.rule, alarm.series))) is not None and firing.id == alarm.id:
                del self._open[alarm.rule, alarm.series]

    @property
    def changed(self) -> bool:
        """Whether alarms wait to be saved; states alone may wait longer, since they can be counted again."""
        return bool(self._changed)

    def save(self, session: Session) -> tuple[list[Alarm], set[tuple[str, str]]]:
        """Write what changed; call ``saved`` with the result once the transaction is through."""
        with self._lock:
            alarms, places = list(self._changed.values()), set(self._stepped)
        for alarm in alarms:
            session.merge(to_row(alarm))
        for rule, series in places:
            state = self._states[rule, series]
            session.merge(
                AlarmStateRow(rule=rule, series=series, phase=state.phase.value, since=state.since, at=state.at, raised=state.raised)
            )
        return alarms, places

    def saved(self, what: tuple[list[Alarm], set[tuple[str, str]]]) -> None:
        """These are durable."""
        with self._lock:
            for alarm in what[0]:
                if self._changed.get(alarm.id) is alarm:
                    del self._changed[alarm.id]
            self._stepped -= what[1]

    def document(self, village: str, now: int) -> dict[str, object]:
        """The kiosks' document: announced alarms that are firing, or were resolved in the last hour. Raises ``StorageUnavailable``."""
        found = listed(self._records, village, "all")
        return {"alarms": [a.shown() for a in found if a.announced and (a.until is None or now - a.until <= SHOWN_MS)]}
