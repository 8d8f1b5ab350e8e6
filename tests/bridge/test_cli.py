"""kampung-bridge: the command itself, on a pipe and on a pty."""

import contextlib
import json
import subprocess
import sys

import pytest
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.main import app
from kampung_bridge.profile import profile_ids
from typer.testing import CliRunner

PROGRAM = [sys.executable, "-c", "from kampung_bridge.main import cli; cli()"]


def test_list_names_every_profile() -> None:
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == profile_ids()


def test_decode_as_a_program() -> None:
    result = subprocess.run([*PROGRAM, "decode", "--device", "a02yyuw"], input=b"FF07A1A7\n", capture_output=True, timeout=180, check=True)
    assert json.loads(result.stdout) == {"quantity": "distance", "value": 1.953, "unit": "m", "quality": 1, "frame": "ff07a1a7"}
    assert result.stderr == b""


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["decode", "--device", "a02yyu"], b"", "did you mean a02yyuw"),
        (["decode", "--device", "a02yyuw"], b"FF\nxyz\n", "line 2: 'xyz' is not hexadecimal"),
        (["decode", "--device", "a02yyuw"], b"\xff\xfe\x00", "line 1"),
        (["decode", "--device", "a02yyuw"], b"F", "is not hexadecimal"),
        (["decode"], b"", "Missing option"),
        (["watch", "/dev/serial/by-id/nothing", "--device", "a02yyuw"], b"", "could not open port"),
        (["watch", "telepathy://x", "--device", "a02yyuw"], b"", "pyserial has no 'telepathy://'"),
        (["watch", "/dev/null", "--device", "xy-md02", "--every", "0"], b"", "would poll"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(arguments: list[str], stdin: bytes, message: str) -> None:
    result = CliRunner().invoke(app, arguments, input=stdin)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_watch_shows_values_and_damaged_frames(plug) -> None:
    """Two values, since opening a line may cut what is on it at that moment."""
    wire = plug("gauge")
    arguments = ["watch", str(wire.path), "--device", "a02yyuw", "--every", "0", "--count", "2"]
    with subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            out = None
            while out is None:
                wire.send(bytes.fromhex("FF07A100") + encode_a02yyuw(1953))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    out, _ = process.communicate(timeout=0.3)
            shown: list[dict] = [json.loads(line) for line in out.splitlines()]
        finally:
            process.kill()
    assert process.returncode == 0
    assert "checksum" in {entry.get("error") for entry in shown}
    assert [entry["value"] for entry in shown if "value" in entry] == [1.953, 1.953]
