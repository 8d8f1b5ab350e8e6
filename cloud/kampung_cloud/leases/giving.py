"""Readings from the API's process: put on record by kecamatan, and committed by whoever takes in for it.

The API may not commit itself, since each kecamatan's readings have one writer. What it imports or works out goes to that writer by way of
the records: all kecamatan of a file in one transaction, so that a file is taken in whole, if not at one moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np
from kampung_contract.errors import KampungError, StorageUnavailable
from sqlalchemy import delete, func, select

from kampung_cloud.records import Records
from kampung_cloud.records.given_models import GivenReadingsRow as Row
from kampung_cloud.telemetry.engine import Points
from kampung_cloud.telemetry.entry import decode, encode
from kampung_cloud.telemetry.store import Batch, Committed, Rows, runs_of

ASK_S = 0.2
LATE_MS = 60_000
"""What waits for longer has nobody to take it; more is not put behind it."""
KEPT_MS = 86_400_000
"""An answer that nobody came for is forgotten."""
PATIENCE_S = 300.0
"""A million readings take half a minute on two cores that have nothing else to do."""


def give(records: Records, batch: Batch, now: int, *, awaited: bool) -> Mapping[int, str]:
    """Put readings on record; kecamatan by the numbers under which their readings stand. There must be nothing else in ``batch``.

    Raises ``StorageUnavailable`` where a kecamatan has nobody who takes in.
    """
    parts = divided(batch)
    with records.session() as session:
        late = (Row.taken.is_(None), Row.at < now - LATE_MS, Row.area.in_(parts))
        for area, since in session.execute(select(Row.area, func.min(Row.at)).where(*late).group_by(Row.area).order_by(Row.area)):
            raise StorageUnavailable(
                f"no ingest process has taken in readings for {area} that wait since {(now - since) // 1000} s; "
                "see 'kampung-cloud status', and try again when one takes in there"
            )
        session.execute(delete(Row).where(Row.taken < now - KEPT_MS))
        rows = [Row(area=area, at=now, body=body, awaited=awaited, new=0, duplicate=0) for area, body in parts.items()]
        session.add_all(rows)
        session.flush()
        return {row.id: row.area for row in rows}


def divided(batch: Batch) -> dict[str, bytes]:
    """Readings by kecamatan, packed."""
    rows, out = batch.rows(), {}
    areas = [key.village.rpartition(".")[0] for key in batch.series]
    for code in sorted(set(areas)):
        places = [place for place, area in enumerate(areas) if area == code]
        mine = rows.take(np.isin(rows.series, places))
        if len(mine.t):
            own = Rows(np.searchsorted(places, mine.series).astype(np.int32), mine.t, mine.received, mine.v, mine.q)
            out[code] = encode([batch.series[place] for place in places], Points(own, np.zeros(len(own.t), np.int64)), [])
    return out


def unpacked(body: bytes) -> Batch:
    """What ``divided`` packed."""
    entry, out = decode(0, body), Batch()
    for key in entry.keys:
        out.place(key)
    out.extend(runs_of(entry.points.rows))
    return out


def await_taken(records: Records, given: Mapping[int, str], stopping: threading.Event, patience_s: float = PATIENCE_S) -> Committed:
    """Wait until all of it is committed; what came of it.

    Raises ``StorageUnavailable`` when that takes too long, and ``KampungError`` for what was refused.
    """
    end = time.monotonic() + patience_s
    while True:
        with suppress(StorageUnavailable):
            rows = _answers(records, list(given))
            if rows is not None:
                break
        if time.monotonic() > end or stopping.wait(ASK_S):
            raise StorageUnavailable(
                f"the readings are on record, and no ingest process has taken them in yet for {', '.join(_missing(records, given))}; "
                "they are taken in as soon as one does, and giving them again changes nothing"
            )
    refused = [f"{given[row.id]}: {row.refused}" for row in rows if row.refused is not None]
    if refused:
        raise KampungError("; ".join(refused), code="invalid_request")
    return Committed(sum(row.new for row in rows), sum(row.duplicate for row in rows))


def _answers(records: Records, numbers: Sequence[int]) -> list[Row] | None:
    with records.session() as session:
        waits = session.scalar(select(func.count()).select_from(Row).where(Row.id.in_(numbers), Row.taken.is_(None)))
        if waits:
            return None
        rows = list(session.scalars(select(Row).where(Row.id.in_(numbers)).order_by(Row.area)))
        for row in rows:
            session.expunge(row)
        session.execute(delete(Row).where(Row.id.in_(numbers)))
    return rows


def _missing(records: Records, given: Mapping[int, str]) -> list[str]:
    with suppress(StorageUnavailable), records.session() as session:
        return sorted(session.scalars(select(Row.area).where(Row.id.in_(given), Row.taken.is_(None))))
    return sorted(given.values())
