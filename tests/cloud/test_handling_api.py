"""Alarms explained and handled over the API of a real cloud: the alarm, its trail, its chart, and the acts of people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_contract.acting import AlarmAct, event
from kampung_contract.pack import column
from kampung_contract.topics import Lane

from .conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

GAUGE = "kiosk-1.gauge.water_level"
MINUTE = 60_000
RULE: dict[str, Any] = {
    "id": "kali-1",
    "village": VILLAGE,
    "about": "flood",
    "quantity": "water_level",
    "unit": "m",
    "threshold": 1.5,
    "clear": 1.3,
    "severity": 2,
    "for": "10m",
    "clear_for": "5m",
    "title": {"id": "Kali naik", "en": "River rising"},
    "message": {"id": "Air {value} m, batas {threshold} m", "en": "Water {value} m, threshold {threshold} m"},
    "source": "a test",
}


def level(minute: int) -> float:
    """High from 60 to 30 minutes ago and from 20 minutes ago on."""
    return 1.7 if -60 <= minute < -30 or minute >= -20 else 1.0


class Served:
    """A cloud with two alarms of one rule: one that is over, one that stands; ``now`` is when the readings end."""

    def __init__(self, app: CloudApp, now: int, edge: EdgeClient) -> None:
        self.app, self.now, self.edge = app, now, edge
        self.standing, self.over = get(app, "alarms", state="all")

    def get(self, path: str, **query: Any) -> Any:
        return get(self.app, path, **query)

    def at(self, alarm: dict[str, Any], tail: str = "") -> str:
        return f"alarms/{quote(alarm['id'], safe='')}{tail}"

    def post(self, alarm: dict[str, Any], act: str, body: Any, token: str | None = None) -> httpx.Response:
        key = {"Authorization": f"Bearer {self.app.token if token is None else token}"}
        return HTTP.post(f"{self.app.url}/api/v1/{self.at(alarm, f'/{act}')}", json=body, headers=key)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("handling")
    broker = BrokerProcess(folder / "b", "mosquitto")
    slashed = {**RULE, "id": "kali/2", "threshold": 9.0, "clear": 8.0}
    app = CloudApp(parse({"broker": {"url": broker.url}, "api": {"port": 0}, "rule": [RULE, slashed]}, folder))
    app.start()
    edge = EdgeClient(broker.port)
    assert until(lambda: get(app, "healthz")["status"] == "ok")
    now = now_ms() // MINUTE * MINUTE
    rows = [(now + minute * MINUTE, level(minute), 1) for minute in range(-120, 1)]
    rows[73] = (rows[73][0], 9.9, 4)
    rows[75] = (rows[75][0], 1.9, 3)
    edge.pack(1, column("gauge/water_level", "m", rows[:-1]), lane=Lane.BACKFILL)
    edge.pack(2, column("gauge/water_level", "m", rows[-1:]))
    assert until(lambda: len(get(app, "alarms")) == 1)
    yield Served(app, now, edge)
    edge.close()
    app.stop()
    broker.stop()


def test_an_alarm_is_found_by_its_name_with_its_rule_and_source(served: Served) -> None:
    found = served.get(served.at(served.over))
    assert found["id"] == found["asked"] == served.over["id"]
    assert found["names"] == [served.over["id"]]
    assert (found["state"], found["source"], found["rule_in_force"]["when"]["threshold"]) == ("resolved", "a test", 1.5)
    assert set(found["handling"].values()) == {None}
    missing = HTTP.get(f"{served.app.url}/api/v1/alarms/{quote('kali-9:x:1', safe='')}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    assert "kali-9:x:1" in missing.json()["error"]["message"]


def test_the_trace_shows_readings_marks_flags_and_phases(served: Served) -> None:
    """Counted anew from what is stored: pending, firing, clearing; the failed reading changes nothing, the doubted one is a mark."""
    found = served.get(served.at(served.over, "/trace"))
    minute = {
        name: [(s["start"] - served.now) // MINUTE for s in found["phases"] if s["phase"] == name]
        for name in ("pending", "firing", "clearing")
    }
    assert minute == {"pending": [-60, -20], "firing": [-50, -10], "clearing": [-30]}
    ends = [(s["phase"], (s["stop"] - served.now) // MINUTE) for s in found["phases"][:3]]
    assert ends == [("pending", -50), ("firing", -30), ("clearing", -25)]
    (series,) = found["series"]
    assert (series["id"], series["unit"], series["decimals"], series["every"]) == (GAUGE, "m", 2, None)
    assert series["marks"] == [{"kind": "threshold", "value": 1.5}, {"kind": "clear", "value": 1.3}]
    assert [(v, q) for _, v, q in series["doubted"]] == [(9.9, 4), (1.9, 3)]
    since = served.now - 50 * MINUTE
    assert found["start"] <= since - 60 * MINUTE < series["t"][0] + MINUTE
    assert len(series["t"]) == len(series["v"]) == len(series["q"])
    few = served.get(served.at(served.over, "/trace"), points=10)
    assert len(few["series"][0]["t"]) <= 10
    assert few["series"][0]["every"] > 0
    assert few["series"][0]["doubted"] == series["doubted"]
    assert few["phases"][:-1] == found["phases"][:-1]


def test_acts_are_on_record_at_once_and_open_pages_hear_of_them(served: Served) -> None:
    """Acknowledged, given, commented on; the trail has who, when, how; the list can ask for what nobody has seen."""
    assert [a["id"] for a in served.get("alarms", acknowledged="false")] == [served.standing["id"]]
    with HTTP.stream("GET", f"{served.app.url}/api/v1/stream", params={"village": VILLAGE}) as stream:
        lines = stream.iter_lines()
        next(lines)
        assert served.post(served.standing, "acknowledge", {"by": "Pak RT"}).json()["acknowledged_by"] == "Pak RT"
        event = next(json.loads(line[6:]) for line in lines if line.startswith("data: ") and '"handling"' in line)
    assert (event["alarm"], event["handling"]["acknowledged_by"]) == (served.standing["id"], "Pak RT")
    served.post(served.standing, "acknowledge", {"by": "Pak RT"})
    assert served.post(served.standing, "assign", {"by": "Sari", "to": "BPBD"}).json()["assigned_to"] == "BPBD"
    assert served.post(served.standing, "comment", {"by": "Sari", "text": "Pintu air dibuka"}).status_code == 200
    log = served.get(served.at(served.standing, "/log"))
    assert [(line["kind"], line["actor"], line["via"]) for line in log] == [
        ("raised", "", "system"),
        ("acknowledged", "Pak RT", "page"),
        ("assigned", "Sari", "page"),
        ("commented", "Sari", "page"),
    ]
    assert log[0]["known"] > log[0]["at"], "found in readings that came late"
    assert log[3]["text"] == "Pintu air dibuka"
    assert served.get("alarms", acknowledged="false") == []
    (listed,) = served.get("alarms", acknowledged="true")
    assert listed["handling"]["assigned_to"] == "BPBD"
    assert served.get("alarms", about="air") == served.get("alarms", severity=3) == []


def test_false_alarms_are_counted_for_their_rule(served: Served) -> None:
    """Of the alarms that people were told of; the other one was found in old readings."""
    before = served.get("rules/kali-1")["figures"]
    assert (before["alarms"], before["false"], before["false_share"]) == (1, 0, 0.0)
    assert served.post(served.standing, "verdict", {"by": "Sari", "verdict": "false", "note": "Ranting di alat"}).status_code == 200
    after = served.get(served.at(served.standing))["figures"]
    assert (after["alarms"], after["false"], after["false_share"]) == (1, 1, 1.0)
    none = served.get(f"rules/{quote('kali/2', safe='')}")
    assert (none["rule"]["id"], none["figures"]["false_share"]) == ("kali/2", None)


def test_what_cannot_be_is_refused(served: Served) -> None:
    """No token, no name, no reason, too long, over, unknown: what, the value, the remedy."""
    cases: list[tuple[dict[str, Any], str, Any, str | None, int, str]] = [
        (served.standing, "acknowledge", {"by": "Sari"}, "wrong", 401, "token"),
        (served.standing, "acknowledge", {}, None, 422, "by"),
        (served.standing, "acknowledge", {"by": "S" * 81}, None, 422, "80"),
        (served.standing, "verdict", {"by": "Sari", "verdict": "false", "note": " "}, None, 422, "note"),
        (served.standing, "verdict", {"by": "Sari", "verdict": "maybe", "note": "x"}, None, 422, "maybe"),
        (served.standing, "comment", {"by": "Sari", "text": "x" * 1_001}, None, 422, "1000"),
        (served.over, "assign", {"by": "Sari", "to": "BPBD"}, None, 409, "is over"),
        ({"id": "kali-9:x:1"}, "comment", {"by": "Sari", "text": "x"}, None, 404, "kali-9:x:1"),
    ]
    for alarm, act, body, token, status, word in cases:
        answer = served.post(alarm, act, body, token)
        assert (answer.status_code, word in answer.json()["error"]["message"]) == (status, True), answer.text


def test_what_was_seen_at_the_kiosk_is_in_the_trail_and_goes_back_to_kiosks(served: Served) -> None:
    """Once, however often the pack comes; what is no act is a dead letter."""
    act = AlarmAct(
        id="a1",
        alarm=served.over["id"],
        rule="kali-1",
        scope=GAUGE,
        since=served.now,
        act="seen",
        by="Ketua RT 02",
        at=served.now - 40 * MINUTE,
    )
    for _ in range(2):
        served.edge.pack(3, lane=Lane.EVENT, events=[event(act), event(act) | {"by": ""}])
    assert until(lambda: served.get(served.at(served.over))["handling"]["acknowledged_by"] == "Ketua RT 02")
    assert until(lambda: len(served.get("dead-letters")) == 1)
    lines = [line for line in served.get(served.at(served.over, "/log")) if line["kind"] == "acknowledged"]
    assert [(line["actor"], line["via"]) for line in lines] == [("Ketua RT 02", "kiosk")]
    (shown,) = served.get(f"villages/{VILLAGE}/content/alarms")["document"]["alarms"]
    assert shown["id"] == served.standing["id"]
    assert set(shown["handling"]) == set(served.get(served.at(served.standing))["handling"])
