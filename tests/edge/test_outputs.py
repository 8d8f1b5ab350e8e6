"""Outputs of a whole edge: a relay board on a pseudo-terminal, a real broker, the real process where it is killed."""

from __future__ import annotations

import http.client
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_contract.command import Command, encode_command
from kampung_edge.clock import wall_ms

from .modbus_line import GUARDED, OUTPUT, PORT, ModbusLine

Until = Callable[..., Any]


def command(number: str, on: bool = True, seconds: int | None = None) -> Command:
    now = wall_ms()
    return Command(number, now, now + 60_000, "pompa", on, "Bu Sari", "kebun kering", seconds)


def give(cloud: Any, one: Command) -> None:
    cloud.publish(cloud.address.command(one.id), encode_command(one))


def events(cloud: Any, kind: str) -> list[dict[str, Any]]:
    """Each once, however often its pack came."""
    packs = {(p.epoch, p.seq): p for _, p in list(cloud.packs)}
    return [e for _, p in sorted(packs.items()) for e in p.events if e["type"] == kind]


def replies(cloud: Any) -> dict[str, tuple[str, str]]:
    return {e["command"]: (e["answer"], e["code"]) for e in events(cloud, "reply")}


def post(port: int, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[ModbusLine]:
    made = ModbusLine(tmp_path / "one" / "dev" / "rs485")
    yield made
    made.unplug()


@pytest.fixture
def place(line: ModbusLine, make_broker: Any, make_cloud: Any, make_edge: Any, until: Until) -> Callable[..., tuple[Any, Any]]:
    """An edge in this process and a cloud that hears it; the output is off and, where there is a guard, it is heard."""

    def of(output: str = OUTPUT) -> tuple[Any, Any]:
        broker = make_broker()
        cloud = make_cloud(broker)
        edge = make_edge(broker=broker.url, more=PORT + output)
        until(lambda: events(cloud, "output"), "it is off and the cloud knows", 15)
        until(lambda: (edge.outputs.objects()[0]["guard"] or {"ok": True})["ok"], "the guard is heard")
        return edge, cloud

    return of


def test_a_command_switches_the_relay_and_the_kiosk_stops_it(place: Any, line: ModbusLine, until: Until, api: Any) -> None:
    """From the broker to the coil and back; the kiosk shows it, and switches off without asking anyone."""
    edge, cloud = place()
    assert (line.on, events(cloud, "output")[0]["cause"]) == (False, "start")
    until(lambda: cloud.states and cloud.states[-1].outputs, "it is introduced")
    (said,) = cloud.states[-1].outputs
    assert (said.name, said.title, said.model, said.max_on, said.guard) == ("pompa", "Pompa kebun", "modbus-coils", 60, "")
    one = command("c1", seconds=40)
    give(cloud, one)
    until(lambda: replies(cloud) == {"c1": ("done", "done")}, "the reply")
    assert line.on
    give(cloud, one)
    (shown,) = api(edge.port, "/api/outputs")[1]
    assert (shown["state"], shown["cause"], shown["title"]) == ("on", "command", "Pompa kebun")
    assert shown["until"] is not None
    status, stopped = post(edge.port, "/api/outputs/pompa/stop")
    assert (status, stopped["state"], stopped["cause"], stopped["answer"]) == (200, "off", "local", "done")
    assert not line.on
    until(lambda: [(e["state"], e["cause"]) for e in events(cloud, "output")][-1] == ("off", "local"), "the cloud hears of it")
    assert (line.switched_on, len(events(cloud, "reply"))) == (1, 1)
    assert post(edge.port, "/api/outputs/pintu/stop")[0] == 404
    assert api(edge.port, "/api/health")[1]["outputs"][0]["name"] == "pompa"


def test_a_silent_guard_ends_it_and_keeps_it_off(place: Any, line: ModbusLine, until: Until) -> None:
    """A probe that fails its checks is as silent as one that says nothing."""
    edge, cloud = place(GUARDED)
    give(cloud, command("c1"))
    until(lambda: line.on, "on")
    line.moisture = 160.0  # no soil: the range test flags it as failed
    until(lambda: not line.on, "off")
    until(lambda: events(cloud, "output")[-1]["cause"] == "guard", "the cloud hears of it")
    assert "soil-1/soil_moisture" in events(cloud, "output")[-1]["detail"]
    give(cloud, command("c2"))
    until(lambda: replies(cloud).get("c2") == ("refused", "guard_silent"), "refused")
    assert edge.outputs.objects()[0]["guard"]["ok"] is False
    line.moisture = None
    give(cloud, command("c3"))
    until(lambda: replies(cloud).get("c3") == ("refused", "guard_silent"), "refused")
    line.moisture = 30.0
    until(lambda: edge.outputs.objects()[0]["guard"]["ok"], "the guard is heard again")
    give(cloud, command("c4"))
    until(lambda: replies(cloud).get("c4") == ("done", "done"), "on again")


def test_a_line_that_is_lost_while_it_is_on(place: Any, line: ModbusLine, until: Until, api: Any) -> None:
    """Health and the cloud are told that nobody knows; once it is back, off comes first."""
    edge, cloud = place()
    give(cloud, command("c1"))
    until(lambda: edge.outputs.objects()[0]["state"] == "on", "on, and confirmed")
    line.unplug()
    until(lambda: edge.outputs.objects()[0]["state"] == "unknown", "in doubt")
    until(lambda: events(cloud, "output")[-1]["state"] == "unknown", "the cloud hears of it")
    assert any("pompa" in t and "not confirmed" in t for t in api(edge.port, "/api/health")[1]["troubles"])
    assert line.on
    line.plug()
    until(lambda: not line.on, "off first", 15)
    until(lambda: [(e["state"], e["cause"]) for e in events(cloud, "output")][-1] == ("off", "line"), "told")
    assert api(edge.port, "/api/health")[1]["troubles"] == []


def test_it_goes_off_when_the_edge_is_stopped(place: Any, line: ModbusLine, until: Until) -> None:
    """Within the edge's five seconds, and the event is in the spool."""
    edge, cloud = place()
    give(cloud, command("c1"))
    until(lambda: line.on, "on")
    edge.stop()
    assert not line.on


@pytest.fixture
def running(
    line: ModbusLine, make_broker: Any, make_cloud: Any, write_config: Any, run_edge: Any, until: Until
) -> tuple[Any, Any, Callable[[], Any]]:
    """The real process, the cloud, and how to start the process again."""
    broker = make_broker()
    cloud = make_cloud(broker)
    config = write_config(broker=broker.url, more=PORT + OUTPUT)
    edge = run_edge(config)
    until(lambda: events(cloud, "output"), "it is off and the cloud knows", 20)
    until(lambda: cloud.states and cloud.states[-1].online, "it listens")
    return edge, cloud, lambda: run_edge(config)


def test_kill_9_between_the_switch_and_its_answer(running: Any, line: ModbusLine, until: Until) -> None:
    """The relay has switched, nobody has said so: the next start switches off, answers for the dead, and never does it again."""
    edge, cloud, start = running
    line.mute = True
    one = command("c1")
    give(cloud, one)
    until(lambda: line.on, "the relay has switched")
    edge.end(signal.SIGKILL)
    assert line.on, "plain coils stay on when the kiosk dies"
    line.mute = False
    switched = line.switched_on
    again = start()
    until(lambda: not line.on, "off at start", 20)
    until(lambda: replies(cloud) == {"c1": ("failed", "interrupted")}, "answered")
    until(lambda: cloud.states[-1].online, "it listens")
    give(cloud, one)
    give(cloud, command("c2", on=False))
    until(lambda: "c2" in replies(cloud), "the marker is answered")
    assert (line.switched_on, [e["command"] for e in events(cloud, "reply")]) == (switched, ["c1", "c2"])
    assert "Traceback" not in edge.text() + again.text()


def test_kill_9_while_it_is_on(running: Any, line: ModbusLine, until: Until) -> None:
    """Answered before: the next start switches off and tells why, and answers nothing twice. SIGTERM then switches off by itself."""
    edge, cloud, start = running
    give(cloud, command("c1"))
    until(lambda: replies(cloud) == {"c1": ("done", "done")}, "the reply")
    edge.end(signal.SIGKILL)
    again = start()
    until(lambda: not line.on, "off at start", 20)
    until(lambda: [(e["state"], e["cause"]) for e in events(cloud, "output")][-1] == ("off", "start"), "told")
    until(lambda: cloud.states[-1].online, "it listens")
    give(cloud, command("c2"))
    until(lambda: line.on, "on again")
    assert again.end(signal.SIGTERM) == 0
    assert not line.on
    assert len(events(cloud, "reply")) <= 2


def test_the_command_names_outputs(line: ModbusLine, write_config: Any, command: Any) -> None:
    """``check`` says what each is, and that nothing guards it where nothing does."""
    plain = command("check", "--config", str(write_config(more=PORT + OUTPUT)))
    assert "output pompa: relay_1 of relay-1, on for at most 60 s, without a guard" in plain.stdout
    guarded = command("check", "--config", str(write_config(more=PORT + GUARDED)))
    assert "guarded by soil-1/soil_moisture (1 s)" in guarded.stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('device = "relay-1"\noutput', 'device = "relay1"\noutput', ["output[0].device = 'relay1'", "did you mean relay-1?"]),
        ('"relay_1"', '"relay_11"', ["output[0].output = 'relay_11'", "modbus-coils has no such output", "did you mean relay_1"]),
        ('device = "relay-1"\noutput', 'device = "soil-1"\noutput', ["output[0].output = 'relay_1'", "it only measures"]),
        ('"soil-1/soil_moisture"', '"soil-1/soil_moistur"', ["output[0].guard", "did you mean soil_moisture"]),
        ('"soil-1/soil_moisture"', '"soil-9/soil_moisture"', ["output[0].guard", "'soil-9'", "did you mean soil-1"]),
        ('"soil-1/soil_moisture"', '"soil_moisture"', ["output[0].guard = 'soil_moisture'", "write device/quantity"]),
        ("guard_age = 1\n", "", ["output[0].guard_age: missing", "seconds that the guard may be silent"]),
        ('guard = "soil-1/soil_moisture"\n', "", ["output[0].guard_age = 1", "there is no guard"]),
        ("guard_age = 1", "guard_age = 1\nmax_off = 3", ["output[0].max_off = 3", "unknown key"]),
        ("max_on = 60\n", "", ["output[0].max_on: missing", "such as 600"]),
        ("max_on = 60", "max_on = 0", ["output[0].max_on = 0", "greater than or equal to 1"]),
        ('name = "pompa"', 'name = "Pompa 1"', ["output[0].name = 'Pompa 1'", "a-z"]),
        ("every = 0.2", "every = 5", ["output[0].guard_age = 1", "soil-1 is read each 5 s", "such as 15"]),
    ],
)
def test_mistakes_in_an_output_name_the_way_out(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    """File, key, value, remedy, nearest names."""
    from kampung_contract.errors import ConfigurationError
    from kampung_edge.config import load

    good = 'village = "35.10.24.2008"\nnode = "k"\ndata = "d"\n[broker]\nurl = "mqtt://127.0.0.1:1883"\n' + PORT + GUARDED
    file = tmp_path / "edge.toml"
    assert old in good
    file.write_text(good.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    assert all(word in caught.value.message for word in words), caught.value.message
    assert all(text.startswith(f"{file}: ") for text in caught.value.message.splitlines())


def test_one_relay_has_one_master(tmp_path: Path) -> None:
    """Two outputs of one name, or on one relay, would undo one another's interlock."""
    from kampung_contract.errors import ConfigurationError
    from kampung_edge.config import load

    head = 'village = "35.10.24.2008"\nnode = "k"\ndata = "d"\n[broker]\nurl = "mqtt://127.0.0.1:1883"\n' + PORT
    file = tmp_path / "edge.toml"
    for second, said in ((OUTPUT, "has this name already"), (OUTPUT.replace("pompa", "katup"), "driven by output 'pompa' already")):
        file.write_text(head + OUTPUT + second, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=said):
            load(file)
