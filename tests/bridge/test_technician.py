"""probe, capture, replay, send, and wrong use of calibrate: the commands on ptys and files, and how wrong use is told."""

import errno
import json
import threading
from pathlib import Path

import pytest
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.clock import SystemClock
from kampung_bridge.config import PortConfig
from kampung_bridge.link import LinkDecoder, encode_link
from kampung_bridge.main import app
from kampung_bridge.port import Port, reason
from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.replay import read_capture
from kampung_bridge.responder import Responder
from kampung_bridge.sdi12_responder import Sdi12Responder
from typer.testing import CliRunner

CAPTURE = "# a comment\nFF 07 A1 A7  # 0.010\nFF07A2\nA8  # 0.030\n"


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.stderr
    return result.exit_code, result.stdout, result.stderr


def test_probe_finds_a_bus_device_and_explains(plug) -> None:
    model = load_profile("womaster-es107")
    assert isinstance(model, ModbusProfile)
    values = {r.quantity: (r.span[0] + r.span[1]) / 2 for r in model.registers}
    responder = Responder(model)
    wire = plug("probe", lambda data: responder.answer(data, values))
    code, out, _ = run("probe", wire.path, "--baud", 9600, "--seconds", 0.1)
    best = out.splitlines()[-2:] if "hardly better" in out else out.splitlines()[-1:]
    assert code == 0
    assert "womaster-es107" in out
    assert "address 1 answered all 9 registers, 100% plausible" in out
    assert best


def test_probe_finds_a_relay_board_and_does_not_boast(plug) -> None:
    model = load_profile("waveshare-relay-8")
    assert isinstance(model, ModbusProfile)
    responder = Responder(model)
    code, out, _ = run("probe", plug("relay", lambda data: responder.answer(data, {})).path, "--baud", 9600, "--seconds", 0.1)
    assert code == 0
    assert " 30%  waveshare-relay-8" in out
    assert "that says little about which board it is" in out
    assert "eletechsup-relay-8" not in out


def test_probe_finds_a_stream(plug) -> None:
    wire = plug("probe")
    stop = threading.Event()

    def talk() -> None:
        while not stop.wait(0.02):
            wire.send(bytes.fromhex("AAC0D4043A0AA1601DAB"))

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        code, out, _ = run("probe", wire.path, "--baud", 9600, "--seconds", 0.5)
    finally:
        stop.set()
        thread.join()
    assert code == 0
    assert "sds011" in out.splitlines()[1]
    assert "pm25 123.6 ug/m3" in out


def test_probe_of_a_silent_line_says_what_was_asked(plug) -> None:
    code, out, _ = run("probe", plug("probe").path, "--baud", 115200, "--seconds", 0.02)
    assert code == 1
    assert "nothing recognised; asked addresses 1, 2, 3, 17, 20, 22" in out


def test_a_capture_is_replayed_and_decoded(plug, tmp_path: Path) -> None:
    wire, file = plug("gauge"), tmp_path / "gauge.txt"
    timer = threading.Timer(0.2, wire.send, [encode_a02yyuw(1953)])
    timer.start()
    assert run("capture", wire.path, file, "--seconds", 0.6)[0] == 0
    timer.join()
    assert b"".join(chunk.data for chunk in read_capture(file.read_text("utf-8"))) == encode_a02yyuw(1953)
    code, out, _ = run("replay", file, "--device", "a02yyuw")
    entry = json.loads(out)
    assert (code, entry["value"], entry["quantity"]) == (0, 1.953, "distance")
    assert 0.1 < entry["at"] < 0.7


def test_a_capture_is_a_port(tmp_path: Path, eventually) -> None:
    file = tmp_path / "gauge.txt"
    file.write_text(CAPTURE, "utf-8")
    config = PortConfig.model_validate({"url": f"replay:{file}", "device": [{"name": "river-1", "profile": "a02yyuw", "every": 0}]})
    readings: list[float] = []
    port = Port(config, SystemClock(), lambda *reading: readings.append(reading[2]), lambda _event: None)
    port.start()
    try:
        eventually(lambda: readings == [1.953, 1.954])
        assert port.stats().state == "up"
    finally:
        port.stop()


def test_send_switches_an_output_and_shows_the_answer(plug) -> None:
    decoder = LinkDecoder({})

    def obey(data: bytes) -> bytes:
        decoder.feed(data)
        return b"".join(encode_link(0x11, m.seq, bytes((m.payload[0], 0, 1)) + m.payload[2:]) for m in decoder.messages)

    code, out, _ = run("send", plug("node", obey).path, "--device", "kampung-node", "--output", 0, "--on", 300)
    answer = json.loads(out)
    assert (code, answer["state"], answer["seconds"], answer["detail"]) == (0, 1, 300, "done")


def test_send_without_an_answer_ends_with_1(plug) -> None:
    code, out, _ = run("send", plug("node").path, "--device", "kampung-node", "--output", 0, "--off", "--seconds", 0.1)
    assert (code, json.loads(out)["error"]) == (1, "no_reply")


def test_send_writes_a_register(plug) -> None:
    code, out, _ = run(
        "send", plug("bus", lambda data: data).path, "--device", "xy-md02", "--register", 0x101, "--value", 2, "--seconds", 0.2
    )
    assert (code, json.loads(out)["accepted"]) == (0, True)


def test_send_tells_why_a_register_was_not_written(plug) -> None:
    responder = Responder(load_profile("xy-md02"))
    arguments = ["--device", "xy-md02", "--register", 0x101, "--value", 2, "--seconds", 0.3]
    code, out, _ = run("send", plug("bus", lambda data: responder.answer(data, {})).path, *arguments)
    answer = json.loads(out)
    assert (code, answer["accepted"], answer["detail"]) == (1, False, "device 1 refused: illegal function (1)")
    code, out, _ = run("send", plug("silent").path, *arguments)
    assert (code, json.loads(out)["detail"]) == (1, "no reply from address 1")


def test_send_speaks_text(plug) -> None:
    sensor = Sdi12Responder("0", lambda _: (1.0,))
    wire = plug("sdi12", lambda data: sensor.answer(data, 0.0))
    code, out, _ = run("send", wire.path, "--device", "sdi12-soil", "--text", "0I!", "--seconds", 0.3)
    assert (code, json.loads(out)["text"]) == (0, "014KAMPUNG SIM   100")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["probe", "/dev/serial/by-id/nothing"], "could not open port"),
        (["capture", "/dev/serial/by-id/nothing", "/dev/null"], "could not open port"),
        (["replay", "/nowhere/x.txt", "--device", "a02yyuw"], "No such file"),
        (["replay", "/dev/null", "--device", "xy-md02"], "use decode"),
        (["replay", "/dev/null", "--device", "sds-011"], "did you mean sds011"),
        (["send", "/dev/null", "--device", "a02yyuw"], "give --hex, --text"),
        (["send", "/dev/null", "--device", "xy-md02", "--address", "300", "--register", "1", "--value", "1"], "use a Modbus address"),
        (["watch", "/dev/null", "--device", "sdi12-soil", "--address", "12"], "or an SDI-12 address"),
        (["watch", "/dev/null", "--device", "xy-md02", "--address", "a"], "address = 'a' is no Modbus address; use a number"),
        (["send", "/dev/null", "--device", "a02yyuw", "--hex", "xy"], "is not hexadecimal"),
        (["calibrate", "--device", "a02yyuw", "--quantity", "depth", "--shown", 1, "--true", 2], "it has distance"),
        (["calibrate", "--device", "a02yyuw", "--quantity", "distance", "--shown", 1, "--shown", 1, "--true", 2, "--true", 3], "far from"),
        (["calibrate", "--device", "a02yyuw", "--quantity", "distance", "--shown", 1, "--true", 2, "--method", "x"], "use offset or gain"),
        (["calibrate", "--quantity", "distance", "--shown", 1, "--true", 2], "give --device with a profile, or --config and --name"),
        (["calibrate", "--config", "/nowhere/x", "--name", "a", "--quantity", "ph", "--shown", 1, "--true", 2], "No such file"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(arguments: list, message: str) -> None:
    code, _, err = run(*arguments)
    assert (code, message in err) == (2, True), err


def test_permission_denied_names_the_group(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.touch()
    text = reason(PermissionError(errno.EACCES, "Permission denied"), str(file))
    assert text.startswith(f"permission denied: join the group {file.group()} (sudo usermod -aG {file.group()} $USER)")
    assert "dialout" in reason(PermissionError(errno.EACCES, "Permission denied"), "/nowhere")


def test_a_capture_that_is_none_is_told_with_its_line() -> None:
    with pytest.raises(ValueError, match="line 2: 'hello'"):
        read_capture("FF\nhello\n")
