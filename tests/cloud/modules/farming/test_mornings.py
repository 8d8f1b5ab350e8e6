"""From readings to the kiosk: a cloud with a village's station, a field registered, its list made, answered and published."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.messages.person import Person
from kampung_cloud.modules.farming.advice.words import said
from kampung_cloud.modules.farming.api import mornings
from kampung_cloud.modules.farming.api_farmer import fields_of
from kampung_cloud.modules.farming.digest import FarmLines
from kampung_cloud.modules.farming.kiosks import Kiosks
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmReportRow
from kampung_cloud.modules.farming.mornings import HOUR
from kampung_cloud.modules.farming.stations import day_of, midnight
from kampung_contract.farming import FarmAnswer, event
from kampung_contract.times import text
from kampung_contract.villages import village
from msgspec.structs import replace
from sqlalchemy import select

from ...conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

DAYS = 62
NOW = now_ms()
TODAY = day_of(NOW)
HOURS = (NOW - midnight(TODAY)) // 3_600_000
"""Whole ones of today."""
PLACE = village(VILLAGE)
FIELD: dict[str, Any] = {
    "village": VILLAGE, "name": "Blok timur", "crop": "cabai", "texture": "loam", "area": 1000, "flow": 2, "latitude": PLACE.latitude,
    "longitude": PLACE.longitude, "altitude": 60, "planted": (TODAY - timedelta(60)).isoformat(),
    "sensors": [{"series": "kiosk-1.tanah.soil_moisture"}], "tell": ["pak-joko"],
}  # fmt: skip


def station() -> bytes:
    """Hourly readings of a dry season until now: temperature, humidity, wind, sun, rain; two days without; and a soil probe that dries."""
    lines = ["time,series,village,value,unit,quality,estimated,received"]
    first, stop = midnight(TODAY - timedelta(DAYS)), NOW
    for hour in range((stop - first) // 3_600_000):
        at, clock = first + hour * 3_600_000, hour % 24
        when = text(at)
        sun = max(0.0, math.sin((clock - 6) / 12 * math.pi))
        if hour // 24 not in (20, 21):
            values = {
                "air_temperature": ("Cel", 23 + 8 * sun), "relative_humidity": ("%RH", 92 - 35 * sun), "wind_speed": ("m/s", 1.2 + sun),
                "solar_irradiance": ("W/m2", 780 * sun), "rain": ("mm", 0.5 if hour // 24 in (10, 30) else 0.0),
            }  # fmt: skip
            lines += [f"{when},kiosk-1.cuaca.{q},{VILLAGE},{v:.2f},{u},1,0,{when}" for q, (u, v) in values.items()]
        lines.append(f"{when},kiosk-1.tanah.soil_moisture,{VILLAGE},{24 - 6 * hour / (24 * DAYS):.2f},%,1,0,{when}")
    return ("\r\n".join(lines) + "\r\n").encode()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CloudApp, EdgeClient]]:
    """A cloud that holds the station's readings, and a kiosk that listens."""
    folder: Path = tmp_path_factory.mktemp("farming")
    broker = BrokerProcess(folder / "b", "mosquitto")
    app = CloudApp(parse({"broker": {"url": broker.url}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}, folder))
    app.start()
    edge = EdgeClient(broker.port)
    assert until(lambda: get(app, "healthz")["checks"]["broker"]["ok"])
    taken = HTTP.post(f"{app.url}/api/v1/readings", content=station(), headers={"Authorization": f"Bearer {app.token}"})
    assert taken.status_code == 200, taken.text
    yield app, edge
    edge.close()
    app.stop()
    broker.stop()


Cloud = tuple[CloudApp, EdgeClient]


def ask(app: CloudApp, method: str, path: str, body: Any = None, *, token: bool = True) -> httpx.Response:
    headers = {"Authorization": f"Bearer {app.token}"} if token else {}
    return HTTP.request(method, f"{app.url}/api/v1/farming/{path}", json=body, headers=headers)


def refused(app: CloudApp, method: str, path: str, body: Any) -> tuple[int, str]:
    answer = ask(app, method, path, body)
    return answer.status_code, answer.json()["error"]["message"]


def documents(edge: EdgeClient) -> list[dict[str, Any]]:
    return [json.loads(payload)["document"] for topic, payload, _ in list(edge.got) if topic.endswith("/content/advice")]


def test_from_registration_to_the_kiosk(cloud: Cloud) -> None:
    """A field is registered, its list stands at once, with numbers that the calculators reproduce, and comes to the kiosk."""
    app, edge = cloud
    made = ask(app, "PUT", "fields/blok-timur", FIELD)
    assert made.status_code == 200, made.text
    assert made.json()["crop"] == "chili"
    assert made.json()["age"] == 60
    assert "tell" not in made.json()
    advice = ask(app, "GET", "fields/blok-timur/advice").json()
    (water,) = [a for a in advice["actions"] if a["kind"] == "water"]
    assert "mm, pompa kira-kira" in water["sentence"]
    again = HTTP.post(f"{app.url}/api/v1/calc/{water['reason']['calc']}", json=water["reason"]["inputs"])
    assert again.status_code == 200, again.text
    assert again.json()["value"] == pytest.approx(water["reason"]["numbers"]["anjuran (mm)"], abs=0.02)
    assert until(lambda: documents(edge))
    (field,) = documents(edge)[-1]["fields"]
    assert field["name"] == "Blok timur"
    assert [a["sentence"] for a in field["actions"]] == [a["sentence"] for a in advice["actions"]]
    assert field["actions"][0]["reason"]["numbers"] == water["reason"]["numbers"]
    assert "inputs" not in field["actions"][0]["reason"]
    words, phrase = documents(edge)[-1]["words"], field["actions"][0]["said"]
    assert phrase["with"]["field"] == "Blok timur"
    assert all(phrase["say"] in words[language] for language in ("jv", "osi", "mad", "en"))
    assert get(app, f"villages/{VILLAGE}/content/advice")["document"]["fields"][0]["field"] == "blok-timur"
    balance = ask(app, "GET", "fields/blok-timur/balance").json()
    assert len(balance["day"]) == 60
    assert sum(1 for m in balance["method"] if m == "ET0 hari sebelumnya") == 2
    assert all(0 <= d <= t for d, t in zip(balance["depletion"], balance["taw"], strict=True))
    assert (balance["probe"][-1] is not None) == (HOURS > 0)  # the probe counts from today on, of which there may be no hour yet


def test_answers_feed_the_balance(cloud: Cloud) -> None:
    """*Sudah* counts as watered by what was advised: the next morning asks for nothing; it is shown, and said once."""
    app, _ = cloud
    ask(app, "PUT", "fields/blok-jawab", FIELD | {"name": "Blok jawab", "sensors": []})
    before = ask(app, "GET", "fields/blok-jawab/advice").json()
    assert before["actions"][0]["kind"] == "water"
    lines = FarmLines(app._records)
    for language in ("id", "jv"):
        told = lines.lines(Person("pak-joko", VILLAGE, "Pak Joko", "farmer", language), midnight(TODAY))
        assert said(before["actions"][0]["said"], language) in told
    assert before["actions"][0]["sentence"] not in told
    answered = ask(app, "POST", "fields/blok-jawab/reports", {"kind": "answer", "action": "water", "answer": "sudah", "by": "Pak Joko"})
    assert answered.status_code == 200, answered.text
    assert answered.json()["answers"]["water"]["answer"] == "sudah"
    looking = mornings(app._services).looking
    (row,) = [r for r in looking._register.listed() if r.id == "blok-jawab"]
    (tomorrow,) = looking.look(VILLAGE, [row], TODAY + timedelta(1))
    assert tomorrow.standing is not None
    assert tomorrow.standing.irrigated == pytest.approx(before["actions"][0]["reason"]["numbers"]["anjuran (mm)"])
    assert tomorrow.colour == "hijau"
    code, words = refused(app, "POST", "fields/blok-jawab/reports", {"kind": "answer", "action": "urea", "answer": "sudah", "by": "x"})
    assert (code, "no action 'urea'" in words) == (404, True)


def test_morning_round_makes_each_list_once(cloud: Cloud) -> None:
    """Before five nothing is made; after it every field has a list; the next minute changes nothing, nor its document."""
    app, _ = cloud
    ask(app, "PUT", "fields/blok-pagi", FIELD | {"name": "Blok pagi", "sensors": []})
    round_ = mornings(app._services)
    tomorrow = midnight(TODAY + timedelta(1))
    assert round_.publish(tomorrow + HOUR * 3_600_000 - 1) == 0
    assert round_.publish(tomorrow + HOUR * 3_600_000) >= 1
    version = app._services.contents.get(VILLAGE, "advice")
    assert round_.publish(tomorrow + HOUR * 3_600_000 + 60_000) == 0
    assert app._services.contents.get(VILLAGE, "advice") == version
    with app._records.session() as session:
        assert session.get(FarmAdviceRow, ("blok-pagi", (TODAY + timedelta(1)).isoformat())) is not None
    round_.tell(VILLAGE, TODAY, now_ms())


def test_a_sensor_stands_in_one_field(cloud: Cloud) -> None:
    """It cannot be named twice; moved with its day, its old readings stay with the old field."""
    app, _ = cloud
    ask(app, "PUT", "fields/blok-timur", FIELD)
    code, words = refused(app, "PUT", "fields/blok-barat", FIELD | {"name": "Blok barat"})
    assert code == 409
    assert "stands in Blok timur" in words
    assert "give 'since'" in words
    moved = {"series": "kiosk-1.tanah.soil_moisture", "since": TODAY.isoformat()}
    assert ask(app, "PUT", "fields/blok-barat", FIELD | {"name": "Blok barat", "sensors": [moved]}).status_code == 200
    (old,) = ask(app, "GET", "fields/blok-timur").json()["sensors"]
    assert old["until"] == TODAY.isoformat()
    ask(app, "DELETE", "fields/blok-barat")


REFUSED = [
    ({"latitude": -7.2, "longitude": 112.7}, 422, "outside every village"),
    ({"latitude": FIELD["longitude"], "longitude": FIELD["latitude"]}, 422, "less than or equal to 90"),
    ({"latitude": -8.59, "longitude": 114.04}, 422, "it may lie in"),
    ({"crop": "durian"}, 422, "there are: rice, chili"),
    ({"texture": "granit"}, 422, "there are: sand"),
    ({"planted": (TODAY + timedelta(9)).isoformat()}, 422, "still to come"),
    ({"planted": (TODAY - timedelta(900)).isoformat()}, 422, "check the year"),
    ({"village": "35.10.99.2001"}, 404, "35.10.99.2001"),
    ({"area": 0}, 422, "area"),
    ({"flow": -1}, 422, "flow"),
    ({"name": ""}, 422, "name"),
    ({"colour": "blue"}, 422, "colour"),
]


@pytest.mark.parametrize(("change", "status", "words"), REFUSED, ids=[next(iter(r[0])) + str(n) for n, r in enumerate(REFUSED)])
def test_what_cannot_be_is_refused(cloud: Cloud, change: dict[str, Any], status: int, words: str) -> None:
    """With what, the value, and what to do; nothing is registered."""
    app, _ = cloud
    code, message = refused(app, "PUT", "fields/lahan-salah", FIELD | {"sensors": []} | change)
    assert code == status
    assert words in message
    assert ask(app, "GET", "fields/lahan-salah").status_code == 404


def test_reports_that_contradict(cloud: Cloud) -> None:
    """Stages come in order and in their time; leaves are ten, of rice; minutes need a flow; writing needs the token."""
    app, _ = cloud
    rice = FIELD | {"name": "Sawah", "crop": "padi", "sensors": [], "planted": (TODAY - timedelta(60)).isoformat(), "flow": None}
    assert ask(app, "PUT", "fields/sawah", rice).status_code == 200

    def say(**report: Any) -> tuple[int, str]:
        answer = ask(app, "POST", "fields/sawah/reports", {"by": "Bu Tani", **report})
        return answer.status_code, "" if answer.status_code == 200 else answer.json()["error"]["message"]

    assert say(kind="stage", stage="maturity", day=(TODAY - timedelta(10)).isoformat())[0] == 422
    assert "check the planting date" in say(kind="stage", stage="maturity", day=(TODAY - timedelta(12)).isoformat())[1]
    assert "stage" in say(kind="stage", stage="tillering")[1]
    assert say(kind="stage", stage="panicle_initiation", day=(TODAY - timedelta(3)).isoformat()) == (200, "")
    code, words = say(kind="stage", stage="flowering", day=(TODAY - timedelta(5)).isoformat())
    assert code == 422
    assert "contradicts panicle_initiation" in words
    assert "last 14" in say(kind="stage", stage="flowering", day=(TODAY - timedelta(30)).isoformat())[1]
    assert say(kind="leaves", readings=[3.5] * 9)[0] == 422
    assert say(kind="leaves", readings=[3.5] * 10) == (200, "")
    assert "flow" in say(kind="watering", minutes=30)[1]
    assert "one of them" in say(kind="watering")[1]
    assert say(kind="watering", mm=20) == (200, "")
    code, words = refused(app, "GET", "fields/sawah/balance", None)
    assert "level in the tube" in words
    code, words = refused(app, "POST", "fields/blok-timur/reports", {"kind": "leaves", "readings": [3] * 10, "by": "x"})
    assert "the chart is for rice" in words
    assert ask(app, "POST", "fields/sawah/reports", {"kind": "watering", "mm": 5, "by": "x"}, token=False).status_code == 401


def test_answers_from_a_kiosk_come_late_and_count_once(cloud: Cloud) -> None:
    """An event in a pack, for the day of its list; said twice it counts once; what cannot be is kept as refused."""
    app, edge = cloud
    ask(app, "PUT", "fields/blok-kios", FIELD | {"name": "Blok kios", "sensors": []})
    said = FarmAnswer("a1", "blok-kios", TODAY.isoformat(), "water", "sudah", "Pak Joko", now_ms())
    strange = [replace(said, id="a2", field="blok-lain"), replace(said, id="a3", action="urea"), replace(said, id="a4", day="2026-02-31")]
    edge.pack(901, events=[event(a) for a in (said, *strange)] + [{"type": "farm-answer", "answer": "besok"}])
    assert until(lambda: 901 in edge.receipted())
    kiosks = Kiosks(app._records, mornings(app._services), fields_of(app._services))
    assert until(lambda: kiosks.take(now_ms()) or ask(app, "GET", "fields/blok-kios/advice").json()["answers"])
    assert kiosks.take(now_ms()) == 0
    assert ask(app, "GET", "fields/blok-kios/advice").json()["answers"]["water"]["by"] == "Pak Joko"
    with app._records.session() as session:
        kinds = Counter(
            session.scalars(
                select(FarmReportRow.kind).where(FarmReportRow.by.in_(("Pak Joko", "kiosk")), FarmReportRow.field != "blok-jawab")
            )
        )
    assert kinds == {"answer": 1, "watering": 1, "refused": 4}


def test_book_and_market(cloud: Cloud) -> None:
    """Written with the token only; read as JSON and as a file; prices come in one by one and by file, all or nothing."""
    app, _ = cloud
    ask(app, "PUT", "fields/blok-buku", FIELD | {"name": "Blok buku", "sensors": []})
    line = {"kind": "harvest", "what": "cabai", "amount": 300, "unit": "kg", "by": "Bu Tani"}
    assert ask(app, "POST", "fields/blok-buku/book", line, token=False).status_code == 401
    assert ask(app, "POST", "fields/blok-buku/book", line).status_code == 201
    assert ask(app, "POST", "fields/blok-buku/book", line | {"kind": "sale", "income": 9_000_000}).status_code == 201
    book = ask(app, "GET", f"fields/blok-buku/book?season={FIELD['planted']}").json()
    assert (book["income"], book["harvest_t"], book["per_hectare"]["harvest"]) == (9_000_000, 0.3, 3.0)
    assert book["neighbours"]["quartiles"] == {}
    assert ask(app, "GET", "fields/blok-buku/book.csv").text.count("cabai") == 2
    assert ask(app, "GET", "fields/blok-buku/book", token=False).status_code == 401
    day = (TODAY - timedelta(8)).isoformat()
    headers = {"Authorization": f"Bearer {app.token}"}
    file = f"commodity,place,day,rupiah,unit\ncabai merah,35.10,{day},40000,kg\n"
    assert HTTP.post(f"{app.url}/api/v1/farming/prices/file?by=x", content=file, headers=headers).json() == {"kept": 1}
    wrong = HTTP.post(f"{app.url}/api/v1/farming/prices/file?by=x", content=file + "cabai merah,35.10,2026,1,kg", headers=headers)
    assert (wrong.status_code, "line 3" in wrong.text) == (422, True)
    assert ask(app, "POST", "prices", {"commodity": "Cabai merah", "rupiah": 50_000, "by": "petugas"}).json() == {"kept": 1}
    trend = ask(app, "GET", "prices?commodity=cabai merah", token=False).json()
    assert (trend["rupiah"], trend["change_week"]) == ([40_000, 50_000], 25.0)
    assert ask(app, "GET", "prices/commodities", token=False).json() == ["cabai merah"]
    looked = HTTP.post(f"{app.url}/api/v1/farming/prices/review", content=file + f"cabai merah,35.10,{day},9,kg", headers=headers).json()
    assert (looked["good"], looked["wrong"], looked["lines"][0]["rupiah"], looked["lines"][1]["line"]) == (1, 1, 40_000, 3)
    assert "line 2 already" in looked["lines"][1]["wrong"]
    assert ask(app, "GET", f"prices/board?village={VILLAGE}", token=False).json()[0]["rupiah"] == [40_000, 50_000]
    assert ask(app, "POST", "prices", {"commodity": "x", "rupiah": 5}, token=False).status_code == 401


def test_a_farmer_writes_his_book_with_his_key(cloud: Cloud) -> None:
    """On a phone without an account: his own field only, once by id, by whom the key was given to; and a year's file."""
    app, _ = cloud
    for name in ("blok-kunci", "blok-lain"):
        ask(app, "PUT", f"fields/{name}", FIELD | {"name": name, "sensors": []})
    key = ask(app, "POST", "fields/blok-kunci/keys", {"by": "Bu Tani"}).json()["key"]
    headers, book = {"Authorization": f"Field {key}"}, f"{app.url}/api/v1/farming/fields/blok-kunci/book"
    line = {"id": "hp-00000077", "kind": "input", "what": "urea", "cost": 150_000}
    for _ in range(2):
        assert HTTP.post(book, json=line, headers=headers).json()["by"] == "Bu Tani"
    found = HTTP.get(book, headers=headers).json()
    assert (found["cost"], found["seasons"][0]["profit"], len(found["lines"])) == (150_000, -150_000, 1)
    assert found["current"] == FIELD["planted"]
    assert found["neighbours"]["least"] == 5
    strike = {"id": "hp-00000078", "kind": "strike", "what": "salah", "strikes": found["lines"][0]["id"]}
    assert HTTP.post(book, json=strike, headers=headers).status_code == 201
    assert HTTP.get(book, headers=headers).json()["cost"] == 0
    assert HTTP.get(book + ".csv?separator=semicolon", headers=headers).text.count("\n") == 1
    assert HTTP.post(book.replace("kunci", "lain"), json=line, headers=headers).status_code == 401
    assert HTTP.post(book, json=line | {"id": "hp-00000079", "kind": "harvest"}, headers=headers).status_code == 422


def test_tables_are_shown_with_their_sources(cloud: Cloud) -> None:
    """Crops and soils for the form, and the module's numbers."""
    app, _ = cloud
    shown = ask(app, "GET", "crops", token=False).json()
    assert {"rice", "dragon_fruit"} <= {c["name"] for c in shown}
    assert all(c["source"] and c["mark"] for c in shown)
    assert ask(app, "GET", "soils", token=False).json()[0]["soil"]["field_capacity"] > 0
    farming = next(m for m in get(app, "modules") if m["name"] == "farming")
    assert farming["documents"] == ["advice", "fields", "prices"]


def test_days_are_local() -> None:
    """Midnight of WIB is five in the afternoon before, UTC."""
    assert day_of(midnight(date(2026, 7, 1))) == date(2026, 7, 1)
    assert day_of(midnight(date(2026, 7, 1)) - 1) == date(2026, 6, 30)
    assert datetime.fromtimestamp(midnight(date(2026, 7, 1)) / 1000, UTC).hour == 17
