"""The spool over a real file: what it promises, and what it does when the file is not what it should be."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest
from kampung_contract.errors import ConfigurationError, KampungError
from kampung_contract.pack import MAX_BYTES, Clock, column, decode
from kampung_contract.receipt import Receipt
from kampung_contract.topics import Lane
from kampung_edge.clock import wall_ms
from kampung_edge.packing import Draft, Row, drafts
from kampung_edge.spool import Spool

CLOCK = Clock(True, 1000)


def draft(lane=Lane.LIVE, value=1.0, count=1, at=None):
    at = wall_ms() if at is None else at
    return Draft(lane, [column("d/rain", "mm", [(at + i, value, 1) for i in range(count)])])


def append(spool, *batch):
    return spool.append(batch, "00000000", CLOCK)


@pytest.fixture
def spool(tmp_path):
    opened = Spool(tmp_path / "spool.sqlite")
    yield opened
    opened.close()


def test_pack_carries_the_number_of_its_row(spool):
    """Epoch and number stand in the payload that is stored under them."""
    assert append(spool, draft(value=5.0), Draft(Lane.EVENT, events=[{"type": "x"}])) == [1, 2]
    by_seq = {w.seq: decode(w.payload) for w in spool.peek(10)}
    assert {(s, p.seq, p.epoch) for s, p in by_seq.items()} == {(1, 1, spool.epoch), (2, 2, spool.epoch)}
    assert by_seq[1].series[0].v == [5.0]


def test_events_then_fresh_then_the_rest(spool):
    """The order of ``peek``."""
    append(spool, draft(Lane.BACKFILL, at=1_600_000_000_000))
    append(spool, draft(Lane.LIVE))
    append(spool, Draft(Lane.EVENT, events=[{"type": "x"}]))
    assert [w.seq for w in spool.peek(9)] == [3, 2, 1]
    assert [w.seq for w in spool.peek(1, {3})] == [2]


def test_durability_is_read_back(tmp_path):
    """The file really is in WAL mode, and every connection that wrote it used synchronous=FULL."""
    spool = Spool(tmp_path / "spool.sqlite")
    assert spool._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert spool._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    spool.close()


def test_only_what_was_handed_out_is_forgotten(spool):
    """A receipt that runs ahead of what was sent takes nothing with it."""
    append(spool, draft(), draft(), draft())
    assert [w.seq for w in spool.peek(1)] == [1]
    assert spool.forget(Receipt(spool.epoch, [(1, 3)])) == [1]
    assert spool.stats().packs == 2
    assert spool.forget(Receipt("ffffffffffffffff", [(2, 2)])) == []
    assert spool.stats().ignored_receipts == 1


def test_numbers_are_never_reused(tmp_path):
    """Not even when the highest ones are receipted and the file is opened anew."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    append(spool, draft(), draft())
    spool.peek(9)
    spool.forget(Receipt(spool.epoch, [(1, 2)]))
    spool.close()
    again = Spool(path)
    assert again.epoch == spool.epoch
    assert again.stats().packs == 0
    assert append(again, draft()) == [3]
    again.close()


def test_newer_version_is_refused_and_untouched(tmp_path):
    """A file of a newer program keeps every byte, and the message says what to do."""
    path = tmp_path / "spool.sqlite"
    Spool(path).close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET value = '9' WHERE key = 'schema'")
        db.commit()
    before = path.read_bytes(), sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(ConfigurationError, match=r"spool version 9.*newer kampung-edge"):
        Spool(path)
    assert (path.read_bytes(), sorted(p.name for p in tmp_path.iterdir())) == before


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read as one" * 40, None])
def test_damaged_file_is_kept_aside(tmp_path, content):
    """The agent goes on with a new epoch; the old bytes stay."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    append(spool, *[draft(count=400) for _ in range(20)])
    spool.close()
    if content is None:
        size = path.stat().st_size
        content = path.read_bytes()[: size // 3]
    path.write_bytes(content)
    again = Spool(path)
    assert again.epoch != spool.epoch
    assert append(again, draft()) == [1]
    assert again.stats().damaged
    assert (tmp_path / again.stats().damaged).read_bytes() == content
    again.close()


def test_damage_found_while_running(tmp_path):
    """An append that meets damage goes into a new file and succeeds."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    append(spool, *[draft(count=50, value=i) for i in range(200)])
    spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spool._db.execute("PRAGMA shrink_memory")
    first = spool.epoch
    with path.open("r+b") as file:
        file.seek(1024)
        file.write(os.urandom(path.stat().st_size - 1024))
    numbers = append(spool, draft())
    assert spool.epoch != first
    assert numbers == [1]
    assert [w.seq for w in spool.peek(5)] == [1]
    spool.close()


def test_full_spool_drops_backfill_before_live_and_never_events(tmp_path):
    """What is dropped is told in gap events that name exactly the missing numbers and how many readings they held."""
    spool = Spool(tmp_path / "spool.sqlite", max_bytes=200_000)
    noise, stored = random.Random(1), {}
    for i in range(400):
        lane = (Lane.BACKFILL, Lane.LIVE, Lane.EVENT)[i % 3]
        rows = [(wall_ms() + j, noise.random(), 1) for j in range(80)]
        one = Draft(lane, events=[{"type": "request", "n": i}]) if lane is Lane.EVENT else Draft(lane, [column("d/rain", "mm", rows)])
        for seq in append(spool, one):
            stored[seq] = lane
    there = {w.seq: decode(w.payload) for w in spool.peek(10_000)}
    gaps = [e for p in there.values() for e in p.events if e["type"] == "gap"]
    dropped = {s for s in stored if s not in there}
    assert dropped
    assert dropped == {n for g in gaps for n in range(g["first"], g["last"] + 1)}
    assert sum(g["readings"] for g in gaps) == 80 * len(dropped)
    assert all(g["from"] <= g["to"] for g in gaps)
    lanes = {stored[s] for s in dropped}
    assert Lane.EVENT not in lanes
    if Lane.LIVE in lanes:
        kept_backfill = [s for s in there if stored.get(s) is Lane.BACKFILL]
        assert all(s > max(d for d in dropped if stored[d] is Lane.BACKFILL) for s in kept_backfill)
    assert spool.stats().dropped == len(dropped)
    assert sum(f.stat().st_size for f in tmp_path.iterdir()) < 2_000_000
    spool.close()


def test_large_groups_are_divided(spool):
    """No pack is over 2,000 readings or 64 KB; order within a series stays."""
    noise = random.Random(2)
    rows = [Row(Lane.BACKFILL, "d", f"q{i % 7}", "x", 1_700_000_000_000 + noise.randrange(10**9), noise.random(), 1) for i in range(5000)]
    append(spool, *drafts(rows))
    packs = [decode(w.payload) for w in sorted(spool.peek(1000), key=lambda w: w.seq)]
    assert all(len(w.payload) <= MAX_BYTES for w in spool.peek(1000))
    assert all(p.count <= 2000 for p in packs)
    for q in range(7):
        sent = [(t, v) for p in packs for c in p.series if c.n == f"d/q{q}" for t, v in zip(c.times(), c.v, strict=True)]
        assert sent == [(r.t, r.v) for r in rows if r.quantity == f"q{q}"]


def test_an_event_over_64_kb_is_refused(spool):
    """Nothing of it is stored."""
    with pytest.raises(KampungError, match="64 KB"):
        append(spool, draft(), Draft(Lane.EVENT, events=[{"type": "x", "noise": os.urandom(90_000).hex()}]))
    assert spool.stats().packs == 0


APPENDER = """
import sys
from pathlib import Path
from kampung_contract.pack import Clock, column
from kampung_contract.receipt import Receipt
from kampung_contract.topics import Lane
from kampung_edge.packing import Draft
from kampung_edge.spool import Spool
spool = Spool(Path(sys.argv[1]))
n = 0
while True:
    n += 1
    drafts = [Draft(Lane.LIVE, [column("d/rain", "mm", [(1_700_000_000_000 + n, float(n), 1)])])]
    for seq in spool.append(drafts, "00000000", Clock(True, n)):
        print(seq, flush=True)
    if n % 5 == 0:
        spool.peek(2)
        gone = spool.forget(Receipt(spool.epoch, [(1, seq)]))
        print(*(-g for g in gone), flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    """Three times: every number told is in the file after (or was receipted), and none is given twice."""
    path, given, forgotten = tmp_path / "spool.sqlite", [], set()
    for kills in (40, 7, 25):
        process = subprocess.Popen([sys.executable, "-c", APPENDER, str(path)], stdout=subprocess.PIPE, text=True)
        told = [process.stdout.readline() for _ in range(kills)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        numbers = [int(n) for line in told if line.endswith("\n") for n in line.split()]
        given += [n for n in numbers if n > 0]
        forgotten |= {-n for n in numbers if n < 0}
    assert given == sorted(set(given))
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path, copy, ignore=shutil.ignore_patterns("copy"))
    spool = Spool(copy / "spool.sqlite")
    waiting = {w.seq: decode(w.payload) for w in spool.peek(10_000)}
    assert set(given) - forgotten <= set(waiting)
    assert all(p.seq == s for s, p in waiting.items())
    assert append(spool, draft())[0] > max(given)
    spool.close()
