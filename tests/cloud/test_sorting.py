"""Readings on their way into files: nothing lost, each in its day, by series and time, however few are in memory at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.telemetry import sorting
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.held import AS_IS
from kampung_cloud.telemetry.hours import DAY_MS
from kampung_cloud.telemetry.keeper import Keeper
from kampung_cloud.telemetry.merging import AT_ONCE
from kampung_cloud.telemetry.sorting import days_of, in_order, of_part
from kampung_cloud.telemetry.store import Batch, Rows, SeriesKey, runs_of
from kampung_cloud.telemetry.tail import Block, Part
from kampung_contract.pack import column

T0 = 1_795_280_400_000  # 2026-11-22T00:00:00+07:00
DAY = T0 // DAY_MS + 1
Row = tuple[int, int, int, float]
rows = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.one_of(st.integers(-5, 5), st.integers(-5, 5).map(lambda d: d * DAY_MS)).map(lambda t: T0 + t),
        st.integers(0, 2),
        st.sampled_from([0.5, 1.0, 0.1 + 0.2, -2.25, 1e12]),
    ),
    max_size=12,
)


def columns(given: list[Row]) -> Rows:
    series, t, lag, v = list(zip(*given, strict=True)) or [(), (), (), ()]
    times = np.asarray(t, np.int64)
    received = times + np.asarray(lag, np.int64)
    return Rows(np.asarray(series, np.int32), times, received, np.asarray(v, np.float64), np.ones(len(times), np.uint8))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, max_size=4), st.integers(1, 6))
def test_a_part_of_the_journal_by_days_and_series(monkeypatch: pytest.MonkeyPatch, commits: list[list[Row]], at_once: int) -> None:
    monkeypatch.setattr(sorting, "AT_ONCE", at_once)
    part = Part("journal_1", tuple(Block.of(runs_of(columns(some))) for some in commits if some))
    wanted = sorted((s, t, lag, v) for some in commits for s, t, lag, v in some)
    assert days_of(part) == sorted({DAY + (t - T0) // DAY_MS for _, t, _, _ in wanted})
    found: list[Row] = []
    for day in days_of(part):
        start, seen = T0 + (day - DAY) * DAY_MS, dict[int, int]()
        for piece, scales in of_part(part, start, start + DAY_MS):
            some = list(zip(*(piece[name].tolist() for name in ("series", "t", "lag", "v")), strict=True))
            assert some == sorted(some) and all(start <= t < start + DAY_MS for _, t, _, _ in some)
            for number in {s for s, *_ in some}:
                assert number not in seen, "rows of one series are together"
                (seen[number],) = {scale for scale, (s, *_) in zip(scales.tolist(), some, strict=True) if s == number}
                for v in (v for s, _, _, v in some if s == number):
                    assert seen[number] == AS_IS or round(v, seen[number]) == v
            found += some
        assert [*seen] == sorted(seen)
    assert sorted(found) == wanted


def test_times_of_which_no_key_can_be_made() -> None:
    """As far apart as clocks allow."""
    piece = {"series": [2_000_000, 0], "t": [2**61, -(2**61)], "lag": [0, 0], "v": [1.0, 2.0], "q": [1, 1]}
    found = in_order([{name: np.asarray(values, sorting.KINDS[name]) for name, values in piece.items()}])
    assert found["series"].tolist() == [0, 2_000_000]


def test_a_file_with_fewer_readings_than_the_database_knows_of_is_not_merged_away(tmp_path: Path) -> None:
    """Rows that are lost in a merging would be lost for good: the files stay, and what is wrong is told."""
    store = DuckDBStore(tmp_path / "t.duckdb")
    key = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
    for late in (0, 1):
        batch = Batch()
        batch.add(key, column("x/y", "%", [(T0 + late + n * 1000, 1.0, 1) for n in range(10)]), T0)
        store.commit(batch)
        if late:
            with store.cursor() as cursor:
                cursor.execute("UPDATE daily SET rows = rows + 1")
        store.maintain(T0 + 2 * DAY_MS)
        store.settle()
    assert len(store.days.segments) == 2
    (told,) = store.maintain(T0 + 2 * DAY_MS)
    assert "1 readings fewer than the database knows of" in told
    store.close()


def test_many_files_of_a_day_become_one_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most: list[int] = []
    rewrite = Keeper._rewrite
    monkeypatch.setattr(Keeper, "_rewrite", lambda keeper, day, some: most.append(len(some)) or rewrite(keeper, day, some))
    monkeypatch.setattr(Keeper, "due", lambda _: False)  # until there are many
    store = DuckDBStore(tmp_path / "t.duckdb", turn_rows=1)
    key = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
    for n in range(20):
        batch = Batch()
        batch.add(key, column("x/y", "%", [(T0 + n * 1000, n / 4, 1), (T0 + n * 1000 + DAY_MS // 2, n / 2, 1)]), T0)
        store.commit(batch)
    store.maintain(T0 + 2 * DAY_MS)
    store.settle()
    assert len(store.days.segments) == 1 and max(most) <= AT_ONCE < 20
    window = store.window(key.id, 0, 2 * T0)
    assert window.v == [*(n / 4 for n in range(20)), *(n / 2 for n in range(20))]
    store.close()
