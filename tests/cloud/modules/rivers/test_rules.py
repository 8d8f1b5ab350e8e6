"""Rain, landslides, travel times and tides, without a store."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.gauges.pace import Point
from kampung_cloud.modules.rivers import landslide
from kampung_cloud.modules.rivers.rain import DAY, DAY_MS, HOUR, HOUR_MS, category, closing, day_name
from kampung_cloud.modules.rivers.tide import analysed
from kampung_cloud.modules.rivers.travel import learn

T0 = 1_795_305_600_000  # 2026-11-22T07:00:00+07:00
MINUTE = 60_000


@pytest.mark.parametrize(("mm", "key"), [
    (0, "none"), (0.2, "trace"), (0.49, "trace"), (0.5, "light"), (19.9, "light"), (20, "moderate"), (49.9, "moderate"), (50, "heavy"),
    (99.9, "heavy"), (100, "very_heavy"), (150, "very_heavy"), (150.1, "extreme"), (400, "extreme"),
])  # fmt: skip
def test_every_class_of_a_day_from_both_sides(mm: float, key: str) -> None:
    """As the norms have it: 0, 0.5-20, 20-50, 50-100, 100-150, above 150."""
    assert category(mm).key == key


@given(st.floats(0, 2000), st.floats(0, 2000))
def test_more_rain_is_never_a_lower_class(a: float, b: float) -> None:
    low, high = sorted((a, b))
    keys = [c.key for c in DAY]
    assert keys.index(category(low).key) <= keys.index(category(high).key)
    hours = [c.key for c in HOUR]
    assert hours.index(category(min(low, 200), "hour").key) <= hours.index(category(min(high, 200), "hour").key)


@given(st.one_of(st.floats(max_value=-1e-9), st.sampled_from([8888.0, 9999.0, math.nan, math.inf]), st.floats(min_value=2000.1)))
def test_what_is_no_amount_is_refused(mm: float) -> None:
    with pytest.raises(ValueError, match="millimetres = "):
        category(mm)


def test_a_day_of_rain_closes_at_seven_in_the_morning() -> None:
    """06.59 belongs to the day that closes a minute later, 07.00 to the next."""
    assert (closing(T0 - 1), closing(T0)) == (T0, T0 + DAY_MS)
    assert (day_name(closing(T0 - 1)), day_name(closing(T0))) == ("2026-11-22", "2026-11-23")


@pytest.mark.parametrize(("hours", "mm_h"), [(1, 14.82), (3, 9.66), (6, 7.37), (12, 5.62), (24, 4.29), (72, 2.80)])
def test_caine_as_the_norms_have_it(hours: int, mm_h: float) -> None:
    assert landslide.caine(hours) == pytest.approx(mm_h, abs=0.005)


@given(st.lists(st.floats(0, 60), min_size=1, max_size=432), st.integers(0, 431), st.floats(0, 50))
def test_more_rain_is_never_less_danger(hours: list[float], at: int, more: float) -> None:
    wetter = [*hours]
    wetter[at % len(hours)] += more
    assert landslide.of_hours(wetter).index >= landslide.of_hours(hours).index - 1e-9


def test_the_gravest_of_the_rules_counts() -> None:
    """61 mm in a day; 91 in three; 40 in three after 320 in fifteen."""
    assert landslide.of_hours([61 / 24] * 24).severity == 2
    slow = landslide.of_hours([0.0] * 360 + [91 / 72] * 72)
    assert slow.gravest is not None
    assert (slow.gravest.rule, slow.severity) == ("lews-3d", 2)
    wet = landslide.of_hours([325 / 360] * 360 + [42 / 72] * 72)
    assert wet.gravest is not None
    assert (wet.gravest.rule, wet.severity) == ("grindulu", 2)
    dry = landslide.of_hours([100 / 360] * 360 + [42 / 72] * 72)
    assert dry.severity == 0


def wave(t: np.ndarray, peak: float, top: float) -> np.ndarray:
    return 0.4 + top * np.exp(-(((t - peak) / (90 * MINUTE)) ** 2))


def test_the_way_of_the_water_is_learnt_from_floods() -> None:
    """Two floods that took 95 and 110 minutes: the range, to the step of five minutes; ripples and a flat year teach nothing."""
    rng = np.random.default_rng(7)
    t = np.arange(T0, T0 + 6 * DAY_MS, 5 * MINUTE, dtype=np.int64)
    first, second = T0 + DAY_MS, T0 + 4 * DAY_MS
    upper = wave(t, first, 1.6) + wave(t, second, 1.2) + rng.normal(0, 0.005, t.size)
    lower = wave(t, first + 95 * MINUTE, 1.1) + wave(t, second + 110 * MINUTE, 0.8) + rng.normal(0, 0.005, t.size)
    pair = [[Point(int(a), float(v)) for a, v in zip(t, values, strict=True)] for values in (upper, lower)]
    found = learn(*pair, 240)
    assert found is not None
    assert found.events == 2
    assert (found.least, found.most) == (pytest.approx(95, abs=5), pytest.approx(110, abs=5))
    calm = [[Point(int(a), 0.4 + float(x)) for a, x in zip(t, rng.normal(0, 0.01, t.size), strict=True)] for _ in range(2)]
    assert learn(*calm, 240) is None


def test_a_tide_is_found_again_and_foretold() -> None:
    """Benoa's M2, S2, K1, O1 with noise and a typing error over forty days; the week after is foretold to seven centimetres."""
    speeds = {"M2": (0.644, 12.4206012), "S2": (0.373, 12.0), "K1": (0.252, 23.93447213), "O1": (0.160, 25.81933871)}

    def sea(t: np.ndarray) -> np.ndarray:
        return 1.2 + sum(a * np.cos(2 * np.pi * t / (p * HOUR_MS)) for a, p in speeds.values())

    t = T0 + np.arange(40 * 24, dtype=np.int64) * HOUR_MS
    heights = sea(t) + np.random.default_rng(3).normal(0, 0.03, t.size)
    heights[100] = 14.0
    found = analysed([Point(int(a), float(v)) for a, v in zip(t, heights, strict=True)], -8.2)
    assert found is not None
    assert found.amplitudes["M2"] == pytest.approx(0.644, abs=0.04)
    later = t[-1] + np.arange(1, 7 * 24, dtype=np.int64) * HOUR_MS
    assert float(np.std(np.array(found.at([int(x) for x in later])) - sea(later))) < 0.07
    assert found.mean == pytest.approx(1.2, abs=0.05)
    assert analysed([Point(int(a), float(v)) for a, v in zip(t[:300], heights[:300], strict=True)], -8.2) is None
