"""The kiosk's own alarms: the regency's rules over its own sensors, with the link up or down.

The same fold as in the cloud, so that both come to the same alarm; the cloud, which hears everything, has the last word on history. Only
rules whose every condition this kiosk can see are evaluated here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kampung_contract.alarm import Alarm, begun, renewed
from kampung_contract.conditions import Leaf, Silence
from kampung_contract.documents import Content
from kampung_contract.episode import Change
from kampung_contract.errors import KampungError
from kampung_contract.machine import Phase, Row
from kampung_contract.pack import FAIL, MISSING
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.silence import SilenceTrack
from kampung_contract.track import Track

from kampung_edge import whole_file
from kampung_edge.bus import Bus
from kampung_edge.clock import wall_ms

log = structlog.get_logger("alarms")

SHOWN_MS = 3_600_000
"""A resolved alarm stays on the kiosk this long."""
BACK_MS = 60_000
"""The clock was set back when a reading is so much older than the one before."""
SAVE_MS = 30_000
FRESH_MS = 5 * 60_000
"""Older readings are history, whatever they say."""

History = Callable[[str], Iterable[tuple[int, float, int]]]
"""By series, the last hours: milliseconds UTC, value, flag."""

TOLD = ("id", "rule", "scope", "series", "severity", "since", "until", "value", "worst", "worst_at")

Place = tuple[str, str]
"""A rule's id and its scope."""


class Alarms:
    """``hear`` is called by the ports' threads, ``tend`` by housekeeping, ``shown`` by the kiosk's."""

    def __init__(  # noqa: PLR0917 - what it stands between
        self, path: Path, village: str, node: str, bus: Bus, tell: Callable[[dict[str, Any]], Any], history: History
    ) -> None:
        """``tell`` puts an event on its way to the cloud, without waiting; ``history`` gives what is remembered of a series."""
        self._path, self._village, self._node, self._bus, self._tell = path, village, node, bus, tell
        self._history = history
        self._lock = threading.Lock()
        self._rules: tuple[Rule, ...] = ()
        self._version: str | None = None
        self._by_series: dict[str, tuple[Rule, ...]] = {}
        self._tracks: dict[Place, Track | SilenceTrack] = {}
        self._alarms: dict[str, Alarm] = {}
        self._kept: dict[str, Any] = {}
        self._clouds: dict[Place, Alarm] = {}
        """What stands by the cloud's last word."""
        self._phases: dict[Place, Phase] = {}
        self._dirty, self._saved = False, 0
        self.trouble: str | None = None
        self._read()

    def follow(self, content: Content) -> None:
        """The rules in force, as the cloud publishes them. Alarms of rules that are gone end."""
        rules = []
        for table in content.document.get("rules", []):
            try:
                rule = parse_rule(table)
            except KampungError as error:
                log.warning("rule.refused", reason=error.message)
                continue
            here = (self._node, None) if rule.single else (self._node,)
            if rule.village == rule.watched == self._village and all(leaf.node in here for leaf in rule.leaves):
                rules.append(rule)
        with self._lock:
            before = {rule.id: rule for rule in self._rules}
            if self._version is not None and before == {rule.id: rule for rule in rules}:
                return
            self._rules, self._version = tuple(rules), str(content.document.get("version", ""))
            self._by_series.clear()
            for place in [p for p in self._tracks if before.get(p[0]) != next((r for r in rules if r.id == p[0]), None)]:
                del self._tracks[place]
                self._kept.pop("\t".join(place), None)
            names = {rule.id for rule in rules}
            for alarm in [a for a in self._alarms.values() if a.until is None and a.rule not in names]:
                self._alarms[alarm.id] = alarm.ended(wall_ms())
                self._told(self._alarms[alarm.id])
            for place in self._clouds:
                self._take_over(place)
            self._dirty = True
        log.info("rules", count=len(rules), version=self._version)

    def agree(self, content: Content) -> None:
        """The cloud's alarms. It heard what this kiosk has forgotten, and its word on when an alarm began is the last one."""
        standing = []
        for shown in content.document.get("alarms", []):
            try:
                alarm = Alarm.told(shown)
            except (KeyError, TypeError, ValueError) as error:
                log.warning("alarm.unread", reason=repr(error))
                continue
            if alarm.until is None and self._sees(alarm.scope):
                standing.append(alarm)
        with self._lock:
            self._clouds = {(alarm.rule, alarm.scope): alarm for alarm in standing}
            for place in self._clouds:
                self._take_over(place)

    def _take_over(self, place: Place) -> bool:
        """Call an alarm what the cloud calls it."""
        rule, theirs = next((r for r in self._rules if r.id == place[0]), None), self._clouds.get(place)
        if rule is None or theirs is None or isinstance(rule.when, Silence):
            return False
        own = [a for a in self._alarms.values() if (a.rule, a.scope) == place and a.episode.meets(theirs.episode)]
        if any(a.until is not None for a in own):
            return False  # it was seen to end here; the cloud will hear of it
        track = self._track(rule, place)
        assert isinstance(track, Track)
        track.stands(theirs.episode)
        for alarm in own:
            self._alarms.pop(alarm.id, None)
        self._alarms[theirs.id] = theirs
        self._dirty = True
        return True

    def hear(self, device: str, name: str, unit: str, row: tuple[int, float, int]) -> None:
        """A reading: milliseconds UTC, value, QARTOD flag."""
        t, value, flag = row
        series = f"{self._node}.{device}.{name}"
        with self._lock:
            rules = self._by_series.get(series)
            if rules is None:
                found = (r for r in self._rules if r.concerns(self._village, self._node, device, name) and r.reads(unit, name))
                rules = self._by_series[series] = tuple(found)
            if not rules or flag in (FAIL, MISSING):
                return
            for rule in rules:
                if t < rule.begins:
                    continue
                place = (rule.id, rule.scope(series))
                track = self._track(rule, place)
                if track.at - t > BACK_MS:
                    track = self._begin_anew(rule, place, t)
                if t > track.at or isinstance(track, SilenceTrack):
                    self._apply(rule, place, track, track.take([Row(t, series, value, flag)]), t)

    def tend(self) -> None:
        """Now and then: who is silent, and what is to be remembered."""
        now = wall_ms()
        with self._lock:
            for place, track in list(self._tracks.items()):
                if isinstance(track, SilenceTrack):
                    self._apply(track.rule, place, track, track.tick(now), now)
            old = [a.id for a in self._alarms.values() if a.until is not None and now - a.until > SHOWN_MS]
            for name in old:
                del self._alarms[name]
            if old:
                self._bus.publish("content", {"key": "alarms", "version": 0})
            if self._dirty or now - self._saved > SAVE_MS:
                self._write(now)

    def shown(self, content: Content | None) -> dict[str, Any] | None:
        """What the kiosk shows: its own alarms, and of the cloud's document those that it cannot see itself. None before either came."""
        with self._lock:
            if self._version is None and content is None:
                return None
            own = [a.shown() | {"local": True} for a in self._alarms.values() if a.announced and a.about != "device"]
            mine = {rule.id for rule in self._rules}
            others = content.document.get("alarms", []) if content is not None else []
            theirs = [a for a in others if not (a.get("rule") in mine and self._sees(str(a.get("scope", a.get("series", "")))))]
            return {"alarms": own + theirs}

    @property
    def firing(self) -> list[Alarm]:
        """Those that stand and were told."""
        with self._lock:
            return [a for a in self._alarms.values() if a.announced and a.until is None]

    def close(self) -> None:
        """Remember what stands."""
        with self._lock:
            self._write(wall_ms())

    def _sees(self, scope: str) -> bool:
        return scope == self._village or scope.partition(".")[0] == self._node

    def _track(self, rule: Rule, place: Place) -> Track | SilenceTrack:
        found = self._tracks.get(place)
        if found is None:
            standing = [a.episode for a in self._alarms.values() if (a.rule, a.scope) == place and a.until is None]
            kept = self._kept.pop("\t".join(place), None)
            if isinstance(rule.when, Silence):
                last = Row(kept["at"], place[1], 0.0, 1) if kept else None
                found = SilenceTrack(rule, standing, last and Row(0, place[1], 0.0, 1), last)
            else:
                found = Track(rule, _matches, lambda start, _: self._rows(rule, place[1], start), standing)
                if not self._remembered(found, kept):
                    self._tracks[place] = found
                    self._apply(rule, place, found, found.again(1), found.at)
            self._tracks[place] = found
        return found

    @staticmethod
    def _remembered(track: Track, kept: dict[str, Any] | None) -> bool:
        if kept is None:
            return False
        try:
            track.remember(kept)
        except (ValueError, KeyError, TypeError) as error:
            log.warning("alarm.forgotten", rule=track.rule.id, reason=str(error))
            return False
        return True

    def _rows(self, rule: Rule, scope: str, start: int) -> list[Row]:
        """What the kiosk remembers of the series that a rule looks at."""
        known = [scope] if rule.single else [s for s, rules in self._by_series.items() if rule in rules]
        start = max(start, rule.begins)
        return sorted(Row(t, s, v, q) for s in known for t, v, q in self._history(s) if t >= start and q not in (FAIL, MISSING))

    def _begin_anew(self, rule: Rule, place: Place, t: int) -> Track | SilenceTrack:
        """The clock was set back to ``t``. What stands goes on and cannot have begun later; what was in the making begins again."""
        standing = [a for a in self._alarms.values() if (a.rule, a.scope) == place and a.until is None]
        episodes = []
        for alarm in standing:
            del self._alarms[alarm.id]
            episode = alarm.episode
            episodes.append(episode._replace(since=min(episode.since, t), worst_at=min(episode.worst_at, t)))
            moved = alarm.at(episodes[-1])
            self._alarms[moved.id] = moved
        new: Track | SilenceTrack
        if isinstance(rule.when, Silence):
            new = SilenceTrack(rule, episodes)
        else:
            new = Track(rule, _matches, lambda *_: ())
            for episode in episodes:
                new.stands(episode)
        self._tracks[place] = new
        return new

    def _apply(self, rule: Rule, place: Place, track: Track | SilenceTrack, changes: Iterable[Change], at: int) -> None:
        """``at``: the time of what was heard. An alarm found in old readings is told once a fresh one shows that it holds."""
        for change in changes:
            was = change.before or change.episode
            known = next((a for a in self._alarms.values() if (a.rule, a.scope, a.since) == (*place, was.since)), None)
            alarm = renewed(known, rule, change.episode) if known else begun(rule, place[1], change.episode)
            if known is not None:
                self._alarms.pop(known.id, None)
            if change.kind == "withdrawn":
                alarm = replace(alarm, withdrawn=True, until=at)
                self._alarms.pop(alarm.id, None)
            elif alarm.until is not None and not alarm.announced:
                self._alarms.pop(alarm.id, None)  # it was over before anybody could be told
            else:
                self._alarms[alarm.id] = alarm
            if alarm.announced and change.kind != "worse":
                self._told(alarm)
        if track.phase is Phase.FIRING and wall_ms() - at <= FRESH_MS:
            for alarm in [a for a in self._alarms.values() if (a.rule, a.scope) == place and a.until is None and not a.announced]:
                if self._take_over(place):
                    break
                self._alarms[alarm.id] = replace(alarm, announced=True)
                self._told(self._alarms[alarm.id])
        if self._phases.get(place) is not track.phase:
            self._phases[place] = track.phase
            self._dirty = True

    def _told(self, alarm: Alarm) -> None:
        """Onto the screen, and on its way to the cloud."""
        state = str(alarm.shown()["state"])
        log.info(f"alarm.{state}", rule=alarm.rule, scope=alarm.scope, value=alarm.value)
        body = {name: getattr(alarm, name) for name in TOLD}
        self._tell({"type": "alarm", "state": state, "version": self._version, **body})
        self._dirty = True
        self._bus.publish("content", {"key": "alarms", "version": 0})

    def _read(self) -> None:
        try:
            kept = msgspec.json.decode(self._path.read_bytes())
            alarms = {a["id"]: Alarm(**a) for a in kept["alarms"]}
            self._kept, self._alarms = kept["tracks"], alarms
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
            log.warning("alarms.unread", file=self._path.name, reason=str(error))  # they are raised again by the next readings

    def _write(self, now: int) -> None:
        tracks = {
            "\t".join(place): {"at": track.at} if isinstance(track, SilenceTrack) else track.kept() for place, track in self._tracks.items()
        }
        body = msgspec.json.encode({"alarms": [asdict(a) for a in self._alarms.values()], "tracks": self._kept | tracks})
        self._saved = now
        if not tracks and not self._alarms and not self._dirty:
            return
        try:
            whole_file.replace(self._path, body)
        except OSError as error:
            if self.trouble is None:
                log.warning("alarms.unwritten", reason=str(error))
            self.trouble = f"alarms cannot be remembered over a restart: {error}"
            return
        self._dirty, self.trouble = False, None


def _matches(leaf: Leaf, source: str) -> bool:
    node, device, name = source.split(".", 2)
    return leaf.concerns(node, device, name)
