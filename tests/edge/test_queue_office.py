"""The office's queue: whose turn it is, one number once, and what a restart, a bad clock or a damaged file may not change."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract.errors import KampungError
from kampung_edge.queueing.journal import Journal
from kampung_edge.queueing.owner import Moment, Office
from kampung_edge.queueing.ruling import upcoming
from kampung_edge.queueing.setting import QueueSetting
from kampung_edge.queueing.state import PRIORITY_RUN, Queue, Ticket


class Clock:
    def __init__(self) -> None:
        self.at, self.day, self.sure = 1, "2026-11-30", True

    def __call__(self) -> Moment:
        self.at += 1000
        return Moment(self.at, self.day, self.sure)


def office(path: Path, clock: Clock) -> Office:
    return Office(Journal(path / "queue.jsonl"), QueueSetting(counters=4), clock)


@given(st.lists(st.booleans(), max_size=30))
def test_two_with_priority_at_most_pass_before_who_waits_longest(priorities: list[bool]) -> None:
    tickets = {f"A{n}": Ticket(f"A{n}", "A", "A", n, n, priority) for n, priority in enumerate(priorities, 1)}
    order = upcoming(Queue(tickets=tickets))
    assert sorted(t.order for t in order) == list(range(1, len(priorities) + 1))
    for place in range(len(order) - PRIORITY_RUN):
        run = order[place : place + PRIORITY_RUN + 1]
        assert not all(t.priority for t in run) or all(t.priority for t in order[place:])


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["take", "call", "serving", "absent", "served", "again", "restart"]), max_size=20))
def test_a_restart_changes_nothing_and_a_counter_has_one(tmp_path_factory: pytest.TempPathFactory, acts: list[str]) -> None:
    path, clock = tmp_path_factory.mktemp("queue"), Clock()
    queue, numbers = office(path, clock), []
    for n, kind in enumerate(acts):
        try:
            if kind == "take":
                numbers.append(queue.take("A", f"{n}").number)
            elif kind == "call":
                queue.call(1, f"{n}")
            elif kind == "restart":
                before, queue = queue.now()[0], office(path, clock)
                assert queue.now()[0] == before
            else:
                queue.act_on(1, kind, f"{n}")
        except KampungError:
            continue
        assert sum(t.state in ("called", "serving") for t in queue.now()[0].tickets.values()) <= 1
    assert len(set(numbers)) == len(numbers)


def test_counters_that_call_at_once_call_different_numbers(tmp_path: Path) -> None:
    queue = office(tmp_path, Clock())
    for n in range(4):
        queue.take("A", f"t{n}")
    with ThreadPoolExecutor(4) as pool:
        called = list(pool.map(lambda c: queue.call(c, f"c{c}").number, (1, 2, 3, 4)))
    assert sorted(called) == ["A1", "A2", "A3", "A4"]


def test_the_same_act_twice_counts_once_also_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    first = office(tmp_path, clock).take("A", "one")
    again = office(tmp_path, clock)
    assert again.take("A", "one") == first
    assert len(again.now()[0].tickets) == 1


def test_a_new_day_marks_who_was_not_served_and_keeps_the_figures(tmp_path: Path) -> None:
    clock = Clock()
    queue = office(tmp_path, clock)
    for n in range(3):
        queue.take("A", f"t{n}")
    queue.call(1, "c")
    queue.act_on(1, "served", "s")
    clock.day = "2026-12-01"
    assert queue.now()[0].tickets == {}
    past = queue.now()[0].past["2026-11-30"]
    assert [t.state for t in past] == ["served", "left", "left"]
    assert queue.take("A", "new").number == "A1"


def test_closing_marks_who_waits_and_gives_no_number_until_it_is_opened_or_another_day(tmp_path: Path) -> None:
    clock = Clock()
    queue = office(tmp_path, clock)
    queue.take("A", "one")
    for _ in range(2):
        queue.close()
    assert queue.now()[0].tickets["A1"].state == "left"
    with pytest.raises(KampungError, match="sudah ditutup"):
        office(tmp_path, clock).take("A", "late")
    queue.open()
    assert queue.take("A", "two").number == "A2"
    queue.close()
    clock.day = "2026-12-01"
    assert queue.take("A", "next day").number == "A1"


@settings(max_examples=25)
@given(st.data())
def test_a_line_that_a_power_cut_tore_is_cut_off(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever of the last line came to the disk: the queue is as it was before, and goes on."""
    path, clock = tmp_path_factory.mktemp("torn"), Clock()
    queue = office(path, clock)
    queue.take("A", "one")
    queue.take("B", "two")
    before = queue.now()[0]
    file = path / "queue.jsonl"
    whole = file.stat().st_size
    queue.call(1, "call")
    body = file.read_bytes()
    kept = data.draw(st.integers(whole, len(body) - 1))
    file.write_bytes(body[:kept] + data.draw(st.binary(max_size=8).filter(lambda b: b"\n" not in b)))
    after = office(path, clock)
    assert after.now()[0] == before and after.damaged == ""
    assert after.call(1, "call").number == "A1"
    assert after.take("A", "three").number == "A2"


PROGRAM = """
import sys
from pathlib import Path
from tests.edge.test_queue_office import Clock, office
queue = office(Path(sys.argv[1]), Clock())
for n in range(10_000):
    number = queue.take("A", f"{n}").number if n % 3 else (queue.close(), queue.open(), queue.take("A", f"{n}").number)[2]
    print(number, flush=True)
"""


def test_what_was_told_before_a_kill_stands_after_it(tmp_path: Path) -> None:
    """No number that somebody has seen is lost or given again."""
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    seen = [child.stdout.readline().strip() for _ in range(25)]
    child.kill()
    seen += [line.strip() for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    queue = office(tmp_path, Clock())
    assert set(seen) <= set(queue.now()[0].tickets)
    queue.open()
    assert queue.take("B", "other").number == "B1"
    assert int(queue.take("A", "after").number[1:]) > len(seen)


def test_a_clock_that_is_not_believed_ends_no_day(tmp_path: Path) -> None:
    clock = Clock()
    queue = office(tmp_path, clock)
    queue.take("A", "one")
    clock.day, clock.sure = "2027-01-01", False
    assert queue.take("A", "two").number == "A2"
    clock.day, clock.sure = "2026-12-01", True
    assert list(queue.now()[0].tickets) == ["A2"]
    assert queue.take("A", "three").number == "A3"


def test_a_damaged_first_line_is_kept_aside_and_no_number_repeats(tmp_path: Path) -> None:
    clock = Clock()
    queue = office(tmp_path, clock)
    for n in range(3):
        queue.take("A", f"t{n}")
    file = tmp_path / "queue.jsonl"
    office(tmp_path, clock).now()  # all three now stand on the first line
    bad = b"#" + file.read_bytes()[1:]
    file.write_bytes(bad)
    mended = office(tmp_path, clock)
    mended.now()
    assert mended.damaged == "queue.jsonl.damaged"
    assert (tmp_path / mended.damaged).read_bytes() == bad
    assert mended.take("A", "next").number == "A4"


def test_a_damaged_file_is_read_for_the_last_of_a_letter_too(tmp_path: Path) -> None:
    (tmp_path / "queue.jsonl").write_bytes(b'#"day":"2026-11-30","tickets":{},"last":{"A":12,"B":7}}\n')
    mended = office(tmp_path, Clock())
    assert (mended.take("A", "one").number, mended.take("B", "two").number) == ("A13", "B8")
