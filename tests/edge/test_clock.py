"""A box without a clock of its own: boots that learn the time and boots that never do, clocks set forwards and backwards."""

from __future__ import annotations

import random

import pytest
from kampung_contract.pack import Clock, Pack, column, decode
from kampung_contract.receipt import Receipt
from kampung_contract.topics import Lane
from kampung_edge.clock import EdgeClock
from kampung_edge.config import SpoolSetting
from kampung_edge.memory import STOP, Memory
from kampung_edge.packing import Draft, Row
from kampung_edge.saving import Saving
from kampung_edge.spool import Spool
from kampung_edge.spool_clock import corrected
from kampung_edge.writer import Writer

TRUE = 1_795_225_200_000
"""True time at the world's beginning, milliseconds UTC."""


class World:
    """True time passes only when told; each boot has its own uptime and its own wrong wall clock."""

    def __init__(self) -> None:
        self.true = TRUE
        self.reboot("00000000", wrong_by=0)

    def reboot(self, name: str, wrong_by: int, known: bool = False) -> EdgeClock:
        self.booted, self.wrong_by, self.known = self.true - 5_000, wrong_by, known
        self.clock = EdgeClock(
            wall=lambda: self.true + self.wrong_by, up=lambda: self.true - self.booted, kernel=lambda: self.known, boot=name
        )
        return self.clock

    def set(self, wrong_by: int, known: bool) -> None:
        """Somebody sets the wall clock."""
        self.wrong_by, self.known = wrong_by, known


class Queue:
    """An intake of nothing but its queue."""

    def __init__(self, world: World) -> None:
        self.queue, self._world, self.truth = Memory(), world, {}

    def read(self, value: float) -> None:
        """A sensor's reading now, stamped as the wall clock says."""
        self.truth[value] = self._world.true
        at = self._world.true + self._world.wrong_by
        self.queue.put(Row(Lane.LIVE, "d", "rain", "mm", at, value, 1, self._world.clock.era()))


def run(world: World, intake: Queue, spool: Spool) -> None:
    """The writer until the queue is empty, then its tending."""
    intake.queue.put(STOP)
    writer = Writer(intake, spool, world.clock, SpoolSetting(commit_ms=10), saving=Saving(), written=lambda: None)
    writer.run()
    while writer._tend():
        pass


def packs(spool: Spool) -> list[Pack]:
    return [decode(w.payload) for w in sorted(spool.peek(10_000), key=lambda w: w.seq)]


def times(found: list[Pack]) -> dict[float, tuple[int, bool]]:
    """By value: its time, and whether that is believed."""
    return {v: (t, p.clock.synchronised) for p in found for c in p.series for t, v in zip(c.times(), c.v, strict=True)}


@pytest.fixture
def world():
    return World()


def test_three_unsynchronised_boots_of_which_two_learn_the_time(world, tmp_path):
    """Waiting packs are corrected under their own numbers, sent ones by the event; the third boot stays marked. At most 2 s off."""
    intake = Queue(world)
    sent: list[Pack] = []
    spool = Spool(tmp_path / "spool.sqlite")
    value = 0.0
    for boot, wrong_by, learns in (
        ("aaaaaaaa", -50 * 365 * 86_400_000, True),
        ("bbbbbbbb", -86_400_000, False),
        ("cccccccc", 7_200_000, True),
    ):
        world.reboot(boot, wrong_by)
        for _ in range(5):
            value, world.true = value + 1, world.true + 60_000
            intake.read(value)
            run(world, intake, spool)
        first = spool.peek(2, [p.seq for p in sent])
        sent += [decode(w.payload) for w in first]
        spool.forget(Receipt(spool.epoch, [(w.seq, w.seq) for w in first]))
        spool.close()  # as after a kill: what was remembered is in the file
        spool = Spool(tmp_path / "spool.sqlite")
        assert spool.needs_correction(boot)
        if learns:
            world.true += 3_600_000
            world.set(0, known=True)
            world.clock._checked = float("-inf")
            run(world, intake, spool)
            assert not spool.needs_correction(boot)
        world.true += 30_000
    there = packs(spool)
    events = [e for p in [*sent, *there] for e in p.events]
    truths = {e["boot"]: Clock(True, e["up"], e["at"]) for e in events if e["type"] == "clock"}
    assert set(truths) == {"aaaaaaaa", "cccccccc"}
    assert all(p.clock.synchronised for p in there if p.boot != "bbbbbbbb")
    at_the_cloud = [corrected(p, truths[p.boot]) if p.boot in truths else p for p in [*sent, *there]]
    found = times(at_the_cloud)
    assert set(found) == set(intake.truth)
    assert sum(believed for _, believed in found.values()) == 10
    for reading, (t, believed) in found.items():
        if believed:
            assert abs(t - intake.truth[reading]) <= 2_000
    numbers = [p.seq for p in [*sent, *there]]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert spool.stats().oldest is not None
    spool.close()


@pytest.mark.parametrize("seed", range(6))
def test_jumps_both_ways(world, tmp_path, seed):
    """However the clock is set while readings wait in one group: after the event all are within 2 s, and no pack mixes two clocks."""
    dice = random.Random(seed)
    intake, spool = Queue(world), Spool(tmp_path / "spool.sqlite")
    world.reboot("dddddddd", wrong_by=dice.choice([-10_000_000, 10_000_000]))
    value = 0.0
    for _ in range(40):
        value, world.true = value + 1, world.true + dice.randrange(100, 5_000)
        intake.read(value)
        if dice.random() < 0.2:
            world.set(dice.choice([-7_200_000, -3_000, -900, 900, 3_000, 7_200_000]), known=False)
    world.set(0, known=True)
    intake.read(value := value + 1)
    world.clock._checked = float("-inf")
    intake.read(value + 1)
    run(world, intake, spool)
    found = times(packs(spool))
    assert set(found) == set(intake.truth)
    for reading, (t, believed) in found.items():
        assert believed
        assert abs(t - intake.truth[reading]) <= 2_000, reading
    spool.close()


def test_correction_is_told_again_after_a_kill_only_when_it_was_not_stored(world, tmp_path):
    """The event and its memory are one transaction."""
    path = tmp_path / "spool.sqlite"
    spool = Spool(path)
    late = Draft(Lane.LIVE, [column("d/rain", "mm", [(TRUE, 1.0, 1)])])
    spool.append([late] * 250, "eeeeeeee", Clock(False, 1_000, TRUE))
    spool._db.close()  # a kill -9
    spool = Spool(path)
    assert spool.needs_correction("eeeeeeee")
    spool.correct("eeeeeeee", Clock(True, 11_000), TRUE + 70_000)
    spool._db.close()
    spool = Spool(path)
    assert not spool.needs_correction("eeeeeeee")
    while spool.tend("ffffffff", Clock(True, 5)):  # another boot goes on correcting
        pass
    found = packs(spool)
    assert [e for p in found for e in p.events] == [{"type": "clock", "boot": "eeeeeeee", "up": 11_000, "at": TRUE + 70_000}]
    assert all(p.clock == Clock(True, 1_000) and p.series[0].t == TRUE + 60_000 for p in found if p.series)
    assert [p.seq for p in found] == list(range(1, 252))
    spool.append([late], "eeeeeeee", Clock(False, 20_000, TRUE))
    assert spool.needs_correction("eeeeeeee")
    spool.close()


def test_the_two_clocks_are_read_together():
    """A machine that stops between the two readings does not look like a clock that was set."""
    ups = iter([0, 0, 0, 5_000, 5_000, 5_001, *range(5_002, 5_100)])
    clock = EdgeClock(True, wall=lambda: 1_000_000, up=lambda: next(ups), boot="00000000")
    era = clock.era()
    assert era.offset == 1_000_000 - 5_000
