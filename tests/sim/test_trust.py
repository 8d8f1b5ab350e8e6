"""What a technician relies on: the pace changes nothing, errors in the store are found, the view works in a real terminal."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from kampung_cloud.telemetry.held import Held
from kampung_cloud.telemetry.record import decode, encode
from kampung_cloud.telemetry.store import runs_of, together
from kampung_sim.fleet.broker import Where
from kampung_sim.fleet.ledger import Ledger, read_stream
from kampung_sim.fleet.regency import Regency
from kampung_sim.fleet.run import Fleet
from kampung_sim.process import free_port
from kampung_sim.scenario.load import parse

PROGRAM = str(Path(sys.executable).with_name("kampung-sim"))
SHORT = """
name = "sebentar"
seed = 11
start = 2026-11-21T06:00:00
duration = "{duration}"

[[place]]
villages = ["35.10.24.2008", "35.10.24.2003"]
kit = "cepat"

[kit.cepat]
every = "{every}"

[[kit.cepat.device]]
name = "udara-2"
profile = "xy-md02"
port = "rs485-2"
address = 3

[[kit.cepat.device]]
name = "udara-1"
profile = "xy-md02"
port = "rs485-2"
address = 2

[[fault]]
kind = "noise"
at = "+2 s"
for = "3 s"
villages = "35.10.24.2008"
"""


def sent(tmp_path: Path, pace: float) -> Any:
    """The readings of a run without a broker, as the ledger holds them."""
    folder = tmp_path / f"pace-{pace:.0f}"
    loaded = parse(SHORT.format(duration="6 s", every="1 s"), "s.toml", tmp_path)
    with Ledger(folder, {"scenario": "s"}) as ledger:
        asyncio.run(Fleet(loaded, ledger, Where("127.0.0.1", free_port()), pace).run(0.0, lambda _: None, asyncio.Event()))
    order = [("node", "ascending"), ("series", "ascending"), ("true_t", "ascending")]
    return pa.Table.from_batches(read_stream(folder / "readings.arrows")).sort_by(order)


def test_ten_thousand_times_as_fast_sends_the_same(tmp_path: Path) -> None:
    """Every reading with its times, values and flag; where packs are cut is a matter of true time."""
    true, hurried = (sent(tmp_path, pace).drop_columns("seq") for pace in (1, 10_000))
    assert true.num_rows == 2 * 4 * 6
    assert hurried.equals(true)


def test_every_error_planted_in_the_store_is_found_and_none_invented(tmp_path: Path) -> None:
    """Of each thousand readings one is deleted, one doubled and one altered behind the regency's back."""
    (tmp_path / "s.toml").write_text(SHORT.format(duration="30 min", every="1 s"), encoding="utf-8")
    regency = Regency(tmp_path / "regency", 0)
    try:
        regency.start()
        where = ["--broker", f"mqtt://127.0.0.1:{regency.mqtt_port}", "--cloud", regency.url]
        arguments = ["run", "s.toml", "--pace", "600", "--start", "now", "--ledger", "ledger", *where, "--plain"]
        assert call(tmp_path, *arguments).returncode == 0
        regency.cloud.stop()
        planted = plant(next((tmp_path / "regency").rglob("telemetry.duckdb")))
        regency.cloud.start()
        regency.cloud.wait_ready(90)
        done = call(tmp_path, "score", "ledger", "--cloud", regency.url, "--json", "score.json")
    finally:
        regency.stop()
    assert done.returncode == 1, done.stdout + done.stderr
    found = json.loads((tmp_path / "score.json").read_text())["readings"]
    assert found["sent"] == 2 * 4 * 1_800
    deleted, doubled, altered = planted
    assert min(planted) >= 14
    assert (found["missing"], found["duplicated"], found["altered"], found["foreign"]) == (deleted + altered, doubled, altered, 0), found


def plant(file: Path) -> tuple[int, int, int]:
    """Delete, double and alter one reading in a thousand each; how many of each. An altered one is missing as it was sent, too."""
    with duckdb.connect(str(file)) as store:
        runs, packs = decode([body for (body,) in store.execute("SELECT body FROM journal_1 ORDER BY rowid").fetchall()])
        rows = runs.rows()
        count = len(rows.t)
        assert count == 2 * 4 * 1_800, "all of them lie in the table that is altered here"
        place = np.empty(count, np.int64)
        place[np.lexsort((rows.t, rows.series))] = np.arange(1, count + 1) % 1000
        rows.v[place == 300] += 1
        harmed = together([rows.take(place != 901), rows.take(place == 600)])
        store.execute("DELETE FROM journal_1")
        store.execute("INSERT INTO journal_1 VALUES (?)", [encode(Held.of(runs_of(harmed)), packs)])
        store.execute("CHECKPOINT")
    deleted, doubled, altered = ((count - place) // 1000 + 1 for place in (901, 600, 300))
    return deleted, doubled, altered


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, timeout=400, check=False)


class Terminal:
    """A tmux session of its own server, which ends with it."""

    def __init__(self, folder: Path, command: str) -> None:
        self._socket = str(folder / "tmux")
        self("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "120", "-y", "35", "-c", str(folder), command)

    def __call__(self, *arguments: str) -> str:
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["tmux", "-u", "-S", self._socket, *arguments], capture_output=True, text=True, env=environment, check=False)
        return done.stdout

    def keys(self, *names: str) -> None:
        for name in names:
            self("send-keys", "-t", "t", name)

    def shows(self, *words: str) -> str:
        """The screen, once it has these words."""
        return self._until(lambda screen: all(word in screen for word in words), f"{words} on the screen")

    def hides(self, word: str) -> None:
        """Once it no longer has this word."""
        self._until(lambda screen: word not in screen, f"screen without {word}")

    def leave(self) -> None:
        """Q, and again when it waits for the last packs; then the screen is empty, since the program has ended."""
        self.keys("q")
        if self._until(lambda screen: "Q sekali lagi" in screen or not screen.strip(), "word of the end").strip():
            self.keys("q")
        self._until(lambda screen: not screen.strip(), "empty screen")

    def _until(self, good: Callable[[str], bool], what: str) -> str:
        end = time.monotonic() + 120
        while not good(screen := self("capture-pane", "-p", "-t", "t")):
            assert time.monotonic() < end, f"no {what}:\n{screen}"
            time.sleep(0.2)
        return screen


def test_the_view_in_a_terminal(tmp_path: Path) -> None:
    """As a technician sees it: the kiosks come, a key cuts a link, the help, and leaving; nothing is left behind."""
    terminal = Terminal(tmp_path, f"{PROGRAM} run latihan-teknisi --pace 60 --cloud-port 0 --ledger ledger")
    try:
        screen = terminal.shows("licin-kios-1", "tanah-1")
        assert max(map(len, screen.splitlines())) <= 120
        terminal.keys("l")
        terminal.shows("jaringan putus")
        terminal.keys("?")
        terminal.shows("tekan tombolnya", "nilai macet")
        terminal.keys("Escape")
        terminal.hides("tekan tombolnya")
        terminal.leave()
    finally:
        terminal("kill-server")
    assert (tmp_path / "ledger" / "run.json").exists()
