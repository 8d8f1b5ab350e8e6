"""Alarm rules: hysteresis, *for*, event time, and contradictions refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.errors import KampungError
from kampung_contract.pack import FAIL, GOOD, MISSING
from kampung_contract.rules import Phase, RuleState, duration, evaluate, parse_rule

TABLE: dict[str, Any] = {
    "id": "kali-siaga-3",
    "village": "35.10.24.2008",
    "quantity": "water_level",
    "unit": "m",
    "threshold": 1.5,
    "clear": 1.4,
    "for": "10m",
    "clear_for": "2h",
    "severity": 1,
    "title": {"id": "Kali naik"},
    "message": {"id": "Air {value}"},
    "source": "a test",
}
RULE = parse_rule(TABLE)
MINUTE = 60_000
readings = st.lists(
    st.tuples(st.integers(1, 600).map(lambda m: m * MINUTE), st.sampled_from([1.3, 1.4, 1.45, 1.5, 1.6]), st.sampled_from([GOOD, FAIL]))
)


def test_it_fires_only_after_its_for_and_clears_only_after_its_clear_for() -> None:
    """Ten minutes beyond 1.5 m; two hours at or below 1.4 m."""
    rows = [(m * MINUTE, 1.6, GOOD) for m in range(1, 12)] + [(m * MINUTE, 1.3, GOOD) for m in range(12, 140)]
    state, transitions = evaluate(RULE, RuleState(), rows)
    assert [(t.kind, t.at // MINUTE) for t in transitions] == [("raised", 11), ("resolved", 132)]
    assert state.phase is Phase.INACTIVE


def test_a_noisy_value_between_the_marks_does_not_flap() -> None:
    """Between clear and threshold nothing changes, however often the threshold is touched."""
    firing, _ = evaluate(RULE, RuleState(), [(m * MINUTE, 1.6, GOOD) for m in range(1, 12)])
    noisy = [(m * MINUTE, 1.5 if m % 2 else 1.45, GOOD) for m in range(12, 400)]
    assert evaluate(RULE, firing, noisy)[1] == []


@given(readings)
def test_silence_and_failed_readings_change_nothing(rows: list[tuple[int, float, int]]) -> None:
    """Flags 4 and 9 neither raise nor resolve."""
    state, _ = evaluate(RULE, RuleState(), sorted(rows))
    assert evaluate(RULE, state, [(10**9, 9.0, FAIL), (10**9 + 1, 0.0, MISSING)]) == (state, [])


@given(readings, st.integers(0, 40))
def test_batches_and_duplicates_make_no_difference(rows: list[tuple[int, float, int]], cut: int) -> None:
    """One fold, or two with an overlap, give one history: a redelivered batch is harmless."""
    ordered = list({r[0]: r for r in sorted(rows)}.values())
    whole, once = evaluate(RULE, RuleState(), ordered)
    half, first = evaluate(RULE, RuleState(), ordered[:cut])
    rest, second = evaluate(RULE, half, ordered[max(cut - 3, 0) :])
    assert (rest, first + second) == (whole, once)


@given(readings)
def test_raised_and_resolved_take_turns(rows: list[tuple[int, float, int]]) -> None:
    """Never two alarms of one rule at once on one series."""
    kinds = [t.kind for t in evaluate(RULE, RuleState(), sorted(rows))[1]]
    assert kinds == [("raised", "resolved")[i % 2] for i in range(len(kinds))]


def test_below_is_the_mirror_of_above() -> None:
    """Dry soil: below 20, clear at 25."""
    rule = parse_rule(
        {
            **TABLE,
            "quantity": "soil_moisture",
            "unit": "%",
            "direction": "below",
            "threshold": 20,
            "clear": 25,
            "for": "0s",
            "clear_for": "0s",
        }
    )
    kinds = [t.kind for t in evaluate(rule, RuleState(), [(1, 21.0, 1), (2, 20.0, 1), (3, 24.0, 1), (4, 25.0, 1)])[1]]
    assert kinds == ["raised", "resolved"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"clear": 1.6}, "beyond threshold"),
        ({"unit": "cm"}, "measured in 'm'"),
        ({"quantity": "wather"}, "not in the catalogue"),
        ({"source": " "}, "no source"),
        ({"severity": 4}, "severity 4"),
        ({"for": "ten"}, "no duration"),
        ({"village": "35.10.99.2008"}, "not one of"),
        ({"thresold": 1}, "thresold"),
        ({"title": {"en": "x"}}, "Indonesian"),
    ],
)
def test_a_rule_that_contradicts_itself_says_so(change: dict[str, Any], says: str) -> None:
    """Rule, key, value."""
    with pytest.raises(KampungError, match=says):
        parse_rule({**TABLE, **change})


@pytest.mark.parametrize("wrong", ["", "10", "m", "1.5h", "-1s", "2w"])
def test_a_wrong_duration_is_refused(wrong: str) -> None:
    """The forms are named in the message."""
    with pytest.raises(ValueError, match="10m"):
        duration(wrong)
