"""Farmers register fields themselves, at a kiosk and on the phone, and speak for them with their keys."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.messages import people
from kampung_cloud.messages.address import Address
from kampung_cloud.messages.person import Person
from kampung_cloud.modules.farming import keys, speaking
from kampung_cloud.modules.farming.api import mornings
from kampung_cloud.modules.farming.api_farmer import fields_of
from kampung_cloud.modules.farming.kiosks import Kiosks
from kampung_cloud.modules.farming.pace import Pace, TooOften
from kampung_cloud.modules.farming.photos import MOST_BYTES, clean
from kampung_cloud.modules.farming.stations import day_of
from kampung_cloud.records.models import EventRow
from kampung_contract import farm_key
from kampung_contract.errors import InvalidRequest
from kampung_contract.farm_field import FarmField, FieldSensor, event
from kampung_contract.villages import village
from kampung_sim.process import free_port
from msgspec.structs import replace

from ...conftest import HTTP, VILLAGE, get, now_ms

TODAY = day_of(now_ms())
PLACE = village(VILLAGE)
FIELD: dict[str, Any] = {
    "village": VILLAGE, "name": "Sawah utara", "crop": "rice", "texture": "clay", "area": 2500, "latitude": PLACE.latitude,
    "longitude": PLACE.longitude, "by": "Bu Contoh", "planted": (TODAY - timedelta(30)).isoformat(),
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """A cloud whose broker is away: nothing here needs one."""
    folder: Path = tmp_path_factory.mktemp("registering")
    settings_ = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0, "url": "https://kampung.example"}}
    made = CloudApp(parse(settings_ | {"telemetry": {"url": "memory:"}}, folder))
    made.start()
    yield made
    made.stop()


def ask(app: CloudApp, method: str, path: str, body: Any = None, *, key: str = "", staff: bool = False) -> httpx.Response:
    headers = {"Authorization": f"Field {key}"} if key else {"Authorization": f"Bearer {app.token}"} if staff else {}
    return HTTP.request(method, f"{app.url}/api/v1/farming/{path}", json=body, headers=headers)


def registered(app: CloudApp, field: str, **more: Any) -> str:
    """A field of its own on the phone; its key."""
    key = farm_key.new_key()
    made = ask(app, "POST", "registrations", FIELD | {"id": f"phone-{field}", "field": field, "key": key} | more)
    assert made.status_code == 201, made.text
    return key


def jpeg(width: int = 64, height: int = 48, exif: bytes = b"Exif\0\0GPS 8.2 S 114.2 E", behind: bytes = b"") -> bytes:
    """As a phone makes it, with where it was taken; the picture itself is noise."""

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    parts = [segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), segment(0xE1, exif), segment(0xFE, b"taken by"), segment(0xC0, frame)]
    return b"\xff\xd8" + b"".join(parts) + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"noise" * 20 + b"\xff\xd9" + behind


def test_from_a_kiosk_once_and_back_to_it(app: CloudApp) -> None:
    """The event makes a field with who helped, and its key opens it; the kiosk's document says so; what cannot be says why."""
    key = farm_key.new_key()
    people.put(app._records, [Person("pak-joko", VILLAGE, "Pak Joko", "farmer", addresses=(Address("sms", "+6281200001234"),))], now_ms())
    said = FarmField(
        "k1", "lahan-kios0001", "Kebun cabai", "chili", "loam", 1000.0, PLACE.latitude, PLACE.longitude, "Pak Joko", now_ms(),
        planted=(TODAY - timedelta(20)).isoformat(), flow=2.0, sensors=(FieldSensor("kiosk-1.tanah-9.soil_moisture"),), helped="Bu Petugas",
        phone="0812-0000-1234", key=farm_key.digest(key),
    )  # fmt: skip
    wrong = [
        replace(said, id="k2", field="lahan-kios0002"),
        replace(said, id="k3", field="lahan-kios0003", latitude=-7.0, sensors=()),
        replace(said, id="k4", field="lahan-kios0004", planted="2026-02-31", sensors=()),
    ]
    with app._records.session() as session:
        for number, body in enumerate([event(f) for f in (said, *wrong)] + [{"type": "farm-field", "id": "k5", "name": 3}]):
            row = {"node": "kiosk-1", "epoch": "ab", "seq": number + 1, "position": 0, "village": VILLAGE, "received": now_ms()}
            session.add(EventRow(type="farm-field", body=body, **row))
    kiosks = Kiosks(app._records, mornings(app._services), fields_of(app._services))
    # the thread that publishes may have come first; either way each is taken once
    kiosks.take(now_ms())
    assert kiosks.take(now_ms()) == 0
    document = get(app, f"villages/{VILLAGE}/content/fields")["document"]
    outcomes = document["outcomes"]
    assert outcomes["k1"] == ""
    assert "stands in Kebun cabai" in outcomes["k2"]
    assert "outside every village" in outcomes["k3"]
    assert "2026-02-31" in outcomes["k4"] and "farm-field" in outcomes["k5"]
    (field,) = [f for f in document["fields"] if f["id"] == "lahan-kios0001"]
    assert (field["name"], field["told"], field["sensors"][0]["series"]) == ("Kebun cabai", 1, "kiosk-1.tanah-9.soil_moisture")
    assert document["address"] == "https://kampung.example"
    assert {"rice", "dragon_fruit"} <= {c["name"] for c in document["crops"]} and all(s["hand"]["id"] for s in document["soils"])
    assert ask(app, "GET", "fields/lahan-kios0001/said", key=key).json()["tell"] == 1
    assert key not in str(document)


def test_on_the_phone_once_and_only_with_its_key(app: CloudApp) -> None:
    """Sent twice it is one field; another key opens nothing; a new season and a moved sensor are changes with the key."""
    body = FIELD | {"id": "phone-lahan-hp01", "field": "lahan-hp01", "key": farm_key.new_key(), "phone": "0812-0000-9999"}
    first = ask(app, "POST", "registrations", body)
    assert (first.status_code, first.json()["new"], first.json()["told"]) == (201, True, False)
    again = ask(app, "POST", "registrations", body)
    assert (again.status_code, again.json()["new"], again.json()["field"]) == (201, False, "lahan-hp01")
    other = registered(app, "lahan-hp02", name="Sawah selatan", sensors=[{"series": "kiosk-1.tanah-7.soil_moisture"}])
    change = body | {"id": "change-hp01-1", "change": True, "planted": TODAY.isoformat(), "key": None}
    assert ask(app, "POST", "registrations", change).status_code == 401
    assert ask(app, "POST", "registrations", change, key=other).status_code == 401
    assert ask(app, "POST", "registrations", change, key=body["key"].lower()).status_code == 201
    assert ask(app, "GET", "fields/lahan-hp01").json()["age"] == 0
    moved = change | {"id": "change-hp01-2", "sensors": [{"series": "kiosk-1.tanah-7.soil_moisture"}]}
    refused = ask(app, "POST", "registrations", moved, key=body["key"])
    assert (refused.status_code, "stands in Sawah selatan" in refused.text) == (409, True)
    moved["sensors"] = [{"series": "kiosk-1.tanah-7.soil_moisture", "since": TODAY.isoformat()}]
    assert ask(app, "POST", "registrations", moved, key=body["key"]).status_code == 201
    assert ask(app, "GET", "fields/lahan-hp02").json()["sensors"][0]["until"] == TODAY.isoformat()
    assert {"code": VILLAGE, "name": PLACE.name}.items() <= ask(app, "GET", "villages").json()[0].items()
    assert ask(app, "GET", f"choices?village={VILLAGE}").json()["taken"]["kiosk-1.tanah-7.soil_moisture"]["field"] == "lahan-hp01"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"latitude": -7.2, "longitude": 112.7}, "outside every village"),
        ({"planted": (TODAY + timedelta(5)).isoformat()}, "still to come"),
        ({"crop": "durian"}, "there are: rice"),
        ({"by": "  "}, "by"),
        ({"key": "ABC"}, "key: expected"),
        ({"phone": "12"}, "telephone"),
        ({"id": "x"}, "id"),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_what_cannot_be_registered_says_why(app: CloudApp, change: dict[str, Any], words: str) -> None:
    """In the words of the API; the page has its own beside the question."""
    from kampung_cloud.modules.farming import api_farmer

    api_farmer.NEW = Pace(1000, 1)
    answer = ask(app, "POST", "registrations", FIELD | {"id": "phone-wrong-1", "field": "lahan-wrong", "key": farm_key.new_key()} | change)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert ask(app, "GET", "fields/lahan-wrong").status_code == 404


def test_leaves_with_a_photo_and_what_follows(app: CloudApp) -> None:
    """Advice by target at once, the photo without its place, seen with the key only; said twice it is one reading."""
    key = registered(app, "lahan-daun")
    report = {"kind": "leaves", "id": "report-daun-1", "readings": [3.0] * 6 + [4.0] * 4, "by": "Bu Contoh"}
    report["photo"] = base64.b64encode(jpeg(behind=b"GPS again")).decode()
    for _ in range(2):
        assert ask(app, "POST", "fields/lahan-daun/reports", report, key=key).status_code == 200
    said = ask(app, "GET", "fields/lahan-daun/said", key=key).json()
    (leaves,) = said["leaves"]
    assert (leaves["verdict"], leaves["pale"], leaves["mean"]) == ("feed", 6, 3.4)
    assert leaves["urea"] == {"5": 50, "6": 75, "7": 100, "8": 125}
    assert leaves["kg"] == 18.8
    path = f"fields/lahan-daun/photos/{leaves['photo']}"
    photo = ask(app, "GET", path, key=key)
    assert (photo.status_code, photo.headers["content-type"]) == (200, "image/jpeg")
    assert b"GPS" not in photo.content and b"taken by" not in photo.content and clean(photo.content).data == photo.content
    assert ask(app, "GET", path).status_code == 401
    assert ask(app, "GET", path, key=registered(app, "lahan-lain")).status_code == 401
    assert ask(app, "GET", path, staff=True).status_code == 200
    assert ask(app, "GET", "fields/lahan-daun/photos/..%2f..%2ftoken", key=key).status_code == 404
    for wrong in ("no base64!", base64.b64encode(b"\x89PNG....").decode(), base64.b64encode(jpeg(width=9)).decode()):
        refused = ask(app, "POST", "fields/lahan-daun/reports", report | {"id": "report-daun-2", "photo": wrong}, key=key)
        assert (refused.status_code, "photo" in refused.text) == (422, True)
    enough = report | {"id": "report-daun-3", "readings": [4.0] * 10, "photo": None}
    assert ask(app, "POST", "fields/lahan-daun/reports", enough, key=key).status_code == 200
    assert ask(app, "GET", "fields/lahan-daun/said", key=key).json()["leaves"][0]["verdict"] == "enough"


def test_a_contradiction_has_a_code_of_its_own(app: CloudApp) -> None:
    """The page says it in words a farmer knows, beside what was reported before."""
    key = registered(app, "lahan-tahap", planted=(TODAY - timedelta(60)).isoformat())

    def say(number: int, stage: str, back: int) -> Any:
        body = {"kind": "stage", "id": f"report-tahap-{number}", "stage": stage, "day": (TODAY - timedelta(back)).isoformat(), "by": "Bu"}
        return ask(app, "POST", "fields/lahan-tahap/reports", body, key=key)

    assert say(1, "panicle_initiation", 3).status_code == 200
    refused = say(2, "flowering", 6)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "contradiction")
    assert ask(app, "GET", "fields/lahan-tahap/said", key=key).json()["stages"] == {
        "panicle_initiation": (TODAY - timedelta(3)).isoformat()
    }
    # a new season forgets the stages of the one before
    change = FIELD | {"id": "change-tahap", "field": "lahan-tahap", "change": True, "planted": TODAY.isoformat()}
    assert ask(app, "POST", "registrations", change, key=key).status_code == 201
    assert ask(app, "GET", "fields/lahan-tahap/said", key=key).json()["stages"] == {}


def test_keys_are_given_listed_and_revoked(app: CloudApp) -> None:
    """A second phone gets its own; a revoked key opens nothing; guessing ends after ten tries; records hold no key."""
    key = registered(app, "lahan-kunci")
    made = ask(app, "POST", "fields/lahan-kunci/keys", {"by": "Anak Bu Contoh"}, key=key).json()
    assert made["link"].startswith("https://kampung.example/tani?village=") and made["link"].endswith(made["key"])
    listed = ask(app, "GET", "fields/lahan-kunci/keys", key=made["key"]).json()
    assert [k["by"] for k in listed] == ["Bu Contoh", "Anak Bu Contoh"]
    assert ask(app, "DELETE", f"fields/lahan-kunci/keys/{listed[1]['id']}", staff=True).status_code == 204
    assert ask(app, "GET", "fields/lahan-kunci/said", key=made["key"]).status_code == 401
    assert ask(app, "DELETE", "fields/lahan-kunci/keys/99999", key=key).status_code == 404
    for file in app.config.data.glob("records*"):
        assert key.replace("-", "").encode() not in file.read_bytes() and key.encode() not in file.read_bytes()
    codes = [ask(app, "GET", "fields/lahan-kunci/said", key=farm_key.new_key()).status_code for _ in range(12)]
    assert (codes[0], codes[-1]) == (401, 429)
    keys.WRONG._times.clear()
    speaking.OFTEN._times["lahan-kunci"].extend([now_ms()] * 60)
    assert ask(app, "POST", "fields/lahan-kunci/keys", {"by": "x"}, key=key).status_code == 429
    assert ask(app, "POST", "fields/lahan-kunci/keys", {"by": "x"}, staff=True).status_code == 201


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=40))
@settings(max_examples=50)
def test_a_pace_is_never_exceeded_in_any_span(steps: list[int]) -> None:
    """However the times fall: at most three within any second."""
    pace, now, taken = Pace(3, 1_000), 0, []
    for step in steps:
        now += step
        try:
            pace.take("x", now, "tries")
            taken.append(now)
        except TooOften:
            assert sum(now - 1_000 < t for t in taken) >= 3
        assert sum(now - 1_000 < t <= now for t in taken) <= 3


@given(st.binary(max_size=300), st.integers(0, 260), st.booleans())
@settings(max_examples=200)
def test_no_bytes_bring_a_place_with_them(junk: bytes, cut: int, damaged: bool) -> None:
    """A photo is clean or is refused, whatever was done to it."""
    data = jpeg(exif=b"Exif\0\0" + b"SECRETPLACE", behind=junk)
    data = data[:cut] + junk + data[cut:] if damaged else data
    try:
        photo = clean(data)
    except InvalidRequest:
        assert damaged
        return
    assert len(photo.data) <= MOST_BYTES
    assert damaged or (b"SECRETPLACE" not in photo.data and (photo.width, photo.height) == (64, 48))


def test_the_first_view_is_one_question_and_told_with_the_page(app: CloudApp) -> None:
    """The page names what it will ask, so that a phone fetches it beside the page's files; without a village it is not named."""
    registered(app, "lahan-awal", name="Sawah awal")
    first = HTTP.get(f"{app.url}/api/v1/farming/today?village={VILLAGE}").json()
    assert set(first) == {"fields", "registered", "series", "alarms", "advice"}
    assert "lahan-awal" in {f["id"] for f in first["registered"]}
    assert "lahan-awal" in {f["field"] for f in first["advice"]["fields"]}
    assert "village is missing" in HTTP.get(f"{app.url}/api/v1/farming/today").text
    page = HTTP.get(f"{app.url}/tani?village={VILLAGE}&field=x")
    assert page.headers.get("link") == f"</api/v1/farming/today?village={VILLAGE}>; rel=preload; as=fetch; crossorigin"
    for asked in ("", "?village=x%0d%0aSet-Cookie:a", "?village=35.10.24"):
        assert "link" not in HTTP.get(f"{app.url}/tani{asked}").headers


def test_the_simulated_villages_fields_can_be_registered(app: CloudApp) -> None:
    """What ``make run`` registers fits the rules, and each has something to say."""
    from kampung_sim import tamansari

    begun = (now_ms() + tamansari.WIB_OFFSET) // tamansari.DAY
    for field in tamansari.fields(begun):
        assert ask(app, "PUT", f"fields/{field.pop('id')}", field | {"sensors": []}, staff=True).status_code == 200
    advice = HTTP.get(f"{app.url}/api/v1/farming/today?village={VILLAGE}").json()["advice"]["fields"]
    assert {"kebun-cabai", "sawah-blok-timur", "kebun-jagung"} <= {f["field"] for f in advice if f["actions"]}
