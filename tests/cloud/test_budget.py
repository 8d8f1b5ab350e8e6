"""A picture within its budget: at most so many points, and no spike left out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.api import series
from kampung_cloud.api.times import Period
from kampung_cloud.readings import budget
from kampung_cloud.readings.subject import bounded
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.errors import TooMuch
from kampung_contract.pack import column

SOIL = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
T0 = 1_795_280_400_000
YEAR = 366 * 86_400_000

times = st.integers(0, YEAR)
rows = st.lists(st.tuples(times, st.floats(-1e6, 1e6), st.sampled_from((1, 2, 3, 4))), min_size=1, max_size=60, unique_by=lambda r: r[0])


@settings(max_examples=150, deadline=None)
@given(rows=rows, window=st.tuples(times, times), points=st.integers(budget.LEAST, 40))
def test_extremes_stay_and_points_are_few(rows: list[tuple[int, float, int]], window: tuple[int, int], points: int) -> None:
    """Whatever the readings and the window: within the budget, each good reading in exactly one bucket, least and greatest kept."""
    start, stop = T0 + min(window), T0 + max(window) + 1
    store, batch = MemoryStore(), Batch()
    batch.add(SOIL, column("soil-1/soil_moisture", "%", [(T0 + t, v, q) for t, v, q in sorted(rows)]), T0)
    store.commit(batch)
    step = budget.fitting(store, SOIL.id, start, stop, points)
    found = store.window(SOIL.id, start, stop, step)
    assert len(found.t) <= points
    inside = [v for t, v, q in rows if start <= T0 + t < stop and q != 4]
    if step is None:
        assert sorted(v for v, q in zip(found.v, found.q, strict=True) if q != 4) == sorted(inside)
    else:
        assert sum(found.aggregates["count"]) == len(inside)
        if inside:
            assert (min(found.aggregates["min"]), max(found.aggregates["max"])) == (min(inside), max(inside))


@given(start=st.integers(0, 2**42), length=st.integers(1, 40 * YEAR), points=st.integers(budget.LEAST, budget.MOST))
def test_the_shortest_step_that_fits(start: int, length: int, points: int) -> None:
    """No more buckets than asked for; the next shorter step would give more, or there is none."""
    step = budget.step_for(start, start + length, points)
    assert budget.touched(start, start + length, step) <= points
    ladder = [s * 1000 for s in budget.STEPS_S]
    for shorter, longer in itertools.pairwise(ladder):
        if longer == step:
            assert budget.touched(start, start + length, shorter) > points
    assert step in ladder or step % budget.DAY_MS == 0


crowded = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 5), st.sampled_from((1, 3))), min_size=1, max_size=60, unique_by=lambda r: r[:2]
)
"""Many readings of few moments: at most six of one."""
MOST = 7


def told(ask: Callable[[int, int], list[Any]], start: int, stop: int) -> list[Any]:
    """What somebody gets who does as the refusals say."""
    try:
        return ask(start, stop)
    except TooMuch as error:
        page = re.search(r"first stop=(\d+).*then start=(\d+)", error.message)
        assert page is not None, error.message
        end, rest = int(page[1]), int(page[2])
        assert start < end < stop
        return told(ask, start, end) + told(ask, rest, stop)


def crowd(rows: list[tuple[int, int, int]], apart: int) -> MemoryStore:
    store, batch = MemoryStore(), Batch()
    batch.add(SOIL, column("soil-1/soil_moisture", "%", [(T0 + t * apart, float(v), q) for t, v, q in sorted(rows)]), T0)
    store.commit(batch)
    return store


@settings(max_examples=40, deadline=None)
@given(rows=crowded, every=st.sampled_from((None, "raw", "1s", "7", "1m")))
def test_paging_as_the_refusal_says_gives_everything_once(rows: list[tuple[int, int, int]], every: str | None) -> None:
    """Single readings and buckets, also where several share a moment."""
    store, stop = crowd(rows, 1000), T0 + 201_000

    def ask(start: int, end: int) -> list[Any]:
        _, found, step = series._read(SimpleNamespace(store=store), series.Wanted(SOIL.id, Period(start, end), every, None))  # type: ignore[arg-type]
        assert len(found.t) <= MOST
        return (
            list(zip(found.t, found.v, found.q, strict=True))
            if step is None
            else list(zip(found.t, found.aggregates["count"], strict=True))
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series, "MOST_POINTS", MOST)
        patch.setattr(series, "CHART_POINTS", 1_000)
        got = told(ask, T0, stop)
    step = None if every in (None, "raw") else series._every(every)  # type: ignore[arg-type]
    whole = store.window(SOIL.id, T0, stop, step)
    assert got == list(
        zip(whole.t, whole.v, whole.q, strict=True) if step is None else zip(whole.t, whole.aggregates["count"], strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(rows=crowded)
def test_files_page_as_their_refusal_says(rows: list[tuple[int, int, int]]) -> None:
    """No file holds more than it may, and together they hold every reading; the number that is told is right."""
    store = crowd(rows, 20_000)  # three moments a minute, so that a minute may be more than a file

    def ask(start: int, end: int) -> list[Any]:
        held = bounded(store, [SOIL.id], start, end, 18)
        return store.window(SOIL.id, start, end).t[:held]

    assert told(ask, T0, T0 + 201 * 20_000) == store.window(SOIL.id, T0, T0 + 201 * 20_000).t


def test_more_readings_of_one_moment_than_an_answer_holds() -> None:
    """No page would help: that is said, and what does."""
    store, batch = MemoryStore(), Batch()
    batch.add(SOIL, column("soil-1/soil_moisture", "%", [(T0, float(v), 1) for v in range(9)]), T0)
    store.commit(batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series, "MOST_POINTS", MOST)
        with pytest.raises(TooMuch, match=r"the one time .*readings\.csv"):
            series._read(SimpleNamespace(store=store), series.Wanted(SOIL.id, Period(T0, T0 + 5), "raw", None))  # type: ignore[arg-type]
