"""Packs that grow while nobody takes them: a number that was handed out stands for the same bytes for ever, and no reading is lost."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kampung_contract.pack import Clock, column, decode
from kampung_contract.receipt import Receipt
from kampung_contract.topics import Lane
from kampung_edge.clock import Era
from kampung_edge.packing import Draft
from kampung_edge.spool import Spool
from kampung_edge.spool_grow import ALONE_MS, FULL, SPAN_MS, grow

FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""It is not the disk's speed that is tried."""
START, BOOT = 1_795_225_200_000, "00000000"
GOOD, OTHER, WRONG = Era(True, START - 1_000), Era(True, START + 9_000), Era(False, START - 86_400_000)


class World:
    """A spool on a clock of its own, and all that was put into it and taken from it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.now, self.count = folder / "spool.sqlite", START, 0
        self.sent: dict[int, bytes] = {}
        self.stored: set[int] = set()
        """Numbers the cloud has; it takes each once."""
        self.spool = self._open()

    def _open(self) -> Spool:
        return Spool(self.path, now=lambda: self.now)

    def read(self, era: Era, lane: Lane = Lane.LIVE) -> int:
        """A reading with a value of its own; gives its pack's number."""
        self.now += 1_000
        self.count += 1
        draft = Draft(lane, [column("d/rain", "mm", [(self.now, float(self.count), 1)])])
        (number,) = self.spool.append([draft], BOOT, era.stamp(self.now - START), era=era)
        return number

    def alone(self) -> None:
        self.now += ALONE_MS

    def send(self, limit: int) -> None:
        for pack in self.spool.peek(limit):
            assert self.sent.setdefault(pack.seq, pack.payload) == pack.payload, "one number, one content"

    def receipt(self) -> None:
        self.spool.forget(Receipt(self.spool.epoch, [(s, s) for s in self.sent]))
        self.stored.update(self.sent)

    def kill(self) -> None:
        """And start again; what was receipted may come back and is then sent once more."""
        self.spool._db.close()
        self.spool = self._open()

    def end(self) -> list[float]:
        """All readings, as the cloud has them in the end."""
        self.send(10_000)
        self.receipt()
        assert self.spool.stats().packs == self.spool.stats().bytes == 0
        self.spool.close()
        return [v for seq in self.stored for v in values(self.sent[seq])]


def values(payload: bytes) -> list[float]:
    return [v for c in decode(payload).series for v in c.v]


STEPS = st.lists(
    st.one_of(
        st.sampled_from(["good", "good", "good", "other", "wrong", "backfill", "alone", "alone", "receipt", "kill"]),
        st.integers(1, 4),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
@example(["good", 1, "alone", "good", "good", 4, "alone", "good", "kill", "alone", "good", "receipt"])
def test_a_number_that_was_handed_out_never_changes_its_content(steps: list[str | int]) -> None:
    """Whatever is read, sent, receipted and killed in between."""
    with tempfile.TemporaryDirectory(dir=FAST) as name:
        world = World(Path(name))
        for step in steps:
            if isinstance(step, int):
                world.send(step)
            elif step == "backfill":
                world.read(GOOD, Lane.BACKFILL)
            elif step in ("alone", "receipt", "kill"):
                getattr(world, step)()
            else:
                world.read({"good": GOOD, "other": OTHER, "wrong": WRONG}[step])
        count = world.count
        assert sorted(world.end()) == [float(n) for n in range(1, count + 1)]


@pytest.fixture
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory(dir=FAST) as name:
        made = World(Path(name))
        yield made
        made.spool.close()


def test_an_outage_becomes_few_packs(world: World) -> None:
    """For ten seconds as ever; then readings join until the pack fills a page of the file or an hour is over."""
    numbers = [world.read(GOOD) for _ in range(2_000)]
    before = ALONE_MS // 1_000
    assert numbers[: before - 1] == list(range(1, before))
    waiting = {w.seq: w for w in world.spool.peek(10_000)}
    assert len(waiting) < before + 2_000 // 300
    assert all(len(w.payload) <= FULL and w.last - w.first <= SPAN_MS for w in waiting.values())
    assert max(w.readings for w in waiting.values()) > 300
    assert sum(len(w.payload) for s, w in waiting.items() if s >= before) < 2.5 * 2_000
    world.receipt()
    assert world.read(GOOD) == numbers[-1] + 1


def test_slow_sensors_make_packs_of_an_hour(world: World) -> None:
    """However little they hold."""
    for _ in range(30):
        world.now += 10 * 60_000
        world.read(GOOD)
    assert {w.readings for w in world.spool.peek(99)} == {6}


def test_a_pack_never_mixes_two_clocks(world: World) -> None:
    """Another era begins another pack; and one whose times were corrected takes no reading that was not."""
    world.alone()
    assert [world.read(e) for e in (WRONG, WRONG, GOOD, WRONG, GOOD, OTHER)] == [1, 1, 2, 3, 4, 5]
    payload = world.spool.read([1])[0].payload
    world.spool.correct(BOOT, Clock(True, world.now - START), world.now)
    while world.spool.tend(BOOT, Clock(True, world.now - START)):
        pass
    corrected = world.spool.read([1])[0].payload
    assert decode(corrected).clock.synchronised
    more = Draft(Lane.LIVE, [column("d/rain", "mm", [(world.now, 5.0, 1)])])
    assert grow(1, payload, more, WRONG)
    assert grow(1, corrected, more, WRONG) is None


def test_what_the_clock_set_back_does_not_stop_growth_for_ever(world: World) -> None:
    """Somebody sets the clock back by a day in an outage."""
    world.alone()
    first = world.read(GOOD)
    world.now -= 86_400_000
    assert world.read(OTHER) == first + 1
    world.alone()
    assert [world.read(OTHER), world.read(OTHER)] == [first + 1, first + 1]


def test_a_pack_that_was_dropped_or_damaged_grows_no_more(world: World) -> None:
    """It is not there, or not what it was."""
    world.alone()
    first = world.read(GOOD)
    world.spool._db.execute("UPDATE packs SET payload = x'00' WHERE seq = ?", (first,))
    assert world.read(GOOD) == first + 1
    world.spool._db.execute("DELETE FROM packs WHERE seq = ?", (first + 1,))
    assert world.read(GOOD) == first + 2
