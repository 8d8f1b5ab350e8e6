"""New signing keys: killed anywhere, one signs; older letters stay good; a key that got out is told in words."""

from __future__ import annotations

import os
import signal
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from kampung_cloud.lasting import DRAFT
from kampung_cloud.main import cli
from kampung_cloud.modules.services.signing import Claim, SigningKeys, encode
from kampung_cloud.modules.services.signing import keys as module
from kampung_cloud.modules.services.verifying import verdict
from kampung_contract.errors import InvalidRequest, NotFound
from typer.testing import CliRunner

VILLAGE = "35.10.24.2008"
DAY_MS = 86_400_000
NOV_20 = 1_795_136_400_000  # 2026-11-20 08:00 WIB


def letter(keys: SigningKeys, day: date, now: int, number: str = "1") -> str:
    key, kid = keys.signing(VILLAGE, now)
    return encode(Claim(f"AAAA-BBB{number}-2026", VILLAGE, number, "keterangan-usaha", day, None, "Contoh", b"0" * 16), key, kid)


@pytest.mark.parametrize("writes", range(4))
def test_killed_anywhere_one_key_signs(tmp_path: Path, writes: int) -> None:
    """kill -9 before each write of a rotation, and after the last: exactly one key without an end, its private part on disk."""
    keys = SigningKeys(tmp_path)
    old = letter(keys, date(2026, 11, 20), NOV_20)
    child = os.fork()
    if not child:
        left = writes
        plain = module.put

        def write(file: Path, data: bytes, *, mode: int) -> None:
            nonlocal left
            if not left:
                file.with_name(f"{file.name}.00{DRAFT}").write_bytes(data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            plain(file, data, mode=mode)

        try:
            module.put = write
            keys.rotate(VILLAGE, NOV_20 + 1)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)  # whatever came: this copy of the tests must not go on
    os.waitpid(child, 0)
    assert [k.until for k in keys.of(VILLAGE)].count(None) == 1
    new = letter(keys, date(2026, 11, 21), NOV_20 + DAY_MS, "2")
    for code in (old, new):
        assert verdict(code, keys.public(), set(), date(2026, 11, 22))["verdict"] == "good"
    again = keys.rotate(VILLAGE, NOV_20 + 2)
    assert [k.until for k in keys.of(VILLAGE)].count(None) == 1 and keys.of(VILLAGE)[0].kid == again.kid


def test_a_key_that_got_out(tmp_path: Path) -> None:
    """From its day on letters are refused, older ones good with a caution; the register, where it is at hand, decides either way."""
    keys = SigningKeys(tmp_path)
    before, after = letter(keys, date(2026, 11, 19), NOV_20), letter(keys, date(2026, 11, 20), NOV_20, "2")
    lost = keys.of(VILLAGE)[0].kid
    with pytest.raises(InvalidRequest):
        keys.compromise(VILLAGE, lost, NOV_20 + DAY_MS, NOV_20)
    with pytest.raises(NotFound):
        keys.compromise(VILLAGE, b"12345678", NOV_20, NOV_20)
    for _ in range(2):  # again after it was cut off: nothing changes
        assert keys.compromise(VILLAGE, lost, NOV_20, NOV_20 + 5).compromised == NOV_20
    assert len(keys.of(VILLAGE)) == 2 and keys.signing(VILLAGE, NOV_20)[1] != lost
    public = type(keys.public()).read(keys.public().rows())
    said = verdict(before, public, set(), date(2026, 11, 22))
    assert said["verdict"] == "good" and "pastikan nomornya di kantor desa" in said["reason"]
    said = verdict(after, public, set(), date(2026, 11, 22))
    assert said["verdict"] == "refused" and "20 November 2026" in said["reason"]
    assert verdict(before, public, set(), date(2026, 11, 22), lambda *_: False)["verdict"] == "refused"
    assert verdict(after, public, set(), date(2026, 11, 22), lambda *_: True)["verdict"] == "good"


def test_by_command(tmp_path: Path) -> None:
    config = tmp_path / "cloud.toml"
    config.write_text(f'data = "{tmp_path}"\n')

    def ask(*words: str) -> Result:
        return CliRunner().invoke(cli, ["letters", "keys", *words, "--village", VILLAGE, "--config", str(config)])

    first = ask("rotate").stdout.split()[0]
    assert ask("compromised", first).exit_code == 0
    lines = ask("list").stdout.splitlines()
    assert "signs now" in lines[0] and lines[1].startswith(first) and "NOT TRUSTED" in lines[1]
    assert [line.split()[1:3] for line in lines[2:]] == [
        ["compromised", first],
        ["compromised", "asked"],
        ["rotate", first],
        ["rotate", "asked"],
    ]
    assert ask("compromised", "zz").exit_code == 2
    assert ask("compromised", "0" * 16).exit_code == 1
    assert "compromised  asked  by" in ask("list").stdout.splitlines()[2]  # refused, and seen to be
    config.write_text(f'data = "{tmp_path}"\n[records]\nurl = "sqlite:{tmp_path}"\n')  # a folder: they do not open
    told = ask("rotate")
    assert told.exit_code == 0 and "the change is not on record" in told.stderr
