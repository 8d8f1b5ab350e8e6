"""10,000 letters by 32 issuers beside one another, ten of them killed, and two kiosks that come back with their requests, on SQLite and
PostgreSQL: duplicate numbers and gaps, which must be none, and letters a second. And checking a signed code without a line.

The peer of the rate is the least that a number costs there: one committed row of a counter, by one writer, in the same run.
``KAMPUNG_BENCH_LETTERS`` sets how many.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from kampung_cloud.modules.services.numbering import allocate
from kampung_cloud.modules.services.signing import Claim, SigningKeys, decode, encode
from kampung_cloud.records import open_records

from benchmarks.result import Result
from tests.cloud.modules.services.issuing import VILLAGE, rush
from tests.cloud.postgres import Postgres

LETTERS = int(os.environ.get("KAMPUNG_BENCH_LETTERS", "10000"))
ISSUERS, KILLS, ALONE = 32, 10, 500


def run() -> Iterator[Result]:
    """Both databases, then the code."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _rush("sqlite", "sqlite:records.db", Path(folder))
    server = Postgres()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from _rush("postgresql", server.database(), Path(folder))
    finally:
        server.close()
    with tempfile.TemporaryDirectory() as folder:
        yield from _checking(Path(folder))


def _rush(name: str, url: str, folder: Path) -> Iterator[Result]:
    alone = _alone(url, folder)
    found = rush(url, folder, LETTERS, ISSUERS, KILLS)
    rate = found["letters"] / found["seconds"]
    yield Result(f"letters_{name}", rate, "letters/s", rate / alone, "a counter alone, one writer", LETTERS)
    yield Result(f"letters_{name}_duplicates", found["duplicates"], "numbers", None, None, LETTERS)
    yield Result(f"letters_{name}_gaps", found["gaps"], "numbers", None, None, LETTERS)
    yield Result(f"letters_{name}_kills", found["kills"], "issuers", None, None, ISSUERS)


def _alone(url: str, folder: Path) -> float:
    records = open_records(url, folder)
    began = time.perf_counter()
    for _ in range(ALONE):
        with records.session() as session:
            allocate(session, "35.10.24.2007", "desa", date(2026, 11, 30))
    records.close()
    return ALONE / (time.perf_counter() - began)


def _checking(folder: Path) -> Iterator[Result]:
    keys = SigningKeys(folder)
    claim = Claim("K7M3-9QXR-2026", VILLAGE, "500/001/429.523.03/XI/2026", "keterangan-usaha", date(2026, 11, 30), None, "Siti", bytes(16))
    text, public, took = encode(claim, *keys.signing(VILLAGE, 1)), keys.public(), []
    for _ in range(2000):
        began = time.perf_counter()
        decode(text, public)
        took.append((time.perf_counter() - began) * 1000)
    yield Result("letters_verify_p95", sorted(took)[int(len(took) * 0.95)], "ms", None, None, len(took))
