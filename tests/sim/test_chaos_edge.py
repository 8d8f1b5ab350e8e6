"""What chaos knows of an edge from outside: how long it was kept from its work, what it says in its log, what its spool held."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kampung_contract.pack import Clock, Pack, column
from kampung_contract.topics import Lane
from kampung_edge.packing import Draft
from kampung_edge.spool import Spool
from kampung_sim.chaos.busy import Busy
from kampung_sim.chaos.damage import Held, harm
from kampung_sim.chaos.diary import Diary, Salvage
from kampung_sim.chaos.judge import damage

WORK = "import sys, time\nprint(flush=True)\nwhile True: {}"
CLOCK, START = Clock(True, 1), 1_790_000_000_000


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def run() -> Iterator[Callable[[str], int]]:
    """A program that goes on for ever; its process id once it has begun."""
    running: list[subprocess.Popen[bytes]] = []

    def start(work: str) -> int:
        process = subprocess.Popen([sys.executable, "-c", WORK.format(work)], stdout=subprocess.PIPE)
        running.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process.pid

    yield start
    for process in running:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.communicate()


def watched(pid: int, looks: int = 16) -> tuple[Busy, int]:
    """Looked at so often, twenty times a second where the machine has time for it; the time of the last look."""
    busy = Busy(disk=False)
    busy.born(now())
    for _ in range(looks):
        time.sleep(0.05)
        busy.look(pid, at := now())
    return busy, at


def test_the_time_of_an_idle_program_is_that_of_the_wall(run: Callable[[str], int]) -> None:
    busy, at = watched(run("time.sleep(1)"))
    assert 200 <= at - busy.back(at, 200, ()) <= 260
    assert at + 100 - busy.back(at + 100, 200, ()) >= 300, "nobody looked at the last 100 ms"


def test_while_it_computes_or_waits_for_a_processor_it_has_no_time_of_its_own(run: Callable[[str], int]) -> None:
    busy, at = watched(run("pass"))
    assert at - busy.back(at, 200, ()) > 500


def test_while_it_is_stopped_it_has_none_either(run: Callable[[str], int]) -> None:
    pid = run("time.sleep(1)")
    os.kill(pid, signal.SIGSTOP)
    stopped = now()
    busy, at = watched(pid)
    assert at - busy.back(at, 200, ()) <= 260
    assert busy.back(at, 200, [(stopped, None)]) <= stopped
    assert at - busy.back(at, 200, [(at - 300, at - 100)]) >= 390


def test_the_edges_own_record(tmp_path: Path) -> None:
    """It refuses since the look before the line was found, takes again, and a new process begins with nothing; lines come in pieces."""
    log = tmp_path / "kios-1.log"
    diary = Diary(log)
    diary.born(1_000)
    diary.read(1_100)
    with log.open("a") as file:
        file.write(
            'timestamp=2026-11-22T07:00:00 level=error event=spool.refuses reason="/data: disk is full"\ntimestamp=2026 level=info eve'
        )
    diary.read(1_150)
    assert diary.refused == 1_100
    with log.open("a") as file:
        file.write(
            "nt=spool.writes_again\nevent=spool.salvaged file=spool.sqlite.damaged-1 epoch=aa kept=7 lost_packs=3 last=10 tail=None\n"
        )
    diary.read(1_200)
    assert (diary.refused, diary.salvages) == (None, [Salvage("aa", 7, 3, 10, None)])
    with log.open("a") as file:
        file.write("event=spool.refuses\n")
    diary.born(2_000)
    assert diary.refused is None


def packs(*numbers: int) -> dict[int, Pack]:
    """Each with two readings of one series."""
    return {
        n: Pack(1, "aa", n, "b", CLOCK, [column("d/distance", "m", [(n * 1000, n / 1000, 1), (n * 1000 + 1, 1.0, 1)])]) for n in numbers
    }


def rows(*numbers: int) -> dict[str, list[tuple[int, int]]]:
    return {"d/distance": [r for n in numbers for r in ((n * 1000, n), (n * 1000 + 1, 1000))]}


def test_a_loss_that_was_told_right() -> None:
    """Packs 7 to 9 are gone, of 1 to 10 all but 3 to 10 were receipted before."""
    found = damage(
        "k",
        [Held("spool-cut", "aa", 10, packs(*range(3, 11)))],
        rows(*range(1, 7), 10),
        {"missing_count": 3, "recorded_count": 3},
        Salvage("aa", 5, 3, 10, 0),
        event_wrecked=False,
    )
    assert (found.wrong, found.held, found.held_readings, found.lost, found.lost_readings, found.told, found.kept) == (
        "",
        8,
        16,
        3,
        6,
        3,
        5,
    )


@pytest.mark.parametrize(
    ("missing", "recorded", "salvage", "said"),
    [
        (
            3,
            2,
            Salvage("aa", 5, 3, 10, 0),
            "3 packs (and at most 0 of events) are lost, 2 were told; 1 packs are not there and nobody told",
        ),
        (4, 4, Salvage("aa", 5, 3, 10, 0), "4 were told"),
        (3, 3, Salvage("aa", 5, 2, 10, 0), "3 packs up to 10 are lost, the edge gives up 2"),
        (3, 3, Salvage("aa", 5, 6, 10, 0), "the edge gives up 6"),
        (1, 1, Salvage("aa", 5, 1, 7, 100), "2 packs after 7 are lost, and no more than 100 bytes are cut off"),
    ],
)
def test_a_loss_that_was_told_wrong(missing: int, recorded: int, salvage: Salvage, said: str) -> None:
    seen = {"missing_count": missing, "recorded_count": recorded}
    held = [Held("spool-cut", "aa", 10, packs(*range(3, 11)))]
    assert said in damage("k", held, rows(*range(1, 7), 10), seen, salvage, event_wrecked=False).wrong


@pytest.mark.parametrize("kind", ["spool-flip", "spool-cut"])
@pytest.mark.parametrize("hit", ["file", "journal"])
def test_the_copy_says_what_the_spool_held(tmp_path: Path, kind: str, hit: str) -> None:
    """All of it, what is only in the write-ahead log too, though the file is spoilt; of one spoilt before, what still reads."""
    (tmp_path / "live").mkdir()
    spool = Spool(tmp_path / "live" / "spool.sqlite")
    for n in range(300):
        spool.append([Draft(Lane.LIVE, [column("d/distance", "m", [(START + n, n / 1000, 1)])])], "boot", CLOCK)
    shutil.copytree(tmp_path / "live", tmp_path / "killed")  # as a kill -9 leaves it
    file = tmp_path / "killed" / spool.path.name
    held = harm(file, kind, tmp_path / "1", random.Random({"file": 2, "journal": 3}[hit]))
    assert held is not None
    assert held.kind == f"{kind} {hit}"
    assert (held.epoch, held.last, sorted(held.packs)) == (spool.epoch, 300, list(range(1, 301)))
    assert held.readings("d/distance") == [(START + n, n) for n in range(300)]
    journal = file.with_name("spool.sqlite-wal")
    if hit == "journal":
        assert journal.read_bytes() != (tmp_path / "live" / journal.name).read_bytes()
    else:
        assert not journal.exists(), "all that was in it is in the file, and spoilt there"
    again = harm(file, "spool-cut", tmp_path / "2", random.Random(4))
    assert again is not None
    assert again.packs.items() <= held.packs.items()
    file.unlink()
    assert harm(file, kind, tmp_path / "3", random.Random(5)) is None
    spool.close()
