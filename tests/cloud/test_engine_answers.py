"""Where an engine outside is said to be, and answers that are no engine's: no secret is repeated, nothing taken for stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.engine_address import parse, shown
from kampung_cloud.records import open_records
from kampung_cloud.records.models import TelemetrySeriesRow
from kampung_cloud.telemetry import left_behind
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.influx_write import ClientWriter, PlainWriter, Writer
from kampung_cloud.telemetry.influxdb import InfluxEngine
from kampung_cloud.telemetry.ledger import Ledger
from kampung_cloud.telemetry.server import Server
from kampung_cloud.telemetry.standing import Standing
from kampung_cloud.telemetry.store import Batch, EpochPacks, PackId
from kampung_cloud.telemetry.victoriametrics import VictoriaEngine
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_contract.pack import column
from kampung_sim.engines import Victoria

from .conftest import BrokerProcess, EdgeClient, get, now_ms, until
from .engines import started
from .standin import StandIn

Said = tuple[int, dict[str, str], bytes]
PAGE = b"<html><body>Sedang dirawat, silakan kembali nanti</body></html>"
MARK = "s3cret"
VERSION = {"X-Influxdb-Version": "1.6.7"}
DAY = 86_400


def at(seconds: float) -> str:
    """A clock that is so far ahead."""
    return formatdate(time() + seconds, usegmt=True)


class Answering(StandIn):
    """Says what it is told to, by path; what is not in ``said`` is answered by the engine behind."""

    def __init__(self, behind: str = "") -> None:
        self.said: dict[str, Said] = {}
        super().__init__(behind)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Said:
        found = self.said.get(path.partition("?")[0], self.said.get("*"))
        return found if found is not None else self.passed(method, path, body, headers)


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    server = Answering()
    yield server
    server.close()


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Answering]:
    """In front of a VictoriaMetrics."""
    engine = started(Victoria, tmp_path / "engine")
    front = Answering(engine.root)
    yield front
    front.close()
    engine.kill()


secrets = st.tuples(st.text("ab1:/?#@[]%&=", max_size=5), st.text("ab1:/?#@[]%&=", max_size=3)).map(lambda x: f"{x[0]}{MARK}{x[1]}")


@given(
    secrets,
    st.sampled_from(
        [
            "influxdb:http://name:{}@host:8086/kampung",
            "influxdb:http://:{}@host/kampung?org=kab",
            "influxdb:htp://name:{}@host/kampung",
            "influxdb:name:{}@host/kampung",
            "influxdb://name:{}@host/kampung",
            "victoriametrics:http://name:{}@host:8428",
            "victoriametrics:http://name:{}@host:99999?settle=1m",
            "victoriametrics:http://host/insert/0?select=http://name:{}@host/select/0",
            "victoriametrics:http://host/insert/0?select=http%3A%2F%2Fname%3A{}%40host/select/0",
            "http://name:{}@host:8086/kampung",
            "postgresql://name:{}@host/kampung",
        ]
    ),
)
def test_no_secret_is_repeated_however_wrong_the_address(secret: str, form: str) -> None:
    url = form.format(secret)
    assert MARK not in shown(url)
    assert MARK not in shown(repr(url))
    try:
        found = parse(url)
    except ConfigurationError as error:
        assert MARK not in error.message
        return
    assert MARK not in repr(found)
    assert MARK in found.secret + (found.select.secret if found.select else "")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("influxdb:http://h:8086/write", r"/write is the path of a request; name the database in its place"),
        ("influxdb:http://h:8086/write?db=kampung", r"unknown option 'db'; there are org, settle"),
        ("influxdb:http://a:b/c@h/kampung", r"'influxdb:http://…@h/kampung': no host and port .* write / as %2F"),
        ("influxdb:http://a:1/c@h/kampung", r"an @ stands where none belongs; .* write / as %2F"),
        ("influxdb:http://:t%0Aoken@h/kampung", r"hold what no request can carry"),
        ("victoriametrics:https//h", r"expected victoriametrics:http://HOST:8428"),
        ("victoriametrics:http://h/insert/0?select=vmselect:8481/select/0", r"select=: expected http://VMSELECT:8481/select/0"),
        ("victoriametrics:http://h/insert/0?select=http://s/select/0?settle=30s", r"select=: unknown option 'settle'; there are none"),
    ],
)
def test_an_address_that_is_wrong_names_what_is_wrong_with_it(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        parse(url)


def test_vmselect_has_its_own_name_and_secret_or_those_of_vminsert() -> None:
    select = parse("victoriametrics:http://a:b@h/insert/0?select=http://s:8481/select/0").select
    assert select is not None
    assert (select.base, select.user, select.secret) == ("http://s:8481/select/0", "a", "b")
    engine = VictoriaEngine(parse("victoriametrics:http://a:b@h/insert/0?select=http://c:s3cret@s:8481/select/0"))
    assert engine._select.name == "VictoriaMetrics at http://s:8481/select/0"
    assert engine._select._headers != engine._insert._headers
    engine.close()


def asked(server: Answering) -> Server:
    return Server(server.root, "InfluxDB at …", {})


@pytest.mark.parametrize("kind", ["write", "v2/write"])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, PAGE), r"answers 200 to POST \S+write where 204 would mean that it is stored: <html>.*Sedang dirawat"),
        ((200, {}, b"\xff\xfe"), r"where 204 would mean"),
        ((201, {}, b'{"error":"partial write"}'), r"answers 201 .*partial write"),
        ((302, {"Location": "/masuk"}, b""), r"answers 302 to POST \S+write: it sends us to /masuk; correct"),
        ((500, {}, PAGE), r"answers 500 to POST .*Sedang dirawat"),
        ((204, {"Date": at(-3 * DAY)}, b""), r"its clock is 3 days behind this machine's; .*\(timedatectl\)"),
        ((204, {"Date": at(7_300)}, b""), r"its clock is 2 hours ahead of this machine's"),
        ((400, {"Date": at(900 * DAY)}, b"points beyond retention policy"), r"its clock is 900 days ahead"),
    ],
)
def test_only_what_an_engine_says_it_has_stored_is_taken_for_stored(server: Answering, kind: str, answer: Said, said: str) -> None:
    server.said = {"/write": answer, "/api/v2/write": answer, "/masuk": (200, {}, PAGE)}
    to = asked(server)
    writer: Writer = PlainWriter(to, "kampung") if kind == "write" else ClientWriter(to, "", "kab", "kampung")
    with pytest.raises(StorageUnavailable, match=said):
        writer.write(b"readings v=1,r=1i 1")
    for date in (at(-60), "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "today", ""):
        server.said = {"*": (204, {"Date": date}, b"")}
        writer.write(b"readings v=1,r=1i 1")
    writer.close()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"*": (200, {}, PAGE)}, r"no InfluxDB \(GET /ping names no version\)"),
        ({"*": (404, VERSION, b"404 page not found")}, r"is there, but not below http://\S+ \(GET /ping: 404\); correct the path"),
        ({"/ping": (204, VERSION, b""), "*": (200, {}, PAGE)}, r"answers what is not an engine's: .*begins with '<html>"),
        ({"/ping": (204, VERSION, b""), "*": (200, {}, b'{"status":"ok"}')}, r"answers no statement"),
        ({"/ping": (204, VERSION, b""), "*": (200, {}, b'{"x":' + b"[" * 9_999)}, r"answers what is not an engine's: maximum recursion"),
        ({"/ping": (204, {**VERSION, "Date": at(-DAY)}, b"")}, r"its clock is 24 hours behind"),
        ({"/ping": (204, {"X-Influxdb-Version": "v2.7.1"}, b""), "*": (200, {}, PAGE)}, r"answers what is not an engine's"),
        ({"*": (302, {"Location": "https://h/"}, b"")}, r"answers 302 to GET /ping: it sends us to https://h/; correct telemetry\.url"),
    ],
)
def test_whoever_answers_in_the_place_of_influxdb_is_found_out(server: Answering, said: dict[str, Said], error: str) -> None:
    server.said = said
    engine = InfluxEngine(parse(f"influxdb:{server.root}/kampung?org=kab"))
    with pytest.raises((ConfigurationError, StorageUnavailable), match=error):
        engine.check()
    engine.close()


def test_an_answer_that_ends_too_early_or_never_is_none(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    to = asked(server)
    server.said = {"*": (200, {"Transfer-Encoding": "chunked", "Connection": "close"}, b"5\r\nab")}
    with pytest.raises(StorageUnavailable, match="does not answer"):
        to.ask("GET", "/export")
    server.said = {"*": (200, {}, PAGE)}
    assert to.ask("GET", "/export").body == PAGE
    monkeypatch.setattr("kampung_cloud.telemetry.server.WHOLE_S", -1.0)
    with pytest.raises(StorageUnavailable, match=r"does not answer: it took longer than -1 s for 63 bytes"):
        to.ask("GET", "/export")
    to.close()


def test_a_proxy_or_a_clock_in_the_way_gives_no_receipts_and_both_recover(
    front: Answering, mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    app = start_cloud(mosquitto.url, telemetry={"url": f"victoriametrics:{front.root}"})
    edge, t = connect(mosquitto), now_ms() - 60_000
    front.said = {"/api/v1/import": (200, {}, PAGE)}
    edge.pack(1, column("soil-1/soil_moisture", "%", [(t + i, 30.0 + i, 1) for i in range(5)]))

    def told(words: str) -> bool:
        check = get(app, "healthz")["checks"]["telemetry"]
        return check["ok"] is False and check["detail"].startswith(f"VictoriaMetrics at {front.root}") and words in check["detail"]

    assert until(lambda: told("answers 200 to POST /api/v1/import"), 60)
    front.said = {"/api/v1/import": (204, {"Date": at(-3 * DAY)}, b"")}
    assert until(lambda: told("its clock is 3 days behind"), 60)
    assert edge.receipted() == set()
    front.said = {}
    assert until(lambda: edge.receipted() == {1}, 60)
    assert until(lambda: get(app, "healthz")["checks"]["telemetry"]["ok"], 60)
    window = get(app, "series/kiosk-1.soil-1.soil_moisture/window", start=0, stop=2 * t, every="raw")
    assert window["v"] == [30.0, 31.0, 32.0, 33.0, 34.0]


def test_what_a_change_of_engine_leaves_behind_is_said(tmp_path: Path) -> None:
    url = "victoriametrics:http://127.0.0.1:8428"
    assert left_behind.files(url, tmp_path) is None
    file = tmp_path / "telemetry.duckdb"
    store = DuckDBStore(file)
    for seq in (1, 2, 4):
        made = Batch()
        made.packs.append(PackId("kiosk-1", "aa", seq, 5))
        store.commit(made)
    store.close()
    assert left_behind.files("duckdb:telemetry.duckdb", tmp_path) is None
    said = left_behind.files(url, tmp_path)
    assert said is not None
    assert re.match(rf"{file} holds readings from before telemetry\.url named victoriametrics: .*'Changing the engine'", said)
    records = open_records("sqlite:r.sqlite", tmp_path)
    assert left_behind.series("duckdb:telemetry.duckdb", records) is None
    # Which packs were received is known in the new engine's records too, once.
    assert left_behind.adopt("duckdb:telemetry.duckdb", tmp_path, records) == 0
    assert [left_behind.adopt(url, tmp_path, records) for _ in range(2)] == [1, 0]
    known = Standing(Ledger(records)).index.packs()
    assert known == [EpochPacks("kiosk-1", "aa", ((1, 2), (4, 4)), 15)]
    # A first start ended at a wrong password, and DuckDB went on before the next.
    store = DuckDBStore(file)
    made = Batch()
    made.packs += [PackId("kiosk-1", "aa", 3, 5), PackId("kiosk-2", "bb", 1, 7)]
    store.commit(made)
    store.close()
    assert [left_behind.adopt(url, tmp_path, records) for _ in range(2)] == [2, 0]
    known = Standing(Ledger(records)).index.packs()
    assert known == [EpochPacks("kiosk-1", "aa", ((1, 4),), 20), EpochPacks("kiosk-2", "bb", ((1, 1),), 7)]
    with records.session() as session:
        key = {"village": "35.10.24.2008", "node": "kiosk-1", "device": "soil-1", "quantity": "soil_moisture", "unit": "%"}
        session.add(TelemetrySeriesRow(id="kiosk-1.soil-1.soil_moisture", **key, first=1, t=2, received=3, v=4.0, q=1, readings=5, entry=1))
    assert left_behind.series(url, records) is None
    assert str(left_behind.series("duckdb:telemetry.duckdb", records)).startswith("1 series have readings in the engine")
    records.close()
