"""InfluxDB's line protocol: one measurement, the series as tags, value and receive time as fields, milliseconds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from kampung_cloud.telemetry.engine import Points
from kampung_cloud.telemetry.store import SeriesKey

MEASUREMENT = "readings"
_ESCAPED = re.compile(r"([,= ])")


def head(key: SeriesKey, q: int, n: int) -> str:
    """``readings,device=soil-1,node=kiosk-1,q=1,…``, tags in the order that is quickest to take in."""
    tags = {"device": key.device, "n": str(n) if n else "", "node": key.node, "q": str(q), "quantity": key.quantity, "village": key.village}
    if key.unit and "\\" not in key.unit:
        tags["unit"] = _ESCAPED.sub(r"\\\1", key.unit)
    return MEASUREMENT + "".join(f",{name}={value}" for name, value in sorted(tags.items()) if value)


def lines(keys: Sequence[SeriesKey], points: Points, at_once: int) -> Iterator[bytes]:
    """Points as line protocol, ``at_once`` lines a piece."""
    rows = points.rows
    kinds = np.stack([rows.series.astype(np.int64), rows.q.astype(np.int64), points.n])
    heads: dict[tuple[int, int, int], str] = {}
    for start in range(0, len(points), at_once):
        piece = slice(start, start + at_once)
        out = []
        for series, q, n, t, received, v in zip(
            *kinds[:, piece].tolist(), rows.t[piece].tolist(), rows.received[piece].tolist(), rows.v[piece].tolist(), strict=True
        ):
            begin = heads.get((series, q, n))
            if begin is None:
                begin = heads[series, q, n] = head(keys[series], q, n)
            out.append(f"{begin} v={v!r},r={received}i {t}")
        yield "\n".join(out).encode()
