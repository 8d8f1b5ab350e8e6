"""An alarm from the frame on the wire to the kiosk and the regency, with the link up, and with the broker gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.records.models import EventRow
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from sqlalchemy import select

from tests.cloud.conftest import get as ask_cloud
from tests.e2e.support import until
from tests.edge.conftest import VILLAGE, Broker, River, get

RULE: dict[str, Any] = {
    "id": "kali-dekat",
    "village": VILLAGE,
    "quantity": "distance",
    "unit": "m",
    "direction": "below",
    "threshold": 1.0,
    "clear": 1.1,
    "severity": 3,
    "about": "flood",
    "title": {"id": "Air dekat jembatan"},
    "message": {"id": "{value} m di bawah jembatan"},
    "source": "a test",
}


class Place:
    """One gauge, one kiosk, one regency."""

    def __init__(self, folder: Path) -> None:
        self.broker = Broker("mosquitto", folder)
        tables = {"data": "cloud-data", "broker": {"url": self.broker.url}, "api": {"port": 0}, "rule": [RULE]}
        self.cloud = CloudApp(parse(tables, folder))
        self.river = River(folder / "river")
        file = folder / "edge.toml"
        file.write_text(
            f'village = "{VILLAGE}"\nnode = "kiosk-1"\ndata = "edge-data"\n[broker]\nurl = "{self.broker.url}"\n[kiosk]\nport = 0\n'
            f'[[port]]\nurl = "{folder / "river"}"\n[[port.device]]\nname = "kali-1"\nprofile = "a02yyuw"\nevery = 1\n',
            encoding="utf-8",
        )
        self.edge = EdgeApp(load(file))
        self.broker.start()
        self.cloud.start()
        self.edge.start()

    def kiosk(self) -> list[dict[str, Any]]:
        status, found = get(self.edge.port, "/api/content/alarms")
        return found["document"]["alarms"] if status == 200 else []

    def kiosk_firing(self) -> list[str]:
        return [a["id"] for a in self.kiosk() if a["state"] == "firing"]

    def firing(self) -> dict[str, Any]:
        return next((a for a in self.kiosk() if a["state"] == "firing"), {"seen": [], "handling": None})

    def see(self, alarm: str, by: str) -> int:
        """Somebody at the kiosk."""
        return httpx.post(
            f"http://127.0.0.1:{self.edge.port}/api/alarms/{quote(alarm, safe='')}/seen", json={"by": by}, timeout=60
        ).status_code

    def regency(self, state: str = "all") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ask_cloud(self.cloud, "alarms", village=VILLAGE, state=state)
        return found

    def link(self) -> str:
        return str(get(self.edge.port, "/api/health")[1]["link"]["state"])

    def stop(self) -> None:
        self.edge.stop()
        self.cloud.stop()
        self.river.close()
        self.broker.stop()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.stop()


def test_with_and_without_a_link_it_is_one_alarm(place: Place) -> None:
    """The kiosk gets its rules once. Then the broker goes, the water comes and goes, and comes again: the kiosk tells of it meanwhile, and
    afterwards the regency has the same alarms, each once, by the same names.
    """
    until("the kiosk has its rules", lambda: get(place.edge.port, "/api/content/rules")[0] == 200, 30)
    until("readings in the regency", lambda: ask_cloud(place.cloud, "series"), 30)
    place.broker.stop()
    until("the link is down", lambda: place.link() == "down", 30)
    place.river.millimetres = 900
    (first,) = until("an alarm on the kiosk, without a link", place.kiosk_firing, 30)
    assert place.kiosk()[0]["local"] is True
    assert place.regency() == []
    place.river.millimetres = 1400
    until("it is over", lambda: not place.kiosk_firing(), 30)
    time.sleep(1.1)  # a later second than the first
    place.river.millimetres = 950
    (second,) = until("another one", place.kiosk_firing, 30)
    assert second != first
    assert place.see(second, "Pak RT") == 200
    assert [(s["by"], s["sent"]) for s in place.firing()["seen"]] == [("Pak RT", False)]
    place.broker.start()
    until("both in the regency", lambda: {a["id"] for a in place.regency()} == {first, second}, 40)
    until("the second stands there, too", lambda: [a["id"] for a in place.regency("firing")] == [second], 40)
    until("one name on the kiosk", lambda: place.kiosk_firing() == [second], 30)
    assert len({a["id"] for a in place.kiosk()}) == len(place.kiosk())
    with place.cloud._services.records.session() as session:
        events = [row.body for row in session.scalars(select(EventRow).where(EventRow.type == "alarm"))]
    until("what was seen at the kiosk is sent, and the regency says so", lambda: (place.firing()["handling"] or {}).get("acknowledged"), 40)
    assert [(s["by"], s["sent"]) for s in place.firing()["seen"]] == [("Pak RT", True)]
    log = ask_cloud(place.cloud, f"alarms/{quote(second, safe='')}/log")
    assert [(line["actor"], line["via"]) for line in log if line["kind"] == "acknowledged"] == [("Pak RT", "kiosk")]
    assert [(e["id"], e["state"]) for e in events] == [(first, "firing"), (first, "resolved"), (second, "firing")]
