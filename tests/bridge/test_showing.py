"""What people see at a terminal, and what programs read from a pipe."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kampung_bridge.a02yyuw import encode_a02yyuw

PROGRAM = [sys.executable, "-c", "from kampung_bridge.main import cli; cli()"]


class Terminal:
    """A program whose standard output and error are a terminal of 100 columns."""

    def __init__(self, *arguments: object, stdin: bytes = b"", **environment: str) -> None:
        self.master, slave = os.openpty()
        env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment}
        self.process = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)], stdin=subprocess.PIPE, stdout=slave, stderr=slave, env=env, start_new_session=True
        )
        os.close(slave)
        assert self.process.stdin is not None
        self.process.stdin.write(stdin)
        self.process.stdin.close()
        self.shown = ""

    def read_until(self, wanted: str, nudge: Callable[[], object] = lambda: None) -> None:
        deadline = time.monotonic() + 20
        while wanted not in self.shown:
            assert time.monotonic() < deadline, self.shown
            nudge()
            self._read(0.02)

    def ended(self) -> int:
        """All it said is in `shown`; its exit code."""
        deadline = time.monotonic() + 20
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.shown
            self._read(0.1)
        while self._read(0):
            pass
        os.close(self.master)
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 4096)
        except OSError:  # the terminal's other side is closed
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


def test_people_see_columns_and_colours() -> None:
    terminal = Terminal("decode", "--device", "a02yyuw", stdin=b"FF07A1A7 FF07A1A8\nFF0000FF\n")
    assert terminal.ended() == 0
    lines = terminal.shown.splitlines()
    assert "\x1b[1mquantity" in lines[0]
    assert "distance" in lines[1]
    assert "1.953 m " in lines[1]
    assert "\x1b[32mgood" in lines[1]
    assert "\x1b[31mchecksum: \x1b[0msum is A8, expected A7" in lines[2]
    assert "FF 07 A1 A8" in lines[2]
    assert "\x1b[31mfailed" in lines[3]


def test_without_colours_where_they_are_not_wanted() -> None:
    """no-color.org."""
    terminal = Terminal("decode", "--device", "a02yyuw", stdin=b"FF07A1A7\n", NO_COLOR="1")
    assert terminal.ended() == 0
    assert "\x1b" not in terminal.shown
    assert terminal.shown.splitlines()[1].split() == ["distance", "1.953", "m", "good"]


def test_json_when_it_is_asked_for() -> None:
    terminal = Terminal("decode", "--device", "a02yyuw", "--json", stdin=b"FF07A1A7\n")
    assert terminal.ended() == 0
    assert json.loads(terminal.shown)["value"] == 1.953


def test_ctrl_c_ends_a_watch_with_a_count(plug) -> None:
    wire = plug("gauge")
    terminal = Terminal("watch", wire.path, "--device", "a02yyuw", "--every", "0", NO_COLOR="1")
    terminal.read_until("good", lambda: (wire.send(encode_a02yyuw(1953)), time.sleep(0.05)))
    os.killpg(terminal.process.pid, signal.SIGINT)
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.shown
    assert terminal.shown.splitlines()[-1].endswith(", 0 damaged or missing frames")
    assert " reading" in terminal.shown.splitlines()[-1]


def test_a_noisy_line_does_not_flood_people(plug) -> None:
    wire = plug("gauge")
    terminal = Terminal("watch", wire.path, "--device", "a02yyuw", NO_COLOR="1")
    terminal.read_until("more errors before)", lambda: (wire.send(bytes(range(192))), time.sleep(0.02)))
    os.killpg(terminal.process.pid, signal.SIGINT)
    assert terminal.ended() == 0


@pytest.mark.parametrize("command", ["watch", "replay"])
def test_a_reader_that_has_enough_ends_it(command: str, plug, tmp_path: Path) -> None:
    """`… | head -1`: no traceback, no waiting for ever."""
    wire, file = plug("gauge"), tmp_path / "capture.txt"
    file.write_text("FF 07 A1 A7\n" * 20_000, "utf-8")
    arguments = (
        ["watch", wire.path, "--device", "a02yyuw", "--every", "0"] if command == "watch" else ["replay", file, "--device", "a02yyuw"]
    )
    with subprocess.Popen([*PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        deadline = time.monotonic() + 20
        while not select.select([process.stdout], [], [], 0.05)[0] and process.poll() is None and time.monotonic() < deadline:
            wire.send(encode_a02yyuw(1953))
        first = os.read(process.stdout.fileno(), 60)
        process.stdout.close()
        while process.poll() is None and time.monotonic() < deadline:
            wire.send(encode_a02yyuw(1953))
            time.sleep(0.05)
        process.kill()
        assert process.stderr.read() == b""
    assert b"distance" in first
    assert process.returncode in (0, 1)


def test_the_list_fits_the_terminal() -> None:
    terminal = Terminal("list", "soil", NO_COLOR="1")
    assert terminal.ended() == 0
    lines = terminal.shown.splitlines()
    assert lines[0].split() == ["PROFILE", "SPEAKS", "MAKER", "DEVICE,", "MEASURES,", "SWITCHES"]
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("dfrobot-sen0600   modbus  DFRobot              RS485 soil moisture and temperature") for line in lines)


def test_the_list_looks_for_a_word() -> None:
    done = subprocess.run([*PROGRAM, "list", "TURBID"], capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["dfrobot-sen0710"]
    done = subprocess.run([*PROGRAM, "list", "telepathy"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no device profile has 'telepathy' in it" in done.stderr
