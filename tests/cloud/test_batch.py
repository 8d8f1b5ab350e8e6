"""A batch keeps the order of arrival, and committing one brings no library in that was not there at the start, nor does housekeeping."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.telemetry.store import Batch, Rows, SeriesKey, runs_of
from kampung_contract.pack import Column

KEYS = [SeriesKey("35.10.24.2008", "kios-1", f"alat-{i}", "water_level", "m") for i in range(3)]
T0 = 1_795_280_400_000

COMMIT = f"""
import sys
from pathlib import Path
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.store import Batch, Correction, PackId, SeriesKey
from kampung_contract.pack import Column
key, batch = SeriesKey("35.10.24.2008", "kios-1", "alat-1", "water_level", "m"), Batch()
batch.add(key, Column("alat-1/water_level", "m", {T0}, [1.5, 1.25], [1000]), {T0} + 5000)
batch.estimate(key, Column("alat-1/water_level", "m", 7, [2.5]), {T0}, epoch="00ff34ab", seq=2, boot="b", lead=0)
batch.packs = [PackId("kios-1", "00ff34ab", 1, 2), PackId("kios-1", "00ff34ab", 2, 1)]
batch.corrections = [Correction("kios-1", "other", 5, {T0})]
store = DuckDBStore(Path(sys.argv[1]) / "telemetry.duckdb")
print(store.commit(batch).new)
for t in (1, 2):  # what comes late to a day is merged into its file
    batch = Batch()
    batch.add(key, Column("alat-1/water_level", "m", {T0} + t, [1.5]), {T0} + 5000)
    store.commit(batch)
    store.maintain({T0} + 3 * 86_400_000)
    store.settle()
store.maintain({T0} + 3 * 86_400_000)
store.settle()
print(len(store.days.segments))
store.close()
print("pandas" in sys.modules)
"""


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(1, 3))))
def test_rows_stay_in_the_order_of_arrival(pieces: list[tuple[bool, int, int]]) -> None:
    batch, expected = Batch(), []
    for at, (alone, series, count) in enumerate(pieces):
        place = batch.place(KEYS[series])
        times = [T0 + at * 10 + i for i in range(count)]
        expected += [(place, t, t + 5, at + i / 4, 1) for i, t in enumerate(times)]
        if alone:
            batch.add(KEYS[series], Column("x/y", "m", times[0], [at + 0 / 4], []), times[0] + 5)
            for i, t in enumerate(times[1:], 1):
                batch.add(KEYS[series], Column("x/y", "m", t, [at + i / 4], []), t + 5)
        else:
            t = np.asarray(times)
            rows = Rows(np.full(count, place, np.int32), t, t + 5, at + np.arange(count) / 4, np.ones(count, np.uint8))
            batch.extend(runs_of(rows))
    for _ in range(2):  # a commit may be tried again
        rows = batch.rows()
        columns = (rows.series, rows.t, rows.received, rows.v, rows.q)
        assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected
    assert len(batch) == len(expected)
    assert batch.empty is not bool(expected)


def test_neither_commits_nor_files_load_pandas(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", COMMIT, str(tmp_path)], capture_output=True, text=True, timeout=180, check=True)
    assert done.stdout.split() == ["2", "1", "False"]
