"""`kampung-bridge switch`, as a technician uses it, on ptys."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kampung_bridge.main import app
from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.responder import Responder
from typer.testing import CliRunner


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["switch", *map(str, arguments)])
    assert "Traceback" not in result.stderr
    return result.exit_code, result.stdout, result.stderr


def responder(profile: str) -> Responder:
    model = load_profile(profile)
    assert isinstance(model, ModbusProfile)
    return Responder(model)


def test_it_says_what_the_device_confirmed(plug) -> None:
    relay = responder("waveshare-relay-8")
    path = plug("relay", lambda data: relay.answer(data, {})).path
    arguments = (path, "--device", "waveshare-relay-8", "--output", "relay_2")
    assert run(*arguments, "on", "--for", 10) == (0, "done: relay_2 of waveshare-relay-8 on for 10 s: confirmed by the device\n", "")
    assert relay.states["relay_2"], "its own timer runs on without us"
    assert run(*arguments, "off") == (0, "done: relay_2 of waveshare-relay-8 off: confirmed by the device\n", "")
    assert not any(relay.states.values())


def test_it_stays_to_switch_off_what_has_no_timer(plug) -> None:
    relay = responder("modbus-coils")
    path = plug("relay", lambda data: relay.answer(data, {})).path
    code, out, _ = run(path, "--device", "modbus-coils", "--output", "relay_1", "on", "--for", 0.3)
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "done",
        "staying 0.3 s to switch it off; Ctrl-C switches it off now",
        "done",
    ]
    assert not any(relay.states.values())


def test_without_a_time_it_stays_on_and_says_so(plug) -> None:
    relay = responder("modbus-coils")
    path = plug("relay", lambda data: relay.answer(data, {})).path
    code, out, _ = run(path, "--device", "modbus-coils", "--output", "relay_1", "on")
    assert (code, "it stays on until you switch it off" in out, relay.states["relay_1"]) == (0, True, True)


def test_ctrl_c_switches_off_at_once(plug, eventually) -> None:
    relay = responder("modbus-coils")
    path: Path = plug("relay", lambda data: relay.answer(data, {})).path
    command = [sys.executable, "-c", "from kampung_bridge.main import cli; cli()", "switch", str(path)]
    with subprocess.Popen(
        [*command, "--device", "modbus-coils", "--output", "relay_1", "on", "--for", "600"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("done: relay_1 of modbus-coils on for 600 s")
        assert process.stdout.readline().startswith("staying 600 s")
        assert relay.states["relay_1"]
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "done: relay_1 of modbus-coils off: confirmed by the device\n"
        assert process.wait(60) == 0
    assert not relay.states["relay_1"]


def test_what_is_not_confirmed_ends_with_1(plug) -> None:
    code, out, err = run(plug("relay").path, "--device", "waveshare-relay-8", "--output", "relay_1", "on")
    assert (code, out, err.startswith("no_reply: relay_1 of waveshare-relay-8 on is not confirmed")) == (1, "", True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/dev/null", "--device", "a02yyuw", "--output", "valve", "on"], "a02yyuw has no output 'valve'; it has none at all"),
        (["/dev/null", "--device", "kampung-node", "--output", "tap", "on"], "it has valve"),
        (["/dev/null", "--device", "kampung-node", "--output", "valve", "open"], "'open' is no state; use on or off"),
        (["/dev/null", "--device", "kampung-node", "--output", "valve", "on", "--address", 3], "has no address"),
        (["/dev/serial/by-id/nothing", "--device", "kampung-node", "--output", "valve", "on"], "could not open port"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(arguments: list, message: str) -> None:
    code, _, err = run(*arguments)
    assert (code, message in err) == (2, True), err
