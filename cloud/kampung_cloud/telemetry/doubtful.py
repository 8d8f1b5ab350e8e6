"""Rows with a time that no clock vouched for, in the records: an engine outside this process holds only what is true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kampung_cloud.records.models import CorrectionRow, EstimateRow
from kampung_cloud.telemetry.store import Correction, Estimate, Rows, SeriesKey

AT_ONCE = 500
Newest = tuple[int, tuple[int, int, float, int]]
"""How many, and the newest as t, received, v, q."""


def insert(session: Session, estimates: Iterable[Estimate], series: Sequence[SeriesKey], share: str | None = None) -> None:
    """Keep estimated rows; the same measurement of a boot is one row. ``series`` are those of the batch, all of one ``share`` if given."""
    rows: dict[tuple[str, str, int, float], dict[str, object]] = {}
    for e in estimates:
        key = series[e.series]
        flags = e.column.q or [1] * len(e.column.v)
        for t, v, q in zip(e.column.times(), e.column.v, flags, strict=True):
            place = (key.id, e.boot, t + e.lead, v + 0.0)
            row = {"t": t, "received": e.received, "q": q, "node": key.node, "epoch": e.epoch, "seq": e.seq, "share": share or ""}
            rows.setdefault(place, {"series": place[0], "boot": place[1], "since": place[2], "v": place[3], **row})
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = list(rows.values())
    for start in range(0, len(values), AT_ONCE):
        session.execute(upsert(EstimateRow).values(values[start : start + AT_ONCE]).on_conflict_do_nothing())


def drop(session: Session, packs: Iterable[tuple[str, str, int]]) -> None:
    """Forget the rows of packs that have come with true times."""
    for node, epoch, seq in packs:
        session.execute(delete(EstimateRow).where(EstimateRow.node == node, EstimateRow.epoch == epoch, EstimateRow.seq == seq))


def boot(session: Session, correction: Correction, gone: Sequence[tuple[str, str, int]]) -> list[tuple[str, tuple[int, int, float, int]]]:
    """Rows of a boot, but those of packs in ``gone``, with their true times: series, and t, received, v, q."""
    lead = correction.at - correction.up
    rows = session.scalars(select(EstimateRow).where(EstimateRow.node == correction.node, EstimateRow.boot == correction.boot))
    return [(r.series, (r.since + lead, r.received, r.v, r.q)) for r in rows if (r.node, r.epoch, r.seq) not in gone]


def correct(session: Session, correction: Correction, share: str | None = None) -> None:
    """A boot's rows are no longer estimated."""
    session.execute(delete(EstimateRow).where(EstimateRow.node == correction.node, EstimateRow.boot == correction.boot))
    session.add(CorrectionRow(node=correction.node, boot=correction.boot, up=correction.up, at=correction.at, share=share or ""))


def corrections(session: Session, share: str | None = None) -> dict[tuple[str, str], Correction]:
    """All there are, or those of a share, by node and boot."""
    query = select(CorrectionRow) if share is None else select(CorrectionRow).where(CorrectionRow.share == share)
    return {(c.node, c.boot): Correction(c.node, c.boot, c.up, c.at) for c in session.scalars(query)}


def summary(
    session: Session, nodes: Iterable[str] | None = None, share: str | None = None
) -> tuple[dict[str, Newest], set[tuple[str, str, int]]]:
    """Of some nodes, of a share or of all: how many estimated rows each series has and the newest of them, and their packs."""
    e = EstimateRow
    mine = [e.node.in_(list(nodes))] if nodes is not None else [] if share is None else [e.share == share]
    counts = dict(session.execute(select(e.series, func.count()).where(*mine).group_by(e.series)).all())
    place = func.row_number().over(partition_by=e.series, order_by=[e.t.desc(), e.received.desc(), e.v.desc(), e.q.desc()]).label("place")
    ranked = select(e.series, e.t, e.received, e.v, e.q, place).where(*mine).subquery()
    newest = session.execute(select(ranked).where(ranked.c.place == 1))
    packs = session.execute(select(e.node, e.epoch, e.seq).where(*mine).distinct())
    found: dict[str, Newest] = {row[0]: (counts[row[0]], (row[1], row[2], row[3], row[4])) for row in newest}
    return found, {(n, epoch, seq) for n, epoch, seq in packs}


def read(session: Session, series_id: str, start: int, stop: int) -> tuple[Rows, list[str]]:
    """Estimated rows of a series by their own time, and the boot of each."""
    e = EstimateRow
    found = list(session.execute(select(e.t, e.received, e.v, e.q, e.boot).where(e.series == series_id, e.t >= start, e.t < stop)))
    t, received, v, q, boots = zip(*found, strict=True) if found else ((), (), (), (), ())
    columns = (np.asarray(t, np.int64), np.asarray(received, np.int64), np.asarray(v, np.float64), np.asarray(q, np.uint8))
    return Rows(np.zeros(len(t), np.int32), *columns), list(boots)


def counts(session: Session, start: int, stop: int) -> dict[str, int]:
    """By node, how many there are."""
    e = EstimateRow
    return dict(session.execute(select(e.node, func.count()).where(e.t >= start, e.t < stop).group_by(e.node)).all())
