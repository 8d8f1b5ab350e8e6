"""The short form of benchmarks/power_cut.py: 40 power cuts of the real spool, with un-synced writes lost or torn."""

from __future__ import annotations

import random
from pathlib import Path

from kampung_sim.powercut import SECTOR, Disk, Record

from benchmarks.power_cut import Tally, cut, record


def test_nothing_acknowledged_is_lost_at_a_power_cut(tmp_path: Path) -> None:
    """Every acknowledged pack is there and unaltered, no number is given twice, and no spool needs a repair."""
    records = record(tmp_path, seed=7, seconds=2)
    tally, careless = Tally(), Tally()
    cut(records, tmp_path / "place", 40, 7, tally)
    assert tally.cuts == 40
    assert tally.waiting > 200
    assert (tally.lost, tally.altered, tally.reused, tally.damaged) == (0, 0, 0, 0)
    unsynced = [r for r in records if not (r.what == "s" and r.path.endswith("-wal"))]
    cut(unsynced, tmp_path / "place", 10, 7, careless)
    assert careless.lost > 0, "a spool that does not sync its journal must be found out"


def test_the_model_loses_what_is_not_synced(tmp_path: Path) -> None:
    """A synced write always survives; of a later one all, some sectors or nothing; without a synced folder not even the name is sure."""
    place = tmp_path / "place"
    place.mkdir()
    name, folder = str(place.resolve() / "file"), str(place.resolve())
    acts = [("w", name, 0, b"a" * 2048), ("s", name, 0, b""), ("s", folder, 0, b""), ("w", name, 1024, b"b" * 2048)]
    seen = set()
    for seed in range(60):
        disk, left = Disk(place), tmp_path / str(seed)
        left.mkdir()
        disk.follow(Record(i, *act) for i, act in enumerate(acts, 1))
        disk.cut(random.Random(seed), left)
        content = (left / "file").read_bytes()
        assert content[:1024] == b"a" * 1024
        assert {content[i : i + SECTOR] for i in range(0, len(content), SECTOR)} <= {c * SECTOR for c in (b"a", b"b", b"\0")}
        seen.add(content)
        nameless, empty = Disk(place), tmp_path / f"{seed}-nameless"
        empty.mkdir()
        nameless.follow(Record(i, *act) for i, act in enumerate(acts[:2], 1))
        nameless.cut(random.Random(seed), empty)
        seen.add(str((empty / "file").exists()).encode())
    assert {b"a" * 2048, b"True", b"False"} < seen
    assert len(seen) > 6
