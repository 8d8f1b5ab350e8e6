"""Somebody at the kiosk has seen an alarm: on the disk first, shown at once, sent when the link is there."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from kampung_contract.acting import parse_event
from kampung_contract.documents import Content
from kampung_contract.pack import decode
from kampung_contract.receipt import Receipt
from kampung_contract.times import text
from kampung_edge.app import EdgeApp
from kampung_edge.clock import wall_ms

from .conftest import VILLAGE, get

SCOPE = "kiosk-7.gauge.water_level"
ALARM: dict[str, Any] = {
    "id": f"kali/1:{SCOPE}:1795280400000",
    "rule": "kali/1",
    "village": VILLAGE,
    "scope": SCOPE,
    "series": SCOPE,
    "state": "firing",
    "since": text(1_795_280_400_000),
}


def see(edge: EdgeApp, body: bytes, name: str = ALARM["id"]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)
    try:
        connection.request("POST", f"/api/alarms/{quote(name, safe='')}/seen", body=body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def shown(edge: EdgeApp) -> dict[str, Any]:
    (alarm,) = get(edge.port, "/api/content/alarms")[1]["document"]["alarms"]
    return dict(alarm)


def people(alarm: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(s["by"], s["sent"]) for s in alarm["seen"]]


def publish(edge: EdgeApp, version: int, *alarms: dict[str, Any], **more: Any) -> None:
    """As the regency does."""
    edge.view.keep(Content("alarms", version, wall_ms(), {"alarms": list(alarms), **more}))


def test_an_act_is_stored_once_shown_at_once_and_sent_later(make_edge: Callable[..., EdgeApp]) -> None:
    """No broker is there. The act is an event in the spool; it is shown as not sent, over a restart too, until a receipt names it."""
    edge = make_edge()
    publish(edge, 1, ALARM, contact="0812-0000-1234")
    assert people(shown(edge)) == []
    assert get(edge.port, "/api/content/alarms")[1]["document"]["contact"] == "0812-0000-1234"
    for who in ("Pak RT", " Pak  RT ", "Bu Sari"):
        assert see(edge, json.dumps({"by": who}).encode())[0] == 200
    assert people(shown(edge)) == [("Pak RT", False), ("Bu Sari", False)]
    acts = [act for pack in edge.spool.peek(50) for event in decode(pack.payload).events if (act := parse_event(event))]
    assert [(act.by, act.alarm, act.rule, act.scope, act.since) for act in acts] == [
        (who, ALARM["id"], "kali/1", SCOPE, 1_795_280_400_000) for who in ("Pak RT", "Bu Sari")
    ]
    edge.stop()
    again = make_edge()
    assert people(shown(again)) == [("Pak RT", False), ("Bu Sari", False)]
    first = next(p.seq for p in again.spool.peek(50) if any(e.get("by") == "Pak RT" for e in decode(p.payload).events))
    again.spool.forget(Receipt(again.spool.epoch, [(first, first)]))
    assert people(shown(again)) == [("Pak RT", True), ("Bu Sari", False)]


def test_the_regencys_word_and_an_alarm_that_moved(make_edge: Callable[..., EdgeApp]) -> None:
    """Who handles it comes with the document; what was seen goes along when the regency calls the alarm otherwise."""
    edge = make_edge()
    publish(edge, 1, ALARM)
    see(edge, b'{"by": "Pak RT"}')
    moved = ALARM | {"id": f"kali/1:{SCOPE}:1795280000000", "since": text(1_795_280_000_000), "handling": {"acknowledged_by": "BPBD"}}
    publish(edge, 2, moved)
    found = shown(edge)
    assert (people(found), found["handling"]) == ([("Pak RT", False)], {"acknowledged_by": "BPBD"})
    publish(edge, 3, moved | {"state": "resolved"})
    assert people(shown(edge)) == []


def test_what_cannot_be_is_refused_in_words(make_edge: Callable[..., EdgeApp]) -> None:
    """Nobody, too long a name, no JSON, an alarm that is not shown, more people than there are."""
    edge = make_edge()
    publish(edge, 1, ALARM)
    for body, word in (
        (b'{"by": " "}', "Pak RT"),
        (b'{"by": "' + b"x" * 81 + b'"}', "80"),
        (b"{}", "by"),
        (b"[]", "object"),
        (b"{", "JSON"),
    ):
        status, answer = see(edge, body)
        assert (status, word in answer["error"]["message"]) == (400, True), answer
    status, answer = see(edge, b'{"by": "Pak RT"}', "kali-9:x:1")
    assert (status, answer["error"]["code"]) == (404, "not_found")
    for number in range(10):
        assert see(edge, json.dumps({"by": f"Warga {number}"}).encode())[0] == 200
    assert see(edge, b'{"by": "Warga 11"}')[0] == 400
    assert len(shown(edge)["seen"]) == 10
