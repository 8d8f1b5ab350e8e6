"""Power cuts of the spool: a real process appends to the real spool, and the power goes at random instants of what it did to the disk.

``python -m benchmarks.power_cut FOLDER SEED SECONDS`` is that process.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kampung_contract.pack import Clock, column
from kampung_contract.receipt import Receipt, coalesce
from kampung_contract.topics import Lane
from kampung_edge.packing import Draft
from kampung_edge.spool import Spool
from kampung_sim.powercut import Disk, Record, read_log

from benchmarks.result import Result

SOURCE = Path(__file__).parent.parent / "simulators" / "powercut" / "powercut.c"
ACKNOWLEDGED = "acknowledged"
BOOT = "0a1b2c3d"
START = 1_790_000_000_000
CUTS, RUNS, SECONDS = 300, 3, 4.0


def draft(dice: random.Random, at: int) -> Draft:
    """A pack of one to a hundred readings, or an event."""
    if dice.random() < 0.1:
        return Draft(Lane.EVENT, events=[{"type": "request", "text": "x" * dice.randrange(1, 3000)}])
    rows = [(at + i, round(dice.uniform(0, 50), 2), 1) for i in range(dice.randrange(1, 100))]
    return Draft(dice.choice((Lane.LIVE, Lane.BACKFILL)), [column("alat-1/soil_moisture", "%", rows)])


def append(folder: Path, seed: int, seconds: float) -> None:
    """Append until the time is over; say what is acknowledged only after the spool has said so, and what is forgotten before it is told."""
    dice = random.Random(seed)
    said = os.open(folder / ACKNOWLEDGED, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    spool = Spool(folder / "spool.sqlite")
    until, at, held = time.monotonic() + seconds, START, list[int]()
    while time.monotonic() < until:
        at += 1000
        numbers = spool.append([draft(dice, at) for _ in range(dice.randrange(1, 4))], BOOT, Clock(True, at % 10**9))
        held += numbers
        lines = [f"a {p.seq} {zlib.crc32(p.payload)} {spool.epoch}" for p in spool.read(numbers)]
        os.write(said, ("\n".join(lines) + "\n").encode())
        if dice.random() < 0.2 and len(held) > 20:
            gone = dice.sample(held, len(held) // 2)
            os.write(said, "".join(f"f {seq}\n" for seq in gone).encode())
            spool.forget(Receipt(spool.epoch, coalesce(gone)))
            held = sorted(set(held) - set(gone))
    spool.close()


def compile_shim(folder: Path) -> Path:
    """Raises ``CalledProcessError`` where gcc does not take it."""
    shim = folder / "powercut.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(shim), str(SOURCE), "-ldl"], check=True)
    return shim


def record(folder: Path, seed: int, seconds: float) -> list[Record]:
    """Everything one such process did to its folder."""
    shim, place, log = compile_shim(folder), folder / "place", folder / "log"
    place.mkdir()
    env = {**os.environ, "LD_PRELOAD": str(shim), "POWERCUT_FOLDER": str(place), "POWERCUT_LOG": str(log)}
    command = [sys.executable, "-m", "benchmarks.power_cut", str(place), str(seed), str(seconds)]
    subprocess.run(command, env=env, check=True, timeout=seconds + 60, cwd=SOURCE.parent.parent.parent)
    return list(read_log(log))


@dataclass
class Tally:
    """Over all cuts. ``waiting``: acknowledged packs that were to be there, ``torn``: cuts with writes that were not synced."""

    cuts: int = 0
    waiting: int = 0
    lost: int = 0
    altered: int = 0
    reused: int = 0
    damaged: int = 0
    opened_s: list[float] = field(default_factory=list)


def cut(records: list[Record], original: Path, instants: int, seed: int, tally: Tally) -> None:
    """Cut the power at random instants and open what is left with the real code."""
    dice = random.Random(seed)
    disk, done = Disk(original), 0
    acknowledged: dict[int, int] = {}
    forgotten: set[int] = set()
    epoch, highest = "", 0
    for instant in sorted(dice.sample(range(1, len(records) + 1), instants)):
        for record in records[done:instant]:
            if not record.path.endswith("/" + ACKNOWLEDGED):
                disk.follow([record])
                continue
            for line in record.data.decode().splitlines() if record.what == "w" else ():
                word, seq, *more = line.split()
                if word == "f":
                    forgotten.add(int(seq))
                else:
                    acknowledged[int(seq)], epoch = int(more[0]), more[1]
                    highest = max(highest, int(seq))
        done = instant
        with tempfile.TemporaryDirectory() as left:
            disk.cut(dice, Path(left))
            due = {seq: crc for seq, crc in acknowledged.items() if seq not in forgotten}
            _open(Path(left), due, epoch, highest, tally)


def _open(left: Path, due: dict[int, int], epoch: str, highest: int, tally: Tally) -> None:
    begun = time.perf_counter()
    spool = Spool(left / "spool.sqlite")
    tally.opened_s.append(time.perf_counter() - begun)
    tally.cuts += 1
    tally.waiting += len(due)
    tally.damaged += spool.stats().damaged is not None or (bool(epoch) and spool.epoch != epoch)
    there = {p.seq: zlib.crc32(p.payload) for p in spool.read(sorted(due))}
    tally.lost += len(due.keys() - there.keys())
    tally.altered += sum(there[seq] != crc for seq, crc in due.items() if seq in there)
    new = spool.append([Draft(Lane.EVENT, events=[{"type": "request"}])], BOOT, Clock(True, 1))
    tally.reused += new[0] <= highest
    spool.close()


def power_cuts(runs: int, cuts: int, seconds: float, seed: int) -> Tally:
    """``cuts`` in all, shared among ``runs`` processes."""
    tally = Tally()
    for run in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            records = record(Path(folder), seed + run, seconds)
            cut(records, Path(folder) / "place", cuts // runs, seed + run, tally)
    return tally


def run() -> Iterator[Result]:
    """300 cuts over three processes."""
    tally = power_cuts(RUNS, CUTS, SECONDS, 1)
    yield Result("power_cut_lost_packs", tally.lost + tally.altered, "packs", None, None, tally.waiting)
    yield Result("power_cut_reused_numbers", tally.reused, "numbers", None, None, tally.cuts)
    yield Result("power_cut_manual_repairs", tally.damaged, "spools", None, None, tally.cuts)
    yield Result("power_cut_reopen_max", max(tally.opened_s) * 1000, "ms", None, None, tally.cuts)


if __name__ == "__main__":
    append(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
