"""A picture within its budget: at most so many points, and no spike left out."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.readings import budget
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, SeriesKey
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
