"""Which villages a warning touches: its shapes against the rectangles around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from kampung_contract.villages import KABUPATEN, villages

from kampung_cloud.cap.reading import Bulletin, Disc, Ring

KM_PER_DEGREE = 111.2
"""Of latitude."""
Box = tuple[float, float, float, float]
"""Southern, western, northern and eastern edge in degrees."""


def touched(what: Bulletin) -> list[str] | None:
    """Codes of villages; all that are named for a warning that names the regency without a shape; None when it is about elsewhere."""
    boxes = [_around(ring) for ring in what.rings]
    found = [
        v.code
        for v in villages()
        if any(_overlap(v.bounds, box) and crosses(v.bounds, ring) for ring, box in zip(what.rings, boxes, strict=True))
        or any(near(v.bounds, disc) for disc in what.discs)
    ]
    if found:
        return found
    named = KABUPATEN.casefold() in f"{what.area} {what.description} {what.headline}".casefold()
    return [v.code for v in villages()] if named else None


def close(rings: Sequence[Ring]) -> list[Ring]:
    """Those that touch a village."""
    return [r for r in rings if any(_overlap(v.bounds, _around(r)) and crosses(v.bounds, r) for v in villages())]


def crosses(box: Box, ring: Ring) -> bool:
    """Whether rectangle and polygon have a point in common."""
    return any(_hits(box, a, b) for a, b in pairwise(ring)) or _inside(ring, box[0], box[1])


def near(box: Box, disc: Disc) -> bool:
    """Whether rectangle and circle have a point in common; exact enough for a regency."""
    lat, lon, km = disc
    south, west, north, east = box
    up = min(max(lat, south), north) - lat
    over = (min(max(lon, west), east) - lon) * math.cos(math.radians(lat))
    return math.hypot(up, over) * KM_PER_DEGREE <= km


def _around(ring: Sequence[tuple[float, float]]) -> Box:
    lats, lons = [p[0] for p in ring], [p[1] for p in ring]
    return min(lats), min(lons), max(lats), max(lons)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _hits(box: Box, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether the line from ``a`` to ``b`` meets the rectangle (Liang and Barsky 1984)."""
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        step, low, high = b[axis] - a[axis], box[axis] - a[axis], box[axis + 2] - a[axis]
        if step == 0:
            if low > 0 or high < 0:
                return False
            continue
        first, last = sorted((low / step, high / step))
        enter, leave = max(enter, first), min(leave, last)
        if enter > leave:
            return False
    return True


def _inside(ring: Ring, lat: float, lon: float) -> bool:
    """Even-odd rule."""
    odd = False
    for (y1, x1), (y2, x2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd
