"""The spool's care for its disk: what it drops, what it sets apart, what it gives back, and how fast it opens."""

from __future__ import annotations

import os
import random
import sqlite3
import time

import pytest
from kampung_contract.pack import Clock, column, decode
from kampung_contract.receipt import Receipt
from kampung_contract.topics import Lane
from kampung_edge.clock import wall_ms
from kampung_edge.packing import Draft, Row
from kampung_edge.spool import Spool
from kampung_edge.spool_file import transaction

CLOCK, BOOT = Clock(True, 1000), "00000000"


def noise(lane: Lane, dice: random.Random, count: int = 80) -> Draft:
    at = wall_ms()
    return Draft(lane, [column("d/rain", "mm", [(at + i, dice.random(), 1) for i in range(count)])])


def test_reserved_disk_makes_it_full(tmp_path, monkeypatch):
    """Below the reserve it uses two megabytes at most; backfill goes before live, events never, and gaps are told."""
    dice = random.Random(1)
    real = os.statvfs

    def low(path):
        values = list(real(path)[:10])
        values[4] = 100  # free blocks
        return os.statvfs_result(values)

    spool = Spool(tmp_path / "spool.sqlite")
    monkeypatch.setattr(os, "statvfs", low)
    assert spool.stats().low_disk
    lanes = {}
    for i in range(1500):
        lane = Lane.BACKFILL if i % 2 else Lane.LIVE
        lanes |= dict.fromkeys(spool.append([noise(lane, dice, 150)], BOOT, CLOCK), lane)
        if i % 100 == 0:
            spool.append([Draft(Lane.EVENT, events=[{"type": "request", "n": i}])], BOOT, CLOCK)
    there = [decode(w.payload) for w in spool.peek(10_000)]
    gone = {n for p in there for e in p.events if e["type"] == "gap" for n in range(e["first"], e["last"] + 1)}
    assert gone == set(lanes) - {p.seq for p in there}
    assert {lanes[n] for n in gone} == {Lane.BACKFILL}
    assert len([e for p in there for e in p.events if e["type"] == "request"]) == 15
    assert (tmp_path / "spool.sqlite").stat().st_size < 3_000_000
    spool.close()


def test_file_shrinks_after_a_long_outage(tmp_path):
    """Step by step, with each turn of the housekeeping."""
    dice, path = random.Random(2), tmp_path / "spool.sqlite"
    spool = Spool(path)
    for _ in range(10):
        spool.append([noise(Lane.BACKFILL, dice, 300) for _ in range(80)], BOOT, CLOCK)
    large = spool._db.execute("PRAGMA page_count").fetchone()[0]
    numbers = [w.seq for w in spool.peek(1000)]
    spool.forget(Receipt(spool.epoch, [(numbers[0], numbers[-1])]))
    spool.flush()
    pages = []
    for _ in range(6):
        spool.keep_house()
        pages.append(spool._db.execute("PRAGMA page_count").fetchone()[0])
    assert large - pages[0] <= 420
    assert pages[-1] < large // 2
    spool.close()


def test_what_no_pack_can_hold_is_set_aside(make_edge, until):
    """One such reading in a group costs nobody else; health counts it, and it is kept."""
    edge = make_edge(more="[spool]\ncommit_ms = 50\n")
    for i in range(9):
        edge.intake.take("d", "rain", float(i), "mm", 1, wall_ms() + i)
    edge.intake.queue.put(Row(Lane.LIVE, "d", "rain", "mm", 10**30, 5.5, 1, edge.clock.era()))
    until(lambda: edge.spool.stats().refused == 1, "it is set aside")
    until(lambda: sum(decode(w.payload).count for w in edge.spool.peek(100)) == 9, "the others are stored")
    assert any("refused" in t for t in edge.health.object()["troubles"])
    assert "5.5" in edge.spool._db.execute("SELECT readings FROM refused").fetchone()[0]


def test_a_damaged_pack_is_told_and_set_apart(tmp_path):
    """A flipped bit that sqlite does not see."""
    spool = Spool(tmp_path / "spool.sqlite")
    spool.append([noise(Lane.LIVE, random.Random(3)) for _ in range(5)], BOOT, CLOCK)
    spool._db.execute("UPDATE packs SET payload = substr(payload, 1, 50) || x'00' || substr(payload, 52) WHERE seq = 3")
    assert [w.seq for w in spool.peek(9)] == [1, 2, 4, 5]
    spool.append([noise(Lane.LIVE, random.Random(4))], BOOT, CLOCK)
    gap = next(e for w in spool.peek(9) for e in decode(w.payload).events)
    assert (gap["type"], gap["first"], gap["last"], gap["readings"]) == ("gap", 3, 3, 80)
    assert (spool.stats().rejected, spool.stats().packs) == (1, 6)
    spool.close()


def test_a_damaged_pack_is_told_though_nothing_is_read_any_more(tmp_path):
    """The sensors may be dead: what waits still comes to an end."""
    spool = Spool(tmp_path / "spool.sqlite")
    spool.append([noise(Lane.LIVE, random.Random(3)) for _ in range(3)], BOOT, CLOCK)
    spool._db.execute("UPDATE packs SET payload = substr(payload, 1, 50) || x'00' || substr(payload, 52) WHERE seq IN (1, 2, 3)")
    assert spool.peek(9) == []
    assert spool.tend(BOOT, CLOCK) is True
    (told,) = spool.peek(9)
    assert [(e["type"], e["first"], e["last"]) for e in decode(told.payload).events] == [("gap", 1, 3)]
    assert (spool.stats().rejected, spool.stats().packs) == (3, 1)
    assert spool.tend(BOOT, CLOCK) is False
    spool.close()


@pytest.mark.parametrize("rows", [50_000])
def test_opens_fast_however_much_waits(tmp_path, rows):
    """A twentieth of a million packs in a twentieth of three seconds, with room for a busy machine."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    (seq,) = spool.append([noise(Lane.BACKFILL, random.Random(5), 20)], BOOT, CLOCK)
    with transaction(spool._db):
        spool._db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO packs (lane, readings, first, last, payload) "
            "SELECT lane, readings, first, last, payload FROM packs, n WHERE seq = ?",
            (rows - 1, seq),
        )
    spool._db.close()
    begun = time.process_time()
    spool = Spool(path)
    took = time.process_time() - begun
    assert spool.stats().packs == rows
    assert took < 0.15 * 3
    spool.close()


def test_version_one_without_the_later_tables_is_completed(tmp_path):
    """A spool of the first release goes on where it was."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    spool.append([noise(Lane.LIVE, random.Random(6))], BOOT, CLOCK)
    epoch = spool.epoch
    spool.close()
    old = sqlite3.connect(path, isolation_level=None)
    for table in ("unsynchronised", "boots", "refused"):
        old.execute(f"DROP TABLE {table}")
    old.close()
    spool = Spool(path)
    assert (spool.epoch, spool.stats().packs) == (epoch, 1)
    assert spool.append([noise(Lane.LIVE, random.Random(7))], BOOT, Clock(False, 5, 7)) == [2]
    spool.close()
