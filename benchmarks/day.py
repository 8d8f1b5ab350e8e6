"""Days of a village's office at the real application (``kampung-sim day``): minutes of a KTP and of letters, what Dukcapil took apart,
how often somebody was told that something is late; and the same by clerks and requests a day.

No peer is measured: that a KTP came down from three hours to ten minutes is the programme's word, not a figure that was measured.
``KAMPUNG_BENCH_DAYS`` sets how many days one office is run; the sixteen are for one day. Durations of people are assumptions
(``simulators/kampung_sim/day/figures.toml``).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from kampung_sim.day.command import SWEEP_CLERKS, SWEEP_PER_DAY
from kampung_sim.day.figures import load
from kampung_sim.day.run import Office, Plan
from kampung_sim.day.run import run as through_programs
from kampung_sim.day.tally import KTP, RUNGS, Tally, share

from benchmarks.result import Result

DAYS = int(os.environ.get("KAMPUNG_BENCH_DAYS", "5"))
SWEEP_DAYS = 1
FIRST = date(2026, 10, 5)


def run() -> Iterator[Result]:
    """One office of the figures, then sixteen beside one another."""
    (found,) = _run(DAYS, Office(load()[0].clerks, load()[0].per_day))
    p50, p90 = found.ktp
    yield Result("day: KTP, village p50", p50 or 0.0, "working min", None, None, _ktp(found))
    yield Result("day: KTP, village p90", p90 or 0.0, "working min", None, None, _ktp(found))
    elsewhere = [m for r in found.rows if r.service == KTP for m in r.elsewhere if m]
    yield Result("day: KTP, Dukcapil p50", share(elsewhere, 50) or 0.0, "working min", None, None, len(elsewhere))
    letters = [m for r in found.rows if not any(r.elsewhere) for m in r.village]
    yield Result("day: letters, village p50", share(letters, 50) or 0.0, "working min", None, None, len(letters))
    yield Result("day: letters, village p90", share(letters, 90) or 0.0, "working min", None, None, len(letters))
    for rung in RUNGS:
        yield Result(f"day: told that it is late, {rung}", found.late[rung], "times", None, None, _asked(found))
    yield Result("day: unexplained", len(found.unexplained), "requests", None, None, _asked(found))
    for office in _run(SWEEP_DAYS, *(Office(c, n) for n in SWEEP_PER_DAY for c in SWEEP_CLERKS)):
        who = f"{office.clerks} clerks, {office.per_day:g} a day"
        yield Result(f"day: KTP p50, {who}", office.ktp[0] or 0.0, "working min", None, None, _ktp(office))
        yield Result(f"day: told that it is late, {who}", office.late.total(), "times", None, None, _asked(office))
        yield Result(f"day: unexplained, {who}", len(office.unexplained), "requests", None, None, _asked(office))


def _run(days: int, *offices: Office) -> list[Tally]:
    with tempfile.TemporaryDirectory(prefix="bench-day-") as folder:
        return through_programs(Plan(load()[0], offices, FIRST, days, seed=1), Path(folder))


def _asked(found: Tally) -> int:
    return sum(r.asked for r in found.rows)


def _ktp(found: Tally) -> int:
    row = found.of(KTP)
    return 0 if row is None else len(row.village)
