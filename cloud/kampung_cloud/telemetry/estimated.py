"""Rows with a time that no clock vouched for, in DuckDB: kept apart, moved into the truth by a correction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from kampung_contract.pack import GOOD
from numpy.typing import NDArray

from kampung_cloud.telemetry.arrow import arrow_table, strings
from kampung_cloud.telemetry.index import Index
from kampung_cloud.telemetry.store import Batch, Correction

SCHEMA = """
CREATE TABLE IF NOT EXISTS estimated
    (series INTEGER, t BIGINT, received BIGINT, v DOUBLE, q UTINYINT, epoch VARCHAR, seq BIGINT, boot VARCHAR, since BIGINT);
CREATE TABLE IF NOT EXISTS corrections (node VARCHAR, boot VARCHAR, up BIGINT, moment BIGINT);
"""
INSERT = """
INSERT INTO estimated SELECT DISTINCT ON (series, boot, since, v) f.* FROM estimates f
WHERE NOT EXISTS (SELECT 1 FROM estimated e WHERE e.series = f.series AND e.boot = f.boot AND e.since = f.since AND e.v = f.v)
ORDER BY series, boot, since, v, received
"""
MOVED = """
SELECT series, since + $lead AS t, received, v, q FROM estimated e
WHERE boot = $boot AND series IN (SELECT number FROM series WHERE node = $node)
"""
SUMMARY = """
SELECT series, count(*), max(struct_pack(t := t, received := received, v := v, q := q)) FROM estimated GROUP BY series
"""
PACKS = "SELECT DISTINCT s.node, e.epoch, e.seq FROM estimated e JOIN series s ON s.number = e.series"
DROP = "DELETE FROM estimated WHERE epoch = ? AND seq = ? AND series IN (SELECT number FROM series WHERE node = ?)"


def rows_table(batch: Batch, numbers: NDArray[Any]) -> Any:
    """The batch's estimated rows; ``numbers`` are the series' numbers by place in the batch."""
    found = batch.estimates
    counts = [len(e.column.v) for e in found]

    def by_row(values: Iterable[Any], kind: Any) -> NDArray[Any]:
        return np.repeat(np.asarray([*values], kind), counts)

    t = np.asarray([t for e in found for t in e.column.times()], np.int64)
    return arrow_table(
        {
            "series": by_row((numbers[e.series] for e in found), np.int32),
            "t": t,
            "received": by_row((e.received for e in found), np.int64),
            "v": np.asarray([v for e in found for v in e.column.v], np.float64) + 0.0,  # -0.0 and 0.0 are one value
            "q": np.asarray([q for e in found for q in e.column.q or [GOOD] * len(e.column.v)], np.uint8),
            "epoch": strings([e.epoch for e in found for _ in e.column.v]),
            "seq": by_row((e.seq for e in found), np.int64),
            "boot": strings([e.boot for e in found for _ in e.column.v]),
            "since": t + by_row((e.lead for e in found), np.int64),
        }
    )


def move(connection: Any, correction: Correction) -> dict[str, Any]:
    """Take the rows of a boot out, with their true times; the caller stores them."""
    values = {"node": correction.node, "boot": correction.boot, "lead": correction.at - correction.up}
    found: dict[str, Any] = connection.execute(MOVED, values).fetchnumpy()
    connection.execute(
        "DELETE FROM estimated WHERE boot = ? AND series IN (SELECT number FROM series WHERE node = ?)", [correction.boot, correction.node]
    )
    connection.execute("INSERT INTO corrections VALUES (?, ?, ?, ?)", list(correction))
    return found


def drop(connection: Any, packs: Iterable[tuple[str, str, int]]) -> None:
    """Forget the rows of packs that have come with true times."""
    for node, epoch, seq in packs:
        connection.execute(DROP, [epoch, seq, node])


def load(connection: Any, index: Index, *, corrections: bool = False) -> None:
    """Tell ``index`` what is here."""
    if corrections:
        for row in connection.execute("SELECT node, boot, up, moment FROM corrections").fetchall():
            index.corrections[row[:2]] = Correction(*row)
    found = [
        (number, count, (last["t"], last["received"], last["v"], last["q"]))
        for number, count, last in connection.execute(SUMMARY).fetchall()
    ]
    index.set_estimates(found, connection.execute(PACKS).fetchall())
