"""What is promised while the disk comes and goes: stored or told as given up, and never an event that was refused."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kampung_contract.errors import KampungError, StorageUnavailable
from kampung_contract.pack import Clock, Pack, decode
from kampung_contract.topics import Lane
from kampung_edge import writer as writer_module
from kampung_edge.bus import Bus
from kampung_edge.clock import EdgeClock, Era, wall_ms
from kampung_edge.config import SpoolSetting
from kampung_edge.intake import Intake
from kampung_edge.memory import EventItem, Memory
from kampung_edge.packing import FRESH_MS, Row
from kampung_edge.saving import Saving
from kampung_edge.spool import Spool
from kampung_edge.view import View
from kampung_edge.writer import Writer

SIZE = 60


class Place:
    """Intake, writer and spool of an edge over a disk that can refuse: as one that gives no file, or as one that is full."""

    def __init__(self, folder: Path) -> None:
        self.gives, self.saving = False, Saving()
        clock = EdgeClock(True)
        self.spool = Spool(folder / "spool.sqlite", later=True, ready=self._ready)
        self.intake = Intake(View(folder / "view.sqlite", "35.10.24.2008", "kiosk-1", []), Bus(), "kiosk-1", clock, self.saving, size=SIZE)
        setting = SpoolSetting(commit_rows=7, commit_ms=10)
        self.writer = Writer(self.intake, self.spool, clock, setting, saving=self.saving, written=lambda: None)
        self.saving.stops("not yet")
        self._thread = threading.Thread(target=self.writer.run)
        self._thread.start()

    def _ready(self) -> None:
        if not self.gives:
            raise StorageUnavailable("no folder")

    def fills(self) -> None:
        """No file may grow, as on a full disk."""
        if self.spool.opened:
            with self.spool._lock:
                pages = self.spool._db.execute("PRAGMA page_count").fetchone()[0]
                self.spool._db.execute(f"PRAGMA max_page_count = {pages}")

    def gives_room(self) -> None:
        """Returns when what waited is stored."""
        self.gives = True
        if self.spool.opened:
            with self.spool._lock:
                self.spool._db.execute("PRAGMA max_page_count = 1000000")
        deadline = time.monotonic() + 20
        while self.saving.reason is not None:
            assert time.monotonic() < deadline, self.saving.reason
            time.sleep(0.005)

    def end(self) -> list[Pack]:
        """All that is in the spool once the writer is through."""
        self.gives_room()
        self.intake.close()
        self._thread.join(30)
        assert not self._thread.is_alive()
        found = [decode(w.payload) for w in self.spool.peek(100_000)]
        self.intake._view.close()
        self.spool.close()
        return found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer asks a disk that refuses a hundred times a second."""
    monkeypatch.setattr(writer_module, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(writer_module, "LAST_RETRY_S", 0.01)
    monkeypatch.setattr(writer_module, "TICK_S", 0.01)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.end()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["live", "backfill"]), st.integers(1, 2 * SIZE)),
        st.tuples(st.sampled_from(["event", "own", "fills", "gives"]), st.just(1)),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(STEPS)
@example([(what, 1) for what in ("own", "gives", "event", "fills", "event", "own", "live", "event", "gives", "event")])
def test_readings_are_stored_or_told_and_events_are_true_to_their_answer(steps: list[tuple[str, int]]) -> None:
    """However the disk comes and goes between readings and requests."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # it is not the disk's speed that is tried
    with tempfile.TemporaryDirectory(dir=memory) as name:
        place, taken, accepted, refused, own = Place(Path(name)), 0, {}, set(), {}
        for number, (what, count) in enumerate(steps):
            if what in ("live", "backfill"):
                for i in range(count):
                    place.intake.take("d", "rain", float(taken + i), "mm", 1, wall_ms() - (2 * FRESH_MS if what == "backfill" else 0))
                taken += count
            elif what == "own":
                own[number] = place.intake.post({"type": "own", "n": number, "noise": os.urandom(4000).hex()})
            elif what == "event":
                try:
                    accepted[place.intake.event({"type": "request", "n": number, "noise": os.urandom(4000).hex()})] = number
                except StorageUnavailable:
                    refused.add(number)
            else:
                place.fills() if what == "fills" else place.gives_room()
        packs = place.end()
    values = [v for p in packs for c in p.series for v in c.v]
    gaps = [e for p in packs for e in p.events if e["type"] == "gap"]
    assert len(values) == len(set(values))
    assert len(values) + sum(g["readings"] for g in gaps) == taken
    assert sum(g["readings"] for g in gaps) == place.saving.given_up
    stored = {p.seq: e["n"] for p in packs for e in p.events if e["type"] == "request"}
    assert stored == accepted
    assert not refused & set(stored.values())
    assert {p.seq: e["n"] for p in packs for e in p.events if e["type"] == "own"} == {f.result(0): n for n, f in own.items()}


def test_events_are_refused_while_nothing_can_be_saved(place: Place) -> None:
    """At once and with the reason; later they are taken, and the refused one never comes."""
    with pytest.raises(StorageUnavailable, match="not accepted: n"):
        place.intake.event({"type": "request", "n": 1})
    place.gives_room()
    number = place.intake.event({"type": "request", "n": 2})
    assert [e["n"] for w in place.spool.read([number]) for e in decode(w.payload).events] == [2]
    assert place.spool.stats().packs == 1


def test_an_event_that_comes_too_late_is_not_stored(tmp_path: Path) -> None:
    """Who sent it was told so; storing it after all would be a request that nobody knows of."""
    memory = Memory(3)
    intake = Intake(View(tmp_path / "view.sqlite", "35.10.24.2008", "kiosk-1", []), Bus(), "kiosk-1", EdgeClock(True), Saving())
    intake.queue = memory
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(intake.event, {"type": "request"}, 0.05)
        assert isinstance(sent.exception(10), StorageUnavailable)
    item = memory.get_nowait()
    assert isinstance(item, EventItem)
    assert not item.begin()
    intake._view.close()


def test_memory_gives_up_the_oldest_backfill_first_and_no_event() -> None:
    """Then the oldest live readings; and nothing while there is room."""
    memory, era = Memory(100), Era(True, 0)
    assert memory.give_up() == []
    rows = [Row(Lane.BACKFILL if i == 50 else Lane.LIVE, "d", "rain", "mm", i, float(i), 1, era) for i in range(99)]
    for row in rows[:30]:
        memory.put_nowait(row)
    memory.put_nowait(EventItem({}, None))  # type: ignore[arg-type]
    for row in rows[30:]:
        memory.put_nowait(row)
    assert memory.give_up() == [rows[50], rows[0]]
    assert memory.qsize() == 98
    assert memory.give_up() == []


def test_gap_is_due_until_it_is_stored_and_learns_true_time() -> None:
    """A failed attempt changes nothing; what is given up meanwhile is added; times of a clock that was wrong are corrected."""
    saving, wrong, right = Saving(), Era(False, 1_000), Era(True, 5_000_000)
    saving.give_up([Row(Lane.LIVE, "d", "rain", "mm", t, 1.0, 1, wrong) for t in (7_000, 3_000)])
    with pytest.raises(KampungError), saving.gaps(right):
        saving.give_up([Row(Lane.LIVE, "d", "rain", "mm", 9_000, 1.0, 1, wrong)])
        raise StorageUnavailable("full")
    with saving.gaps(right) as events:
        assert events == [{"type": "gap", "readings": 3, "from": 3_000 + 4_999_000, "to": 9_000 + 4_999_000}]
    with saving.gaps(right) as events:
        assert events == []
    assert saving.given_up == 3


def test_waiting_readings_take_true_time(tmp_path: Path) -> None:
    """The clock is set while nothing could be saved: what waited is stored with the clock it was read by, and then corrected."""
    true, known = [1_795_225_200_000], [False]
    clock = EdgeClock(
        wall=lambda: true[0] - (0 if known[0] else 86_400_000), up=lambda: true[0] - 5_000, kernel=lambda: known[0], boot="aaaaaaaa"
    )
    saving, memory, gives = Saving(), Memory(), [False]

    class Queue:
        queue = memory

    def ready() -> None:
        if not gives[0]:
            raise StorageUnavailable("no folder")

    spool = Spool(tmp_path / "spool.sqlite", later=True, ready=ready)
    writer = Writer(Queue(), spool, clock, SpoolSetting(commit_ms=10), saving=saving, written=lambda: None)  # type: ignore[arg-type]
    memory.put(Row(Lane.LIVE, "d", "rain", "mm", true[0] - 86_400_000, 1.0, 1, clock.era()))
    assert not writer._tend()
    assert saving.reason == "no folder"
    true[0] += 60_000
    known[0], clock._checked, gives[0] = True, float("-inf"), True
    memory.end()
    writer.run()
    while writer._tend():
        pass
    (pack,) = [p for w in spool.peek(9) if (p := decode(w.payload)).series]
    assert (pack.clock.synchronised, pack.series[0].t) == (True, 1_795_225_200_000)
    assert isinstance(pack.clock, Clock)
    spool.close()
