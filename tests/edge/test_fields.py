"""A farmer registers a field at the kiosk with no link: in the spool first, his key in his hand, honest about what is still to come."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract import farm_key
from kampung_contract.documents import Content
from kampung_contract.farm_field import parse_event
from kampung_contract.pack import decode
from kampung_contract.receipt import Receipt
from kampung_contract.times import WIB
from kampung_contract.villages import village
from kampung_edge.app import EdgeApp
from kampung_edge.clock import wall_ms

from .conftest import get

PLACE = village("35.10.24.2008")
TODAY = datetime.now(WIB).date()
DOCUMENT: dict[str, Any] = {
    "address": "https://kampung.example",
    "crops": [{"name": "chili"}],
    "soils": [{"name": "loam"}],
    "fields": [],
    "outcomes": {},
}
FIELD: dict[str, Any] = {
    "name": " Kebun  atas ", "crop": "chili", "texture": "loam", "area": 1200, "latitude": PLACE.latitude, "longitude": PLACE.longitude,
    "by": "Bu Contoh", "helped": "Pak Petugas", "planted": (TODAY - timedelta(9)).isoformat(), "flow": 2,
    "sensors": [{"series": "kiosk-1.tanah-1.soil_moisture"}],
}  # fmt: skip


def post(edge: EdgeApp, body: Any, field: str = "") -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)
    try:
        connection.request("POST", f"/api/fields{field and '/' + field}", body=json.dumps(body).encode())
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def here(edge: EdgeApp) -> list[dict[str, Any]]:
    return list(get(edge.port, "/api/content/fields")[1]["document"]["here"])


def publish(edge: EdgeApp, version: int, **more: Any) -> None:
    """As the regency does."""
    edge.view.keep(Content("fields", version, wall_ms(), DOCUMENT | more))


def test_a_field_is_in_the_spool_and_its_key_is_nowhere(make_edge: Callable[..., EdgeApp]) -> None:
    """Shown as waiting over a restart, as sent once the receipt came, as refused with why, and no longer when the regency has it."""
    edge = make_edge()
    publish(edge, 1)
    status, told = post(edge, FIELD)
    assert status == 201, told
    assert told["link"] == f"https://kampung.example/tani?village={PLACE.code}&field={told['field']}#kunci={told['key']}"
    assert told["qr"].startswith("data:image/svg+xml")
    (said,) = [f for p in edge.spool.peek(50) for e in decode(p.payload).events if (f := parse_event(e))]
    assert (said.name, said.by, said.helped, said.area, said.planted) == (
        "Kebun atas",
        "Bu Contoh",
        "Pak Petugas",
        1200.0,
        FIELD["planted"],
    )
    assert said.key == farm_key.digest(told["key"].lower().replace("-", " "))
    assert told["key"] not in (edge.config.data / "fields.json").read_text()
    changed = post(edge, FIELD | {"planted": TODAY.isoformat()}, told["field"])
    assert (changed[0], "key" in changed[1]) == (201, False)
    edge.stop()
    again = make_edge()
    assert [(f["field"], f["new"], f["sent"], f["refused"]) for f in here(again)] == [
        (told["field"], True, False, None),
        (told["field"], False, False, None),
    ]
    last = max(p.seq for p in again.spool.peek(50) if any(e["type"] == "farm-field" for e in decode(p.payload).events))
    again.spool.forget(Receipt(again.spool.epoch, [(1, last)]))
    publish(again, 2, outcomes={told["id"]: "", changed[1]["id"]: "sensor … stands in another field"})
    assert [(f["sent"], f["refused"]) for f in here(again)] == [(True, "sensor … stands in another field")]


def test_what_does_not_fit_is_told_beside_its_question(make_edge: Callable[..., EdgeApp]) -> None:
    """Each message begins with the question it belongs to; nothing is stored."""
    edge = make_edge()
    assert post(edge, FIELD)[1]["error"]["message"].startswith("crop = 'chili': there are none yet")
    publish(edge, 1)
    for change, words in (
        ({"name": " "}, "name = "),
        ({"by": None}, "by = "),
        ({"crop": "wheat"}, "crop = 'wheat': there are chili"),
        ({"texture": "mud"}, "texture = 'mud'"),
        ({"area": 0}, "area = '0.0'"),
        ({"area": "wide"}, "area = 'wide'"),
        ({"latitude": -PLACE.latitude}, "outside every village"),
        ({"latitude": PLACE.longitude, "longitude": PLACE.latitude}, "latitude"),
        ({"planted": (TODAY + timedelta(1)).isoformat()}, "planted = "),
        ({"planted": "2026-02-31"}, "planted = '2026-02-31' is no day"),
        ({"planted": "kemarin"}, "planted = 'kemarin'"),
        ({"sensors": [{"series": "kiosk-1.a.b", "since": "2999-01-01"}]}, "since of kiosk-1.a.b"),
        ({"nik": "x"}, "nik is not asked"),
    ):
        status, answer = post(edge, FIELD | change)
        assert (status, words in answer["error"]["message"]) == (400, True), answer
    assert post(edge, FIELD, "lahan-nowhere")[0] == 404
    assert not [e for p in edge.spool.peek(50) for e in decode(p.payload).events if e["type"] == "farm-field"]


@given(st.text(max_size=40))
@settings(max_examples=50)
def test_a_key_is_a_key_or_is_refused(typed: str) -> None:
    """However it is typed, the same key has the same digest, and nothing else has one."""
    key = farm_key.new_key()
    assert farm_key.digest(f" {key.lower()} ") == farm_key.digest(key.replace("-", ""))
    try:
        assert farm_key.digest(typed) != farm_key.digest(key)
    except farm_key.InvalidRequest as error:
        assert error.message.startswith("key: expected 16 letters")
