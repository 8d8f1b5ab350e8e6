"""Mistakes in the configuration: exit code 2, file, key, value and remedy on standard error, no traceback."""

from __future__ import annotations

import os
import re
import socket
import tomllib
from pathlib import Path

import pytest
from kampung_contract.errors import ConfigurationError
from kampung_edge.config import EdgeConfig, load

EDGE = Path(__file__).parents[2] / "edge"
GOOD = """village = "35.10.24.2008"
node = "kiosk-1"
data = "edge-data"
[broker]
url = "mqtt://127.0.0.1:1883"
[[port]]
name = "rs485"
url = "dev/soil"
[[port.device]]
name = "soil-1"
profile = "dfrobot-sen0600"
address = 1
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("35.10.24.2008", "35.10.24.9999", ["village = '35.10.24.9999'", "35.10.24"]),
        ("35.10.24.2008", "Tamansari", ["village = 'Tamansari'", "35.10.24.2008 (Tamansari, Licin)"]),
        ('"kiosk-1"', '"Kiosk 1"', ["node = 'Kiosk 1'", "a-z"]),
        ("dfrobot-sen0600", "dfrobot-sen600", ["port[0].device[0].profile", "dfrobot-sen600", "did you mean dfrobot-sen0600"]),
        ("mqtt://127.0.0.1:1883", "http://x", ["broker.url = 'http://x'", "mqtt://host:1883"]),
        ("mqtt://127.0.0.1:1883", "mqtt://x:99999", ["broker.url = 'mqtt://x:99999'", "mqtt://host:1883"]),
        ("address = 1", "adress = 1", ["port[0].device[0].adress = 1", "unknown key", "did you mean address?"]),
        ("[broker]\nurl", "[broker]\nurk", ["broker.urk", "did you mean url?", "broker.url: missing"]),
        ('data = "edge-data"', "", ["data: missing", "edge-data"]),
        ('node = "kiosk-1"', "node = ", ["line 2, column 8", "not TOML"]),
        ("address = 1", 'address = "one"', ["port[0].device[0].address = 'one'", "1 to 247", "SDI-12"]),
        ("address = 1", "address = 1\norigin = 'toy'", ["port[0].device[0].origin = 'toy'", "'sensor'", "'recording'", "'synthetic'"]),
        ("[[port]]", "[spool]\ncommit_ms = 5\n[[port]]", ["spool.commit_ms = 5", "greater than or equal to 10"]),
        ("[[port]]", "[uplink]\nwindow = 0\n[[port]]", ["uplink.window = 0", "greater than or equal to 1"]),
    ],
)
def test_mistakes_name_file_key_value_remedy(tmp_path, old, new, words):
    """Every line begins with the file."""
    file = tmp_path / "edge.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    for word in words:
        assert word in caught.value.message
    assert all(line.startswith(f"{file}: ") for line in caught.value.message.splitlines())


@pytest.mark.parametrize("verb", ["run", "check", "status"])
def test_commands_end_with_2(tmp_path, command, verb):
    """File, key, value and remedy on standard error, nothing else."""
    file = tmp_path / "edge.toml"
    file.write_text(GOOD.replace("35.10.24.2008", "35.10.24.9999").replace("mqtt://", "http://"), encoding="utf-8")
    done = command(verb, "--config", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    village, broker = done.stderr.splitlines()
    assert village.startswith(f"{file}: village = '35.10.24.9999': ")
    assert broker == f"{file}: broker.url = 'http://127.0.0.1:1883': write mqtt://host:1883 or mqtts://host:8883"


def test_missing_file(tmp_path, command):
    """Named, with the remedy."""
    done = command("run", "--config", str(tmp_path / "none.toml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.toml" in done.stderr
    assert "--config" in done.stderr


def test_password_is_not_shown(tmp_path):
    """Not even a wrong one."""
    file = tmp_path / "edge.toml"
    file.write_text(GOOD.replace('1883"', '1883"\npassword = 12345'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"broker\.password = …") as caught:
        load(file)
    assert "12345" not in caught.value.message


def test_kiosk_port_in_use(tmp_path, command):
    """Port, key and the two ways to another port."""
    file = tmp_path / "edge.toml"
    file.write_text(GOOD, encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        by_option = command("run", "--config", str(file), "--kiosk-port", str(port))
        by_environment = command("run", "--config", str(file), KAMPUNG_KIOSK_PORT=str(port))
        for done in (by_option, by_environment):
            assert done.returncode == 2
            assert f"kiosk.port = {port}" in done.stderr
            assert "--kiosk-port" in done.stderr
            assert "KAMPUNG_KIOSK_PORT" in done.stderr
            assert "Traceback" not in done.stderr


def test_second_edge_on_one_folder(make_edge, command, tmp_path):
    """It names the process that has the folder."""
    make_edge()
    done = command("run", "--config", str(tmp_path / "one" / "edge.toml"))
    assert done.returncode == 2
    assert f"pid {os.getpid()}" in done.stderr


def test_status_of_nobody(tmp_path, command):
    """Where it asked, and how to start one."""
    file = tmp_path / "edge.toml"
    file.write_text(GOOD, encoding="utf-8")
    done = command("status", "--config", str(file), "--kiosk-port", "9")
    assert done.returncode == 2
    assert "127.0.0.1:9" in done.stderr


def test_example_is_true(command):
    """The annotated example is accepted and holds every setting with its default."""
    config = load(EDGE / "edge.toml")
    assert command("check", "--config", str(EDGE / "edge.toml")).returncode == 0
    table = tomllib.loads((EDGE / "edge.toml").read_text(encoding="utf-8"))
    for section in ("kiosk", "spool", "uplink", "clock"):
        model = EdgeConfig.model_fields[section].annotation
        assert set(table[section]) == set(model.model_fields)
        assert getattr(config, section) == model()


def test_readme_names_every_setting():
    """The table of settings in the README is complete, and its defaults are those of the program."""
    text = (EDGE / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| `([^`]*)` \|", text, re.MULTILINE))
    for section in ("kiosk", "spool", "uplink", "clock"):
        model = EdgeConfig.model_fields[section].annotation
        for key, value in model().model_dump(mode="json").items():
            assert tomllib.loads(f"x = {rows[f'{section}.{key}']}")["x"] == value


def test_relative_paths_are_relative_to_the_file(tmp_path):
    """Data folder and device paths; URLs stay."""
    file = tmp_path / "edge.toml"
    file.write_text(
        GOOD + '[[port]]\nurl = "socket://10.0.0.1:4001"\n[[port.device]]\nname = "s2"\nprofile = "xy-md02"\n', encoding="utf-8"
    )
    config = load(file)
    assert config.data == tmp_path / "edge-data"
    assert [p.url for p in config.port] == [str(tmp_path / "dev" / "soil"), "socket://10.0.0.1:4001"]
