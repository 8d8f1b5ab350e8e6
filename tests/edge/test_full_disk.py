"""Started where nothing can be written: the kiosk lives, nothing is promised, and all that was read is stored once there is room.

As root the disk is a small tmpfs of the test's own; else the process may not let files grow (``prlimit``), which SQLite meets alike.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess

import pytest
from kampung_edge.lock import FolderLock
from kampung_edge.spool import Spool
from kampung_sim.chaos.disk import Disk

COUNTING = """
[[port]]
name = "river"
url = "dev/river"
[[port.device]]
name = "river-1"
profile = "a02yyuw"
every = 0
"""
LIMIT = ("prlimit", "--fsize=4096:unlimited")
WINDOW = "/api/series/kiosk-1.river-1.distance/window"


class SmallDisk(Disk):
    """Full before the edge is there; ``prefix`` is what its command then begins with."""

    def fill_first(self) -> tuple[str, ...]:
        self.fill(os.getpid()) if self.mounted else None
        return () if self.mounted else LIMIT

    def free_for(self, pid: int) -> None:
        self._limited = None if self.mounted else pid
        self.free()

    def only_reads(self, only: bool) -> None:
        if self.mounted:
            subprocess.run(["mount", "-o", f"remount,{'ro' if only else 'rw'}", str(self.folder)], check=True)
            return
        self.folder.chmod(0o500 if only else 0o700)
        for file in self.folder.iterdir():
            file.chmod(0o400 if only else 0o600)
        if only and os.access(self.folder, os.W_OK):
            pytest.skip("root that may not mount writes everywhere")


@pytest.fixture
def disk(tmp_path):
    found = SmallDisk(tmp_path / "one" / "edge-data")
    yield found
    found.close()


@pytest.fixture
def ask(api, free):
    """An answer of the kiosk, None while there is none."""

    def ask(path):
        try:
            status, found = api(free, path)
        except OSError:
            return None
        return found if status == 200 else None

    return ask


def shown(ask):
    """(time, value) of every reading that the kiosk shows."""
    window = ask(WINDOW)
    return set(zip(window["t"], window["v"], strict=True)) if window and "v" in window else set()


def held(cloud):
    """(time, value) of every reading that the cloud has."""
    return {row for _, p in list(cloud.packs) for c in p.series for row in zip(c.times(), c.v, strict=True)}


def newer(folder):
    """A spool of a later version in ``folder``."""
    Spool(folder / "spool.sqlite").close()
    with contextlib.closing(sqlite3.connect(folder / "spool.sqlite", isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = '9' WHERE key = 'schema'")


def test_kiosk_answers_reads_and_stores_it_all_later(
    write_config, free, disk, ask, make_river, make_broker, make_cloud, run_edge, until, tmp_path
):
    """A full disk at the start, a kill -9 while it waits, and then room: what the living process has shown arrives, with its times."""
    broker = make_broker()
    cloud = make_cloud(broker)
    cloud.content("announcements", 1, 1, {"items": []})
    config = write_config(more=COUNTING, port=free, broker=broker.url)
    river = make_river(tmp_path / "one" / "dev" / "river")
    river.step, river.every = 1, 0.1

    first = run_edge(config)
    until(lambda: ask("/api/content/announcements") and held(cloud), "a reading and an announcement", 15)
    assert first.end(signal.SIGTERM) == 0
    until(lambda: not cloud.states[-1].online, "it said goodbye")
    before, states = held(cloud), len(cloud.states)

    prefix = disk.fill_first()
    second = run_edge(config, *prefix)
    health = until(lambda: ask("/api/health"), "the kiosk answers", 15)
    assert (health["status"], health["saving"]["saves"]) == ("degraded", False)
    assert any("room" in t for t in health["troubles"])
    assert ask("/api/content/announcements")["version"] == 1
    assert shown(ask) >= before  # what could be read of its memory of yesterday
    until(lambda: ask("/api/health")["saving"]["waiting"] >= 3, "readings wait in memory")
    assert shown(ask) > before, "and are shown"
    second.end(signal.SIGKILL)

    third = run_edge(config, *prefix)
    until(lambda: ask("/api/health"), "it answers again", 15)
    began = max(shown(ask), default=(0, 0))[0]
    until(lambda: len([r for r in shown(ask) if r[0] > began]) >= 6, "live readings again")
    assert (held(cloud), len(cloud.states)) == (before, states), "nothing was sent that is not on the disk"
    disk.free_for(third.pid)
    until(lambda: ask("/api/health")["saving"]["saves"], "it saves by itself", 15)
    owed = {r for r in shown(ask) if r[0] > began}
    until(lambda: owed <= held(cloud), "all that was shown is there, with its times", 15)
    until(lambda: ask("/api/health")["status"] == "ok" or "nearly full" in str(ask("/api/health")["troubles"]), "all is well", 15)
    assert third.end(signal.SIGTERM) == 0
    seqs = sorted({p.seq for _, p in cloud.packs})
    assert seqs == list(range(1, seqs[-1] + 1))
    assert len({p.epoch for _, p in cloud.packs}) == 1
    assert "Traceback" not in second.text() + third.text()


def test_first_start_of_all_on_a_full_disk(write_config, free, disk, ask, make_river, run_edge, until, tmp_path):
    """Neither spool nor view nor lock file exist, and there is no room for one."""
    config = write_config(more=COUNTING, port=free)
    make_river(tmp_path / "one" / "dev" / "river").every = 0.1
    edge = run_edge(config, *disk.fill_first())
    until(lambda: ask("/api/health"), "the kiosk answers", 15)
    until(lambda: ask("/api/health")["saving"]["waiting"] >= 3 and shown(ask), "readings are shown and wait")
    assert edge.end(signal.SIGTERM) == 0
    assert "spool.lost" in edge.text(), "what was given up is said"
    again = run_edge(config, *disk.fill_first())
    until(lambda: ask("/api/health") and len(shown(ask)) >= 3, "readings are shown")
    disk.free_for(again.pid)
    until(lambda: ask("/api/health")["saving"]["saves"], "it saves by itself", 15)
    count = len(shown(ask))
    assert again.end(signal.SIGTERM) == 0
    disk.close()
    spool = Spool(tmp_path / "one" / "edge-data" / "spool.sqlite")
    assert sum(w.readings for w in spool.peek(1000)) >= count
    spool.close()


def test_a_disk_that_only_reads(write_config, free, disk, ask, make_river, run_edge, until, tmp_path):
    """Mounted read-only, or a folder in which this user may not write: the same."""
    config = write_config(more=COUNTING, port=free)
    make_river(tmp_path / "one" / "dev" / "river").every = 0.1
    first = run_edge(config)
    until(lambda: len(shown(ask)) >= 2, "it reads", 15)
    first.end(signal.SIGKILL)  # leaves a write-ahead log: an older file opens, and only writing fails
    disk.only_reads(True)
    edge = run_edge(config)
    until(lambda: ask("/api/health"), "the kiosk answers", 15)
    assert not ask("/api/health")["saving"]["saves"]
    until(lambda: ask("/api/health")["saving"]["waiting"] >= 3, "readings wait")
    disk.only_reads(False)
    until(lambda: ask("/api/health")["saving"]["saves"], "it saves by itself", 15)
    until(lambda: ask("/api/health")["status"] == "ok", "the view is written too", 15)
    assert "Traceback" not in edge.text()


@pytest.mark.parametrize("found", ["newer", "locked"])
def test_what_must_not_be_used_is_refused_when_it_is_seen(write_config, free, ask, run_edge, until, tmp_path, found):
    """The data folder comes back with a spool of a newer version, or with another edge on it: told like at the start, exit code 2."""
    config = write_config(port=free)
    config.write_text(config.read_text().replace('"edge-data"', '"disk/edge-data"'))
    disk, there = tmp_path / "one" / "disk", tmp_path / "there"
    disk.symlink_to("/proc")  # where nobody makes a folder
    edge = run_edge(config)
    until(lambda: ask("/api/health"), "the kiosk answers without a folder", 15)
    assert not ask("/api/health")["saving"]["saves"]
    (there / "edge-data").mkdir(parents=True)
    lock = FolderLock(there / "edge-data", "edge.toml")
    if found == "newer":
        newer(there / "edge-data")
    else:
        lock.acquire()
    (tmp_path / "new").symlink_to(there)
    (tmp_path / "new").rename(disk)
    assert edge.process.wait(60) == 2
    assert ("Start the newer kampung-edge" if found == "newer" else "another kampung-edge") in edge.text()
    assert "Traceback" not in edge.text()
    lock.release()


def test_newer_version_on_a_full_disk_is_refused_at_once(write_config, disk, run_edge, tmp_path):
    """Even where SQLite has no room for the index that it reads with."""
    newer(tmp_path / "one" / "edge-data")
    edge = run_edge(write_config(), *disk.fill_first())
    assert edge.process.wait(60) == 2
    assert "Start the newer kampung-edge" in edge.text()
