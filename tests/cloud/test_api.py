"""The API as pages and programs see it."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from kampung_cloud.app import CloudApp
from kampung_cloud.bus import AT_ONCE, Bus, Event
from kampung_cloud.records.models import AlarmRow
from kampung_cloud.serving import listen
from kampung_contract.documents import Device as DeviceState
from kampung_contract.documents import State, decode_content
from kampung_contract.pack import column
from kampung_contract.times import text
from kampung_sim.score.cloud import Cloud

from .conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

SOIL = "kiosk-1.soil-1.soil_moisture"
FIELD = {
    "id": "blok-timur",
    "village": VILLAGE,
    "name": "Blok timur",
    "crop": {"id": "Padi", "en": "Rice"},
    "farmer": "Petani contoh",
    "series": [SOIL],
    "area_ha": 0.4,
    "synthetic": True,
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CloudApp, EdgeClient, int]]:
    """A cloud with 11,000 readings, one a second, that end 100 s ago."""
    from kampung_cloud.config import parse

    folder = tmp_path_factory.mktemp("api")
    broker = BrokerProcess(folder / "b", "mosquitto")
    app = CloudApp(parse({"broker": {"url": broker.url}, "api": {"port": 0}, "field": [FIELD]}, folder))
    app.start()
    edge = EdgeClient(broker.port)
    assert until(lambda: get(app, "healthz")["status"] == "ok")
    device = DeviceState("soil-1", "dfrobot-sen0600", "Sawah blok timur", "recording", "Rekaman nyata")
    edge.state(State(True, "aabbccdd", "r1", "0.1.0", last=11, devices=[device]))
    first = now_ms() // 1000 * 1000 - 11_100_000
    for seq in range(11):
        rows = [(first + (seq * 1000 + i) * 1000, round(20.0 + i / 100, 2), 1) for i in range(1000)]
        edge.pack(seq + 1, column("soil-1/soil_moisture", "%", rows))
    assert until(lambda: len(edge.receipted()) == 11)
    yield app, edge, first
    edge.close()
    app.stop()
    broker.stop()


Served = tuple[CloudApp, EdgeClient, int]


def refused(app: CloudApp, path: str, **query: Any) -> tuple[int, str, str]:
    answer = HTTP.get(f"{app.url}/api/v1/{path}", params=query)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


def test_series(served: Served) -> None:
    app, _, first = served
    (series,) = get(app, "series", village=VILLAGE, node="kiosk-1", quantity="soil_moisture")
    assert series == {
        "id": SOIL,
        "village": VILLAGE,
        "node": "kiosk-1",
        "device": "soil-1",
        "quantity": "soil_moisture",
        "unit": "%",
        "last": {"at": text(first + 10_999_000), "value": 29.99, "quality": 1, "estimated": False},
        "name": {"id": "Kelembapan tanah", "en": "Soil moisture", "jv": "Lembabipun siti", "osi": "Basahe lemah", "mad": "Bâssana tana"},
        "decimals": 1,
        "title": "Sawah blok timur",
        "model": "dfrobot-sen0600",
        "origin": "recording",
        "note": "Rekaman nyata",
    }
    assert get(app, "series", quantity="rain") == []


def test_windows(served: Served) -> None:
    app, _, first = served
    path = f"series/{SOIL}/window"
    raw = get(app, path, start=first, stop=first + 3000, every="raw")
    assert raw == {
        "id": SOIL,
        "unit": "%",
        "start": first,
        "stop": first + 3000,
        "every": None,
        "t": [first, first + 1000, first + 2000],
        "v": [20.0, 20.01, 20.02],
        "q": [1, 1, 1],
        "provenance": [],
        "thresholds": [],
    }
    assert get(app, path, start=text(first), stop=text(first + 3000)) == raw
    default = get(app, path)
    assert 0 < len(default["t"]) <= 1000
    assert default["every"] == 300_000
    assert sum(default["count"]) == 11_000
    whole = get(app, path, start=0)
    assert 0 < len(whole["t"]) <= 1000
    for every, ms in (("600", 600_000), ("10m", 600_000), ("1h", 3_600_000), ("1d", 86_400_000), ("90s", 90_000)):
        assert get(app, path, every=every)["every"] == ms
    chosen = get(app, path, start=first, stop=first + 3000, every="1d", aggregates="last,count")
    assert sum(chosen["count"]) == 3
    assert chosen["last"][-1] == 20.02
    assert chosen.keys().isdisjoint({"mean", "min", "max"})


def test_a_picture_has_as_many_points_as_were_asked_for(served: Served) -> None:
    """Few enough readings come one by one; more come in buckets that hold every one of them, the least and the greatest too."""
    app, _, first = served
    path = f"series/{SOIL}/window"
    assert get(app, path, start=first, stop=first + 500_000, points=500)["every"] is None
    for points in (10, 137, 800):
        found = get(app, path, start=first, stop=first + 11_000_000, points=points)
        assert points / 5 < len(found["t"]) <= points
        assert (min(found["min"]), max(found["max"]), sum(found["count"])) == (20.0, 29.99, 11_000)


def test_too_many_points_says_how_to_page(served: Served) -> None:
    app, _, first = served
    path = f"series/{SOIL}/window"
    status, code, message = refused(app, path, every="raw", start=first)
    assert (status, code) == (422, "too_much")
    page = first + 10_000_000
    assert f"stop={page}" in message
    assert len(get(app, path, every="raw", start=first, stop=page)["t"]) == 10_000
    assert len(get(app, path, every="raw", start=page)["t"]) == 1_000


@pytest.mark.parametrize(
    ("path", "query", "status", "code", "said"),
    [
        ("series", {"village": "35.10.99.9999"}, 404, "unknown_village", "35.10.99.9999"),
        ("series/a.b.c/window", {}, 404, "not_found", "a.b.c"),
        (f"series/{SOIL}/window", {"start": "yesterday"}, 422, "invalid_request", "yesterday"),
        (f"series/{SOIL}/window", {"start": "9" * 40}, 422, "invalid_request", "start"),
        (f"series/{SOIL}/window", {"start": 5, "stop": 5}, 422, "invalid_request", "not before"),
        (f"series/{SOIL}/window", {"every": "1y"}, 422, "invalid_request", "1y"),
        (f"series/{SOIL}/window", {"every": "0"}, 422, "invalid_request", "every"),
        (f"series/{SOIL}/window", {"every": "²"}, 422, "invalid_request", "every"),
        (f"series/{SOIL}/window", {"every": "1h", "aggregates": "mean,median"}, 422, "invalid_request", "'median' is none"),
        (f"series/{SOIL}/window", {"points": "9"}, 422, "invalid_request", "10 to 10,000"),
        (f"series/{SOIL}/window", {"points": "many"}, 422, "invalid_request", "many"),
        (f"series/{SOIL}/window", {"points": "100", "every": "1h"}, 422, "invalid_request", "one of them"),
        ("alarms", {"state": "loud"}, 422, "invalid_request", "loud"),
        ("dead-letters", {"limit": 0}, 422, "invalid_request", "limit"),
        ("nowhere", {}, 404, "not_found", "/api/v1/nowhere"),
        (f"villages/{VILLAGE}/content/alarms", {}, 404, "not_found", "no alarms yet"),
        (f"villages/{VILLAGE}/content/recipes", {}, 422, "invalid_request", "recipes"),
        ("villages/x/content/alarms", {}, 404, "unknown_village", "'x'"),
    ],
)
def test_errors(served: Served, path: str, query: dict[str, Any], status: int, code: str, said: str) -> None:
    found = refused(served[0], path, **query)
    assert found[:2] == (status, code)
    assert said in found[2]


def test_a_document_that_a_village_may_not_have_is_no_error_where_none_is_wanted(served: Served) -> None:
    app, _, _ = served
    answer = HTTP.get(f"{app.url}/api/v1/villages/{VILLAGE}/content/advice", params={"missing": "empty"})
    assert (answer.status_code, answer.content) == (204, b"")


def test_more_alarms_than_are_given_at_once(served: Served) -> None:
    """Whoever asks by time gets each once; the score of the simulators does."""
    app, _, first = served
    shared = {"rule": "r", "node": "kiosk-9", "series": "kiosk-9.kali-1.water_level", "severity": 1, "value": 1.0, "unit": "m"}
    shared |= {"threshold": 1.0, "title": {}, "message": {}, "source": "uji", "announced": False, "village": "35.10.24.2003"}
    shared |= {"scope": shared["series"], "worst": 1.0, "worst_at": first, "scale": "waspada", "about": "other", "withdrawn": False}
    with app._services.records.session() as session:
        session.add_all(AlarmRow(id=f"a{n}", since=first + n * n, until=first + 10**9, **shared) for n in range(2_500))
        session.commit()
    assert len(get(app, "alarms", village="35.10.24.2003", state="all")) == 1_000
    some = get(app, "alarms", village="35.10.24.2003", state="all", start=first + 4, stop=text(first + 100 * 1000))
    assert {a["id"] for a in some} == {f"a{n}" for n in range(2, 317) if n * n < 100_000}
    found = Cloud(app.url).alarms("35.10.24.2003", first, first + 2_500**2)
    assert sorted(a["id"] for a in found) == sorted(f"a{n}" for n in range(2_500))
    assert refused(app, "alarms", start="kemarin")[:2] == (422, "invalid_request")


def test_places(served: Served) -> None:
    villages = get(served[0], "villages")
    assert len(villages) == 217
    assert next(v for v in villages if v["code"] == VILLAGE)["name"] == "Tamansari"
    assert get(served[0], "fields", village=VILLAGE) == [FIELD]
    assert get(served[0], "fields", village="35.10.01.2001") == []


def test_words_say_what_needs_review(served: Served) -> None:
    found = {one["language"]: one for one in get(served[0], "words")}
    assert next(iter(found)) == "id"
    assert found["id"]["reviewed"] == found["id"]["strings"]
    assert found["jv"]["reviewed"] == 0
    over = next(one for one in get(served[0], "words/jv") if one["key"] == "do.over")
    assert (over["indonesian"], over["reviewed"]) == ("Keadaan sudah aman. Terima kasih.", False)
    assert over["text"]


def test_openapi_is_valid_and_names_every_error(served: Served) -> None:
    schema = get(served[0], "openapi.json")
    assert schema["openapi"].startswith("3.")
    for path, item in schema["paths"].items():
        assert path.startswith("/api/v1/")
        for operation in item.values():
            assert "422" in operation["responses"]
            assert operation["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
    for part in schema["components"]["schemas"].values():
        Draft202012Validator.check_schema(part)
    text = json.dumps(schema)
    for reference in {r.split('"')[0] for r in text.split("#/components/schemas/")[1:]}:
        assert reference in schema["components"]["schemas"]


@pytest.mark.parametrize(
    ("route", "queries"),
    [
        ("series", [{}]),
        ("series/{series_id}/window", [{"every": "raw", "shown": "true", "stop": 1_000}, {"every": "1h"}, {}]),
        ("series/{series_id}/rows", [{"every": "raw", "stop": 1_000}, {"every": "1h"}]),
    ],
)
def test_answers_of_many_values_are_as_the_schema_says(served: Served, route: str, queries: list[dict[str, Any]]) -> None:
    """Nothing checks these on their way out: names and kinds of values are those that the description has, and no others."""
    app, _, first = served
    schema = get(app, "openapi.json")
    said = schema["paths"][f"/api/v1/{route}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    for part in schema["components"]["schemas"].values():
        part["additionalProperties"] = False
    for query in queries:
        asked = {**query, "start": first, "stop": first + query["stop"] * 1_000} if "stop" in query else query
        answer = get(app, route.format(series_id=SOIL), **asked)
        assert answer
        Draft202012Validator({**said, "components": schema["components"]}).validate(answer)


def test_metrics(served: Served) -> None:
    answer = HTTP.get(f"{served[0].url}/api/v1/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert figures["kampung_readings_total"] == "11000.0"
    assert figures['kampung_packs_total{lane="live"}'] == "11.0"
    assert figures["kampung_nodes_online"] == "1.0"
    assert figures["kampung_ingest_queue"] == "0.0"
    parts = {name for name, check in get(served[0], "healthz")["checks"].items() if check["ok"]}
    assert {name for name in parts if figures[f'kampung_part_ok{{part="{name}"}}'] == "1.0"} == parts
    assert "telemetry" in parts
    assert float(figures["kampung_commit_seconds_count"]) >= 1


def test_answers_are_sent_at_once() -> None:
    """asyncio sets TCP_NODELAY only on sockets that name their protocol; what is accepted takes it from who listens."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_pages_and_headers(served: Served) -> None:
    url = served[0].url
    for path in ("/", "/tani", "/tinjau"):
        answer = HTTP.get(url + path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.headers["cache-control"] in {"no-cache", "no-store"}
    assert HTTP.get(f"{url}/assets/none.js").status_code == 404
    assert HTTP.get(f"{url}/assets/..%2f..%2f__init__.py").status_code == 404
    answer = HTTP.get(f"{url}/api/v1/villages")
    assert (answer.headers["content-encoding"], answer.headers["cache-control"]) == ("gzip", "public, max-age=3600")
    assert HTTP.get(f"{url}/api/v1/series").headers["cache-control"] == "no-store"


ITEM = {"id": "posyandu", "title": {"id": "Posyandu besok", "en": "Clinic tomorrow"}, "body": {"id": "Pukul 08.00"}, "from": None}
ANNOUNCEMENTS = f"/api/v1/villages/{VILLAGE}/content/announcements"


def test_announcements_need_the_token_and_reach_the_kiosks(served: Served) -> None:
    app, edge, _ = served
    file = app.config.data / "token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic x"},
        {"Authorization": "Bearer é".encode().decode("latin-1")},
    ):
        raw = {k: v.encode("latin-1") for k, v in headers.items()}
        answer = HTTP.put(app.url + ANNOUNCEMENTS, json={"items": [ITEM]}, headers=raw)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorised")
    key = {"Authorization": f"Bearer {file.read_text().strip()}"}
    first = HTTP.put(app.url + ANNOUNCEMENTS, json={"items": [ITEM]}, headers=key)
    assert first.status_code == 200
    assert first.json()["document"] == {"items": [{**ITEM, "until": None}]}
    assert get(app, f"villages/{VILLAGE}/content/announcements") == first.json()
    assert until(lambda: [t for t, _, _ in edge.got if t.endswith("announcements")])
    (document,) = [decode_content(p) for t, p, _ in edge.got if t.endswith("announcements")]
    assert document.version == first.json()["version"]
    again = HTTP.put(app.url + ANNOUNCEMENTS, json={"items": [ITEM]}, headers=key).json()
    assert again["version"] == first.json()["version"]
    other = HTTP.put(app.url + ANNOUNCEMENTS, json={"items": []}, headers=key).json()
    assert other["version"] > again["version"]
    for wrong, said in (
        ({"items": [{**ITEM, "title": {"en": "only English"}}]}, "Indonesian"),
        ({"items": [{**ITEM, "until": "soon"}]}, "soon"),
        ({"items": [{**ITEM, "colour": "red"}]}, "colour"),
        ({"items": [{**ITEM, "body": {"id": "x" * 4000}, "id": f"a{n}"} for n in range(20)]}, "bytes"),
        ({}, "items"),
    ):
        answer = HTTP.put(app.url + ANNOUNCEMENTS, json=wrong, headers=key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
        assert said in answer.json()["error"]["message"]


def test_documents_stand_on_a_broker_that_lost_them(
    tmp_path: Path, mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    app = start_cloud(mosquitto.url, telemetry={"url": "memory:"})
    key = {"Authorization": f"Bearer {app.token}"}
    assert HTTP.put(app.url + ANNOUNCEMENTS, json={"items": [ITEM]}, headers=key).status_code == 200
    mosquitto.stop()
    (mosquitto.folder / "mosquitto.db").unlink(missing_ok=True)
    mosquitto.start()
    edge = connect(mosquitto)
    assert until(lambda: [m for m in edge.got if m[0].endswith("announcements")], 60)


def test_a_page_sees_what_happens(served: Served) -> None:
    app, edge, first = served
    with HTTP.stream("GET", f"{app.url}/api/v1/stream", params={"village": VILLAGE}, timeout=10) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == ": hello"
        t = first + 11_050_000
        edge.pack(12, column("soil-1/soil_moisture", "%", [(t, 33.5, 1)]))
        edge.pack(13, column("soil-1/soil_moisture", "%", [(t - 5000, 11.0, 1)]))  # late: not the newest, not told
        assert until(lambda: edge.receipted() >= {12, 13})
        edge.state(State(False, "aabbccdd", "r1"))
        told: list[tuple[str, dict[str, Any]]] = []
        while len(told) < 2:
            line = next(lines)
            if line.startswith("event: "):
                told.append((line.removeprefix("event: "), json.loads(next(lines).removeprefix("data: "))))
    assert told == [
        ("reading", {"id": SOIL, "at": text(t), "value": 33.5, "quality": 1}),
        ("node", {"village": VILLAGE, "node": "kiosk-1", "state": "offline"}),
    ]


async def _slow_page() -> tuple[list[Event], int]:
    bus = Bus()
    subscription = bus.subscribe(VILLAGE)
    for n in range(2 * AT_ONCE):
        bus.publish(Event("reading", VILLAGE, {"id": f"kiosk-1.soil-{n % (AT_ONCE + 50)}.soil_moisture", "n": n}))
    bus.publish(Event("alarm", VILLAGE, {}))
    bus.publish(Event("reading", "35.10.01.2001", {"id": "kiosk-2.soil-1.soil_moisture", "n": -1}))
    got = [event for _ in range(2) for event in await subscription.get() or []]
    bus.close()
    assert await subscription.get() is None
    return got, subscription.dropped


def test_a_slow_page_gets_of_each_series_the_newest_and_every_alarm() -> None:
    import asyncio

    got, dropped = asyncio.run(_slow_page())
    assert (got[0].kind, dropped) == ("alarm", AT_ONCE - 50)
    assert [e.data["n"] for e in got[1:]] == [*range(AT_ONCE + 50, 2 * AT_ONCE), *range(AT_ONCE - 50, AT_ONCE + 50)]
