"""What is in force is told once, before the readings it explains, and again only when it must be."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kampung_bridge.clock import SystemClock
from kampung_contract.documents import Device
from kampung_contract.limits import Limits, Spike
from kampung_contract.pack import decode
from kampung_contract.provenance import Announcement, Corrected, parse_announcement
from kampung_edge.bus import Bus
from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.config import load
from kampung_edge.intake import Intake
from kampung_edge.provenance import Provenance, in_force
from kampung_edge.saving import Saving
from kampung_edge.spool import Spool
from kampung_edge.view import View
from kampung_edge.writer import Writer

LATEST = 2**47
DEVICES = """
[[port]]
url = "dev/soil"
[[port.device]]
name = "soil-1"
profile = "dfrobot-sen0600"
[[port.device]]
name = "soil-2"
address = 2
profile = "dfrobot-sen0600"
origin = "synthetic"
[port.device.adjust.soil_moisture]
method = "two-point"
points = [[10, 12], [40, 38]]
by = "Budi"
at = 2026-11-20T09:41:00+07:00
[[port]]
url = "dev/river"
[[port.device]]
name = "river-1"
profile = "a02yyuw"
every = 0.2
adjust = { distance = { offset = 0.01 } }
derive = { quantity = "water_level", from = "distance", gain = -1, offset = 3.0, unit = "m" }
"""


def told(spool: Spool) -> list[tuple[int, Announcement]]:
    """Announcements that wait, with their numbers."""
    packs = [decode(w.payload) for w in sorted(spool.peek(1000), key=lambda w: w.seq)]
    return [(p.seq, parse_announcement(e, LATEST)) for p in packs for e in p.events if e["type"] == "calibration"]


def test_what_is_told(write_config):
    """Model and origin of each device, and only the series that are calibrated or derived; enough to compute back what it showed."""
    found = in_force(load(write_config(more=DEVICES)).devices)
    assert {name: (d.model, d.origin, sorted(d.series)) for name, d in found.items()} == {
        "soil-1": ("dfrobot-sen0600", "sensor", []),
        "soil-2": ("dfrobot-sen0600", "synthetic", ["soil_moisture"]),
        "river-1": ("a02yyuw", "sensor", ["water_level"]),
    }
    calibration = found["soil-2"].series["soil_moisture"].calibration
    assert (calibration.method, calibration.points, calibration.by, calibration.at) == (
        "two-point", [(10, 12), (40, 38)], "Budi", 1_795_142_460_000,
    )  # fmt: skip
    assert found["soil-2"].of("soil_moisture").raw(38.0) == pytest.approx(40.0, abs=1e-6)
    assert found["river-1"].of("water_level").raw(round(-1 * (1.4 + 0.01) + 3.0, 9)) == 1.4
    assert found["soil-1"].of("soil_moisture").raw(31.2) == 31.2


QUALITY = """
[[port]]
url = "dev/dust"
[[port.device]]
name = "dust-1"
profile = "pms5003"
correct = { method = "epa-2021", humidity = "air-1" }
[port.device.check.pm25]
usual = [0, 300]
spike = { suspect = 50, within = 600 }
source = "a year at the market"
[[port]]
url = "dev/air"
[[port.device]]
name = "air-1"
profile = "xy-md02"
"""


def test_corrections_and_limits_are_told(write_config):
    """By which method, of what, with whose humidity; and what a site has set, whole. The rest is the catalogue's."""
    edge = Running(write_config(more=QUALITY).parent)
    edge.start(load(write_config(more=QUALITY)).devices)
    ((_, found),) = told(edge.spool)
    edge.end()
    series = found.devices["dust-1"].series
    assert sorted(series) == ["pm25", "pm25_corrected"]
    assert series["pm25_corrected"].corrected == Corrected("epa-2021", "pm25", "air-1/relative_humidity")
    assert series["pm25_corrected"].raw(46.9) is None
    assert series["pm25"].limits == Limits((0.0, 999.0), (0.0, 300.0), (), Spike(50.0, 600.0), None, "a year at the market")
    assert found.devices["air-1"].series == {}


def test_it_is_small_on_the_wire(write_config):
    """Told once, it weighs as little as a few packs of readings."""
    edge = Running(write_config(more=DEVICES).parent)
    edge.start(load(write_config(more=DEVICES)).devices)
    waiting = min(edge.spool.peek(10), key=lambda w: w.seq)
    edge.end()
    assert len(waiting.payload) < 450


class Running:
    """The parts of an edge that matter here, over a folder that outlives them; the clock is the test's."""

    def __init__(self, folder: Path, boot: str = "0a0a0a0a", synchronised: bool = True) -> None:
        folder.mkdir(exist_ok=True)
        self.spool = Spool(folder / "spool.sqlite")
        self.clock = EdgeClock(synchronised, boot=boot)
        self.view = View(folder / "view.sqlite", "35.10.24.2008", "kiosk-1", [])
        saving = Saving()
        self.intake = Intake(self.view, Bus(), "kiosk-1", self.clock, saving)
        self.provenance = Provenance(folder / "provenance.json", self.intake, self.spool, self.clock, SystemClock())
        setting = load_setting()
        self._writer = Writer(self.intake, self.spool, self.clock, setting, saving=saving, written=lambda: None)

    def start(self, devices, remember: bool = True) -> int | None:
        """The number under which it was told."""
        future = self.provenance.announce(devices)
        self.intake.take("soil-1", "soil_moisture", 31.2, "%", 1, wall_ms())
        self.intake.close()
        self._writer.run()
        if remember:
            self.provenance.remember()
        return future.result(0) if future else None

    def end(self) -> None:
        self.view.close()
        self.spool.close()


def load_setting():
    from kampung_edge.config import SpoolSetting

    return SpoolSetting(commit_ms=10)


def again(folder: Path, devices, **clock) -> tuple[int | None, list[tuple[int, Announcement]]]:
    """One run: the number under which something was told, and all that was."""
    edge = Running(folder, **clock)
    number = edge.start(devices)
    found = told(edge.spool)
    edge.end()
    return number, found


def test_told_before_the_first_reading_and_once(tmp_path, write_config):
    """The event has the lower number; later starts say nothing until something changes."""
    devices = load(write_config(more=DEVICES)).devices
    before = wall_ms()
    number, ((_, first),) = again(tmp_path / "data", devices)
    assert number == 1
    assert before <= first.since <= wall_ms()
    assert again(tmp_path / "data", devices)[0] is None
    changed = tuple(d for d in devices if d.name != "soil-1")
    number, found = again(tmp_path / "data", changed)
    assert number is not None
    assert [sorted(a.devices) for _, a in found] == [["river-1", "soil-1", "soil-2"], ["river-1", "soil-2"]]
    assert found[0][1].since < found[1][1].since
    assert again(tmp_path / "data", ())[1][-1][1].devices == {}


def test_an_edge_without_devices_says_nothing(tmp_path):
    assert again(tmp_path / "data", ())[0] is None


def test_killed_before_it_is_remembered(tmp_path, write_config):
    """The event is on the disk, our own file is not: told again, which changes nothing but the time."""
    devices = load(write_config(more=DEVICES)).devices
    edge = Running(tmp_path / "data")
    edge.start(devices, remember=False)
    edge.end()
    number, found = again(tmp_path / "data", devices)
    assert number is not None
    assert found[0][1].devices == found[1][1].devices


@pytest.mark.parametrize("content", [b"", b"{", b'{"epoch": 3}'])
def test_a_damaged_memory_is_told_again(tmp_path, write_config, content):
    devices = load(write_config(more=DEVICES)).devices
    again(tmp_path / "data", devices)
    (tmp_path / "data" / "provenance.json").write_bytes(content)
    assert again(tmp_path / "data", devices)[0] is not None


def test_a_new_spool_hears_it_with_its_old_time(tmp_path, write_config):
    """The event may have been lost with the old one, and holds since then."""
    devices = load(write_config(more=DEVICES)).devices
    _, ((_, first),) = again(tmp_path / "data", devices)
    for file in (tmp_path / "data").glob("spool.sqlite*"):
        file.unlink()
    assert again(tmp_path / "data", devices)[1] == [(1, first)]


def test_boots_that_do_not_know_the_time(tmp_path, write_config):
    """Each tells it anew with its own clock, and so does the first boot that knows the time again; restarts within one do not."""
    devices = load(write_config(more=DEVICES)).devices
    runs = [("a", True), ("b", False), ("b", False), ("c", False), ("d", True), ("e", True)]
    heard = []
    for boot, synchronised in runs:
        number, found = again(tmp_path / "data", devices, boot=boot * 8, synchronised=synchronised)
        heard.append(None if number is None else (found[-1][1].boot[0], found[-1][1].synchronised))
    assert heard == [("a", True), ("b", False), None, ("c", False), ("d", True), None]


def test_a_spool_replaced_while_the_edge_runs(make_edge, until, tmp_path):
    """Housekeeping sees the new epoch and tells it again."""
    edge = make_edge(more=DEVICES)
    (_, first), *_ = until(lambda: told(edge.spool), "it is told")
    edge.spool.renew("a test")
    until(lambda: first in [a for _, a in told(edge.spool)], "it is told to the new one")


def test_kill_9_right_after_a_start(write_config, run_edge, until, tmp_path, command):
    """`calibrate` writes the file, the edge takes it at its next start, and whenever it is killed the spool has the event first."""
    config = write_config(more=DEVICES)
    spool = config.parent / "edge-data" / "spool.sqlite"
    for _ in range(2):
        edge = run_edge(config)
        until(lambda: spool.exists() and told_in(spool), "the event is on the disk", 20)
        edge.end(signal.SIGKILL)
    done = subprocess.run(
        [sys.executable, "-c", "from kampung_bridge.main import cli; cli()", "calibrate", "--config", str(config), "--name", "soil-1",
         "--quantity", "soil_moisture", "--shown", "30", "--true", "31"],
        capture_output=True, text=True, check=True, timeout=180,
    )  # fmt: skip
    assert "takes it at its next start" in done.stdout
    assert command("check", "--config", str(config)).returncode == 0
    edge = run_edge(config)
    last = until(lambda: [a for a in told_in(spool) if a.devices["soil-1"].series], "the new calibration is told", 20)[-1]
    edge.end(signal.SIGKILL)
    assert last.devices["soil-1"].series["soil_moisture"].raw(31.0) == 30.0
    assert Device("soil-1", "dfrobot-sen0600") in load(config).introductions()


def told_in(file: Path) -> list[Announcement]:
    import sqlite3

    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            packs = [decode(payload) for (payload,) in db.execute("SELECT payload FROM packs ORDER BY seq")]
    except sqlite3.OperationalError:
        return []
    return [parse_announcement(e, LATEST) for p in packs for e in p.events if e["type"] == "calibration"]
