"""Three years of hourly river level at three gauges, with the errors that such records hold: what alarms make of them."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from kampung_contract.machine import Row
from kampung_contract.pack import GOOD
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.track import Track

HOUR, HOURS = 3_600_000, 3 * 365 * 24
BEGIN = 1_700_000_000_000
MARK, CLEAR = 5.0, 4.9
RULE: Rule = parse_rule(
    {
        "id": "kali",
        "village": "35.10.24.2008",
        "quantity": "water_level",
        "unit": "m",
        "threshold": MARK,
        "clear": CLEAR,
        "for": "10m",
        "clear_for": "2h",
        "fresh": "6h",
        "severity": 2,
        "title": {"id": "Kali naik"},
        "message": {"id": "Air {value}"},
        "source": "norms, alerting: Siaga 2, 10 minutes; 10 cm below for 2 hours",
    }
)


class Gauge(NamedTuple):
    """``truth`` by hour in m; ``record`` is what somebody wrote down: (hour, m). ``planted`` are the hours of typing errors."""

    truth: list[float]
    record: list[tuple[int, float]]
    planted: set[int]


def gauge(seed: int) -> Gauge:
    """Base flow to the centimetre, legally flat for weeks; floods that rise in hours and fall in days; noise near the marks."""
    dice = Random(seed)
    truth: list[float] = []
    base, level, peak, left = 0.6, 0.0, 0.0, 0
    for hour in range(HOURS):
        season = 0.5 + 0.5 * math.cos(2 * math.pi * hour / 8760)
        if not left and dice.random() < 0.004 * season:
            peak, left = dice.uniform(1.0, 8.5), dice.randint(3, 9)
        if left:
            level += (peak - level) / left
            left -= 1
        else:
            level *= 0.97
        truth.append(round(base + level + (dice.gauss(0, 0.02) if level > 0.5 else 0), 2))
    planted = {hour for hour in range(1, HOURS - 1) if dice.random() < 0.002}
    planted = {hour for hour in planted if not {hour - 2, hour - 1, hour + 1, hour + 2} & planted}
    record = []
    silent = 0
    for hour, value in enumerate(truth):
        if not silent and dice.random() < 0.001:
            silent = dice.randint(2, 60)
        silent = max(silent - 1, 0)
        if silent:
            continue
        wrong = 0.1 if value > 3 else round(value * 10, 2)  # 10 cm between 555 and 600; 600 for 60
        record.append((hour, wrong if hour in planted else value))
    return Gauge(truth, record, planted)


def crossings(truth: list[float]) -> list[tuple[int, int]]:
    """When the water truly stood beyond the mark for an hour and more: first and last hour, until two hours below the lower one."""
    out: list[tuple[int, int]] = []
    above = calm = 0
    for hour, value in enumerate(truth):
        above = above + 1 if value >= MARK else 0
        calm = calm + 1 if value <= CLEAR else 0
        if above == 2 and (not out or out[-1][1] >= 0):
            out.append((hour - 1, -1))
        if out and out[-1][1] < 0 and calm == 3:
            out[-1] = (out[-1][0], hour)
    return [(begin, end if end >= 0 else len(truth)) for begin, end in out]


def naive(record: list[tuple[int, float]]) -> int:
    """Messages of a program that compares each reading with one number and says when that changes."""
    states = [value >= MARK for _, value in record]
    return sum(before is not now for before, now in zip([False, *states], states, strict=False))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_crossing_is_found_and_no_error_raises_an_alarm(seed: int) -> None:
    """An alarm a flood, whatever was typed wrong, however long the sensor stood still or said nothing."""
    river = gauge(seed)
    track = Track(RULE, lambda *_: True, lambda *_: ())
    track.take([Row(BEGIN + hour * HOUR, "kali", value, GOOD) for hour, value in river.record])
    found = [((e.since - BEGIN) // HOUR, (e.end - BEGIN) // HOUR) for e in track.episodes]
    true = crossings(river.truth)
    heard = {hour for hour, _ in river.record}
    seen = [(a, b) for a, b in true if sum(h in heard and h not in river.planted for h in range(a, b)) >= 4]
    assert len(true) >= 10
    assert len(river.planted) >= 20
    assert [c for c in seen if not any(a <= c[1] and c[0] <= b for a, b in found)] == [], "a crossing was missed"
    assert [f for f in found if not any(a <= f[1] and f[0] <= b for a, b in true)] == [], "an alarm for nothing"
    assert 2 * len(found) < naive(river.record)


def test_messages_against_a_naive_threshold() -> None:
    """The table of docs/alarms.md says what is so."""
    page = (Path(__file__).parent.parent.parent / "docs" / "alarms.md").read_text(encoding="utf-8")
    for seed in (1, 2, 3):
        river = gauge(seed)
        track = Track(RULE, lambda *_: True, lambda *_: ())
        track.take([Row(BEGIN + hour * HOUR, "kali", value, GOOD) for hour, value in river.record])
        numbers = (seed, len(crossings(river.truth)), len(river.planted), naive(river.record), 2 * len(track.episodes))
        assert f"| {' | '.join(map(str, numbers))} |" in page
