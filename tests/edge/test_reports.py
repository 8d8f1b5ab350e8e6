"""Residents' reports at the kiosk: on the disk before there is a ticket, with the link or without."""

from __future__ import annotations

import base64
import http.client
import json
from pathlib import Path
from typing import Any

import pytest
from kampung_contract.citizen import read_ticket, ticket
from kampung_contract.errors import InvalidRequest, KampungError, StorageUnavailable
from kampung_contract.pack import decode
from kampung_edge import reports as module
from kampung_edge.app import EdgeApp
from kampung_edge.reports import MOST_HOUR, Reports

HOUR = 3_600_000


class Spool:
    """What was stored, and what waits."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.waiting = True
        self.full = False

    def store(self, event: dict[str, Any]) -> tuple[str, int]:
        if self.full:
            raise StorageUnavailable("nothing can be saved now")
        self.events.append(event)
        return "aabb", len(self.events)

    def waits(self, _epoch: str, _seq: int) -> bool:
        return self.waiting


def name(n: int) -> str:
    """An id whose ticket differs from the next one's."""
    return f"{(n + 1) * 2**100:032x}"


def body(n: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": name(n), "kind": "rubbish", "spot": "Dekat jembatan", **more}


@pytest.fixture
def spool() -> Spool:
    return Spool()


def post(edge: EdgeApp, sent: dict[str, Any]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)
    try:
        connection.request("POST", "/api/reports", body=json.dumps(sent).encode())
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def desk(folder: Path, spool: Spool) -> Reports:
    return Reports(folder / "reports.json", spool.store, spool.waits)


def test_a_report_and_its_ticket(tmp_path: Path, spool: Spool) -> None:
    """The same again is the same; a restart remembers the ticket and nothing that was said; it is sent when the spool says so."""
    here = desk(tmp_path, spool)
    answer = here.take(body(text="Bau sekali, kata Bu Contoh"))
    assert answer == {"ticket": ticket(name(1)), "word": answer["word"], "sent": False}
    assert here.take(body(text="lain")) == answer
    assert len(spool.events) == 1
    assert read_ticket(answer["ticket"]) == answer["ticket"]
    kept = (tmp_path / "reports.json").read_text()
    assert "Contoh" not in kept
    assert answer["word"] not in kept
    spool.waiting = False
    again = desk(tmp_path, spool)
    assert again.sent(answer["ticket"]) is True
    assert again.sent("LP-0000-0000") is None


def test_no_ticket_for_what_is_not_on_the_disk(tmp_path: Path, spool: Spool) -> None:
    spool.full = True
    with pytest.raises(StorageUnavailable):
        desk(tmp_path, spool).take(body())
    spool.full = False
    assert desk(tmp_path, spool).sent(ticket(name(1))) is None


def test_a_game_is_stopped(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many an hour, then not before the hour is over; a clock that was set back shuts nobody out."""
    here, now = desk(tmp_path, spool), 1_790_000_000_000
    monkeypatch.setattr(module, "wall_ms", lambda: now)
    for n in range(MOST_HOUR):
        here.take(body(n))
    with pytest.raises(KampungError, match=r"try again in 6[01] minutes"):
        here.take(body(99))
    monkeypatch.setattr(module, "wall_ms", lambda: now + HOUR)
    here.take(body(99))
    monkeypatch.setattr(module, "wall_ms", lambda: now - 9 * HOUR)
    here.take(body(100))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kind": "ufo"}, "kind"),
        ({"spot": ""}, "the place is missing"),
        ({"latitude": 91.0, "longitude": 0.0}, "latitude"),
        ({"photo": base64.b64encode(b"\x89PNG....").decode()}, "must be JPEG"),
        ({"photo": "A" * 90_000}, "photo"),
        ({"id": "x"}, "id"),
        ({"text": "x" * 501}, "text"),
    ],
)
def test_what_is_refused(tmp_path: Path, spool: Spool, more: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        desk(tmp_path, spool).take(body(**more))
    assert spool.events == []


def test_over_the_kiosks_own_api(make_edge: Any, api: Any) -> None:
    """Without a line: on the disk of a real edge, in a pack of its own, with a ticket; what the regency says of it is shown later."""
    edge = make_edge()
    photo = base64.b64encode(bytes.fromhex("ffd8ffd9")).decode()
    status, told = post(edge, {**body(7), "photo": photo})
    assert (status, told["ticket"], told["sent"]) == (201, ticket(name(7)), False)
    (event,) = [e for pack in edge.spool.peek(50) for e in decode(pack.payload).events if e["type"] == "citizen-report"]
    assert event["spot"] == "Dekat jembatan"
    assert api(edge.port, f"/api/reports/{told['ticket']}")[1] == {"ticket": told["ticket"], "sent": False, "status": None, "as_of": None}
    assert api(edge.port, "/api/reports/LP-0000-0000")[0] == 404
    assert post(edge, {**body(8), "photo": "A" * 200_000})[0] == 413
