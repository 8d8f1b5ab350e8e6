"""A pump in the village, switched from the regency: the real programs, a real broker, a relay board on a pseudo-terminal."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from kampung_contract.topics import Address
from kampung_sim.device import ModbusBus
from kampung_sim.process import free_port
from kampung_sim.tamansari import NODE, VILLAGE
from kampung_sim.village import Village
from paho.mqtt.enums import CallbackAPIVersion

from tests.e2e.support import until

PUMP = "pompa-cabai"
PROGRAM = str(Path(sys.executable).with_name("kampung-cloud"))


def kampung_cloud(village: Village, *arguments: str) -> subprocess.CompletedProcess[str]:
    config = ("--config", str(village.state / "cloud.toml"))
    return subprocess.run([PROGRAM, *arguments, *config], capture_output=True, text=True, timeout=180, check=False)


def switch(village: Village, wanted: str, *more: str) -> subprocess.CompletedProcess[str]:
    return kampung_cloud(village, "switch", NODE, PUMP, wanted, "--by", "Bu Sari", "--reason", "uji", *more)


def give(village: Village, on: bool = True, **more: Any) -> dict[str, Any]:
    """A command over the API, not waited for."""
    token = (village.state / "cloud" / "token").read_text(encoding="utf-8").strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{village.cloud_port}/api/v1/outputs/{NODE}/{PUMP}/commands",
        json.dumps({"on": on, "by": "Bu Sari", "reason": "uji", **more}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=180) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def command(village: Village, number: str) -> dict[str, Any]:
    found: dict[str, Any] = village.ask(f"/api/v1/commands/{number}")
    return found


def answered(village: Village, number: str, seconds: float = 30) -> tuple[str, str]:
    done = until(f"command {number} is over", lambda: (c := command(village, number))["state"] not in ("queued", "sent") and c, seconds)
    return done["state"], done["code"]


def kiosk(village: Village) -> dict[str, Any]:
    """The pump as the kiosk shows it."""
    found: dict[str, Any] = next(o for o in village.ask("/api/outputs") if o["name"] == PUMP)
    return found


def regency(village: Village) -> dict[str, Any]:
    """The pump as the regency shows it."""
    unknown = {"online": False, "state": None, "cause": None}
    found: dict[str, Any] = next((o for o in village.ask("/api/v1/outputs") if o["name"] == PUMP), unknown)
    return found


def trail(village: Village, number: str) -> list[str]:
    return [line["kind"] for line in reversed(village.ask("/api/v1/output-log?limit=200")) if line["command"] == number]


class Board:
    """The relay board of the simulated village: ``mute`` obeys and says nothing, ``dry`` is a soil probe that fell silent."""

    def __init__(self, village: Village) -> None:
        self._bus = next(d for d in village.devices if isinstance(d, ModbusBus) and len(d.probes) == 3)
        self.relay = self._bus.probes[2][0]
        self._probe, self._answer = self._bus.probes[1], self.relay.answer
        self.ons = 0
        self.mute = False
        self.relay.answer = self._obey  # type: ignore[method-assign]

    @property
    def on(self) -> bool:
        return self.relay.states["relay_1"]

    def dry(self, silent: bool) -> None:
        self._bus.probes[1] = (self._probe[0], lambda _: None) if silent else self._probe

    def _obey(self, data: bytes, values: Any) -> bytes:
        was = self.on
        answer = self._answer(data, values)
        self.ons += self.on and not was
        return b"" if self.mute else answer

    def mend(self) -> None:
        self.dry(False)
        self.relay.answer = self._answer  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """A Desa Tamansari of its own, without thirty days of history."""
    place = Village(tmp_path_factory.mktemp("pump"), free_port(), free_port(), history=0.0)
    try:
        place.start(lambda _: None)
        yield place
    finally:
        place.stop()


@pytest.fixture
def board(village: Village) -> Iterator[Board]:
    """The pump is off and may be switched."""
    until("the pump is there", lambda: (p := regency(village))["online"] and p["state"] == "off", 60)
    until("its guard is heard", lambda: kiosk(village)["guard"]["ok"], 40)
    made = Board(village)
    yield made
    made.mend()


def test_on_for_a_time_and_off_by_itself(village: Village, board: Board) -> None:
    """The command line waits for the device's confirmation; kiosk, regency and audit trail agree on what happened and why."""
    done = switch(village, "on", "--for", "3s")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "off again by itself at" in done.stdout
    until("it goes off", lambda: not board.on and kiosk(village)["state"] == "off")
    assert (kiosk(village)["cause"], board.ons) == ("limit", 1)
    until("the regency knows", lambda: regency(village)["cause"] == "limit")
    number = done.stdout.split()[0]
    assert trail(village, number) == ["asked", "sent", "switched", "answered"]
    assert "on for 3 s, by Bu Sari: uji" in kampung_cloud(village, "commands", "--log").stdout


def test_the_kiosk_stops_it_without_a_link(village: Village, board: Board) -> None:
    """Whoever stands beside it needs nobody's leave; the regency hears of it once the link is back."""
    assert answered(village, give(village, seconds=120)["id"]) == ("done", "done")
    village.broker.stop()
    try:
        until("the link is down", lambda: village.ask("/api/health")["link"]["state"] == "down")
        stop = urllib.request.Request(f"http://127.0.0.1:{village.kiosk_port}/api/outputs/{PUMP}/stop", b"", method="POST")
        with urllib.request.urlopen(stop, timeout=180) as answer:
            assert json.load(answer)["state"] == "off"
        assert not board.on
    finally:
        village.broker.start()
    until("the regency knows", lambda: (p := regency(village))["state"] == "off" and p["cause"] == "local", 60)


def test_a_command_into_a_cut_link_expires_and_never_happens(village: Village, board: Board) -> None:
    """The link is cut before it is sent; when it is mended, the command is void and stays so."""
    village.broker.stop()
    try:
        until("the regency's line is down", lambda: not village.ask("/api/v1/healthz")["checks"]["broker"]["ok"])
        number = give(village, seconds=60, expires_in=10)["id"]
        assert answered(village, number) == ("expired", None)
    finally:
        village.broker.start()
    until("the link is back", lambda: regency(village)["online"] and village.ask("/api/health")["link"]["state"] == "up", 60)
    assert answered(village, give(village, on=False)["id"]) == ("done", "done"), "the marker is answered"
    assert command(village, number)["state"] == "expired"
    assert (board.ons, trail(village, number)) == (0, ["asked", "expired"])


def spy(village: Village, then: Callable[[mqtt.Client, mqtt.MQTTMessage], None]) -> mqtt.Client:
    """Somebody on the broker who sees every command."""
    ready = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="spy")
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda c, _d, message: then(c, message)
    client.connect("127.0.0.1", village.mqtt_port)
    client.loop_start()
    client.subscribe(Address(VILLAGE, NODE).commands, 1)
    assert ready.wait(60)
    return client


def test_a_command_that_comes_many_times_is_done_once(village: Village, board: Board) -> None:
    """A broker may deliver twice; here it delivers ten times, also after it has gone off."""
    copies: list[tuple[str, bytes]] = []
    client = spy(village, lambda _, message: copies.append((message.topic, bytes(message.payload))))
    try:
        number = give(village, seconds=2)["id"]
        assert answered(village, number) == ("done", "done")
        until("it goes off", lambda: kiosk(village)["state"] == "off")
        for _ in range(9):
            client.publish(*copies[0], qos=1).wait_for_publish(10)
        assert answered(village, give(village, on=False)["id"]) == ("done", "done"), "the marker is answered"
    finally:
        client.disconnect()
        client.loop_stop()
    assert (board.ons, board.on) == (1, False)
    assert trail(village, number) == ["asked", "sent", "switched", "answered"]


def test_a_guard_that_falls_silent(village: Village, board: Board) -> None:
    """What is on goes off by itself, and nothing goes on until the probe is heard again."""
    assert answered(village, give(village, seconds=300)["id"]) == ("done", "done")
    board.dry(True)
    until("it goes off", lambda: not board.on and kiosk(village)["cause"] == "guard", 60)
    assert answered(village, give(village)["id"]) == ("refused", "guard_silent")
    until("the regency knows why", lambda: regency(village)["cause"] == "guard" and "tanah-2/soil_moisture" in regency(village)["detail"])


def test_kill_9_between_the_switch_and_its_answer(village: Village, board: Board) -> None:
    """The relay is on, nobody has said so, the kiosk dies: it goes off, is answered as interrupted, and is never done again."""
    board.mute = True
    number = give(village, seconds=300, expires_in=120)["id"]
    until("the relay has switched", lambda: board.on)
    village.edge.kill()
    board.mute = False
    ons = board.ons
    village.edge.start()
    village.edge.wait_ready(90)
    until("off at start", lambda: not board.on)
    assert answered(village, number) == ("failed", "interrupted")
    until("the regency knows", lambda: (p := regency(village))["state"] == "off" and p["cause"] == "start")
    time.sleep(1.0)  # whatever still sends it again would do so now
    assert answered(village, give(village, on=False)["id"]) == ("done", "done")
    assert (board.ons, board.on) == (ons, False)
