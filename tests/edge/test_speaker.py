"""The kiosk's voice: it says what stands on the screen, by a program that is configured, and nothing else."""

from __future__ import annotations

import json
import stat
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from kampung_contract.documents import Content
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_edge.speaker import Speaker

ALARMS = [{"id": "kali:1", "title": {"id": "Kali Bomo meluap"}, "message": {"id": "Air 2,30 m. Mengungsi ke balai desa.", "en": "Leave."}}]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that writes down what it is to speak."""
    file = tmp_path / "speaks"
    file.write_text(
        f'#!/bin/sh\ncat >> "{tmp_path}/said"; echo >> "{tmp_path}/said"; [ ! -e "{tmp_path}/broken" ] || exit 3\n', encoding="utf-8"
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_what_is_shown_is_spoken(program: Path, tmp_path: Path) -> None:
    speaker = Speaker([str(program)])
    assert speaker.say(ALARMS, "kali:1") and speaker.say(ALARMS, "kali:1", "en") and speaker.say([], "")
    said = (tmp_path / "said").read_text(encoding="utf-8").splitlines()
    assert said == ["Kali Bomo meluap. Air 2,30 m. Mengungsi ke balai desa.", "Kali Bomo meluap. Leave.", "Uji suara kios."]


def test_nothing_else_is(program: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="only what is shown is spoken"):
        Speaker([str(program)]).say(ALARMS, "halo semua")
    with pytest.raises(InvalidRequest, match="no program that speaks"):
        Speaker([]).say(ALARMS, "kali:1")
    assert not (tmp_path / "said").exists()


def test_a_program_that_fails_is_told(program: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    speaker = Speaker([str(program)])
    with pytest.raises(KampungError, match="ended with 3"):
        speaker.say(ALARMS, "kali:1")
    with pytest.raises(KampungError, match=r"cannot be started: No such file or directory; install it, or correct kiosk\.speak"):
        Speaker([str(tmp_path / "none")]).say(ALARMS, "kali:1")
    (tmp_path / "broken").unlink()
    assert speaker.say(ALARMS, "kali:1") and speaker.trouble is None


def test_two_at_once_are_one(tmp_path: Path) -> None:
    fifo = tmp_path / "go"
    program = tmp_path / "slow"
    program.write_text(
        f'#!/bin/sh\ncat > /dev/null; echo > "{tmp_path}/begun"; while [ ! -e "{fifo}" ]; do sleep 0.02; done\n', encoding="utf-8"
    )
    program.chmod(0o755)
    speaker, first = Speaker([str(program)]), []
    thread = threading.Thread(target=lambda: first.append(speaker.say(ALARMS, "kali:1")))
    thread.start()
    while not (tmp_path / "begun").exists():
        pass
    assert not speaker.say(ALARMS, "kali:1")
    fifo.touch()
    thread.join(20)
    assert first == [True]


def post(port: int, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", b"", method="POST"), timeout=180) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_kiosk_asks_for_it(make_edge: Any, api: Any, program: Path, tmp_path: Path) -> None:
    edge = make_edge(more=f'speak = ["{program}"]')
    edge.view.keep(Content("alarms", 1, 1, {"alarms": ALARMS}))
    assert api(edge.port, "/api/village")[1]["sound"] == {"on": True, "speaks": True}
    assert post(edge.port, "/api/speak?alarm=kali:1") == (200, {"said": True})
    assert post(edge.port, "/api/speak?alarm=lain")[0] == 404
    assert (tmp_path / "said").read_text(encoding="utf-8").startswith("Kali Bomo meluap")
