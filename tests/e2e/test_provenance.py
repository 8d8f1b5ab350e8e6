"""A calibration from the technician's command to the regency's answer, over kill -9 of the edge."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_bridge.clock import SystemClock
from kampung_sim.device import Line, ModbusBus
from kampung_sim.process import Process, answers, free_port, listening

from tests.e2e.support import until

SCRIPTS = Path(sys.executable).parent
SERIES = "kiosk-9.tanah-1.soil_moisture"
SHOWN = {"soil_moisture": 30.0, "soil_temperature": 27.0}
CLOUD = """
data = "cloud"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[api]
host = "127.0.0.1"
port = {api}
"""
EDGE = """
village = "35.10.24.2008"
node = "kiosk-9"
data = "edge"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[kiosk]
port = {kiosk}
[spool]
commit_ms = 100
[[port]]
url = "tanah"
[[port.device]]
name = "tanah-1"
profile = "dfrobot-sen0600"
every = 0.5
"""


class Small:
    """Broker, cloud, edge and one probe that always shows 30 %."""

    def __init__(self, folder: Path) -> None:
        mqtt, self.api, kiosk = free_port(), free_port(), free_port()
        (folder / "cloud.toml").write_text(CLOUD.format(mqtt=mqtt, api=self.api), encoding="utf-8")
        self.config = folder / "edge.toml"
        self.config.write_text(EDGE.format(mqtt=mqtt, kiosk=kiosk), encoding="utf-8")
        (folder / "broker").mkdir()
        self.bus = ModbusBus(Line(folder / "tanah"), SystemClock(), {1: ("dfrobot-sen0600", lambda _t: SHOWN)})
        self.broker = self._process(
            folder, "broker", ["kampung-cloud", "broker", "--port", mqtt, "--data", folder / "broker"], lambda: listening(mqtt)
        )
        health = f"http://127.0.0.1:{self.api}/api/v1/healthz"
        self.cloud = self._process(folder, "cloud", ["kampung-cloud", "serve", "--config", folder / "cloud.toml"], lambda: answers(health))
        kiosk_health = f"http://127.0.0.1:{kiosk}/api/health"
        self.edge = self._process(folder, "edge", ["kampung-edge", "run", "--config", self.config], lambda: answers(kiosk_health))

    @staticmethod
    def _process(folder: Path, name: str, command: list[Any], ready: Any) -> Process:
        return Process(name, [str(SCRIPTS / command[0]), *map(str, command[1:])], folder / f"{name}.log", ready)

    def start(self) -> None:
        self.bus.start()
        for process in (self.broker, self.cloud, self.edge):
            process.start()
            process.wait_ready(90)

    def stop(self) -> None:
        for process in (self.edge, self.cloud, self.broker):
            process.stop()
        self.bus.stop()

    def window(self) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.api}/api/v1/series/{SERIES}/window?every=raw&shown=true"
        with urllib.request.urlopen(url, timeout=180) as answer:
            return dict(json.load(answer))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    place = Small(tmp_path)
    try:
        place.start()
        yield place
    finally:
        place.stop()


def test_every_reading_can_be_computed_back_over_kills_of_the_edge(small: Small) -> None:
    """The probe always shows 30: whatever it was calibrated to, and whenever the edge was killed, the regency says 30 behind each."""
    values = [30.0]
    for true in (31.0, 28.5):
        until("readings of this calibration", lambda: values[-1] in small.window()["v"])
        done = subprocess.run(
            [str(SCRIPTS / "kampung-bridge"), "calibrate", "--config", str(small.config), "--name", "tanah-1",
             "--quantity", "soil_moisture", "--shown", "30", "--true", str(true), "--by", "Budi"],
            capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        small.edge.kill()
        small.edge.start()
        values.append(true)
    window = until("readings of the last one", lambda: (w := small.window()) and values[-1] in w["v"] and w)
    assert set(window["v"]) == set(values)
    assert set(window["shown"]) == {30.0}
    spans = window["provenance"]
    assert [s["calibration"] and s["calibration"]["points"] for s in spans] == [None, [[30.0, 31.0]], [[30.0, 28.5]]]
    assert [s["to"] for s in spans] == [spans[1]["from"], spans[2]["from"], None]
    for t, v in zip(window["t"], window["v"], strict=True):
        assert v == next(value for value, s in zip(values, spans, strict=True) if s["from"] <= t and (s["to"] is None or t < s["to"]))
