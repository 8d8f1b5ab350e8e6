"""What systemd hears."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

from kampung_cloud.watchdog import STALLED_S, Watchdog

from .conftest import COMMAND


def test_systemd_hears_of_start_life_and_end(tmp_path: Path) -> None:
    """The program itself, with a watchdog of three tenths of a second."""
    (tmp_path / "cloud.toml").write_text('[api]\nport = 0\n[telemetry]\nurl = "memory:"\n')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(20)
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
        command = [*COMMAND, "serve", "--config", str(tmp_path / "cloud.toml")]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            said = [line.recv(100) for _ in range(4)]
            process.send_signal(signal.SIGTERM)
            while said[-1] == b"WATCHDOG=1":
                said.append(line.recv(100))
    assert said[0] == b"READY=1"
    assert set(said[1:-1]) == {b"WATCHDOG=1"}
    assert said[-1] == b"STOPPING=1"


def test_no_sign_of_life_while_ingest_stands_still(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.setblocking(False)
        watchdog = Watchdog({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "90000000"})
        assert watchdog.every == 30
        watchdog.alive(lambda: STALLED_S + 1)
        watchdog.alive(lambda: 0.1)
        assert line.recv(100) == b"WATCHDOG=1"
        try:
            line.recv(100)
        except BlockingIOError:
            return
    raise AssertionError("a second sign of life")
