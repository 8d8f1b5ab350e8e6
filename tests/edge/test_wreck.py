"""What a damaged spool lost is told to the number: file or journal, flipped or cut short."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract.pack import Clock, column, decode
from kampung_contract.receipt import Receipt, coalesce
from kampung_contract.topics import Lane
from kampung_edge import spool_mark
from kampung_edge.journal import FRAME, HEAD, committed, cut_off, lost_frames
from kampung_edge.packing import Draft
from kampung_edge.salvage import Wreck
from kampung_edge.salvage_tree import merge, subtract
from kampung_edge.spool import Spool
from kampung_edge.spool_file import PAGE
from kampung_edge.spool_salvage import roots

CLOCK, BOOT, START = Clock(True, 1000), "00000000", 1_790_000_000_000
FRAME_BYTES = FRAME + PAGE


def fill(folder: Path, dice: random.Random, count: int) -> Spool:
    """``count`` packs of one to twenty readings, of which now and then the oldest are receipted. It stays open."""
    folder.mkdir()
    spool = Spool(folder / "spool.sqlite")
    made = 0
    while made < count:
        drafts = []
        for _ in range(min(dice.randint(1, 5), count - made)):
            made += 1
            rows = [(START + 1000 * made + j, dice.random() * 100, 1) for j in range(dice.choice((1, 4, 20)))]
            drafts.append(Draft(Lane.LIVE, [column("d/rain", "mm", rows)]))
        spool.append(drafts, BOOT, CLOCK)
        if dice.random() < 0.03:
            spool.forget(Receipt(spool.epoch, coalesce(w.seq for w in spool.peek(30) if dice.random() < 0.9)))
    return spool


def killed(spool: Spool, into: Path) -> Path:
    """The folder as a kill -9 leaves it; its spool."""
    shutil.copytree(spool.path.parent, into)
    return into / spool.path.name


def checkpointed(file: Path) -> None:
    db = sqlite3.connect(file)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def waiting(file: Path) -> tuple[set[int], int]:
    """Numbers in it, and the highest ever given."""
    db = sqlite3.connect(file)
    numbers = {seq for (seq,) in db.execute("SELECT seq FROM packs")}
    ((last,),) = db.execute("SELECT seq FROM sqlite_sequence")
    db.close()
    return numbers, last


def numbers(ranges: list[list[int]]) -> set[int]:
    return {n for first, last in ranges for n in range(first, last + 1)}


def settle(file: Path) -> tuple[str, list[dict]]:
    """Epoch and all events once everything that reads is brought over."""
    spool = Spool(file)
    for _ in range(500):
        spool.peek(5000)
        spool.append([Draft(Lane.EVENT, events=[{"type": "tick"}])], BOOT, CLOCK)
        if not spool.tend(BOOT, CLOCK) and not spool._bad:
            break
    events = [e for w in spool.peek(5000) for e in decode(w.payload).events]
    epoch = spool.epoch
    spool.close()
    return epoch, events


@pytest.mark.parametrize("seed", range(12))
def test_the_loss_is_told_to_the_number(tmp_path: Path, seed: int) -> None:
    """All that waited and was not brought over is named; what else is named did not wait any more, and was on what does not read.

    Only what a cut took away from the end may be unknown, and then no more than there was room for in the bytes it took.
    """
    dice = random.Random(seed)
    live = fill(tmp_path / "live", dice, dice.choice((60, 300, 900)))
    waited, last = waiting(killed(live, tmp_path / "truth"))
    file, epoch = killed(live, tmp_path / "dead"), live.epoch
    live.close()
    hit = file
    if seed % 2:
        checkpointed(file)
    else:
        hit = file.with_name("spool.sqlite-wal")
    data = bytearray(hit.read_bytes())
    if seed % 4 < 2:
        for _ in range(max(4, len(data) // 20_000)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    else:
        del data[dice.randrange(len(data)) :]
    hit.write_bytes(data)
    after, events = settle(file)
    salvage = [e for e in events if e["type"] == "salvage"]
    if after == epoch:
        gone = waited - waiting(file)[0]
        assert gone == {n for e in events if e["type"] == "gap" for n in range(e["first"], e["last"] + 1)}
        return
    (told,) = salvage
    kept, lost = numbers(told["ranges"]), numbers(told["lost"])
    assert not kept & lost
    assert told["lost_packs"] == len(lost)
    gone = waited - kept
    beyond = {n for n in gone if n > told["last"]}
    assert gone - beyond <= lost
    assert told["tail"] is None or len(beyond) <= told["tail"] / 64
    assert told["from_epoch"] == epoch
    assert told["last"] <= last


def test_a_journal_that_is_whole_is_never_doubted(tmp_path: Path) -> None:
    """At many moments of a spool's life, checkpoints and a transaction that was taken back among them."""
    dice = random.Random(1)
    spool = fill(tmp_path / "live", dice, 5)
    for moment in range(16):
        for _ in range(dice.randrange(1, 90)):
            spool.append([Draft(Lane.LIVE, [column("d/rain", "mm", [(START + moment, dice.random(), 1)])])], BOOT, CLOCK)
        if moment % 8 == 7:
            spool._db.execute("BEGIN IMMEDIATE")
            spool._db.execute("PRAGMA cache_size = 1")
            spool._db.executemany("INSERT INTO meta VALUES (?, ?)", [(f"{i}", "x" * 500) for i in range(200)])
            spool._db.execute("ROLLBACK")
        file = killed(spool, tmp_path / str(moment))
        assert lost_frames(file) == 0
        packs, _ = roots(spool._db)
        with Wreck(file, PAGE) as wreck:
            assert wreck.held(packs, 1, spool._last) == coalesce(s for (s,) in spool._db.execute("SELECT seq FROM packs"))
        shutil.rmtree(tmp_path / str(moment))
    spool.close()


def test_commits_that_sqlite_would_forget_in_silence_are_noticed(tmp_path: Path) -> None:
    """One flipped bit ends the journal for sqlite; the index beside it, or two commits behind the bit, tell that it went on."""
    spool = fill(tmp_path / "live", random.Random(2), 200)
    whole = committed(spool.path)
    assert whole > 250
    for at, index in ((10, True), (10, False), (whole - 2, True)):
        file = killed(spool, tmp_path / f"{at}-{index}")
        log = file.with_name("spool.sqlite-wal")
        data = bytearray(log.read_bytes())
        data[HEAD + at * FRAME_BYTES + 100] ^= 1
        log.write_bytes(data)
        if not index:
            file.with_name("spool.sqlite-shm").unlink()
        assert whole - at - 16 <= lost_frames(file) <= whole - at
    cut = killed(spool, tmp_path / "cut")
    with cut.with_name("spool.sqlite-wal").open("r+b") as log:
        log.truncate(HEAD + 50 * FRAME_BYTES)
    assert (lost_frames(cut), cut_off(cut)) == (whole - 50, whole - 50)
    cut.with_name("spool.sqlite-shm").unlink()
    assert lost_frames(cut) == 0, "without the index a journal that ends early looks like one that the power cut ended"
    spool.close()


def test_the_commit_under_way_when_the_power_goes_is_no_damage(tmp_path: Path) -> None:
    """Its frames may be there in part and in any order, since it was never promised."""
    spool = fill(tmp_path / "live", random.Random(3), 50)
    before = killed(spool, tmp_path / "before")
    spool.append([Draft(Lane.LIVE, [column("d/rain", "mm", [(START, float(n), 1) for n in range(300)])])], BOOT, CLOCK)
    log = killed(spool, tmp_path / "after").with_name("spool.sqlite-wal")
    data = bytearray(log.read_bytes())
    first = HEAD + committed(before) * FRAME_BYTES
    data[first : first + FRAME_BYTES] = bytes(FRAME_BYTES)  # its first frame never reached the disk, its commit frame did
    before.with_name("spool.sqlite-wal").write_bytes(data)
    assert lost_frames(before) == 0
    spool.close()


def test_a_mark_goes_with_the_file_it_speaks_of(tmp_path: Path) -> None:
    """It says from which number on packs waited, so that the loss of the first page is not all that was ever sent."""
    spool = fill(tmp_path / "live", random.Random(4), 1001)
    spool.forget(Receipt(spool.epoch, coalesce(w.seq for w in spool.peek(500))))
    spool.flush()
    spool._mark.renew(spool.epoch, spool._last, force=True)
    file = killed(spool, tmp_path / "dead")
    marked = spool_mark.read(file.with_name("spool.sqlite.mark"))
    assert marked is not None
    assert (marked.epoch, marked.last, marked.oldest) == (spool.epoch, 1001, min(waiting(killed(spool, tmp_path / "truth"))[0]))
    checkpointed(file)
    with file.open("r+b") as out:
        out.truncate(20 * PAGE)
    _, events = settle(file)
    (told,) = [e for e in events if e["type"] == "salvage"]
    assert min(numbers(told["ranges"] + told["lost"])) == marked.oldest
    spool.close()


def test_a_mark_of_an_older_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("aabbccdd 17\n")
    assert spool_mark.read(tmp_path / "m") == ("aabbccdd", 17, 1)
    for wrong in ("", "aabbccdd", "aabbccdd x 1", "\udcff"):
        (tmp_path / "m").write_text(wrong, errors="surrogateescape")
        assert spool_mark.read(tmp_path / "m") is None


def test_one_bad_pack_among_good_pages_costs_no_more(tmp_path: Path) -> None:
    """A bad pack on a page that does not add up makes the whole file doubtful: others may be missing from it without a word."""
    spool = fill(tmp_path / "live", random.Random(5), 300)
    victim = sorted(waiting(killed(spool, tmp_path / "truth"))[0])[5]
    spool._db.execute("UPDATE packs SET payload = substr(payload, 1, 30) || x'00' || substr(payload, 32) WHERE seq = ?", (victim,))
    epoch = spool.epoch
    assert victim not in [w.seq for w in spool.peek(20)]
    assert (spool.epoch, spool._bad) == (epoch, {victim})
    spool.close()
    checkpointed(spool.path)
    data = bytearray(spool.path.read_bytes())
    packs = 4
    while data[packs * PAGE] != 0x0D or data[packs * PAGE + 3 : packs * PAGE + 5] < b"\0\2":
        packs += 1
    data[packs * PAGE + 4] -= 1  # one cell less, as far as the page says: sqlite does not count
    spool.path.write_bytes(data)
    again = Spool(spool.path)
    again.peek(400)
    assert again.epoch != epoch
    again.close()


RANGES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 8)), max_size=8).map(lambda rs: merge([], [(a, a + n) for a, n in rs]))


@settings(max_examples=200, deadline=None)
@given(RANGES, RANGES)
def test_ranges_are_sets(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    left, right = numbers(one), numbers(other)  # type: ignore[arg-type]
    assert subtract(one, other) == coalesce(left - right)
    assert merge(one, other) == coalesce(left | right)
