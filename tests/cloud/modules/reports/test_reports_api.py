"""Citizens' reports over the API of a real cloud: from a phone, by ticket, at the desks, for everybody."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.health import now_ms
from kampung_cloud.modules.reports import _publish
from kampung_cloud.modules.reports import api as module
from kampung_cloud.modules.reports.section import SECTION
from kampung_cloud.rate_limit import HOUR_MS, Limit
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Scope
from kampung_contract.tickets import shadow, word
from kampung_contract.villages import village
from PIL import Image

from ...alone import cloud_alone
from ...conftest import HTTP, VILLAGE, get
from ...desk import Desk, make

OTHER = "35.10.24.2001"
PLACE = village(VILLAGE)
COUNT = iter(range(1, 1000))


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    with cloud_alone(tmp_path_factory.mktemp("reports")) as app:
        make(app, "siti", ["petugas"])
        make(app, "budi", ["petugas"], OTHER)
        make(app, "rini", ["officer"], None)
        yield app


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is another phone."""
    monkeypatch.setattr(module, "SENDING", Limit(10, HOUR_MS, "10 reports an hour"))
    monkeypatch.setattr(module, "FOLLOWING", Limit(40, HOUR_MS, "40 tickets an hour"))


def picture() -> str:
    image, out, exif = Image.new("RGB", (3000, 2000), "green"), io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "PABRIK CONTOH"
    image.save(out, "JPEG", exif=exif)
    return base64.b64encode(out.getvalue()).decode()


def body(**more: Any) -> dict[str, Any]:
    place = {"latitude": PLACE.latitude, "longitude": PLACE.longitude, "accuracy": 12}
    return (
        {"id": f"{next(COUNT) * 2**100 + 7:032x}", "village": VILLAGE, "kind": "tree", "at": now_ms(), "text": "Pohon tumbang"}
        | place
        | more
    )


def send(app: CloudApp, given: dict[str, Any]) -> httpx.Response:
    return HTTP.post(f"{app.url}/api/v1/reports", json=given)


def follow(app: CloudApp, ticket: dict[str, str]) -> httpx.Response:
    return HTTP.post(f"{app.url}/api/v1/reports/follow", json=ticket)


def test_from_a_phone_to_the_end(cloud: CloudApp) -> None:
    """Sent twice it is one; the desk of its village works on it; its writer reads what was done; others see little, and no face."""
    given = body(photo=picture(), contact="0812-0000-0009")
    sent = send(cloud, given)
    assert sent.status_code == 201
    ticket = sent.json()
    assert send(cloud, given).json() == ticket
    assert ticket["word"] == word(given["id"])

    siti, budi, rini = Desk(cloud, "siti"), Desk(cloud, "budi"), Desk(cloud, "rini")
    (mine,) = siti.ask("GET", "reports").json()
    number = mine["id"]
    assert (mine["ticket"], mine["contact"], mine["photo"], mine["level"]) == (ticket["ticket"], True, True, 0)
    assert 0 < mine["left"] <= 3 * 3_600_000
    assert "0812" not in str(mine)
    assert budi.ask("GET", "reports").json() == []
    assert budi.ask("GET", f"reports/{number}").status_code == 403
    assert budi.ask("POST", f"reports/{number}/step", {"to": "checking"}).status_code == 403
    assert budi.ask("GET", f"reports?village={VILLAGE}").status_code == 403
    assert HTTP.get(f"{cloud.url}/api/v1/reports").status_code == 401

    shown = siti.ask("GET", f"reports/{number}/photo")
    image = Image.open(io.BytesIO(shown.content))
    assert (max(image.size), image.height > image.width, image.info.get("exif")) == (1280, True, None)
    assert HTTP.get(f"{cloud.url}/api/v1/reports/{number}/photo").status_code == 404
    assert siti.ask("POST", f"reports/{number}/release", {"released": True}).status_code == 422
    assert siti.ask("POST", f"reports/{number}/release", {"released": True, "checked": True}).json()["released"]
    assert HTTP.get(f"{cloud.url}/api/v1/reports/{number}/photo").status_code == 200
    assert siti.ask("POST", f"reports/{number}/release", {"released": False}).status_code == 200
    assert HTTP.get(f"{cloud.url}/api/v1/reports/{number}/photo").status_code == 404

    (public,) = get(cloud, "reports/public", village=VILLAGE)
    assert set(public) == {"id", "village", "kind", "title", "at", "status", "word", "place", "photo"}
    assert public["place"] == [round(PLACE.latitude, 3), round(PLACE.longitude, 3)]

    assert siti.ask("POST", f"reports/{number}/contact", {"purpose": "bertanya letaknya"}).json() == {"contact": "0812-0000-0009"}
    assert rini.ask("POST", f"reports/{number}/step", {"to": "handling", "note": "Regu berangkat"}).json()["next"] == ["checking", "done"]
    assert siti.ask("POST", f"reports/{number}/comment", {"note": "Gergaji dipinjam dari desa sebelah"}).status_code == 200
    assert siti.ask("POST", f"reports/{number}/step", {"to": "done"}).status_code == 422
    assert siti.ask("POST", f"reports/{number}/step", {"to": "done", "note": "Jalan sudah bersih"}).status_code == 200
    assert siti.ask("POST", f"reports/{number}/step", {"to": "rejected", "note": "salah pencet"}).status_code == 409

    told = follow(cloud, ticket).json()
    assert (told["status"], told["word"], told["deadline"]) == ("done", "Selesai", None)
    assert [s["note"] for s in told["steps"]] == ["", "Regu berangkat", "Jalan sudah bersih"]
    assert "Siti" not in str(told)
    assert siti.ask("GET", "reports").json() == []

    now = now_ms()
    assert get(cloud, "regency/layers/reports")["villages"][VILLAGE]["class"] == "none"
    part = SECTION.make(cloud._services, Scope.of(VILLAGE), Month.of(now), now)
    assert part is not None
    assert part.tables[0].rows[0][:2] == ("Pohon tumbang", 1)
    assert SECTION.make(cloud._services, Scope.of(OTHER), Month.of(now), now) is None
    _publish(cloud._services, now)
    document = cloud._services.contents.get(VILLAGE, "reports")
    assert document is not None
    assert [(r["report"], r["word"]) for r in document.document["reports"]] == [(shadow(ticket["ticket"]), "Selesai")]
    assert ticket["ticket"] not in str(document.document)


def test_what_is_refused(cloud: CloudApp) -> None:
    """Each with what to do."""
    wrong = [
        (body(village="35.10.24.9999"), 404, "not one of Banyuwangi's"),
        (body(latitude=-7.25, longitude=112.75), 422, "km outside Tamansari"),
        (body(latitude=None, longitude=None), 422, "tap it on the map"),
        (body(longitude=None), 422, "go together"),
        (body(kind="ufo"), 422, "kind"),
        (body(at=now_ms() + 3_600_000), 422, "set the phone's clock"),
        (body(photo="AAAA"), 422, "cannot be read"),
        (body(photo=base64.b64encode(b"%PDF-1.7 not a picture").decode()), 422, "JPEG, PNG, WEBP"),
        (body(id="1"), 422, "id"),
        (body(nik="3510"), 422, "nik"),
    ]
    for given, status, says in wrong:
        answer = send(cloud, given)
        assert answer.status_code == status, says
        assert says in answer.json()["error"]["message"]
    for ticket in ({"ticket": "LP-0000-0000", "word": "x"}, {"ticket": "12", "word": "x"}):
        assert follow(cloud, ticket).status_code == 404


def test_a_photo_of_20_mb(cloud: CloudApp) -> None:
    """It is named with its size, and not read to its end."""
    answer = send(cloud, body(photo="A" * (20 * 1024 * 1024 * 4 // 3)))
    assert answer.status_code == 422
    assert "the photo is 20 MB; at most 6 MB are taken" in answer.json()["error"]["message"]


def test_limits(cloud: CloudApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that sends without end, and one that tries out words."""
    monkeypatch.setattr(module, "SENDING", Limit(2, HOUR_MS, "2 reports an hour are taken from one phone"))
    monkeypatch.setattr(module, "FOLLOWING", Limit(1, HOUR_MS, "1 ticket"))
    assert [send(cloud, body()).status_code for _ in range(3)] == [201, 201, 429]
    assert "try again in" in send(cloud, body()).json()["error"]["message"]
    assert [follow(cloud, {"ticket": "LP-0000-0000", "word": "x"}).status_code for _ in range(2)] == [404, 429]
    limit = Limit(1, HOUR_MS, "one")
    limit.take("a", 0)
    limit.take("b", 0)
    limit.take("a", HOUR_MS)
