"""What need not be compared with what is stored: never too much, and a backlog beside live readings is of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.telemetry.covered import NEAR_MS, SPANS, Covered
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.hours import DAY_MS
from kampung_cloud.telemetry.store import Batch, Committed, SeriesKey
from kampung_contract.pack import column

SOIL = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
T0 = 1_795_280_400_000  # 2026-11-22T00:00:00+07:00
MINUTE = 60_000
Piece = tuple[int, int, int]
pieces = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-60, 60), st.sampled_from([0, 0, 1, 5, 30])).map(
        lambda p: (p[0], T0 + p[1] * NEAR_MS // 2, T0 + (p[1] + p[2]) * NEAR_MS // 2)
    ),
    max_size=8,
)


def columns(some: list[Piece]) -> tuple[np.ndarray, ...]:
    return tuple(np.asarray(c, np.int64) for c in (zip(*some, strict=True) if some else ([], [], [])))


@settings(max_examples=50, deadline=None)
@given(st.lists(pieces, max_size=8), pieces)
def test_what_is_called_free_meets_nothing(commits: list[list[Piece]], asked: list[Piece]) -> None:
    covered = Covered()
    for some in commits:
        covered.add(*columns(some))
    stored = [piece for some in commits for piece in some]
    free = covered.free(*columns(asked)).tolist()
    for at, ((series, first, last), found) in enumerate(zip(asked, free, strict=True)):
        others = [p for p in [*stored, *asked[:at], *asked[at + 1 :]] if p[0] == series]
        if found:
            assert not any(a <= last and b >= first for _, a, b in others)
        elif len([p for p in stored if p[0] == series]) <= SPANS - 1:  # then nothing was joined but what is near
            assert any(a - NEAR_MS <= last and b + NEAR_MS >= first for _, a, b in others)


def commit(store: DuckDBStore, first: int, count: int) -> Committed:
    batch = Batch()
    batch.add(SOIL, column("x/y", "%", [(first + n * MINUTE, float(n), 1) for n in range(count)]), T0)
    return store.commit(batch)


def test_a_backlog_beside_live_readings_is_compared_with_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a start too, from the journal and from files. What comes twice is found all the same."""
    compared: list[int] = []
    unseen = DuckDBStore._unseen
    monkeypatch.setattr(DuckDBStore, "_unseen", lambda store, late, before: compared.append(len(late.t)) or unseen(store, late, before))
    store, file = DuckDBStore(tmp_path / "t.duckdb"), tmp_path / "t.duckdb"
    commit(store, T0 - 3 * DAY_MS, 60)
    for hour in range(6):
        commit(store, T0 + DAY_MS + hour * MINUTE, 1)  # live
        assert commit(store, T0 + hour * 60 * MINUTE, 60).new == 60
        if hour == 2:
            store.maintain(T0 + 2 * DAY_MS)
            store.settle()
        store.close()
        store = DuckDBStore(file)
    assert not compared
    assert commit(store, T0 + 30 * MINUTE, 60).duplicate == 0  # other values at the same times
    assert commit(store, T0 + 5 * 60 * MINUTE, 70).duplicate == 60
    assert compared == [60, 70]
    assert store.count(SOIL.id, 0, 2 * T0) == 60 + 6 + 360 + 60 + 10
    store.close()
