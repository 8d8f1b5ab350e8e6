"""Gauges as data, what their water says, and the alarm rules that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.cap.level import level as cap_level
from kampung_cloud.config import CloudConfig, parse
from kampung_cloud.gauges.pace import Point, fast, minutes_to, ordinal, pace
from kampung_cloud.gauges.words import eta
from kampung_cloud.words.book import Voice
from kampung_cloud.words.one import One
from kampung_cloud.words.rules import doubts
from kampung_cloud.words.saying import Saying
from kampung_contract.alarm import begun
from kampung_contract.conditions import Leaf
from kampung_contract.episode import Episode
from kampung_contract.errors import ConfigurationError
from kampung_contract.machine import Row
from kampung_contract.pack import GOOD
from kampung_contract.rules import Rule, word
from kampung_contract.track import Track

MINUTE = 60_000
T0 = 1_795_305_600_000  # 2026-11-22T07:00:00+07:00
HULU: dict[str, Any] = {
    "id": "kalilo-licin",
    "river": "Kalilo",
    "village": "35.10.24.2003",
    "place": "Licin",
    "order": 1,
    "series": "licin-kios-1.kali-1.water_level",
    "bank_full": 2.0,
}
HILIR: dict[str, Any] = {
    "id": "kalilo-kota",
    "river": "Kalilo",
    "village": "35.10.16.1010",
    "order": 2,
    "series": "kota-kios-1.kali-1.water_level",
    "levels": {"siaga_3": 0.8, "siaga_2": 1.5, "siaga_1": 2.0, "source": "BPBD DKI, Katulampa (docs/sources.md)"},
    "upstream": [
        {"gauge": "kalilo-licin", "minutes": [210, 270], "source": "anggapan", "radio": "kota-kios-1.hulu-1.water_level"},
    ],
}


def configured(*gauges: dict[str, Any]) -> CloudConfig:
    return parse({"gauge": [dict(g) for g in gauges]}, Path("/tmp"))


def rule_of(config: CloudConfig, name: str) -> Rule:
    return next(rule for rule in config.rule if rule.id == name)


def raised(rule: Rule, *series: tuple[str, Sequence[tuple[float, float]]]) -> list[float]:
    """Minutes after ``T0`` at which alarms began; ``series`` by id, readings as (minute, metres)."""

    def matches(leaf: Leaf, source: str) -> bool:
        node, device, quantity = source.split(".")
        return leaf.concerns(node, device, quantity)

    rows = [Row(T0 + round(m * MINUTE), name, v, GOOD) for name, points in series for m, v in points if T0 + m * MINUTE >= rule.begins]
    track = Track(rule, matches, lambda *_: ())
    track.take(rows)
    return [(e.since - T0) / MINUTE for e in track.episodes]


def line(start: float, stop: float, minutes: int, every: int = 1) -> list[tuple[float, float]]:
    """Readings that rise evenly."""
    return [(m, start + (stop - start) * m / minutes) for m in range(0, minutes + 1, every)]


def test_katulampa_2016_is_told_before_the_level_is_crossed() -> None:
    """140 to 250 cm from 21.00 to 22.20 on 7 March 2016: Siaga 1 (200 cm) is crossed after 43.6 minutes, and told 40 before."""
    config, readings = configured(HULU, HILIR), line(1.4, 2.5, 80)
    series = HILIR["series"]
    (soon,) = raised(rule_of(config, "kalilo-kota-menuju-siaga-1"), (series, readings))
    (crossed,) = raised(rule_of(config, "kalilo-kota-siaga-1"), (series, readings))
    assert crossed == 44
    assert crossed - soon >= 40


def test_katulampa_2018_with_a_reading_each_ten_minutes() -> None:
    """180 to 240 cm within an hour on 5 February 2018; the second reading shows the pace and the third that it is no error."""
    config, readings = configured(HULU, HILIR), line(1.8, 2.4, 60, every=10)
    assert raised(rule_of(config, "kalilo-kota-naik-cepat"), (HILIR["series"], readings)) == [40]
    calm = [(m, 1.80) for m in range(0, 61, 10)]
    assert raised(rule_of(config, "kalilo-kota-menuju-siaga-1"), (HILIR["series"], calm)) == []
    assert raised(rule_of(config, "kalilo-kota-menuju-siaga-1"), (HILIR["series"], line(1.7, 1.9, 40, every=10))) == [20]


def test_one_wrong_reading_raises_nothing() -> None:
    """Up or down by a metre, in still water, at any place among the readings."""
    config = configured(HULU, HILIR)
    for name in ("naik-cepat", "menuju-siaga-2", "menuju-siaga-1", "siaga-2", "siaga-3"):
        rule = rule_of(config, f"kalilo-kota-{name}")
        for wrong in (-1.0, 1.0):
            for at in range(1, 59):
                readings = [(float(m), 0.5 + (wrong if m == at else 0.0)) for m in range(60)]
                assert raised(rule, (HILIR["series"], readings)) == [], (name, wrong, at)


def test_a_second_sensor_makes_it_sure() -> None:
    """One alone is *likely* in words of its own; both are *observed*, and the sure alarm silences the other."""
    config = configured(HULU, {**HILIR, "second": "kota-kios-1.kali-2.water_level"})
    one, both = rule_of(config, "kalilo-kota-siaga-2"), rule_of(config, "kalilo-kota-siaga-2-pasti")
    first, second = (HILIR["series"], line(1.6, 1.6, 30)), ("kota-kios-1.kali-2.water_level", line(1.6, 1.6, 30))
    dry = (second[0], line(0.4, 0.4, 30))
    assert (raised(one, first, dry), raised(both, first, dry)) == ([10], [])
    assert raised(both, first, second) == [10]
    assert (one.certainty, both.certainty) == ("likely", "observed")
    assert cap_level(2, "flood", None, both.certainty).certainty == "Observed"
    assert one.id in both.inhibits
    assert one.message["id"].startswith("Baru satu alat")
    assert both.message["id"].startswith("Dua alat sepakat")


def test_readings_of_another_zero_are_not_compared() -> None:
    """The gauge was set 60 cm lower: the jump is no rise, and what was above a level before does not count for it now."""
    moved = [{"from": "2026-11-22T07:10:00+07:00", "note": "papan duga dipasang ulang", "shift": 0.6}]
    config, before = configured(HULU, {**HILIR, "datum": moved}), configured(HULU, HILIR)
    readings = [(float(m), 1.0 if m < 10 else 1.45) for m in range(60)]
    assert raised(rule_of(before, "kalilo-kota-naik-cepat"), (HILIR["series"], readings)) == [11]
    assert raised(rule_of(config, "kalilo-kota-naik-cepat"), (HILIR["series"], readings)) == []


def test_the_village_below_is_told_by_the_gauge_above() -> None:
    """By the regency, which hears that gauge, and by radio, which the village's own kiosk hears."""
    config = configured(HULU, HILIR)
    cloud, radio = (rule_of(config, f"kalilo-kota-{way}-kalilo-licin-siaga-2") for way in ("dari", "radio"))
    assert (cloud.village, cloud.watched) == ("35.10.16.1010", "35.10.24.2003")
    assert radio.village == radio.watched == "35.10.16.1010"
    assert all(leaf.node == "kota-kios-1" for leaf in radio.leaves)  # so that the kiosk evaluates it itself
    assert cloud.id in radio.inhibits
    assert "± 4 jam" in cloud.message["id"]
    assert cloud.clear_ms >= 270 * MINUTE  # the wave is still on its way when the water above has fallen
    assert raised(cloud, (HULU["series"], line(1.0, 1.6, 60))) == [60]


def test_an_index_is_no_number_for_people() -> None:
    """That upstream is silent is said in words, in the short form too; *bersiap* says how long the water takes."""
    config = configured(HULU, HILIR)
    said = {}
    for name, series, value in (("tanpa-kabar-kalilo-licin", "kabupaten-3510161010.hulu-kalilo-licin.warning_index", 1.0),
                                ("dari-kalilo-licin-siaga-2", HULU["series"], 1.62)):  # fmt: skip
        rule = rule_of(config, f"kalilo-kota-{name}")
        alarm = begun(rule, rule.village, Episode(T0, None, value, series, value, T0))
        saying = Saying("raised", (alarm,), rule.village, rules={rule.id: rule}, at=T0)
        said[name] = One(alarm, saying, Voice("id")).draft()
    blind, bersiap = said.values()
    assert not [form for form in blind.fact if "1,00" in form]
    assert blind.fact[0] == "Alat di Licin diam."
    assert "tiba ± 4 jam lagi" in bersiap.title


def test_what_they_say_fits_an_sms_and_says_what_to_do() -> None:
    second = {**HILIR, "second": "kota-kios-1.kali-2.water_level"}
    coast = {**HULU, "id": "pantai", "kind": "coast", "river": "Pantai Muncar", "levels": {**HILIR["levels"]}, "bank_full": None}
    config = parse({"gauge": [HULU, second, coast], "landslide": {"villages": ["35.10.24.2003"]}}, Path("/tmp"))
    assert doubts(config.rule) == ()
    assert not [r.id for r in config.rule if r.id.startswith("pantai-") and "naik" in r.id]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"bank_full": None}, "neither levels nor bank_full"),
        ({"series": "licin-kios-1.kali-1.rain"}, "write kiosk.device.water_level"),
        ({"village": "35.10.24.9999"}, "35.10.24.9999"),
        ({"bank_full": 250}, "gauge.1..bank_full = 250: "),
        ({"levels": {"siaga_3": 1.5, "siaga_2": 1.0, "siaga_1": 2.0, "source": "rapat desa"}}, "each must be higher than the last"),
        ({"levels": {"siaga_3": 1.5, "siaga_2": 1.8, "siaga_1": 2.5, "source": "rapat desa"}}, "siaga_1 2.5 lies above bank_full 2"),
        ({"second": "licin-kios-1.kali-1.water_level"}, "second is the same sensor"),
        ({"upstream": [{"gauge": "kalilo-kota", "minutes": [30, 60], "source": "x y z"}]}, "order counts from the spring down"),
        ({"upstream": [{"gauge": "hilang", "minutes": [30, 60], "source": "x y z"}]}, "'hilang' is none of"),
        ({"upstream": [{"gauge": "kalilo-kota", "minutes": [60, 30], "source": "x y z"}]}, "the least first, then the most"),
        ({"datum": [{"from": "2026-11-02", "note": "dua"}, {"from": "2026-11-01", "note": "satu"}]}, "the oldest first"),
        ({"id": "kalilo-kota"}, "two .* have the id 'kalilo-kota'"),
        ({"kind": "coast"}, "a coast has no bank-full mark"),
    ],
)
def test_gauges_that_cannot_be_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        configured({**HULU, **change}, {**HILIR, "upstream": []})


levels = st.floats(-2, 12, allow_nan=False)


@given(levels, levels, st.lists(st.floats(0, 10), min_size=3, max_size=3, unique=True).map(sorted))
def test_levels_are_monotone(a: float, b: float, marks: list[float]) -> None:
    """Higher water is never a lower level, the level stands exactly from its mark on, and both words come from one ordinal."""
    low, high = sorted((a, b))
    assert ordinal(low, marks) <= ordinal(high, marks)
    for number, mark in enumerate(marks, 1):
        assert ordinal(mark, marks) >= number > ordinal(mark - 1e-6, marks) or mark - 1e-6 >= mark
    assert [word(n, "siaga") for n in range(4)] == ["Siaga 4", "Siaga 3", "Siaga 2", "Siaga 1"]


@given(
    st.floats(-2, 2),
    st.lists(st.tuples(st.integers(0, 30), st.floats(-9, 9)), max_size=8, unique_by=lambda x: x[0]),
    st.floats(-3, 3),
)
def test_a_quarter_of_wrong_readings_does_not_turn_the_pace(rate: float, wrong: list[tuple[int, float]], start: float) -> None:
    """Eight of 31 readings off by up to nine metres: the rate keeps to within what the true one leaves open."""
    values = [start + rate * m / 60 for m in range(31)]
    found = pace([Point(T0 + m * MINUTE, v + dict(wrong).get(m, 0.0)) for m, v in enumerate(values)])
    assert found is not None
    assert found.rate == pytest.approx(rate, abs=1e-6)


@given(st.floats(0.01, 5), st.floats(0, 3), st.floats(0.01, 3))
def test_time_to_a_level_falls_as_the_water_rises(rate: float, level: float, more: float) -> None:
    mark = 4.0
    now, later = minutes_to(level, mark, rate), minutes_to(level + more, mark, rate)
    assert now is not None
    assert later is not None
    assert later < now
    faster = minutes_to(level, mark, 2 * rate)
    assert faster == pytest.approx(now / 2)
    assert minutes_to(level, mark, 0.0) is None


@settings(max_examples=40)
@given(st.lists(st.floats(-0.09, 0.09), min_size=120, max_size=120), st.sampled_from([0.8, 1.5, 2.0]))
def test_water_that_plays_about_a_mark_raises_one_alarm_at_most(noise: list[float], mark: float) -> None:
    """Ten centimetres of hysteresis and hours to clear: never two for waves of nine centimetres."""
    config = configured(HULU, HILIR)
    readings = [(float(m), mark + x - 0.005) for m, x in enumerate(noise)]
    number = (0.8, 1.5, 2.0).index(mark)
    assert len(raised(rule_of(config, f"kalilo-kota-siaga-{3 - number}"), (HILIR["series"], readings))) <= 1


def test_fast_needs_two_readings() -> None:
    marks = (1.0, 1.5, 2.0)
    assert not fast(pace([Point(T0, 0.2)]), 0.2, marks)
    assert fast(pace([Point(T0, 0.2), Point(T0 + 20 * MINUTE, 0.5)]), 0.5, marks)
    assert not fast(pace([Point(T0, 0.2), Point(T0 + 20 * MINUTE, 0.25)]), 0.25, marks)
    assert fast(pace([Point(T0, 0.9), Point(T0 + 20 * MINUTE, 0.95)]), 0.95, marks)  # an hour at most to Siaga 3


def test_how_long_the_way_is() -> None:
    assert eta((210, 270))["id"] == "± 4 jam"
    assert eta((25, 45))["id"] == "25-45 menit"
    assert eta((180, 300))["en"] == "3-5 h"
    assert eta((100, 110))["id"] == "± 2 jam"
