"""Spools that are not what they should be: whatever the bytes, the agent goes on and brings over what reads."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3

import pytest
from kampung_contract.errors import StorageUnavailable
from kampung_contract.pack import Clock, Pack, column, decode
from kampung_contract.topics import Lane
from kampung_edge.packing import Draft
from kampung_edge.salvage import Wreck
from kampung_edge.spool import Spool

CLOCK, BOOT, START = Clock(True, 1000), "00000000", 1_790_000_000_000


def fill(spool: Spool, dice: random.Random, count: int = 60) -> dict[int, Pack]:
    """Packs of very different size, by the time of their first reading."""
    for i in range(count):
        rows = [(START + 1000 * i + j, dice.random() * 100, 1) for j in range(dice.choice([1, 5, 20, 300]))]
        spool.append([Draft(Lane.LIVE, [column("d/rain", "mm", rows)])], BOOT, CLOCK)
    return {(p := decode(w.payload)).series[0].t: p for w in spool.peek(1000)}


def settle(spool: Spool) -> list[Pack]:
    """Everything is brought over and what is damaged set apart; gives what waits then."""
    for _ in range(200):
        waiting = spool.peek(2000)
        spool.append([Draft(Lane.EVENT, events=[{"type": "tick"}])], BOOT, CLOCK)
        if not spool.tend(BOOT, CLOCK) and not spool._bad:
            return [decode(w.payload) for w in spool.peek(2000)]
    raise AssertionError(f"no end with {len(waiting)} packs")


def harm(path, dice: random.Random) -> str:
    size, kind = path.stat().st_size, dice.choice(["flips", "cut", "zeroes", "noise", "header"])
    with path.open("r+b") as file:
        if kind == "flips":
            for _ in range(dice.randint(1, 40)):
                place = dice.randrange(size)
                file.seek(place)
                byte = file.read(1)[0]
                file.seek(place)
                file.write(bytes([byte ^ 1 << dice.randrange(8)]))
        elif kind == "cut":
            file.truncate(dice.randrange(size))
        else:
            file.seek(0 if kind == "header" else dice.randrange(size))
            file.write(bytes(1024) if kind == "zeroes" else dice.randbytes(100 if kind == "header" else 3000))
    return kind


@pytest.mark.parametrize("seed", range(24))
def test_torn_and_flipped_bytes_never_stop_it(tmp_path, seed):
    """What is kept is what was written, under numbers of its own; what is not kept is told in a gap or salvage event."""
    dice, path = random.Random(seed), tmp_path / "spool.sqlite"
    spool = Spool(path)
    truth, epoch = fill(spool, dice), spool.epoch
    spool.close()
    harm(path, dice)
    spool = Spool(path)
    found = settle(spool)
    assert len({p.seq for p in found}) == len(found)
    assert {p.epoch for p in found} == {spool.epoch}
    kept = {p.series[0].t: p for p in found if p.series}
    assert set(kept) <= set(truth)
    assert all(kept[t].series == truth[t].series for t in kept)
    events = [e for p in found for e in p.events]
    if spool.epoch != epoch:
        (salvage,) = [e for e in events if e["type"] == "salvage"]
        assert salvage["kept"] >= len(kept)
        assert (tmp_path / salvage["file"]).exists()
        assert salvage["from_epoch"] in (epoch, "")
    else:
        gone = {n for e in events if e["type"] == "gap" for n in range(e["first"], e["last"] + 1)}
        assert gone == {p.seq for t, p in truth.items() if t not in kept}
    spool.close()


def test_a_page_of_zeroes_costs_only_its_own_packs(tmp_path):
    """Everything beside it is kept, with lane, boot and clock."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    truth = fill(spool, random.Random(1))
    spool.append([Draft(Lane.EVENT, events=[{"type": "request", "id": "r"}])], "0b0b0b0b", Clock(False, 7, START))
    spool.close()
    with path.open("r+b") as file:
        file.seek(40 * 1024)
        file.write(bytes(1024))
    spool = Spool(path)
    spool._meet(sqlite_corrupt())
    found = settle(spool)
    assert len([p for p in found if p.series]) >= len(truth) - 8
    (request,) = [p for p in found if p.events and p.events[0]["type"] == "request"]
    assert (request.boot, request.clock) == ("0b0b0b0b", Clock(False, 7, START))
    assert spool.needs_correction("0b0b0b0b")
    spool.close()


def sqlite_corrupt() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("as sqlite says it")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def test_a_kill_while_salvaging_loses_nothing(tmp_path):
    """The work goes on where the last committed step ended; the damaged file is read, never written."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    truth = fill(spool, random.Random(2), 400)
    spool._meet(sqlite_corrupt())
    aside = next(p for p in tmp_path.glob("spool.sqlite.damaged-*") if not p.name.endswith(("-wal", "-shm", "-mark")))
    before = aside.read_bytes()
    steps = 0
    while spool.tend(BOOT, CLOCK):
        steps += 1
        spool._db.close()  # a kill -9
        spool._salvager.close()
        spool = Spool(path)
    assert steps > 3
    found = [decode(w.payload) for w in spool.peek(2000)]
    assert sorted(p.series[0].t for p in found if p.series) == sorted(truth)
    (salvage,) = [e for p in found for e in p.events]
    assert (salvage["kept"], salvage["lost_packs"]) == (len(truth), 0)
    assert (tmp_path / salvage["file"]).read_bytes() == before
    spool.close()


def test_wreck_reads_the_write_ahead_log(tmp_path):
    """Packs that were never written into the file itself are found too; receipted ones are not."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    truth = fill(spool, random.Random(3), 20)
    copy = tmp_path / "copy"
    copy.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"spool.sqlite{suffix}", copy / f"spool.sqlite{suffix}")
    with Wreck(copy / "spool.sqlite", 1024) as wreck:
        found = [p for n in range(1, wreck.pages + 1) for _, p in wreck.read(n).packs]
    assert {p.series[0].t for p in found} == set(truth)
    spool.close()


def test_an_older_copy_becomes_a_new_epoch(tmp_path):
    """Its numbers were given out already, for other packs."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    fill(spool, random.Random(4), 5)
    spool.close()
    old = path.read_bytes()
    spool = Spool(path)
    epoch = spool.epoch
    fill(spool, random.Random(5), 7)
    spool.close()
    path.write_bytes(old)
    spool = Spool(path)
    assert spool.epoch != epoch
    assert len([p for p in settle(spool) if p.series]) == 5
    spool.close()


def test_a_file_deleted_under_it_is_noticed(tmp_path):
    """All that it held is brought over, since the open file can still be read."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    truth, epoch = fill(spool, random.Random(6), 150), spool.epoch
    for file in tmp_path.glob("spool.sqlite*"):
        file.unlink()
    spool.keep_house()
    assert path.exists()
    assert spool.epoch != epoch
    assert {p.series[0].t for p in settle(spool) if p.series} == set(truth)
    spool.close()
    again = Spool(path)
    assert again.stats().packs >= len(truth)
    again.close()


def test_noise_instead_of_a_file(tmp_path):
    """Random bytes of any length."""
    path = tmp_path / "spool.sqlite"
    for size in (1, 50, 4096, 50_000):
        path.write_bytes(os.urandom(size))
        spool = Spool(path)
        assert spool.append([Draft(Lane.EVENT, events=[{"type": "x"}])], BOOT, CLOCK)
        settle(spool)
        spool.close()


def test_a_new_file_that_could_not_be_made_is_tried_again(tmp_path):
    """The disk was full at the very moment the damaged file was moved aside."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    truth = fill(spool, random.Random(7), 20)
    spool._db.close()
    path.rename(tmp_path / "spool.sqlite.damaged-20260101T000000-0000")
    found = settle(spool)
    assert {p.series[0].t for p in found if p.series} == set(truth)
    spool.close()
    with pytest.raises(StorageUnavailable):
        spool.append([Draft(Lane.EVENT, events=[{"type": "x"}])], BOOT, CLOCK)
