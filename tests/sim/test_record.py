"""Recording a village: what was heard becomes a scenario that delivers the same again, and holes stay holes."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import kampung_sim
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract import pack as wire
from kampung_contract.documents import Device, State, encode
from kampung_contract.pack import Clock, Column, Pack
from kampung_contract.provenance import Announcement, Calibration, Derived, DeviceOrigin, SeriesOrigin
from kampung_contract.topics import Address, Lane
from kampung_sim.fleet.ledger import read_stream
from kampung_sim.fleet.regency import Regency
from kampung_sim.main import cli
from kampung_sim.process import free_port
from kampung_sim.record.beat import beat, laid
from kampung_sim.record.draw import Drawn, csv_lines, draw, toml
from kampung_sim.record.heard import Heard
from kampung_sim.record.verify import Verdict, verify
from kampung_sim.scenario.load import load
from kampung_sim.scenario.table import read
from typer.testing import CliRunner

PROGRAM = str(Path(sys.executable).with_name("kampung-sim"))
NOW = 1_795_219_200_000
HERE = Address("35.10.24.2008", "balai-kios")
SCENARIO = """
name = "dua-desa"
seed = 3
start = 2026-11-21T06:00:00
duration = "2 h"
[[place]]
villages = ["35.10.24.2008", "35.10.24.2003"]
kit = "kios-dasar"
[[fault]]
kind = "dropout"
at = "+30 min"
for = "20 min"
devices = "tanah-1"
[[fault]]
kind = "edge-power-cut"
at = "+70 min"
for = "10 min"
villages = "35.10.24.2003"
[[fault]]
kind = "link-down"
at = "+20 min"
for = "30 min"
villages = "35.10.24.2008"
"""


def heard(devices: dict[str, str], columns: list[Column], told: Announcement | None = None) -> Heard:
    """What a recorder knows after a kiosk's birth and one pack."""
    out = Heard()
    state = State(True, "00ff00ff00ff00ff", "1", devices=[Device(n, m, f"Alat {n}") for n, m in devices.items()])
    out.take(HERE.state, encode(state), NOW)
    events = [told.event()] if told else []
    pack = Pack(1, "00ff00ff00ff00ff", 1, "b", Clock(True, 1), columns, [*events, {"type": "request", "nik": "tidak-boleh-tersimpan"}])
    out.take(HERE.up(Lane.LIVE), wire.encode(pack), NOW)
    return out


def written(folder: Path, found: Heard) -> tuple[Drawn, Verdict, str]:
    """Both files, and what running them again gives."""
    drawn = draw(found)
    (folder / "r.csv").write_text("".join(csv_lines(drawn)), encoding="utf-8")
    text = toml(drawn, "r", "r.csv", "uji")
    (folder / "r.toml").write_text(text, encoding="utf-8")
    return drawn, verify(load(folder / "r.toml"), drawn), text


def column(name: str, unit: str, values: list[float], every: int = 60_000, late: int = 37) -> Column:
    """Stamped a little after the beat, as an edge does."""
    return wire.column(name, unit, [(NOW + i * every + late, v, wire.GOOD) for i, v in enumerate(values) if v == v])


def test_values_between_the_beats_holes_and_titles(tmp_path: Path) -> None:
    """A pause of one beat is a hole; a quantity that was never sent stays unsent; requests are counted and not kept."""
    nan = float("nan")
    air = [21.0, 21.5, nan, 22.0, 22.1]
    drawn, verdict, text = written(tmp_path, heard({"udara-1": "xy-md02"}, [column("udara-1/air_temperature", "Cel", air)]))
    assert verdict == Verdict(4, 0, 0, 0, 0.0, "")
    t, v = drawn.rows["balai-kios", "udara-1", "air_temperature"]
    assert [(int(a) - NOW) // 60_000 for a in t] == [0, 1, 3, 4] and not (t % 60_000).any()
    assert v.tolist() == [21.0, 21.5, 22.0, 22.1]
    assert "Alat udara-1" in text and "tidak-boleh" not in text and "permohonan warga" in text


@settings(deadline=None, max_examples=25)
@given(st.integers(1000, 9000), st.lists(st.integers(0, 1500), min_size=2, max_size=30))
def test_a_level_without_a_word_about_its_mount(tmp_path_factory: pytest.TempPathFactory, mount: int, below: list[int]) -> None:
    """Wherever the sensor hangs, its distance is found from the levels."""
    levels = [round(mount / 1000 - 0.5 - d / 1000, 9) for d in below]
    found = heard({"kali-1": "a02yyuw"}, [column("kali-1/water_level", "m", levels)])
    assert written(tmp_path_factory.mktemp("kali"), found)[1].same


def test_calibration_and_derivation_as_they_were_told(tmp_path: Path) -> None:
    """Values that no bare device could show come back, since the kiosk has said how it makes them."""
    soil = [round((200 + i) / 10 * 1.037 - 0.71, 9) for i in range(9)]
    level = [round((1500 + i) / 1000 * 0.98 * -1 + 3.517, 9) for i in range(9)]
    origins = {
        "tanah-1": DeviceOrigin("dfrobot-sen0600", series={"soil_moisture": SeriesOrigin(Calibration(1.037, -0.71))}),
        "kali-1": DeviceOrigin("a02yyuw", series={"water_level": SeriesOrigin(Calibration(0.98), Derived("distance", -1.0, 3.517))}),
    }
    columns = [column("tanah-1/soil_moisture", "%", soil), column("kali-1/water_level", "m", level)]
    models = {"tanah-1": "dfrobot-sen0600", "kali-1": "a02yyuw"}
    assert written(tmp_path, heard(models, columns, Announcement(NOW, "b", 1, origins)))[1].same


def test_what_cannot_be_run_again_is_said(tmp_path: Path) -> None:
    """Failed readings, devices nobody introduced, profiles nobody knows, devices that said nothing."""
    bad = wire.column("udara-1/air_temperature", "Cel", [(NOW, 20.0, 1), (NOW + 60_000, 999.0, 4), (NOW + 120_000, 20.5, 1)])
    columns = [bad, column("asing-1/air_temperature", "Cel", [1.0]), column("baru-1/air_temperature", "Cel", [1.0])]
    found = heard({"udara-1": "xy-md02", "baru-1": "merek-baru", "diam-1": "xy-md02"}, columns)
    found.take("bukan/topik", b"", NOW)
    drawn, verdict, text = written(tmp_path, found)
    assert verdict == Verdict(2, 0, 0, 0, 0.0, "")
    said = "\n".join(drawn.left)
    for words in ("gagal mutu", "belum memperkenalkan alat ini", "'merek-baru' tidak dikenal", "diam-1 diam", "tidak terbaca"):
        assert words in said and words in text


@settings(deadline=None)
@given(st.sampled_from([10, 250, 1_000, 5_000, 60_000, 1_800_000]), st.data())
def test_readings_come_onto_their_beat(every: int, data: st.DataObject) -> None:
    """Whatever the edge's delay, with jitter and gaps: order and number stay."""
    phase = data.draw(st.integers(-every // 2, every // 2))
    beats = sorted(data.draw(st.sets(st.integers(0, 200), min_size=40, max_size=200)))
    jitter = data.draw(st.lists(st.integers(-(every // 50), every // 50), min_size=len(beats), max_size=len(beats)))
    t = np.array([NOW + b * every + phase + j for b, j in zip(beats, jitter, strict=True)], np.int64)
    on = laid(t, every)
    assert not (on % every).any()
    assert np.diff(on).tolist() == (np.diff(beats) * every).tolist()
    if np.median(np.diff(beats)) == 1 and every >= 1_000 and not any(jitter):
        assert beat(t) == every


@pytest.fixture(scope="module")
def regency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regency]:
    """A broker and a regency."""
    here = Regency(tmp_path_factory.mktemp("regency"), 0)
    try:
        here.start()
        yield here
    finally:
        here.stop()


def sim(folder: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run([PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def sent(ledger: Path) -> dict[tuple[str, str], dict[int, float]]:
    out: dict[tuple[str, str], dict[int, float]] = {}
    for batch in read_stream(ledger / "readings.arrows"):
        for row in batch.to_pylist():
            out.setdefault((row["node"], row["series"]), {})[row["t"]] = row["v"]
    return out


def test_a_village_recorded_and_run_again_sends_the_same(regency: Regency, tmp_path: Path) -> None:
    """Two kiosks with faults; listened to, and read back from the regency; both run again, to the last reading."""
    (tmp_path / "s.toml").write_text(SCENARIO)
    url = f"mqtt://127.0.0.1:{regency.mqtt_port}"
    with subprocess.Popen([PROGRAM, "record", "r.toml", "--broker", url], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        assert "Merekam semua desa" in recorder.stdout.readline()
        time.sleep(0.5)
        sim(tmp_path, "run", "s.toml", "--broker", url, "--cloud", regency.url, "--pace", "900", "--start", "file", "--ledger", "first")
        recorder.send_signal(signal.SIGINT)
        said, _ = recorder.communicate(timeout=120)
    assert recorder.returncode == 0, said
    assert "bacaan sama semuanya" in said
    sim(tmp_path, "check", "r.toml")
    first = sent(tmp_path / "first")
    moist = sorted(first["licin-kios-1", "tanah-1/soil_moisture"])
    assert max(np.diff(moist)) >= 20 * 60_000
    back = ("--cloud", regency.url, "--from", "2026-11-21T06:00", "--to", "2026-11-21T08:00", "--village", "35.10.24.2003")
    assert "bacaan sama semuanya" in sim(tmp_path, "record", "b.toml", *back)
    assert (tmp_path / "b.csv").read_text().count("\n") == 1 + sum(len(v) for (node, _), v in first.items() if node == "licin-kios-1")
    assert "is there already" in sim(tmp_path, "record", "r.toml", "--broker", url, code=2)
    sim(tmp_path, "run", "r.toml", "--broker", url, "--pace", "2000", "--start", "file", "--ledger", "again")
    assert first == sent(tmp_path / "again")


REPLAYED = """
name = "rekaman"
seed = 1
start = 2026-11-21T06:00:00
duration = "{duration}"
[[place]]
villages = "{village}"
kit = "satu"
[kit.satu]
visitors = ""
every = "{every}"
[[kit.satu.device]]
name = "alat-1"
{device}
[replay]
file = "bukan-ini.csv"
bridge = "2 d"
[[replay.map]]
column = "{column}"
device = "alat-1"
quantity = "{quantity}"
scale = {scale}
offset = {offset}
"""
SEA = ("coastal_water_level_hourly_ioos.csv", "sea_surface_height_above_sea_level", "35.10.15.2010", "water_level", 1.0, 1.0)
SOIL = ("soil_vwc_drummondville_daily_2018_2021.csv", "E1_first_vwc_pct", "35.10.15.2004", "soil_moisture", 1.0, 0.0)


@pytest.mark.parametrize(
    ("which", "device", "duration", "every", "step"),
    [(SEA, 'profile = "a02yyuw"\nmount = 4.0', "12 h", "5 min", 0.001), (SOIL, 'profile = "dfrobot-sen0600"', "26 h", "15 min", 0.1)],
)
def test_a_packaged_recording_is_replayed_and_scored(
    regency: Regency, tmp_path: Path, which: tuple[Any, ...], device: str, duration: str, every: str, step: float
) -> None:
    """``--replay`` instead of the file's own: each recorded value goes out at its time, and the regency holds all of them."""
    file, column, village, quantity, scale, offset = which
    text = REPLAYED.format(
        duration=duration, every=every, village=village, device=device, column=column, quantity=quantity, scale=scale, offset=offset
    )
    (tmp_path / "s.toml").write_text(text)
    csv_file = Path(kampung_sim.__file__).parent / "recordings" / file
    where = ("--broker", f"mqtt://127.0.0.1:{regency.mqtt_port}", "--cloud", regency.url)
    pace = ("--start", "file", "--pace", "10000", "--ledger", "l", "--json", "score.json")
    said = sim(tmp_path, "run", "s.toml", "--replay", str(csv_file), *where, *pace)
    assert "BAIK" in said
    found = json.loads((tmp_path / "score.json").read_text())["score"]["readings"]
    (out,) = [values for (_, series), values in sent(tmp_path / "l").items() if series == f"alat-1/{quantity}"]
    assert found["sent"] == found["stored"] >= len(out) > 90
    table = read(csv_file, "")
    start, rows = min(out), zip((table.t - table.t[0]).tolist(), table.columns[column].tolist(), strict=True)
    due = [(start + at, value * scale + offset) for at, value in rows if value == value and start + at in out]
    assert len(due) >= 2
    for at, value in due:
        assert out[at] == pytest.approx(value, abs=step)


def test_nobody_speaks(regency: Regency, tmp_path: Path) -> None:
    """Nothing is written, and it is said; a foreign message is counted."""

    async def shout() -> None:
        async with aiomqtt.Client("127.0.0.1", regency.mqtt_port) as client:
            await client.publish("kampung/v1/351024/2008/kios-x/up/live", b"bukan paket", qos=1)

    where = ["--broker", f"mqtt://127.0.0.1:{regency.mqtt_port}", "--seconds", "3", "--village", "35.10.24.2008"]
    with subprocess.Popen([PROGRAM, "record", "x.toml", *where], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        recorder.stdout.readline()
        time.sleep(0.5)
        asyncio.run(shout())
        said, _ = recorder.communicate(timeout=180)
    assert recorder.returncode == 1
    assert "Tidak ada bacaan" in said and "1 pesan yang tidak terbaca" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.csv", "--broker", "mqtt://127.0.0.1:1"], "ends in .toml"),
        (["x.toml", "--broker", "mqtt://127.0.0.1:{closed}"], "menolak sambungan"),
        (["x.toml", "--broker", "http://x"], "write mqtt://"),
        (["x.toml"], "no village runs from var/village"),
        (["x.toml", "--broker", "mqtt://127.0.0.1:1", "--village", "35.10.24.9999"], "35.10.24.9999"),
        (["x.toml", "--cloud", "http://127.0.0.1:{closed}"], "since when"),
        (["x.toml", "--cloud", "http://127.0.0.1:{closed}", "--from", "+2 h"], "does not answer"),
        (["x.toml", "--cloud", "x", "--from", "+2 h"], "write http://"),
        (["x.toml", "--cloud", "http://x", "--from", "2026-11-21", "--to", "2026-11-20"], "is not after"),
        (["x.toml", "--from", "+2 h"], "add --cloud"),
        (["tidak/ada/x.toml", "--broker", "mqtt://127.0.0.1:1"], "there is no folder"),
    ],
)
def test_bad_input_says_what_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    """Exit code 2, no traceback, no file."""
    monkeypatch.chdir(tmp_path)
    closed: dict[str, Any] = {"closed": free_port()}
    done = CliRunner().invoke(cli, ["record", *(a.format(**closed) for a in arguments)])
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert not list(tmp_path.iterdir())
