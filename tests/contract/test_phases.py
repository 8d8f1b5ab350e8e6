"""How a rule stood over time agrees with the alarms that it raised."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract.machine import Phase, Row
from kampung_contract.phases import Stretch, lead_ms, phases
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.track import Track

T0 = 1_795_280_400_000
MINUTE = 60_000
GAUGE = "kiosk-1.gauge.water_level"
TEXTS = {"village": "35.10.24.2008", "severity": 2, "title": {"id": "x"}, "message": {"id": "x"}, "source": "a test"}


def rule(**more: object) -> Rule:
    """Over a river's level."""
    return parse_rule({"id": "kali", **({} if "when" in more else {"quantity": "water_level", "unit": "m"}), **TEXTS, **more})


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.sampled_from([1.0, 1.4, 1.6])), max_size=60), st.booleans())
def test_stretches_of_firing_and_clearing_are_the_alarms(steps: list[tuple[int, float]], waits: bool) -> None:
    """Whatever is measured; and before an alarm that had to wait its rule was pending for as long."""
    kali = rule(threshold=1.5, clear=1.3, **{"for": "10m" if waits else "0s", "clear_for": "20m"})
    rows, at = [], T0
    for minutes, value in steps:
        at += minutes * MINUTE
        rows.append(Row(at, GAUGE, value, 1))
    track = Track(kali, lambda _leaf, _source: True, lambda a, b: [row for row in rows if a <= row.t < b])
    track.take(rows)
    stop = at + MINUTE
    found = phases(kali, lambda _leaf, _source: True, rows, stop)
    stands: list[tuple[int, int]] = []
    for phase, a, b in found:
        if phase is Phase.PENDING:
            continue
        if stands and stands[-1][1] == a:
            stands[-1] = (stands[-1][0], b)
        else:
            stands.append((a, b))
    assert stands == [(e.since, stop if e.until is None else e.until) for e in track.episodes]
    for episode in track.episodes if waits else ():
        assert any(s.phase is Phase.PENDING and s.stop == episode.since and s.stop - s.start >= 10 * MINUTE for s in found)


def test_an_alarm_that_stood_before_is_known() -> None:
    """What the first readings say does not hide it."""
    kali = rule(threshold=1.5, clear=1.3, clear_for="20m")
    rows = [Row(T0 + minute * MINUTE, GAUGE, 1.0, 1) for minute in (0, 20)]
    found = phases(kali, lambda _leaf, _source: True, rows, T0 + 30 * MINUTE, standing=T0 - 60 * MINUTE)
    assert found == [(Phase.FIRING, T0 - 60 * MINUTE, T0), (Phase.CLEARING, T0, T0 + 20 * MINUTE)]


def test_a_silence_waits_and_stands() -> None:
    """From the last reading it waits, then it stands until the next one."""
    silent = rule(when={"type": "silence", "quantity": "water_level", "unit": "m", "after": "30m"})
    rows = [Row(T0 + minute * MINUTE, GAUGE, 1.0, 1) for minute in (0, 10, 60)]
    found = phases(silent, lambda _leaf, _source: True, rows, T0 + 100 * MINUTE)
    assert [(s.phase, (s.start - T0) // MINUTE, (s.stop - T0) // MINUTE) for s in found] == [
        (Phase.PENDING, 10, 40),
        (Phase.FIRING, 40, 60),
        (Phase.PENDING, 60, 90),
        (Phase.FIRING, 90, 100),
    ]
    assert lead_ms(silent) == 30 * MINUTE
    assert isinstance(found[0], Stretch)
