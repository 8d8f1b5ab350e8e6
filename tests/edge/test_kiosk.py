"""The kiosk's API: shapes, errors, events, and what it remembers."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import sqlite3
import threading
import time
import urllib.request

import pytest
from kampung_contract.times import milliseconds
from kampung_edge.clock import wall_ms

SOIL = """
[[port]]
name = "rs485"
url = "dev/nothing-there"
[[port.device]]
name = "soil-1"
profile = "dfrobot-sen0600"
address = 1
title = "Sawah blok timur"
origin = "recording"
note = "Rekaman nyata diputar ulang"
"""


def feed(edge, value, at=None):
    edge.intake.take("soil-1", "soil_moisture", value, "%", 1, wall_ms() if at is None else at)


def test_village(make_edge, api):
    """Who and where this kiosk is, how large a millimetre, and whether it can be heard, which depends on the machine."""
    edge = make_edge()
    status, found = api(edge.port, "/api/village")
    assert set(found.pop("sound")) == {"on", "speaks"}
    assert (status, found) == (
        200,
        {
            "village": {"code": "35.10.24.2008", "name": "Tamansari", "type": "desa", "kecamatan": "Licin", "kabupaten": "Banyuwangi"},
            "node": "kiosk-1",
            "panel": {"mm": 2.71},
            "languages": ["id", "jv", "osi", "mad", "en"],
            "queue": False,
        },
    )


def test_series_before_and_after_a_reading(make_edge, api):
    """A configured device is there from the start; a reading fills ``last``."""
    edge = make_edge(more=SOIL)
    before = {s["quantity"]: s for s in api(edge.port, "/api/series")[1]}
    assert before["soil_moisture"]["last"] is None
    at = wall_ms()
    feed(edge, 31.2, at)
    after = {s["quantity"]: s for s in api(edge.port, "/api/series")[1]}["soil_moisture"]
    assert milliseconds(after["last"].pop("at")) == at
    assert after == {
        "id": "kiosk-1.soil-1.soil_moisture",
        "village": "35.10.24.2008",
        "node": "kiosk-1",
        "device": "soil-1",
        "quantity": "soil_moisture",
        "unit": "%",
        "last": {"value": 31.2, "quality": 1},
        "name": {"id": "Kelembapan tanah", "en": "Soil moisture", "jv": "Lembabipun siti", "osi": "Basahe lemah", "mad": "Bâssana tana"},
        "decimals": 1,
        "title": "Sawah blok timur",
        "model": "dfrobot-sen0600",
        "origin": "recording",
        "note": "Rekaman nyata diputar ulang",
    }


def test_window_raw_and_by_ten_minutes(make_edge, api):
    """The last hours as measured; two days as means that leave out what failed quality control."""
    edge = make_edge()
    now = wall_ms()
    begin = now - 30 * 3_600_000
    for i in range(30 * 60):
        feed(edge, 20.0 + i % 10, begin + i * 60_000)
    edge.intake.take("soil-1", "soil_moisture", 99.0, "%", 1, now - 1)
    identity = "/api/series/kiosk-1.soil-1.soil_moisture/window"
    raw = api(edge.port, f"{identity}?start={now - 3_600_000}&stop={now}")[1]
    assert raw["every"] is None
    assert len(raw["t"]) == len(raw["v"]) == len(raw["q"]) == 61
    assert raw["q"][-1] == 4
    long = api(edge.port, f"{identity}?start={begin}&stop={now}")[1]
    assert long["every"] == 600_000
    assert {k for k in long if k not in raw} == {"mean", "min", "max", "count"}
    assert sum(long["count"]) == 1800
    assert max(long["max"]) == 29.0
    assert len({len(long[k]) for k in ("t", "mean", "min", "max", "count")}) == 1
    assert all(24 <= m <= 25 for m, n in zip(long["mean"], long["count"], strict=True) if n == 10)


@pytest.mark.parametrize(
    ("path", "status", "code", "word"),
    [
        ("/api/series/kiosk-1.x.y/window", 404, "not_found", "kiosk-1.x.y"),
        ("/api/series/kiosk-1.soil-1.soil_moisture/window?start=yesterday", 400, "invalid_request", "yesterday"),
        ("/api/series/kiosk-1.soil-1.soil_moisture/window?start=2&stop=1", 400, "invalid_request", "earlier"),
        ("/api/series/kiosk-1.soil-1.soil_moisture/window?start=99999999999999999999", 400, "invalid_request", "no time"),
        ("/api/content/alarms", 404, "not_found", "alarms"),
        ("/api/nothing", 404, "not_found", "/api/nothing"),
        ("/assets/../../edge.toml", 404, "not_found", "/assets/"),
    ],
)
def test_errors_have_one_shape(make_edge, api, path, status, code, word):
    """Machine code, and a message that names the offending value."""
    edge = make_edge(more=SOIL)
    got, body = api(edge.port, path)
    assert (got, body["error"]["code"]) == (status, code)
    assert word in body["error"]["message"]


def test_a_document_that_never_came_may_be_asked_for_without_an_error(make_edge):
    edge = make_edge()
    answer = urllib.request.urlopen(f"http://127.0.0.1:{edge.port}/api/content/advice?missing=empty", timeout=10)
    assert (answer.status, answer.read()) == (204, b"")


def test_health_without_a_broker(make_edge, api):
    """A link that is down is normal; a port that is down is not."""
    edge = make_edge()
    health = api(edge.port, "/api/health")[1]
    assert health["status"] == "ok"
    assert health["link"]["state"] == "down"
    assert {"packs", "bytes", "oldest", "next_seq", "epoch", "rejected"} <= set(health["spool"])
    assert (health["conflict"], health["clock"]["synchronised"]) == (None, edge.presence._clock.synchronised())


def test_port_that_is_down_shows(make_edge, api, until):
    """With the operating system's own words."""
    edge = make_edge(more=SOIL)
    health = until(lambda: (h := api(edge.port, "/api/health")[1])["status"] == "degraded" and h, "the port is told to be down")
    (port,) = health["ports"]
    assert (port["name"], port["state"]) == ("rs485", "down")
    until(lambda: "No such file" in api(edge.port, "/api/health")[1]["ports"][0]["detail"], "the reason is told")


def test_page_and_headers(make_edge):
    """A page at / whether built or not; strict headers; nothing of the API is cached."""
    edge = make_edge()
    for path in ("/", "/api/health", "/api/none"):
        connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert "default-src 'self'" in answer.getheader("content-security-policy", "")
        assert answer.getheader("cache-control") == "no-store"
        assert path != "/" or (answer.status == 200 and b"<html" in body)


class Events(threading.Thread):
    """A browser's event stream."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", "/api/stream")
        self.answer = self.connection.getresponse()
        assert self.answer.getheader("content-type", "").startswith("text/event-stream")
        self.answer.readline()
        self.got = []
        self.start()

    def run(self):
        event = ""
        with contextlib.suppress(OSError):
            self.read(event)

    def read(self, event):
        while line := self.answer.readline():
            if line.startswith(b"event: "):
                event = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                self.got.append((time.monotonic(), event, json.loads(line[6:])))


@pytest.fixture
def watch():
    made = []

    def start(port):
        made.append(Events(port))
        return made[-1]

    yield start
    for events in made:
        if events.connection.sock is not None:
            events.connection.sock.shutdown(socket.SHUT_RDWR)
        events.join(60)
        events.answer.close()
        events.connection.close()


def test_reading_reaches_the_browser_at_once(make_edge, watch, until):
    """Well under 200 ms from the port's callback to the browser's line."""
    edge = make_edge()
    events = watch(edge.port)
    delays = []
    for i in range(20):
        begun = time.monotonic()
        feed(edge, 30.0 + i / 10)
        got = until(lambda n=i: len(events.got) > n and events.got[n], "the event came")
        delays.append(got[0] - begun)
        assert (got[1], got[2]["id"], got[2]["value"]) == ("reading", "kiosk-1.soil-1.soil_moisture", 30.0 + i / 10)
        assert set(got[2]) == {"id", "at", "value", "quality"}
    assert sorted(delays)[10] < 0.1
    edge.stop()
    events.join(60)
    assert not events.is_alive()


def test_link_and_health_events(make_broker, make_edge, watch, until):
    """The browser learns of the link without asking."""
    broker = make_broker()
    broker.stop()
    edge = make_edge(broker=broker.url)
    events = watch(edge.port)
    broker.start()
    got = until(lambda: next((e for e in events.got if e[1] == "link" and e[2]["state"] == "up"), None), "link up")
    assert set(got[2]) == {"state", "since"}
    until(lambda: any(e[1] == "health" and e[2]["link"]["state"] == "up" for e in events.got), "health event")


def test_view_survives_a_restart(make_edge, api):
    """Values are there at once after a reboot, with the history."""
    edge = make_edge(more=SOIL)
    now = wall_ms()
    for i in range(300):
        feed(edge, 20.0 + i / 10, now - (300 - i) * 60_000)
    path = f"/api/series/kiosk-1.soil-1.soil_moisture/window?start={now - 40 * 3_600_000}&stop={now}"
    before = api(edge.port, "/api/series")[1], api(edge.port, path)[1]
    edge.stop()
    again = make_edge(more=SOIL)
    assert api(again.port, "/api/series")[1] == before[0]
    after = api(again.port, path)[1]
    means = lambda w: sum(w.get("count", w["t"])) if w["every"] else len(w["t"])  # noqa: E731
    assert means(before[1]) == 300
    assert after["every"] == 600_000 and means(after) == 300


def test_view_that_is_damaged_is_thrown_away(make_edge, tmp_path, api):
    """Nothing in it waits to be sent: the kiosk starts without it."""
    (tmp_path / "one" / "edge-data").mkdir(parents=True)
    (tmp_path / "one" / "edge-data" / "view.sqlite").write_bytes(b"rubbish" * 1000)
    edge = make_edge()
    feed(edge, 30.0)
    edge.view.flush(force=True)
    with sqlite3.connect(tmp_path / "one" / "edge-data" / "view.sqlite") as db:
        assert db.execute("SELECT count(*) FROM raw").fetchone() == (1,)
    db.close()
    assert api(edge.port, "/api/series")[0] == 200


def test_a_clock_set_back_does_not_hide_what_comes_now(make_edge, api):
    """Readings of the time before are forgotten by the kiosk's view; the spool has them."""
    edge = make_edge()
    now = wall_ms()
    edge.intake.take("d", "rain", 1.0, "mm", 1, now + 86_400_000)
    edge.intake.take("d", "rain", 2.0, "mm", 1, now)
    assert [s["last"]["value"] for s in api(edge.port, "/api/series")[1] if s["device"] == "d"] == [2.0]
    window = api(edge.port, f"/api/series/kiosk-1.d.rain/window?start={now - 1000}&stop={now + 90_000_000}")[1]
    assert window["v"] == [2.0]
