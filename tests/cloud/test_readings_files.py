"""Readings as files: what people and programs take away is what the store holds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.readings import subject as subjects
from kampung_cloud.readings.csv_file import COLUMNS, csv_file, dialect
from kampung_cloud.readings.subject import Subject
from kampung_cloud.readings.walk import pieces
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.pack import column
from kampung_contract.times import milliseconds

from .conftest import HTTP, VILLAGE

SOIL = SeriesKey(VILLAGE, "kiosk-1", "soil-1", "soil_moisture", "%")
AIR = SeriesKey(VILLAGE, "kiosk-1", "air-1", "air_temperature", "Cel")
T0 = 1_795_280_400_000  # 2026-11-22T00:00:00+07:00
NOWHERE = "mqtt://127.0.0.1:9"


def filled(rows: list[tuple[int, float, int]], key: SeriesKey = SOIL) -> Batch:
    batch = Batch()
    batch.add(key, column(f"{key.device}/{key.quantity}", key.unit, rows), T0)
    return batch


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """A cloud without a broker that holds 1,500 readings of soil, one a minute, and one of air."""
    app = CloudApp(parse({"broker": {"url": NOWHERE}, "api": {"port": 0}}, tmp_path_factory.mktemp("files")))
    app.start()
    app._worker.between(
        partial(app._services.store.commit, filled([(T0 + i * 60_000, 20 + i / 100, 3 if i == 7 else 1) for i in range(1500)]))
    ).result(60)
    app._worker.between(partial(app._services.store.commit, filled([(T0, -1.5, 1)], AIR))).result(60)
    yield app
    app.stop()


def ask(app: CloudApp, path: str, **query: Any) -> httpx.Response:
    return HTTP.get(f"{app.url}/api/v1/{path}", params=query)


def lines(body: str, separator: str = ",") -> list[dict[str, str]]:
    kept = [line for line in body.lstrip("\ufeff").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(kept, delimiter=separator))


def test_a_csv_file_holds_every_reading_of_the_window(app: CloudApp) -> None:
    answer = ask(app, "readings.csv", series=SOIL.id, start=T0, stop=T0 + 1000 * 60_000)
    assert answer.headers["content-disposition"] == 'attachment; filename="kiosk-1.soil-1.soil_moisture_2026-11-22_2026-11-22.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["readings"] == "1000"
    assert "# kiosk-1.soil-1.soil_moisture: Kelembapan tanah (%), Desa Tamansari (35.10.24.2008), alat tidak dikenal" in answer.text
    rows = lines(answer.text)
    assert len(rows) == 1000
    assert rows[7] == {
        "time": "2026-11-22T00:07:00.000+07:00",
        "series": SOIL.id,
        "village": VILLAGE,
        "value": "20.07",
        "unit": "%",
        "quality": "3",
        "estimated": "0",
        "received": "2026-11-22T00:00:00.000+07:00",
    }


def test_a_spreadsheet_set_to_indonesian_reads_it(app: CloudApp) -> None:
    answer = ask(app, "readings.csv", village=VILLAGE, start=T0, stop=T0 + 60_000, separator="semicolon", decimal="comma")
    assert answer.content.startswith("\ufeff# ".encode())
    assert [(r["series"], r["value"]) for r in lines(answer.text, ";")] == [(AIR.id, "-1,5"), (SOIL.id, "20,0")]
    assert {r["time"] for r in lines(answer.text, ";")} == {"2026-11-22 00:00:00"}, "a spreadsheet takes it for a time, and not for text"
    assert "smart-kampung_2026-11-22_2026-11-22.csv" in answer.headers["content-disposition"]


def test_the_widest_time_there_is(app: CloudApp) -> None:
    """To the end of the year 9999 in WIB, the last that has a text."""
    answer = ask(app, "readings.csv", series=SOIL.id, start=0, stop=253_402_275_599_999)
    assert (answer.status_code, answer.headers["readings"]) == (200, "1500")
    assert "1970-01-01_9999-12-31.csv" in answer.headers["content-disposition"]


def test_pandas_and_duckdb_read_it_as_it_is(app: CloudApp, tmp_path: Path) -> None:
    """The lines that say what it is are no rows; times are times, values numbers, and both formats hold the same."""
    query = {"series": [SOIL.id, AIR.id], "start": T0, "stop": T0 + 90_000_000}
    plain, indonesian, parquet = (tmp_path / name for name in ("a.csv", "b.csv", "c.parquet"))
    plain.write_bytes(ask(app, "readings.csv", **query).content)
    indonesian.write_bytes(ask(app, "readings.csv", **query, separator="semicolon", decimal="comma").content)
    parquet.write_bytes(ask(app, "readings.parquet", **query).content)
    frame = pd.read_csv(plain, comment="#", parse_dates=["time"])
    assert (len(frame), str(frame["time"].iloc[7]), frame["value"].iloc[7]) == (1501, "2026-11-22 00:07:00+07:00", 20.07)
    spread = pd.read_csv(indonesian, comment="#", sep=";", decimal=",", parse_dates=["time"])
    assert (str(spread["time"].iloc[7]), spread["value"].tolist()) == ("2026-11-22 00:07:00", frame["value"].tolist())
    assert pd.read_parquet(parquet)["time"].tolist() == frame["time"].tolist()
    with duckdb.connect() as connection:
        for file in (plain, indonesian, parquet):
            question = f"SELECT count(*), epoch_ms(max(time)), avg(value) FROM '{file}'"
            comma = question.replace(f"'{file}'", f"read_csv('{file}', decimal_separator=',')")
            connection.execute("SET TimeZone = 'Asia/Jakarta'")
            count, last, mean = connection.execute(comma if file == indonesian else question).fetchone() or (0, 0, 0)
            assert (count, round(mean, 9)) == (1501, round(frame["value"].mean(), 9)), file
            assert last - 25_200_000 * (file == indonesian) == T0 + 1499 * 60_000, file  # which has local times, without a zone


def test_a_head_says_what_the_file_would_be(app: CloudApp) -> None:
    """For whoever checks a link: the same headers as the file's, and not one byte of it."""
    for path in ("readings.csv", "readings.parquet", "series"):
        query = {"series": SOIL.id, "start": T0, "stop": T0 + 90_000_000} if path != "series" else {}
        head = HTTP.head(f"{app.url}/api/v1/{path}", params=query)
        whole = ask(app, path, **query)
        assert (head.status_code, head.content) == (200, b"")
        told = {k: v for k, v in head.headers.items() if k not in {"date", "transfer-encoding"}}
        assert told == {k: v for k, v in whole.headers.items() if k in told}
    assert HTTP.head(f"{app.url}/api/v1/readings.csv", params={"series": "a.b.c"}).status_code == 404


def test_a_parquet_file_has_types_and_says_what_it_holds(app: CloudApp) -> None:
    answer = ask(app, "readings.parquet", series=[SOIL.id, AIR.id], start=T0, stop=T0 + 90_000_000)
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.num_rows == 1501
    assert str(table.schema.field("time").type) == "timestamp[ms, tz=Asia/Jakarta]"
    soil = table.slice(0, 1500)
    assert set(soil["series"].to_pylist()) == {SOIL.id}
    assert soil["value"].to_pylist() == [20 + i / 100 for i in range(1500)]
    assert soil["quality"].to_pylist()[7] == 3
    about = json.loads(table.schema.metadata[b"kampung"])
    assert [(s["name"], s["unit"], s["source"]) for s in about["series"]] == [
        (SOIL.id, "%", "alat tidak dikenal"),
        (AIR.id, "Cel", "alat tidak dikenal"),
    ]


def test_a_window_without_readings_is_a_file_without_lines(app: CloudApp) -> None:
    answer = ask(app, "readings.csv", series=SOIL.id, start=0, stop=5)
    assert (answer.status_code, answer.headers["readings"], lines(answer.text)) == (200, "0", [])
    assert pq.read_table(io.BytesIO(ask(app, "readings.parquet", series=SOIL.id, start=0, stop=5).content)).num_rows == 0


@pytest.mark.parametrize(
    ("query", "status", "code", "said"),
    [
        ({}, 422, "invalid_request", "series="),
        ({"series": SOIL.id, "village": VILLAGE}, 422, "invalid_request", "either"),
        ({"series": "a.b.c"}, 404, "not_found", "a.b.c"),
        ({"village": "35.10.99.9999"}, 404, "unknown_village", "35.10.99.9999"),
        ({"series": SOIL.id, "separator": "pipe"}, 422, "invalid_request", "semicolon"),
        ({"series": SOIL.id, "decimal": "comma"}, 422, "invalid_request", "separator=semicolon"),
        ({"series": SOIL.id, "start": "yesterday"}, 422, "invalid_request", "yesterday"),
        ({"series": SOIL.id, "start": "0", "stop": "253402275600000"}, 422, "invalid_request", "stop = '253402275600000'"),
        ({"series": SOIL.id, "start": "2099-01-01"}, 422, "invalid_request", "which is now, since no stop was given"),
    ],
)
def test_what_does_not_fit_is_told(app: CloudApp, query: dict[str, str], status: int, code: str, said: str) -> None:
    answer = ask(app, "readings.csv", **query)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert said in error["message"]


def test_too_much_says_which_page_fits(app: CloudApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "MOST_ROWS", 1000)
    query = {"series": SOIL.id, "start": T0, "stop": T0 + 1500 * 60_000}
    error = ask(app, "readings.csv", **query).json()["error"]
    assert error["code"] == "too_much"
    page = int(error["message"].partition("first stop=")[2].partition(" ")[0])
    first = ask(app, "readings.csv", **query | {"stop": page})
    rest = ask(app, "readings.csv", **query | {"start": page})
    assert len(lines(first.text)) + len(lines(rest.text)) == 1500
    whole = HTTP.get(f"{app.url}/api/v1/readings.csv", params=query, headers={"Authorization": f"Bearer {app.token}"})
    assert len(lines(whole.text)) == 1500, "the token lifts the limit"


def memory(rows: list[tuple[int, float, int]]) -> MemoryStore:
    store = MemoryStore()
    if rows:
        store.commit(filled([(T0 + t, v, q) for t, v, q in sorted(rows)]))
    return store


few = st.lists(
    st.tuples(st.integers(0, 9), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from((1, 2, 3, 4, 9))),
    min_size=1, max_size=40, unique_by=lambda r: (r[0], r[1]),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(rows=few, size=st.integers(1, 12))
def test_pieces_are_the_window(rows: list[tuple[int, float, int]], size: int) -> None:
    """Whatever the size of a piece, and however many readings share a moment: each once, in order."""
    store = memory(rows)
    found = list(pieces(store, SOIL.id, T0, T0 + 10, size))
    assert [row for p in found for row in zip(p.t, p.v, p.q, strict=True)] == sorted_rows(store)


def sorted_rows(store: MemoryStore) -> list[tuple[int, float, int]]:
    window = store.window(SOIL.id, T0, T0 + 10)
    return list(zip(window.t, window.v, window.q, strict=True))


@settings(max_examples=60, deadline=None)
@given(rows=few, form=st.sampled_from([("comma", "point"), ("semicolon", "comma"), ("tab", "comma"), ("semicolon", "point")]))
def test_what_is_written_is_read_back_to_the_last_bit(rows: list[tuple[int, float, int]], form: tuple[str, str]) -> None:
    store = memory(rows)
    subject = Subject(SOIL.id, SOIL.id, VILLAGE, "%", "Kelembapan tanah", "a\nb, c; d")
    kind = dialect(*form)
    body = b"".join(csv_file(store, [subject], T0, T0 + 10, kind)).decode()
    read = lines(body, kind.separator)
    assert not read or tuple(read[0]) == COLUMNS
    back = [(milliseconds(r["time"]), float(r["value"].replace(",", ".")), int(r["quality"])) for r in read]
    assert back == sorted_rows(store)
