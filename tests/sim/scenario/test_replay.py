"""Recordings in place of processes: columns onto devices, times onto the scenario's, and what is wrong with a file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_sim.main import cli
from kampung_sim.scenario.load import Loaded, parse
from kampung_sim.scenario.mistake import InvalidScenario
from kampung_sim.scenario.times import HOUR, MINUTE
from typer.testing import CliRunner

HEAD = """name = "uji"
seed = 1
start = 2026-11-21T00:00:00
duration = "1 d"
[[place]]
villages = ["35.10.24.2008", "35.10.24.2003"]
kit = "kios-dasar"
"""
RECORDINGS = Path(__file__).parents[3] / "simulators" / "kampung_sim" / "recordings"
NAMES = ["time", "device", "node", "quantity", "value", "udara-1", "air_temperature", "udara-1/air_temperature"]
CELLS = st.sampled_from(NAMES) | st.sampled_from(
    [
        "",
        "0",
        "1.5",
        "nan",
        "1e999",
        "-9" * 40,
        "9" * 400,
        "2026-11-21T00:00",
        "2026-11-21",
        "0001-01-01",
        "9999-12-31T23:59-07:00",
        '"',
        "x,y",
    ]
)
FILES = st.binary(max_size=100) | st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=6).map(lambda x: "\n".join(x).encode())


def laid(folder: Path, csv: str, more: str = '[replay]\nfile = "r.csv"\n') -> Loaded:
    """A scenario with this recording beside it."""
    (folder / "r.csv").write_text(csv, encoding="utf-8")
    return parse(HEAD + more, "uji.toml", folder)


def true(loaded: Loaded, device: str, quantity: str, minutes: list[int], node: int = 0) -> list[float]:
    """True values at minutes after the start."""
    one = next(d for d in loaded.plan.nodes[node].devices if d.name == device)
    return [float(x) for x in loaded.world().true(one, np.array(minutes, np.int64) * MINUTE + loaded.plan.start)[quantity]]


def test_columns_named_after_devices_need_no_table(tmp_path: Path) -> None:
    """At its own time, straight lines between rows, holes beyond an hour, nothing outside; other quantities go on as they were."""
    rows = "time,udara-1/air_temperature\n2026-11-21T01:00,20\n2026-11-21T02:00,30\n2026-11-21T05:00,24\n"
    loaded = laid(tmp_path, rows)
    values = true(loaded, "udara-1", "air_temperature", [0, 60, 90, 120, 180, 300, 301])
    np.testing.assert_array_equal(values, [np.nan, 20, 25, 30, np.nan, 24, np.nan])
    assert not np.isnan(true(loaded, "udara-1", "relative_humidity", [0, 300])).any()
    assert true(loaded, "udara-1", "air_temperature", [90], node=1) == [25.0]
    assert "rekaman: kolom udara-1/air_temperature → */udara-1/air_temperature" in loaded.notes
    sent = loaded.world().sample(next(iter(loaded.plan.devices)), loaded.plan.start)
    assert sent.keys() == {"relative_humidity"}


def test_a_derived_quantity_is_laid_behind_its_derivation(tmp_path: Path) -> None:
    """A recording of the water level moves the distance the sensor sees, so that the edge derives the level again."""
    loaded = laid(tmp_path, "time,water_level\n2026-11-21T00:00,1.25\n2026-11-21T01:00,1.75\n")
    device = next(d for d in loaded.plan.devices if d.name == "kali-1")
    t = device.times(loaded.plan.start, loaded.plan.start + HOUR)
    level = device.delivered(loaded.world().read(device, t).sent)["water_level"][0]
    np.testing.assert_allclose(level[[0, 30]], [1.25, 1.5], atol=0.0006)


@pytest.mark.parametrize(
    ("more", "minutes", "expected"),
    [
        ('shift = "+3 h"', [179, 180, 190, 200], [np.nan, 1, 2, 3]),
        ("", [0, 10, 20, 21], [1, 2, 3, np.nan]),
        ("loop = true", [0, 10, 20, 30, 40, 60], [1, 2, 3, 1, 2, 1]),
    ],
)
def test_shift_and_loop(tmp_path: Path, more: str, minutes: list[int], expected: list[float]) -> None:
    """Where told, else at the start; once, or again and again. Seconds since 1970 are times too."""
    rows = "t,soil_moisture\n1500000000,1\n1500000600,2\n1500001200,3\n"
    loaded = laid(tmp_path, rows, f'[replay]\nfile = "r.csv"\n{more}\n')
    np.testing.assert_array_equal(true(loaded, "tanah-1", "soil_moisture", minutes), expected)


def test_a_map_and_a_long_file(tmp_path: Path) -> None:
    """Columns by name, with scale and offset and one node only; and a file with a line for each value."""
    table = """[replay]
file = "r.csv"
time = "kapan"
[[replay.map]]
column = "suhu F"
device = "udara-1"
quantity = "air_temperature"
node = "licin-kios-1"
scale = 0.5555555555555556
offset = -17.77777777777778
"""
    loaded = laid(tmp_path, "kapan,suhu F\n2026-11-21T00:00:00+07:00,77\n2026-11-20T17:30:00Z,86\n", table)
    assert [n.name for n in loaded.plan.nodes] == ["licin-kios-1", "tamansari-licin-kios-1"]
    assert true(loaded, "udara-1", "air_temperature", [0, 15, 30]) == [25.0, 27.5, 30.0]
    assert true(loaded, "udara-1", "air_temperature", [0], node=1) != [25.0]
    long = "time,node,device,quantity,value\n2026-11-21T00:00,licin-kios-1,udara-1,air_temperature,21\n"
    long += "2026-11-21T00:10,licin-kios-1,tanah-1,soil_moisture,33\n2026-11-21T00:20,licin-kios-1,udara-1,air_temperature,23\n"
    loaded = laid(tmp_path, long)
    assert true(loaded, "udara-1", "air_temperature", [0, 10, 20]) == [21.0, 22.0, 23.0]
    assert true(loaded, "tanah-1", "soil_moisture", [10]) == [33.0]


@pytest.mark.parametrize(
    ("csv", "more", "message"),
    [
        ("time,suhu\n2026-11-21T00:00,1\n", "", "none of its columns (suhu) is a device and quantity"),
        ("time,suhu\nkemarin,1\n", "", "line 2: 'kemarin' is no time"),
        ("time,suhu\n", "", "has no rows"),
        ("time,suhu\n2026-11-21T00:00,1\n", 'time = "tim"', "no column 'tim'; did you mean time?"),
        (
            "time,suhu\n2026-11-21T00:00,1\n",
            '[[replay.map]]\ncolumn = "suhi"\ndevice = "udara-1"\nquantity = "air_temperature"',
            "no column 'suhi'; did you mean suhu?",
        ),
        (
            "time,suhu\n2026-11-21T00:00,1\n",
            '[[replay.map]]\ncolumn = "suhu"\ndevice = "udra-1"\nquantity = "air_temperature"',
            "did you mean udara-1?",
        ),
        (
            "time,suhu\n2026-11-21T00:00,1\n",
            '[[replay.map]]\ncolumn = "suhu"\ndevice = "udara-1"\nquantity = "temperature"',
            "did you mean air_temperature?",
        ),
    ],
)
def test_what_is_wrong_with_a_recording(tmp_path: Path, csv: str, more: str, message: str) -> None:
    """Said on its line in the scenario, with the remedy."""
    with pytest.raises(InvalidScenario) as caught:
        laid(tmp_path, csv, f'[replay]\nfile = "r.csv"\n{more}\n')
    assert message in caught.value.message
    assert all(m.line > HEAD.count("\n") for m in caught.value.mistakes)


def test_the_packaged_recordings_replay_from_the_command_line(tmp_path: Path) -> None:
    """``--replay FILE.csv`` on a scenario that maps the columns of a real recording."""
    scenario = tmp_path / "s.toml"
    scenario.write_text(
        HEAD + '[replay]\nfile = "x.csv"\nbridge = "3 h"\n[[replay.map]]\ncolumn = "sea_surface_height_above_sea_level"\n'
        'device = "kali-1"\nquantity = "water_level"\noffset = 1.0\n',
        encoding="utf-8",
    )
    recording = RECORDINGS / "coastal_water_level_hourly_ioos.csv"
    said = CliRunner().invoke(cli, ["check", str(scenario), "--replay", str(recording)])
    assert said.exit_code == 0, said.output
    assert "7241 baris" in said.output
    sampled = CliRunner().invoke(
        cli, ["sample", str(scenario), "--replay", str(recording), "--device", "licin-kios-1/kali-1", "--every", "1 h", "--to", "+2 h"]
    )
    rows = sampled.stdout.splitlines()
    assert rows[0] == "time,water_level"
    assert rows[1] == "2026-11-21T00:00:00.000+07:00,1.478"


@settings(deadline=None, max_examples=100)
@given(FILES)
def test_no_file_breaks_it(data: bytes) -> None:
    """Whatever the bytes: laid, or a mistake that is told."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bytes.csv"
        file.write_bytes(data)
        try:
            parse(HEAD, "uji.toml", Path(folder), file)
        except InvalidScenario as error:
            assert error.mistakes
