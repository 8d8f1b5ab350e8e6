"""A farmer answers the morning's list at the kiosk: on the disk first, shown at once, sent when the link is there."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any

from kampung_contract.documents import Content
from kampung_contract.farming import parse_event
from kampung_contract.pack import decode
from kampung_contract.receipt import Receipt
from kampung_edge.app import EdgeApp
from kampung_edge.clock import wall_ms

from .conftest import get

FIELD = {
    "field": "blok-timur",
    "name": "Blok timur",
    "colour": "siram",
    "actions": [{"kind": "water", "sentence": "Siram."}],
    "answers": {},
}


def say(edge: EdgeApp, field: str = "blok-timur", **body: Any) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)
    try:
        connection.request("POST", f"/api/advice/{field}/answer", body=json.dumps(body).encode())
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def here(edge: EdgeApp) -> dict[str, Any]:
    (field,) = get(edge.port, "/api/content/advice")[1]["document"]["fields"]
    return dict(field["here"])


def publish(edge: EdgeApp, version: int, day: str = "2026-11-30") -> None:
    """As the regency does."""
    edge.view.keep(Content("advice", version, wall_ms(), {"day": day, "fields": [FIELD]}))


def test_an_answer_is_stored_once_and_shown_until_the_next_list(make_edge: Callable[..., EdgeApp]) -> None:
    """No broker is there. Said twice it is one event; another word is another; it is known over a restart, and says when it was sent."""
    edge = make_edge()
    publish(edge, 1)
    assert here(edge) == {}
    for word in ("belum", "sudah", "sudah"):
        assert say(edge, action="water", answer=word, by=" Pak  Joko ")[0] == 200
    found = here(edge)["water"]
    assert (found["answer"], found["by"], found["sent"]) == ("sudah", "Pak Joko", False)
    packs = edge.spool.peek(50)
    answers = [a for p in packs for e in decode(p.payload).events if (a := parse_event(e))]
    assert [(a.field, a.day, a.action, a.answer) for a in answers] == [("blok-timur", "2026-11-30", "water", w) for w in ("belum", "sudah")]
    edge.stop()
    again = make_edge()
    assert here(again)["water"]["answer"] == "sudah"
    last = max(p.seq for p in again.spool.peek(50) if any(e.get("answer") == "sudah" for e in decode(p.payload).events))
    again.spool.forget(Receipt(again.spool.epoch, [(1, last)]))
    assert here(again)["water"]["sent"] is True
    publish(again, 2, "2026-12-01")
    assert here(again) == {}


def test_what_cannot_be_is_refused_in_words(make_edge: Callable[..., EdgeApp]) -> None:
    """No list yet, another field, another action, another word, nobody."""
    edge = make_edge()
    assert say(edge, action="water", answer="sudah", by="x")[0] == 404
    publish(edge, 1)
    for field, body, status, word in (
        ("blok-barat", {"action": "water", "answer": "sudah", "by": "x"}, 404, "blok-barat"),
        ("blok-timur", {"action": "urea", "answer": "sudah", "by": "x"}, 404, "urea"),
        ("blok-timur", {"action": "water", "answer": "besok", "by": "x"}, 400, "tidak perlu"),
        ("blok-timur", {"action": "water", "answer": "sudah", "by": " "}, 400, "name"),
        ("blok-timur", {"action": "water", "answer": "sudah"}, 400, "name"),
        ("blok-timur", {"action": ["water"], "answer": {}, "by": 1}, 404, "action"),
    ):
        found, answer = say(edge, field, **body)
        assert (found, word in answer["error"]["message"]) == (status, True), answer
    assert here(edge) == {}
