"""How long people waited, and how long the next will: from this day's tickets alone, and nothing while there are too few of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from statistics import median
from typing import Any

from kampung_edge.queueing.state import Queue, Ticket

LEAST = 3
"""Services before anybody is told how long it takes."""
LAST = 10
ACTIVE_MS = 30 * 60_000
"""A counter that called within so long is taken for open."""


def expected(queue: Queue, lines: Collection[str], before: int, now: int) -> int | None:
    """Minutes that somebody with ``before`` ahead of him waits: the median of the last ten services of ``lines``, by counters that call.

    A service lasts from the call to its end. ``lines`` are those that the counters of his line call from. None while fewer than three have
    ended today, and where the clock could not be believed.
    """
    done = sorted(
        (t for t in queue.tickets.values() if t.state == "served" and t.line in lines and t.ended > t.called and not t.doubtful),
        key=lambda t: t.ended,
    )
    if len(done) < LEAST:
        return None
    counters = {t.counter for t in queue.tickets.values() if t.counter and abs(now - t.called) <= ACTIVE_MS and t.line in lines}
    each = median(t.ended - t.called for t in done[-LAST:])
    return math.ceil(before * each / max(1, len(counters)) / 60_000)


def figures(tickets: Iterable[Ticket]) -> dict[str, Any]:
    """Of a day so far: ``served``, ``absent``, and ``wait``, the median minutes until the call of those who were served."""
    each = list(tickets)
    waits = [t.called - t.taken for t in each if t.state in ("serving", "served") and t.called >= t.taken and not t.doubtful]
    return {
        "served": sum(t.state == "served" for t in each),
        "absent": sum(t.state == "absent" for t in each),
        "wait": round(median(waits) / 60_000) if waits else None,
    }
