"""Readings out of files: what was exported comes back as it was, and what is wrong is told by line, with nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.main import cli
from kampung_cloud.readings import taking_in
from kampung_cloud.readings.csv_file import csv_file, dialect
from kampung_cloud.readings.parquet_file import parquet_file
from kampung_cloud.readings.subject import subject
from kampung_cloud.running import RunningCloud
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.errors import KampungError
from kampung_contract.pack import column
from typer.testing import CliRunner

from .conftest import HTTP, VILLAGE, get, until

SOIL = SeriesKey(VILLAGE, "kiosk-1", "soil-1", "soil_moisture", "%")
AIR = SeriesKey(VILLAGE, "kiosk_2", "air", "air_temperature", "Cel")
T0 = 1_795_280_400_000
NOW = T0 + 100_000_000
NOWHERE = "mqtt://127.0.0.1:9"
FORMS = ["csv", "spreadsheet", "parquet"]


def filled(rows: list[tuple[int, float, int, int]], key: SeriesKey = SOIL, store: MemoryStore | None = None) -> MemoryStore:
    """Rows of (seconds, value, flag, seconds until it came)."""
    store = store or MemoryStore()
    for t, v, q, late in rows:
        batch = Batch()
        batch.add(key, column(f"{key.device}/{key.quantity}", key.unit, [(T0 + t * 1000, v, q)]), T0 + t * 1000 + late)
        store.commit(batch)
    return store


def write(store: MemoryStore, form: str, file: Path) -> Path:
    subjects = [subject(key, None) for key in store.series()]
    if form == "parquet":
        file.write_bytes(b"".join(parquet_file(store, subjects, 0, NOW)))
    else:
        kind = dialect("semicolon", "comma") if form == "spreadsheet" else dialect("comma", "point")
        file.write_bytes(b"".join(csv_file(store, subjects, 0, NOW, kind)))
    return file


numbers = st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: value not in taking_in.NO_DATA)  # these become missing
readings = st.lists(
    st.tuples(st.integers(0, 50), numbers, st.sampled_from((1, 2, 3, 4, 9)), st.integers(0, 3)),
    min_size=1, max_size=20, unique_by=lambda r: (r[0], r[1]),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(soil=readings, air=readings, form=st.sampled_from(FORMS))
def test_what_was_exported_comes_back_as_it_was(
    tmp_path: Path, soil: list[tuple[int, float, int, int]], air: list[tuple[int, float, int, int]], form: str
) -> None:
    """To the last bit, with flag and receive time, into an empty store; a second time it changes nothing."""
    store = filled(air, AIR, filled(soil))
    file = write(store, form, tmp_path / "x")
    other = MemoryStore()
    found = taking_in.read(file, other, NOW, 500)
    assert other.commit(found.batch()).new == found.count == sum(x.readings for x in store.latest())
    assert other.series() == store.series()
    for key in store.series():
        assert other.window(key.id, 0, NOW) == store.window(key.id, 0, NOW)
    assert other.commit(taking_in.read(file, other, NOW, 500).batch()).new == 0


HEAD = "time,series,village,value,unit,quality\n"
GOOD = f"2026-11-22T00:00:00+07:00,{SOIL.id},{VILLAGE},20.5,%,1\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + GOOD + GOOD.replace("20.5", "wet"), "line 3: value = 'wet' is no number"),
        ("# a note\n\n" + HEAD + GOOD.replace("20.5", ""), "line 4: value = '' is no number"),
        (HEAD + GOOD.replace("20.5", "nan"), "line 2: value = 'nan'"),
        (HEAD + GOOD.replace("2026-11-22T", "yesterday"), "line 2: time = 'yesterday"),
        (HEAD + GOOD.replace("2026", "2019"), "before 2020"),
        (HEAD + GOOD.replace("2026", "2036"), "in the future"),
        (HEAD + GOOD.replace(",1\n", ",7\n"), "line 2: quality = '7'"),
        (HEAD + GOOD.replace(SOIL.id, "soil"), "line 2: series = 'soil'"),
        (HEAD + GOOD.replace(VILLAGE, "35.10.24.2999"), "line 2: village code '35.10.24.2999'"),
        (HEAD + GOOD.replace(VILLAGE, ""), "add the columns village"),
        (HEAD + GOOD.replace("%", "m"), "line 2: unit = 'm': soil_moisture is measured in '%'"),
        (HEAD + GOOD.replace("20.5", "20,5"), "line 2: 7 cells for 6 columns; a decimal comma needs semicolons"),
        ("time,value\n1,2\n", "column 'series' is missing"),
        ("", "column 'time' is missing"),
        (HEAD + GOOD.replace("20.5", "x") * 25, "and 5 more"),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(KampungError) as error:
        taking_in.read(tmp_path / "x.csv", MemoryStore(), NOW, 500)
    assert said in error.value.message


def test_codes_for_no_data_are_missing_and_what_nobody_judged_is_judged(tmp_path: Path) -> None:
    """BMKG writes 8888 and 9999; a soil of 300 % is no soil. A flag that the file gives stands."""
    lines = [f"2026-11-22T00:0{n}:00+07:00,{SOIL.id},{VILLAGE},{value},%,{flag}" for n, (value, flag) in enumerate(
        [("8888", "1"), ("9999", ""), ("300", ""), ("20", ""), ("300", "1")])]  # fmt: skip
    (tmp_path / "x.csv").write_text(HEAD + "\n".join(lines) + "\n")
    store = MemoryStore()
    store.commit(taking_in.read(tmp_path / "x.csv", store, NOW, 500).batch())
    assert store.window(SOIL.id, 0, NOW).q == [9, 9, 4, 2, 1]


def test_a_series_that_is_here_needs_no_village_and_keeps_its_unit(tmp_path: Path) -> None:
    store = filled([(0, 1.0, 1, 0)])
    file = tmp_path / "x.csv"
    file.write_text(f"time;series;value\n2026-11-22 00:01:00;{SOIL.id};2,25\n")
    store.commit(taking_in.read(file, store, NOW, 500).batch())
    found = store.window(SOIL.id, T0 + 1, NOW)
    assert (found.t, found.v, found.q, found.received) == ([T0 + 60_000], [2.25], [2], [NOW])
    file.write_text(f"time,series,value,village\n2026-11-22 00:02:00,{SOIL.id},2,35.10.01.2001\n")
    with pytest.raises(KampungError, match=r"kiosk-1\.soil-1\.soil_moisture has '35\.10\.24\.2008'"):
        taking_in.read(file, store, NOW, 500)


def test_a_flood_of_series_is_refused(tmp_path: Path) -> None:
    lines = [GOOD.replace("soil-1", f"soil-{n}") for n in range(4)]
    (tmp_path / "x.csv").write_text(HEAD + "".join(lines))
    with pytest.raises(KampungError, match=r"line 5: .* number 4 of 'kiosk-1'; raise ingest\.max_series_per_node"):
        taking_in.read(tmp_path / "x.csv", MemoryStore(), NOW, 3)


def test_estimated_lines_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        HEAD.replace("quality", "quality,estimated") + GOOD.replace(",1\n", ",1,0\n") + GOOD.replace(",1\n", ",1,1\n")
    )
    found = taking_in.read(tmp_path / "x.csv", MemoryStore(), NOW, 500)
    assert (found.count, found.estimated) == (1, 1)


def test_a_file_of_another_program(tmp_path: Path) -> None:
    """Parquet with times in microseconds, without a zone: WIB, as in text."""
    moments = pa.array([T0 * 1000 + 7 * 3_600_000_000], pa.timestamp("us"))
    table = pa.table({"time": moments, "series": [SOIL.id], "value": pa.array([3], pa.int32()), "village": [VILLAGE]})
    pq.write_table(table, tmp_path / "x.parquet")
    ((key, _), rows) = next(iter(taking_in.read(tmp_path / "x.parquet", MemoryStore(), NOW, 500).rows.items()))
    assert (key, rows) == (SOIL, [(T0, 3.0, 2)])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.sampled_from(FORMS), cut=st.integers(0, 5_000), junk=st.binary(max_size=40))
def test_no_bytes_break_it(tmp_path: Path, form: str, cut: int, junk: bytes) -> None:
    """Whatever the file: readings, or words about what is wrong."""
    whole = write(filled([(0, 1.0, 1, 0), (1, 2.0, 1, 0)]), form, tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole[:cut] + junk + whole[cut + len(junk) :])
    try:
        found = taking_in.read(tmp_path / "x", MemoryStore(), NOW, 500)
    except KampungError as error:
        assert error.message
    else:
        assert sum(map(len, found.rows.values())) == found.count <= 2


def test_the_commands_as_their_user(start_cloud: Callable[..., CloudApp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of one cloud, into another; a wrong line leaves everything as it was; a rule is carried over what came."""
    rule = {"id": "basah", "quantity": "soil_moisture", "unit": "%", "threshold": 50.0, "clear": 40.0, "for": "0s", "clear_for": "0s"}
    rule |= {
        "village": VILLAGE,
        "severity": 1,
        "place": "Sawah",
        "source": "test",
        "title": {"id": "Basah"},
        "message": {"id": "Basah {value}"},
    }
    first = start_cloud(NOWHERE, wait=False)
    other = start_cloud(NOWHERE, wait=False, data="other", rule=[rule])
    batch = Batch()
    batch.add(
        SOIL,
        column("soil-1/soil_moisture", "%", [(T0 - 9_000_000 + i * 1000, 60.0 if i == 5 else 20.0 + i / 90, 1) for i in range(900)]),
        T0,
    )
    first._worker.between(partial(first._services.store.commit, batch)).result(60)
    monkeypatch.chdir(tmp_path)
    Path("first.toml").write_text(f'data = "cloud-data"\n[api]\nport = {first.port}\n')
    Path("other.toml").write_text(f'data = "other"\n[api]\nport = {other.port}\n')

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, words)
        return done.exit_code, done.output

    for name, more in (("a.csv", ["--spreadsheet"]), ("a.parquet", [])):
        code, said = run("export", name, "--config", "first.toml", "--node", "kiosk-1", *more)
        assert (code, "900 readings" in said) == (0, True), said
    assert run("export", "a.csv", "--config", "first.toml")[0] == 2, "what is there is not overwritten"
    lines = Path("a.csv").read_text(encoding="utf-8-sig").splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith("2026")) + 100
    lines[number] = lines[number].replace(",", "x", 1)
    Path("bad.csv").write_text("\n".join(lines))
    code, said = run("import", "bad.csv", "--config", "other.toml")
    assert code == 1
    assert f"bad.csv: line {number + 1}: value = '21x1" in said
    assert "nothing was imported" in said
    assert other._services.store.series() == []
    for name, new in (("a.csv", "900 new"), ("a.parquet", "0 new")):
        code, said = run("import", name, "--config", "other.toml")
        assert (code, new in said) == (0, True), said
    window = other._services.store.window(SOIL.id, 0, NOW)
    assert window == first._services.store.window(SOIL.id, 0, NOW)
    assert until(lambda: [a["value"] for a in get(other, "alarms", state="all")] == [60.0], 30)
    assert HTTP.post(f"{other.url}/api/v1/readings", content=b"x").status_code == 401

    # Trouble is told as what it is: not a file, refused before all of it was sent, a disk of one's own that is full.
    Path("folder.csv").mkdir()
    assert run("import", "folder.csv", "--config", "other.toml") == (2, "folder.csv: not a file; name a CSV or Parquet file\n")
    Path("wrong").mkdir()
    Path("wrong/token").write_text("x" * 40)
    Path("wrong.toml").write_text(f'data = "wrong"\n[api]\nport = {other.port}\n')
    Path("long.csv").write_bytes((b"#" * 999 + b"\n") * 8_000)
    code, said = run("import", "long.csv", "--config", "wrong.toml")
    assert (code, said.startswith("long.csv: "), "token" in said) == (1, True, True), said
    asked = RunningCloud(Path("first.toml"), None).asked("GET", "readings.csv", node="kiosk-1", start="2020-01-01T00:00:00")
    with pytest.raises(OSError, match="No space left on device"), asked as answer, Path("/dev/full").open("wb", buffering=0) as full:
        full.write(answer.read(100))
