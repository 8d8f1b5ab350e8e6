"""Alarm rules: hysteresis, *for*, event time, and contradictions refused."""

from typing import Any

import msgspec
import pytest
from kampung_contract.conditions import duration
from kampung_contract.errors import KampungError
from kampung_contract.machine import Row
from kampung_contract.pack import GOOD, SUSPECT
from kampung_contract.rules import Hours, Rule, check_rules, parse_rule, shown, version
from kampung_contract.track import Track

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
GAUGE = {"quantity": "water_level", "unit": "m"}
LEVEL = ("quantity", "unit", "threshold", "clear")


def history(rule: Rule, rows: list[tuple[int, float]]) -> list[tuple[int, int | None]]:
    """Alarms in minutes, of readings (minute, value)."""
    track = Track(rule, lambda *_: True, lambda *_: ())
    track.take([Row(minute * MINUTE, "s", value, GOOD) for minute, value in rows])
    return [(e.since // MINUTE, None if e.until is None else e.until // MINUTE) for e in track.episodes]


def test_it_fires_only_after_its_for_and_clears_only_after_its_clear_for() -> None:
    """Ten minutes beyond 1.5 m; two hours at or below 1.4 m."""
    rows = [(m, 1.6) for m in range(1, 12)] + [(m, 1.3) for m in range(12, 140)]
    assert history(RULE, rows) == [(11, 132)]


def test_a_noisy_value_between_the_marks_does_not_flap() -> None:
    """Between clear and threshold nothing changes, however often the threshold is touched."""
    assert history(RULE, [(m, 1.6) for m in range(1, 12)] + [(m, 1.5 if m % 2 else 1.45) for m in range(12, 400)]) == [(11, None)]


def test_below_is_the_mirror_of_above() -> None:
    """Dry soil: below 20, clear at 25."""
    soil = {"quantity": "soil_moisture", "unit": "%", "direction": "below", "threshold": 20, "clear": 25, "for": "0s", "clear_for": "0s"}
    assert history(parse_rule({**TABLE, **soil}), [(1, 21.0), (2, 20.0), (3, 24.0), (4, 25.0)]) == [(2, 4)]


def test_a_suspect_reading_needs_another() -> None:
    """One doubted value raises nothing; a second one, or a good one, does. A rule may also take them as they are, or never."""

    def raised(suspect: str, *flags: int) -> list[int]:
        rule = parse_rule({**TABLE, "for": "0s", "suspect": suspect})
        track = Track(rule, lambda *_: True, lambda *_: ())
        track.take([Row((m + 1) * MINUTE, "s", 1.6, flag) for m, flag in enumerate(flags)])
        return [e.since // MINUTE for e in track.episodes]

    assert raised("twice", SUSPECT) == []
    assert raised("twice", SUSPECT, SUSPECT) == [2]
    assert raised("twice", SUSPECT, GOOD) == [2]
    assert raised("twice", GOOD) == [1]
    assert raised("counts", SUSPECT) == [1]
    assert raised("never", SUSPECT, SUSPECT, GOOD) == [3]


def test_the_way_back_from_a_typing_error_is_no_rise() -> None:
    """10 cm between 555 and 600 (norms): doubted when it comes, and nothing is measured against it. A true rise counts as ever."""
    rise = {"type": "rise", "quantity": "water_level", "unit": "m", "change": 1.0, "within": "30m", "clear": 0.05}
    base = {k: v for k, v in TABLE.items() if k not in LEVEL} | {"for": "0s", "clear_for": "0s", "when": rise}

    def raised(*rows: tuple[float, int], suspect: str = "twice") -> list[int]:
        track = Track(parse_rule({**base, "suspect": suspect}), lambda *_: True, lambda *_: ())
        track.take([Row((m + 1) * MINUTE, "s", value, flag) for m, (value, flag) in enumerate(rows)])
        return [e.since // MINUTE for e in track.episodes]

    assert raised((5.55, GOOD), (0.1, SUSPECT), (6.0, GOOD), (6.0, GOOD)) == []
    assert raised((5.55, GOOD), (0.1, SUSPECT), (6.0, GOOD), suspect="counts") == []
    assert raised((5.55, GOOD), (0.1, SUSPECT), (0.1, SUSPECT), (6.0, GOOD), suspect="counts") == [4]
    assert raised((5.55, GOOD), (6.7, SUSPECT), (6.8, GOOD)) == [3]
    assert raised((5.55, GOOD), (6.7, SUSPECT), (5.6, GOOD)) == []


def test_a_lone_dip_begins_no_rise() -> None:
    """A reading far below both its neighbours, whatever quality control thought of it; two in a row are water that was low."""
    rise = {"type": "rise", "quantity": "water_level", "unit": "m", "change": 0.3, "within": "30m", "clear": 0.05}
    rule = parse_rule({k: v for k, v in TABLE.items() if k not in LEVEL} | {"for": "0s", "clear_for": "0s", "when": rise})
    assert history(rule, [(1, 1.8), (2, 1.8), (3, 1.2), (4, 1.8), (5, 1.82)]) == []
    assert history(rule, [(1, 1.8), (2, 1.2), (3, 1.2), (4, 1.55)]) == [(4, None)]
    fall = parse_rule({**msgspec.to_builtins(rule), "when": {**rise, "change": -0.3, "clear": -0.05}})
    assert history(fall, [(1, 1.8), (2, 1.8), (3, 2.4), (4, 1.8), (5, 1.8)]) == []


def test_a_rule_may_watch_another_village_from_a_time_on() -> None:
    """It warns its own village by the sensors of the one upstream; what such a rule does not say is not sent to older kiosks."""
    rule = parse_rule({**TABLE, "watches": "35.10.24.2003", "begins": 7, "certainty": "likely"})
    assert rule.concerns("35.10.24.2003", "n", "d", "water_level")
    assert not rule.concerns(rule.village, "n", "d", "water_level")
    assert {"watches", "begins", "certainty"} <= shown(rule).keys()
    assert not {"watches", "begins", "certainty"} & shown(RULE).keys()
    assert parse_rule(shown(rule)) == rule
    assert parse_rule(shown(RULE)) == RULE
    with pytest.raises(KampungError, match=r"35\.10\.99\.9999"):
        parse_rule({**TABLE, "watches": "35.10.99.9999"})


def test_rates_and_arrival() -> None:
    """Katulampa, 5 February 2018: 180 to 240 cm within an hour (norms); 30 cm in 30 minutes, or the next mark within the hour."""
    rows = [(m, 1.8 + m / 100) for m in range(0, 61, 5)]
    rise = {"type": "rise", "quantity": "water_level", "unit": "m", "change": 0.3, "within": "30m", "clear": 0.05}
    base = {k: v for k, v in TABLE.items() if k not in {"quantity", "unit", "threshold", "clear"}} | {"for": "0s", "clear_for": "0s"}
    assert history(parse_rule({**base, "when": rise}), rows) == [(30, None)]
    reach = {"type": "reach", "quantity": "water_level", "unit": "m", "level": 2.5, "within": "60m", "over": "30m", "clear": "90m"}
    assert history(parse_rule({**base, "when": reach}), rows) == [(10, None)]
    assert history(parse_rule({**base, "when": reach}), [*rows, *((m, 2.4 - m / 1000) for m in range(65, 120, 5))])[0][1] is not None


def test_hours_and_days() -> None:
    """From and to in WIB, over midnight as well, where the day is that of the beginning."""
    night = Hours("21.00", "05.00", (5,))
    friday = 1_795_788_000_000  # 2026-11-27T21:00:00+07:00, a Friday
    hour = 3_600_000
    assert [night.hold(friday + h * hour) for h in (-1, 0, 7, 8, 24)] == [False, True, True, False, False]
    day = Hours("06.00", "18.00")
    assert [day.hold(friday + h * hour) for h in (9, 15, 20, 21)] == [True, True, True, False]


def rules(*of: dict[str, Any]) -> list[Rule]:
    return [parse_rule({**TABLE, **table}) for table in of]


def test_rules_that_silence_each_other_in_a_circle_are_refused() -> None:
    """The way round is named; a name with a star counts for all that it stands for."""
    check_rules(rules({"id": "banjir", "inhibits": ["alat-*"]}, {"id": "alat-1"}, {"id": "alat-2"}))
    with pytest.raises(KampungError, match=r"rule 'a': inhibits in a circle .a → b-1 → a.; .* take one of these names out"):
        check_rules(rules({"id": "a", "inhibits": ["b-*"]}, {"id": "b-1", "inhibits": ["a"]}))
    with pytest.raises(KampungError, match="a → a"):
        check_rules(rules({"id": "a", "inhibits": ["*"]}))
    with pytest.raises(KampungError, match="two rules have the id 'a'"):
        check_rules(rules({"id": "a"}, {"id": "a"}))


def test_a_version_names_a_set_of_rules() -> None:
    """The same in any order, another for any difference; a rule goes over the wire and back."""
    one, two = rules({"id": "a"}, {"id": "b"})
    assert version([one, two]) == version([two, one]) != version([one])
    assert parse_rule(msgspec.to_builtins(one)) == one


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"clear": 1.6}, "clear 1.6 lies beyond threshold 1.5 .above.;.* set clear at or below 1.5"),
        ({"direction": "below"}, "clear 1.4 lies beyond threshold 1.5 .below.;.* set clear at or above 1.5"),
        ({"unit": "cm"}, "unit 'cm'; water_level is measured in 'm': write that, and the rule's numbers in it"),
        ({"threshold": 187.5, "clear": 177.5}, "threshold 187.5; a working sensor of water_level reports .* write it in 'm'"),
        ({"threshold": -20, "clear": -21}, "threshold -20; .*every reading would be beyond"),
        ({"clear": -50}, "clear -50; .*never come to rest"),
        ({"threshold": float("nan")}, "threshold nan; write a number"),
        ({"clear": float("-inf")}, "clear -inf; write a number"),
        ({"quantity": "wather"}, "quantity 'wather' is not in the catalogue; write one of its names"),
        ({"quantity": "water_levle"}, "did you mean water_level"),
        ({"when": {"type": "reach", **GAUGE, "level": 225, "within": "1h", "over": "1h", "clear": "90m"}}, "level 225; .*write it in 'm'"),
        ({"when": {"type": "band", **GAUGE, "low": 100, "high": 200}}, "low 100.0, high 200.0; .*write them in 'm'"),
        ({"source": " "}, "no source; .* name the regulation"),
        ({"severity": 4}, "severity 4"),
        ({"for": "ten"}, "no duration"),
        ({"village": "35.10.99.2008"}, "not one of"),
        ({"thresold": 1}, "thresold"),
        ({"when": {"type": "band", **GAUGE, "low": 1}}, "high"),
        ({"when": {"type": "bund", **GAUGE, "low": 1}}, "bund"),
        ({"when": {"type": "rise", **GAUGE, "change": 0.2, "within": "8d", "clear": 0.1}}, "over a week"),
        ({"when": {"type": "rise", **GAUGE, "change": 0.2, "within": "1h", "clear": 0.3}}, "flap"),
        ({"when": {"type": "reach", **GAUGE, "level": 2, "within": "1h", "over": "1h", "clear": "30m"}}, "sooner than within"),
        ({"when": {"type": "band", **GAUGE, "low": 1, "high": 2, "deadband": 0.6}}, "nothing lies inside"),
        ({"when": {"type": "all", "parts": []}}, "at least one"),
        ({"when": {"type": "any", "parts": [{"type": "silence", **GAUGE, "after": "1h"}]}}, "rule of its own"),
        ({"hours": {"from": "6", "to": "18.00"}}, "'6' is no time of day"),
        ({"hours": {"from": "06.00", "to": "18.00", "days": [8]}}, "from 1 .Monday. to 7"),
        ({"id": "a b"}, "without blanks"),
        ({"fresh": "0s"}, "more than nothing"),
        ({"title": {"en": "x"}}, "Indonesian"),
    ],
)
def test_a_rule_that_contradicts_itself_says_so(change: dict[str, Any], says: str) -> None:
    """Rule, key, value."""
    with pytest.raises(KampungError, match=says):
        parse_rule({**({k: v for k, v in TABLE.items() if k not in LEVEL} if "when" in change else TABLE), **change})


@pytest.mark.parametrize("wrong", ["", "10", "m", "1.5h", "-1s", "2w"])
def test_a_wrong_duration_is_refused(wrong: str) -> None:
    """The forms are named in the message."""
    with pytest.raises(ValueError, match="10m"):
        duration(wrong)
