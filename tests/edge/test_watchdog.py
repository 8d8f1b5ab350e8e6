"""The heartbeat that systemd waits for: sent by the real program, and only while it gets on."""

from __future__ import annotations

import configparser
import signal
import socket
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from kampung_edge.watchdog import Notifier, Watchdog

UNIT = Path(__file__).parents[2] / "edge" / "systemd" / "kampung-edge.service"


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """A socket as systemd has one, with a patience of two seconds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "2000000")
        yield line


def test_the_program_says_ready_alive_and_stopping(systemd, write_config, run_edge):
    """The three words, in that order."""
    edge = run_edge(write_config())
    assert systemd.recv(200).startswith(b"READY=1")
    assert systemd.recv(200) == b"WATCHDOG=1"
    assert edge.end(signal.SIGTERM) == 0
    systemd.settimeout(0.1)
    words = []
    with pytest.raises(TimeoutError):
        while True:
            words.append(systemd.recv(200))
    assert words[-1] == b"STOPPING=1"


def test_heartbeat_stops_when_the_writer_is_stuck(systemd, make_edge, until):
    """Somebody holds the spool's write lock: readings cannot be stored, and systemd hears no more that all is well."""
    edge = make_edge(more="[spool]\ncommit_ms = 20\n")
    assert systemd.recv(200).startswith(b"READY=1")
    assert systemd.recv(200) == b"WATCHDOG=1"
    holder = sqlite3.connect(edge.spool.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    edge.intake.take("d", "rain", 1.0, "mm", 1, time.time_ns() // 1_000_000)
    systemd.settimeout(2.5)
    deadline = time.monotonic() + 20
    with pytest.raises(TimeoutError):
        while time.monotonic() < deadline:
            systemd.recv(200)
    until(lambda: "spool" in edge.watchdog.stuck, "it is named")
    holder.execute("ROLLBACK")
    holder.close()
    until(lambda: edge.spool.stats().packs == 1, "the reading is stored", 15)
    systemd.settimeout(10)
    assert systemd.recv(200) == b"WATCHDOG=1"


def test_a_full_disk_is_no_standstill(systemd, make_edge, until):
    """To be started again would only lose what is in memory: health says it, and the heart beats on."""
    edge = make_edge(more="[spool]\ncommit_ms = 20\n")
    pages = edge.spool._db.execute("PRAGMA page_count").fetchone()[0]
    edge.spool._db.execute(f"PRAGMA max_page_count = {pages}")
    for i in range(300):
        edge.intake.take("d", f"q{i}", float(i), "mm", 1, time.time_ns() // 1_000_000)
    until(lambda: edge.saving.reason, "the writer meets the full disk")
    systemd.settimeout(1.5)
    since = time.monotonic()
    while time.monotonic() - since < 4:
        assert systemd.recv(200)
    assert edge.watchdog.stuck == []
    edge.spool._db.execute("PRAGMA max_page_count = 1000000")
    until(lambda: edge.saving.reason is None, "it writes again", 15)


def test_a_disk_that_gives_no_file_is_no_standstill(systemd, write_config, run_edge):
    """The edge is ready, since the kiosk is, and the heart beats on while the writer asks again and again."""
    config = write_config()
    config.write_text(config.read_text().replace('"edge-data"', '"disk/edge-data"'))
    (config.parent / "disk").symlink_to("/proc")  # where nobody makes a folder
    run_edge(config)
    assert systemd.recv(200).startswith(b"READY=1")
    systemd.settimeout(1.5)
    since = time.monotonic()
    while time.monotonic() - since < 4:
        assert systemd.recv(200) == b"WATCHDOG=1"


def test_one_that_stands_still_is_named():
    """All must move; the name of what does not is there for health."""
    since = time.monotonic()
    watchdog = Watchdog(Notifier({}), {"spool": time.monotonic, "uplink": lambda: since - 61})
    watchdog._limit = 0.1
    thread = threading.Thread(target=watchdog.run)
    thread.start()
    deadline = time.monotonic() + 5
    while not watchdog.stuck and time.monotonic() < deadline:
        time.sleep(0.01)
    watchdog.stop()
    thread.join(60)
    assert watchdog.stuck == ["uplink"]


def test_nobody_listens():
    """Without systemd nothing is told; another process's watchdog is not ours."""
    Notifier({}).tell("READY=1")
    assert Notifier({"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}).watchdog_s is None
    assert Notifier({"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "5000000"}).watchdog_s == 5.0
    Notifier({"NOTIFY_SOCKET": "/nowhere"}).tell("READY=1")


def test_unit_fits_the_program(command):
    """The unit says notify, watches, restarts for ever and calls a command that exists."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    service = unit["Service"]
    assert (service["Type"], service["Restart"], unit["Unit"]["StartLimitIntervalSec"]) == ("notify", "always", "0")
    assert int(service["WatchdogSec"]) >= 30
    _, verb, option, _ = service["ExecStart"].split()
    assert (verb, option) == ("run", "--config")
    assert option in command("run", "--help").stdout
