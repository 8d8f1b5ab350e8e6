"""Devices that nobody listed, from a frame on a pseudo-terminal to the cloud's side of the spool."""

from __future__ import annotations

import os
import select
import signal
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.discovery import Finding
from kampung_bridge.probing import Guess
from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.reading import Reading
from kampung_bridge.responder import Responder
from kampung_contract.discovery import Discovery
from kampung_contract.pack import decode
from kampung_contract.provenance import parse_announcement
from kampung_edge.config import load
from kampung_edge.discovery import Discoveries
from kampung_edge.lines import Lines

AIR = {"air_temperature": 27.5, "relative_humidity": 81.0}
SOIL = {"soil_moisture": 31.0, "soil_temperature": 26.0}
BUS = """
[[port]]
name = "balai"
url = "dev/bus"
discover = ["xy-md02", "dfrobot-sen0600"]
[[port.device]]
name = "udara"
profile = "xy-md02"
every = 1.5
"""
EMPTY = """
[[port]]
name = "usb"
url = "dev/usb-*"
baud = 9600
discover = true
"""


class Wire(threading.Thread):
    """A pseudo-terminal with simulated devices; ``frame`` is sent ten times a second."""

    def __init__(self, link: Path, devices: dict[int, tuple[str, dict[str, float]]], frame: bytes = b"") -> None:
        super().__init__(daemon=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        link.symlink_to(os.ttyname(self._theirs))
        self.link, self._frame, self._ended = link, frame, threading.Event()
        self._responders = []
        for address, (profile, values) in devices.items():
            model = load_profile(profile)
            assert isinstance(model, ModbusProfile)
            self._responders.append((Responder(model, address), values))
        self.start()

    def run(self) -> None:
        while not self._ended.is_set():
            if self._frame:
                os.write(self._ours, self._frame)
            if select.select([self._ours], [], [], 0.1)[0]:
                asked = os.read(self._ours, 4096)
                for responder, values in self._responders:
                    os.write(self._ours, responder.answer(asked, values))

    def close(self) -> None:
        if not self._ended.is_set():
            self._ended.set()
            self.join()
            self.link.unlink()
            os.close(self._ours)
            os.close(self._theirs)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(name: str, devices: Any = None, frame: bytes = b"") -> Wire:
        made.append(Wire(tmp_path / "one" / "dev" / name, devices or {}, frame))
        return made[-1]

    yield make
    for each in made:
        each.close()


def events(edge, kind: str) -> list[dict[str, Any]]:
    packs = [decode(w.payload) for w in sorted(edge.spool.peek(1000), key=lambda w: w.seq)]
    return [e for p in packs for e in p.events if e["type"] == kind]


def shown(edge) -> dict[str, float]:
    return {f"{s['device']}/{s['quantity']}": s["last"]["value"] for s in edge.view.series() if s["last"]}


def test_found_beside_what_is_listed(wire, make_edge, until):
    """It is read under a name of its own, introduced, explained to the cloud before its first reading, and keeps its name."""
    wire("bus", {1: ("xy-md02", AIR), 2: ("dfrobot-sen0600", SOIL)})
    edge = make_edge(more="[spool]\ncommit_ms = 50\n" + BUS)
    until(lambda: "dfrobot-sen0600-1/soil_moisture" in shown(edge), "the probe is found and read", 60)
    assert shown(edge)["udara/air_temperature"] == 27.5
    (told,) = until(lambda: events(edge, "discovery"), "it is told")
    assert (told["device"], told["address"], told["port"]) == ("dfrobot-sen0600-1", 2, "balai")
    until(lambda: any("dfrobot-sen0600-1" in e["devices"] for e in events(edge, "calibration")), "it is explained")
    columns = [c for w in edge.spool.peek(1000) for c in decode(w.payload).series if c.device == "dfrobot-sen0600-1"]
    since = min(e["from"] for e in events(edge, "calibration") if "dfrobot-sen0600-1" in e["devices"])
    assert all(since <= c.t for c in columns)
    assert [d.name for d in edge.presence._state(True).devices] == ["udara", "dfrobot-sen0600-1"]
    (port,) = edge.health.object()["ports"]
    assert {d["name"]: d["errors"] for d in port["devices"]} == {"udara": 0, "dfrobot-sen0600-1": 0}
    edge.stop()
    again = make_edge(more=BUS)
    assert [d.name for d in again.ports[0].config.devices] == ["udara", "dfrobot-sen0600-1"]
    until(lambda: again.ports[0].stats().devices[1].frames, "it is read at once", 20)
    assert len(events(again, "discovery")) == 1
    assert len([parse_announcement(e, 2**47) for e in events(again, "calibration")]) == 2


def test_lines_by_pattern_come_while_the_edge_runs(wire, make_edge, until, tmp_path, command):
    """Adapters under /dev/serial/by-id: each gets a port when it is plugged in; what cannot be told apart is told, not guessed."""
    edge = make_edge(more=EMPTY)
    assert edge.ports == []
    wire("usb-dust", frame=bytes.fromhex("AAC0D4043A0AA1601DAB"))
    until(lambda: shown(edge).get("sds011-1/pm25") == 123.6, "the dust sensor is read", 30)
    wire("usb-level", frame=encode_a02yyuw(200))
    trouble = until(lambda: [t for t in edge.health.object()["troubles"] if "usb-level" in t and "found" in t], "the other is told", 30)[0]
    assert "a device that sends by itself was found, but not what it is" in trouble
    assert "fits no better than" in trouble
    assert not [name for name in shown(edge) if name.startswith(("a02yyuw", "sen0627"))]
    (found,) = until(lambda: [e for e in events(edge, "discovery") if e.get("device") is None], "it is told to the cloud")
    assert {c["profile"] for c in found["candidates"]} > {"a02yyuw"}
    done = command("status", "--config", str(tmp_path / "one" / "edge.toml"), "--kiosk-port", str(edge.port))
    assert done.returncode == 1
    assert "name its profile in discover" in done.stdout
    assert "port usb-dust" in {name for name in edge._moving if name.startswith("port")}


def test_kill_9_keeps_names(wire, write_config, run_edge, until, tmp_path):
    """Whenever it dies, what was found once has the same name afterwards."""
    wire("bus", {1: ("xy-md02", AIR), 2: ("dfrobot-sen0600", SOIL)})
    config, file = write_config(more=BUS), tmp_path / "one" / "edge-data" / "discovered.json"
    edge = run_edge(config)
    until(lambda: file.exists() and b"dfrobot-sen0600-1" in file.read_bytes(), "it is found", 60)
    edge.end(signal.SIGKILL)
    before = file.read_bytes()
    second = run_edge(config)
    until(lambda: "edge.started" in second.text(), "it runs again", 20)
    assert file.read_bytes() == before


# Naming, without lines.


def finding(profile: str, address: int | None = 4, baud: int = 9600, sure: bool = True, *others: str) -> Finding:
    readings = (Reading("a", 1.0, "m"), Reading("b", 1.0, "m"))
    guesses = tuple(Guess(p, baud, address, 0.9, "a test", readings) for p in (profile, *others))
    return Finding(address, baud, guesses, sure, "a test")


@pytest.fixture
def make_discoveries(write_config, tmp_path) -> Callable[..., tuple[Discoveries, Any, list[dict]]]:
    def make(more: str) -> tuple[Discoveries, Any, list[dict]]:
        ports = load(write_config(more=more)).port
        told: list[dict] = []
        return Discoveries(tmp_path / "discovered.json", ports, told.append), ports[0], told

    return make


ANY = '[[port]]\nurl = "dev/a"\ndiscover = true\n'


def test_names_are_for_ever(make_discoveries):
    """Of a place and a profile: another device there has another name, and the first one its old name when it is back."""
    found, port, told = make_discoveries(ANY)
    names = [found.take(port, f).name for f in (finding("xy-md02"), finding("xy-md02", 5), finding("dfrobot-sen0600"), finding("xy-md02"))]
    assert names == ["xy-md02-1", "xy-md02-2", "dfrobot-sen0600-1", "xy-md02-1"]
    assert [d.name for d in found.devices] == ["xy-md02-1", "xy-md02-2"]
    again, port, _ = make_discoveries(ANY)
    assert [d.name for d in again.prepared(port).devices] == ["xy-md02-1", "xy-md02-2"]
    assert [Discovery(**{k: v for k, v in e.items() if k != "type"}).device for e in told] == [
        "xy-md02-1",
        "xy-md02-2",
        "dfrobot-sen0600-1",
    ]


def test_a_stream_wants_its_line_alone(make_discoveries):
    found, port, _ = make_discoveries(ANY)
    found.take(port, finding("xy-md02"))
    assert found.take(port, finding("sds011", None)).name == "sds011-1"
    assert [d.name for d in found.devices] == ["sds011-1"]
    found.take(port, finding("xy-md02", 4, 4800))
    prepared = found.prepared(port)
    assert ([d.name for d in prepared.devices], prepared.serial.baud) == (["xy-md02-1"], 4800)


def test_the_file_goes_first(make_discoveries):
    """Listed under its name or at its address, it is no discovery any more."""
    found, port, _ = make_discoveries(ANY)
    found.take(port, finding("xy-md02"))
    found.take(port, finding("xy-md02", 5))
    listed = ANY + '[[port.device]]\nname = "xy-md02-1"\nprofile = "xy-md02"\naddress = 4\n'
    again, port, _ = make_discoveries(listed)
    assert [d.name for d in again.devices] == ["xy-md02-2"]
    assert again.take(port, finding("dfrobot-sen0600", 4)) is None
    other, port, _ = make_discoveries(ANY.replace("true", '["sds011"]'))
    assert other.devices == []
    none, port, _ = make_discoveries(ANY.replace("discover = true", '[[port.device]]\nname = "x"\nprofile = "xy-md02"'))
    assert (none.devices, none.prepared(port)) == ([], port)


def test_what_is_not_sure_is_told_once(make_discoveries):
    found, port, told = make_discoveries(ANY)
    for _ in range(3):
        assert found.take(port, finding("xy-md02", 4, 9600, False, "sds011")) is None
    assert [(e["address"], e.get("device"), [c["profile"] for c in e["candidates"]]) for e in told] == [(4, None, ["xy-md02", "sds011"])]
    again, port, told = make_discoveries(ANY)
    assert again.take(port, finding("xy-md02", 4, 9600, False, "sds011")) is None
    assert told == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"devices": 3}', b'{"devices": [{"name": "X Y", "line": "LINE", "profile": "gone", '
                                     b'"address": 1, "baud": 9600}]}'])  # fmt: skip
def test_a_damaged_memory(make_discoveries, tmp_path, content):
    """Begun anew; a device that no profile knows is left out."""
    (tmp_path / "discovered.json").write_bytes(content.replace(b"LINE", str(tmp_path / "one" / "dev" / "a").encode()))
    found, port, _ = make_discoveries(ANY)
    assert found.devices == []
    assert found.take(port, finding("xy-md02")).name == "xy-md02-1"


def test_a_line_belongs_to_one_port(tmp_path, write_config):
    """By whatever name: a pattern takes no line that the file or another pattern has."""
    folder = tmp_path / "one" / "dev"
    folder.mkdir(parents=True)
    (folder / "ttyUSB0").touch()
    (folder / "usb-0").symlink_to(folder / "ttyUSB0")
    (folder / "ttyUSB1").touch()
    (folder / "usb-1").symlink_to(folder / "ttyUSB1")
    (folder / "other-1").symlink_to(folder / "ttyUSB1")
    more = ANY.replace("dev/a", "dev/ttyUSB0") + EMPTY + EMPTY.replace("usb-*", "other-*")
    lines = Lines(load(write_config(more=more)).port, lambda p: type("Made", (), {"config": p})())
    assert [(Path(p.config.url).name, p.config.title) for p in lines.ports] == [("ttyUSB0", str(folder / "ttyUSB0")), ("usb-1", "usb-1")]
    (folder / "usb-2").symlink_to(folder / "ttyUSB1")
    assert lines.look() == []
    (folder / "usb-3").touch()
    assert [p.config.title for p in lines.look()] == ["usb-3"]
