"""Alarms over readings in any order: late, doubled and out of turn, the history is the one that order would have given."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract.conditions import Leaf
from kampung_contract.episode import Change, Episode
from kampung_contract.machine import Phase, Row
from kampung_contract.pack import GOOD, SUSPECT
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.silence import SilenceTrack
from kampung_contract.track import Track

MINUTE = 60_000
A, B = "kiosk-1.kali-1.water_level", "kiosk-1.kali-2.water_level"
BASE: dict[str, Any] = {
    "id": "kali",
    "village": "35.10.24.2008",
    "severity": 1,
    "title": {"id": "Kali naik"},
    "message": {"id": "Air {value}"},
    "source": "a test",
}
LEVEL = {"quantity": "water_level", "unit": "m"}


def rule(when: dict[str, Any], **more: Any) -> Rule:
    return parse_rule({**BASE, "when": when, **more})


MARK = {"type": "threshold", **LEVEL, "threshold": 1.5, "clear": 1.4}
CLIMB = {"type": "rise", **LEVEL, "change": 0.2, "within": "30m", "clear": 0.1}
RULES = {
    "at once": rule(MARK),
    "with durations": rule(MARK, **{"for": "10m", "clear_for": "20m", "fresh": "8m"}),
    "only a beginning that lasts": rule(MARK, **{"for": "5m", "fresh": "3m"}),
    "only an end that lasts": rule(MARK, clear_for="15m", fresh="30m"),
    "below": rule({**MARK, "direction": "below", "threshold": 1.3, "clear": 1.4}, **{"for": "4m", "clear_for": "4m"}),
    "suspect ones never": rule(MARK, suspect="never", **{"for": "5m"}),
    "a band": rule({"type": "band", **LEVEL, "low": 1.35, "high": 1.5, "deadband": 0.05}, **{"for": "3m", "fresh": "10m"}),
    "a rise": rule(CLIMB, clear_for="10m", fresh="20m"),
    "a fall": rule({"type": "rise", **LEVEL, "change": -0.2, "within": "10m", "clear": -0.1}),
    "soon": rule(
        {"type": "reach", **LEVEL, "level": 1.6, "within": "30m", "over": "20m", "clear": "60m"}, **{"for": "5m", "clear_for": "5m"}
    ),
    "by day": rule(MARK, hours={"from": "07.10", "to": "07.50"}, **{"for": "5m", "clear_for": "5m"}),
    "two agree": rule({**MARK, "at_least": 2}, **{"for": "5m", "clear_for": "5m", "fresh": "10m"}),
    "one and another": rule(
        {"type": "all", "parts": [{**MARK, "device": "kali-1"}, {**MARK, "device": "kali-2", "threshold": 1.4, "clear": 1.3}]},
        **{"for": "5m", "clear_for": "2m", "fresh": "10m"},
    ),
    "one or another": rule(
        {
            "type": "any",
            "parts": [
                {**MARK, "device": "kali-1"},
                {**CLIMB, "within": "10m", "device": "kali-2"},
            ],
        },
        **{"for": "3m", "clear_for": "10m", "fresh": "15m"},
    ),
}
DAY = 1_795_305_600_000  # 2026-11-22T07:00:00+07:00

scattered = st.lists(
    st.builds(
        lambda minute, source, value, flag: Row(DAY + minute * MINUTE, source, value, flag),
        st.integers(1, 120),
        st.sampled_from([A, A, A, B]),
        st.sampled_from([1.2, 1.3, 1.35, 1.4, 1.45, 1.5, 1.6]),
        st.sampled_from([GOOD, GOOD, GOOD, SUSPECT]),
    ),
    max_size=60,
)
VALUES = [1.2, 1.3, 1.35, 1.4, 1.45, 1.5, 1.6]


def _spells(spells: list[tuple[int, int, float, float]]) -> list[Row]:
    """For each (minutes, step, value of one sensor, value of the other) both stay there for so long."""
    out, minute = [], 0
    for length, step, one, other in spells:
        for at in range(minute, minute + length, step):
            out += [Row(DAY + at * MINUTE, A, one, GOOD), Row(DAY + at * MINUTE, B, other, GOOD)]
        minute += length
    return out


spells = st.lists(
    st.tuples(st.integers(1, 25), st.integers(1, 4), st.sampled_from(VALUES), st.sampled_from(VALUES)), min_size=1, max_size=12
).map(_spells)
rows = scattered | spells


def device(leaf: Leaf, source: str) -> bool:
    return leaf.concerns("kiosk-1", source.split(".")[1], source.split(".")[2])


class Store:
    """Readings as they are kept; a track asks it."""

    def __init__(self, watched: Rule) -> None:
        self.rows: set[Row] = set()
        self.track = Track(watched, device, self.fetch)
        self.said: dict[int, Episode] = {}

    def fetch(self, start: int, stop: int) -> list[Row]:
        return sorted(row for row in self.rows if start <= row.t < stop)

    def add(self, batch: list[Row]) -> None:
        self.rows |= set(batch)
        self.follow(self.track.take(batch))

    def follow(self, changes: list[Change]) -> None:
        """Keep a list of alarms from what changes alone, as records are."""
        for change in changes:
            if change.kind == "raised":
                assert change.episode.since not in self.said
                self.said[change.episode.since] = change.episode
            elif change.kind == "withdrawn":
                assert self.said.pop(change.episode.since) == change.episode
            else:
                assert change.before is not None
                assert self.said.pop(change.before.since) == change.before
                self.said[change.episode.since] = change.episode


def in_order(watched: Rule, readings: list[Row]) -> list[Episode]:
    track = Track(watched, device, lambda *_: pytest.fail("in order, nothing has to be read again"))
    for _, moment in itertools.groupby(sorted(set(readings)), lambda row: row.t):
        track.take(list(moment))
    return track.episodes


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=40)
@given(data=st.data(), readings=rows)
def test_any_order_gives_the_history_of_the_right_order(name: str, data: st.DataObject, readings: list[Row]) -> None:
    """Arbitrary order, batches and repetitions; and what is told of changes adds up to the same list."""
    store = Store(RULES[name])
    arriving = readings + readings[:10]
    data.draw(st.randoms(use_true_random=False)).shuffle(arriving)
    sizes = data.draw(st.lists(st.integers(1, 40), min_size=1, max_size=20))
    for size in itertools.cycle(sizes):
        store.add(arriving[:size])
        arriving = arriving[size:]
        if not arriving:
            break
    assert store.track.episodes == in_order(RULES[name], readings)
    assert sorted(store.said.values()) == store.track.episodes


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=15)
@given(readings=rows, cut=st.integers(0, 60))
def test_another_process_takes_up_where_one_was_killed(name: str, readings: list[Row], cut: int) -> None:
    """With the alarms on record and the stored readings alone, in mid-duration as well."""
    ordered = sorted(set(readings))
    first = Store(RULES[name])
    first.add(ordered[:cut])
    second = Store(RULES[name])
    second.rows = set(ordered)
    second.track = Track(RULES[name], device, second.fetch, first.track.episodes)
    if ordered:
        second.track.again(first.track.at or ordered[0].t)
    assert second.track.episodes == in_order(RULES[name], readings)


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=15)
@given(readings=rows)
def test_alarms_take_turns(name: str, readings: list[Row]) -> None:
    """Never two at once, and only the last may still stand."""
    found = in_order(RULES[name], readings)
    assert all(before.until is not None and before.until <= after.since for before, after in itertools.pairwise(found))


@pytest.mark.parametrize("name", [n for n in RULES if n not in ("a rise", "a fall", "a band", "below")])
@settings(max_examples=15)
@given(st.lists(st.sampled_from([1.41, 1.45, 1.5, 1.6]), min_size=1, max_size=200))
def test_noise_across_the_threshold_does_not_flap(name: str, values: list[float]) -> None:
    """A value that never comes to rest below the lower mark is one alarm at most."""
    readings = [Row(DAY + i * MINUTE, source, value, GOOD) for i, value in enumerate(values) for source in (A, B)]
    assert len(in_order(RULES[name], readings)) <= 1


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=15)
@given(readings=rows, days=st.integers(1, 400))
def test_silence_resolves_nothing(name: str, readings: list[Row], days: int) -> None:
    """Not by the clock, and not by one reading after a long time where the end has to last."""
    store = Store(RULES[name])
    store.add(readings)
    before = list(store.track.episodes)
    assert store.track.tick(DAY + days * 86_400_000) == []
    assert store.track.episodes == before
    if store.track.rule.clear_ms and before and before[-1].until is None:
        store.add([Row(DAY + days * 86_400_000, A, 1.2, GOOD)])
        assert store.track.episodes[-1].until is None


QUIET = rule({"type": "silence", **LEVEL, "after": "30m"})
moments = st.lists(st.integers(1, 400), unique=True, max_size=40)


@settings(max_examples=150)
def hear(said: list[Episode], changes: list[Change]) -> None:
    """Keep what is told, as whoever writes it down."""
    for change in changes:
        if change.before is not None or change.kind == "withdrawn":
            said.remove(change.before or change.episode)
        if change.kind != "withdrawn":
            said.append(change.episode)


@given(st.data(), moments, st.integers(0, 500))
def test_a_gap_is_a_gap_in_any_order(data: st.DataObject, minutes: list[int], now: int) -> None:
    """Each pair of neighbours more than 30 minutes apart is one alarm; what has come to be known late divides or removes it."""
    track = SilenceTrack(QUIET)
    said: list[Episode] = []
    for minute in data.draw(st.permutations(minutes)):
        hear(said, track.take([Row(DAY + minute * MINUTE, A, 1.0, GOOD)]) + track.tick(DAY + now * MINUTE))
    ordered = sorted(minutes)
    gaps = [(a + 30, b) for a, b in itertools.pairwise(ordered) if b - a > 30]
    if ordered and now - ordered[-1] > 30:
        gaps.append((ordered[-1] + 30, None))
    found = [((e.since - DAY) // MINUTE, e.until and (e.until - DAY) // MINUTE) for e in track.episodes]
    assert found == gaps
    assert sorted(said) == track.episodes


@settings(max_examples=40)
@given(st.data(), st.lists(st.integers(1, 400), unique=True, min_size=1, max_size=10))
def test_a_silence_that_nobody_waits_for_is_over_and_goes_on_when_somebody_does(data: st.DataObject, minutes: list[int]) -> None:
    """Whatever was ended in between, the gaps are those of the readings, each told once."""
    track, plain = SilenceTrack(QUIET), SilenceTrack(QUIET)
    said: list[Episode] = []
    for minute in sorted(minutes):
        row, ended = Row(DAY + minute * MINUTE, A, 1.0, GOOD), data.draw(st.booleans())
        later = DAY + (minute + data.draw(st.integers(0, 100))) * MINUTE
        plain.take([row])
        hear(said, track.take([row]) + track.tick(later) + (track.end(later) if ended else []))
        assert not ended or track.phase is Phase.INACTIVE
    end = DAY + 1_000 * MINUTE
    hear(said, track.tick(end))
    plain.tick(end)
    assert track.episodes == plain.episodes == sorted(said)
    assert track.tick(end) == [] and track.end(end)[0].kind == "resolved"
