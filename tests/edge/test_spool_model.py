"""The spool against a model of a few lines: whatever the order of calls and reopenings, it gives what the model gives."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from kampung_contract.pack import Clock, column, decode
from kampung_contract.receipt import Receipt, Rejection, coalesce
from kampung_contract.topics import Lane
from kampung_edge.packing import FRESH_MS, Draft
from kampung_edge.spool import Spool


class SpoolModel(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = 1_700_000_000_000
        self.waiting: dict[int, tuple[Lane, int]] = {}
        self.fresh: set[int] = set()
        self.handed: set[int] = set()
        self.rejected = self.last = 0
        self.open()
        self.epoch = self.spool.epoch

    def open(self):
        self.spool = Spool(Path(self.folder.name) / "spool.sqlite", now=lambda: self.now)

    @rule(lanes=st.lists(st.sampled_from(list(Lane)), min_size=1, max_size=4), age=st.sampled_from([0, 30_000, 61_000]))
    def append(self, lanes, age):
        at = self.now - age
        batch = [
            Draft(lane, events=[{"type": "x"}]) if lane is Lane.EVENT else Draft(lane, [column("d/rain", "mm", [(at, 1.0, 1)])])
            for lane in lanes
        ]
        numbers = self.spool.append(batch, "00000000", Clock(True, 1))
        assert numbers == list(range(self.last + 1, self.last + 1 + len(lanes)))
        self.last = numbers[-1]
        for number, lane in zip(numbers, lanes, strict=True):
            self.waiting[number] = (lane, 0 if lane is Lane.EVENT else at)
            if lane is Lane.LIVE:
                self.fresh.add(number)

    @rule(limit=st.integers(0, 6), data=st.data())
    def peek(self, limit, data):
        skip = data.draw(st.sets(st.sampled_from(sorted(self.waiting)))) if self.waiting else set()

        def order(seq):
            lane, at = self.waiting[seq]
            return (0 if lane is Lane.EVENT else 1 if seq in self.fresh and at >= self.now - FRESH_MS else 2, seq)

        expected = sorted((s for s in self.waiting if s not in skip), key=order)[:limit]
        got = self.spool.peek(limit, skip)
        assert [w.seq for w in got] == expected
        assert [decode(w.payload).seq for w in got] == expected
        assert [w.lane for w in got] == [self.waiting[s][0] for s in expected]
        self.handed.update(expected)

    @rule(numbers=st.sets(st.integers(1, 40)), refused=st.sets(st.integers(1, 40), max_size=2), foreign=st.booleans())
    def forget(self, numbers, refused, foreign):
        rejections = [Rejection(n, "code", "detail") for n in refused]
        gone = self.spool.forget(Receipt("f" * 16 if foreign else self.epoch, coalesce(numbers), rejections))
        if foreign:
            assert gone == []
            return
        expected = self.handed & set(self.waiting) & numbers
        apart = (self.handed & set(self.waiting) & refused) - numbers
        assert sorted(gone) == sorted(expected | apart)
        self.rejected += len(apart)
        for number in expected | apart:
            del self.waiting[number]
            self.handed.discard(number)

    @rule(seconds=st.integers(1, 50))
    def time_passes(self, seconds):
        self.now += seconds * 1000

    @rule()
    def flush(self):
        self.spool.flush()

    @rule()
    def reopen(self):
        self.spool.close()
        self.open()
        self.handed, self.fresh = set(), set()

    @invariant()
    def stats_agree(self):
        stats = self.spool.stats()
        assert (stats.epoch, stats.packs, stats.last, stats.rejected) == (self.epoch, len(self.waiting), self.last, self.rejected)
        times = [at for s, (_, at) in sorted(self.waiting.items()) if at]
        assert stats.oldest == (times[0] if times else None)
        assert (stats.bytes == 0) == (not self.waiting)

    def teardown(self):
        self.spool.close()
        self.folder.cleanup()


TestSpoolModel = SpoolModel.TestCase
TestSpoolModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
