"""What is told of tests that spoke: stretches, seldom, and of what turned out worse sooner."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.quality import Later, QualityEvent, Spoken, parse_quality
from kampung_edge.doubts import LATER_S, REPEAT_S, TELL_S, Doubts

AT = 1_790_000_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(doubts: Doubts, *, all_of_it: bool = False) -> QualityEvent | None:
    event = doubts.tell(all_of_it=all_of_it)
    return event and parse_quality(event, 2 * AT)


def test_a_stretch_is_told_once_while_it_lasts_and_once_when_it_is_over():
    clock = Clock()
    doubts = Doubts(clock)
    for minute in range(40):
        doubts.note("d", "relative_humidity", "still", 3, AT + minute * 60_000)
        clock.now += 60
        event = told(doubts)
        if minute == 9:
            assert event == QualityEvent([Spoken("d/relative_humidity", "still", 3, AT, AT + 540_000, 10)])
        else:
            assert event is None
    clock.now += TELL_S
    assert told(doubts) == QualityEvent([Spoken("d/relative_humidity", "still", 3, AT, AT + 39 * 60_000, 40)])
    clock.now += REPEAT_S
    assert told(doubts) is None


def test_what_turned_out_worse_is_told_sooner():
    clock = Clock()
    doubts = Doubts(clock)
    doubts.later("river-1", "water_level", (AT, 0.1), 4, "spike")
    assert told(doubts) is None
    clock.now += LATER_S
    assert told(doubts) == QualityEvent([], [Later("river-1/water_level", AT, 0.1, 4, "spike")])
    assert told(doubts) is None


def test_nothing_of_a_clock_that_is_not_believed():
    doubts = Doubts()
    doubts.note("d", "rain", "range", 4, AT)
    doubts.later("d", "rain", (AT, 1.0), 4, "spike")
    doubts.forget()
    assert told(doubts, all_of_it=True) is None


notes = st.lists(st.tuples(st.integers(0, 1_500), st.sampled_from(["rate", "still"]), st.integers(0, 700)), max_size=60)


@given(notes)
def test_every_doubt_is_in_one_stretch(steps):
    """Whatever the pace of readings and of telling: the last word on each stretch holds each doubt once."""
    clock, t, counts = Clock(), AT, {"rate": 0, "still": 0}
    doubts, found = Doubts(clock), {}
    for seconds, test, waited in steps:
        t += seconds * 1000
        clock.now += waited
        doubts.note("d", "rain", test, 3, t)
        counts[test] += 1
        if (event := told(doubts)) is not None:
            found |= {(s.test, s.since): s for s in event.spoken}
    if (event := told(doubts, all_of_it=True)) is not None:
        found |= {(s.test, s.since): s for s in event.spoken}
    for test, count in counts.items():
        assert sum(s.count for s in found.values() if s.test == test) == count
