"""Samples from a laboratory's file to the map and the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.modules.waterquality.parameters import parameter
from kampung_cloud.modules.waterquality.samples_file import figure, read
from kampung_cloud.modules.waterquality.section import SECTION
from kampung_cloud.modules.waterquality.units import in_table_units
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Scope
from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.times import milliseconds

from ...alone import cloud_alone, put_readings
from ...conftest import HTTP, VILLAGE, get, now_ms
from ...desk import Desk, make

HEAD = "desa;lokasi;waktu;kelas;parameter;nilai;satuan;laboratorium"
TAKEN = "2026-11-02T08:30"


def lines(*rows: str) -> str:
    """A file of one place."""
    return "\n".join([HEAD, *(f"{VILLAGE};Kali Bomo, jembatan;{TAKEN};2;{row};Lab Contoh" for row in rows)])


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    with cloud_alone(tmp_path_factory.mktemp("water")) as app:
        yield app


def post(app: CloudApp, path: str, body: str | dict[str, Any], *, token: bool = True) -> httpx.Response:
    key = {"Authorization": f"Bearer {app.token}"} if token else {}
    url = f"{app.url}/api/v1/waterquality/{path}"
    return HTTP.post(url, json=body, headers=key) if isinstance(body, dict) else HTTP.post(url, content=body.encode(), headers=key)


def test_a_file_is_looked_at_taken_and_found(cloud: CloudApp) -> None:
    """Preview keeps nothing; the same file again brings nothing; the map and the report know the sample; a withdrawn one counts no more."""
    good = lines("BOD;4,5;mg/L", "pH;7,2;", "Oksigen terlarut;5;mg/L", "total-P;150;µg/L", "NO2-N;<0,01;mg/L", "Suhu;27;°C")
    found = post(cloud, "samples/preview", good).json()
    assert found["faults"] == []
    (one,) = found["samples"]
    assert (one["status"], one["worst"], one["class"]) == ("light", "bod", 2)
    assert {t["parameter"]: t["value"] for t in one["terms"]} == {"bod": 4.5, "ph": 7.2, "do": 5, "phosphorus": 0.15, "nitrite": 0.01}
    assert [t["parameter"] for t in one["terms"] if t["below"]] == ["nitrite"]
    assert get(cloud, "waterquality/samples") == []
    assert post(cloud, "samples/file", good, token=False).status_code == 401
    assert post(cloud, "samples/file", good).json() == {"new": 1, "same": 0}
    assert post(cloud, "samples/file", good).json() == {"new": 0, "same": 1}
    clash = post(cloud, "samples/file", lines("BOD;1;mg/L"))
    assert clash.status_code == 409
    assert "withdraw that sample first" in clash.json()["error"]["message"]

    now = now_ms()
    shown = get(cloud, "regency/layers/water", at=now)["villages"][VILLAGE]
    assert (shown["class"], shown["n"]) == ("light", 1)
    assert get(cloud, "regency/layers/water", at=milliseconds("2026-11-01T00:00"))["villages"] == {}
    part = SECTION.make(cloud._services, Scope.of(VILLAGE), Month(2026, 11), now)
    assert part is not None
    assert part.tables[0].rows[0][2:] == ("Kali Bomo, jembatan", 2, pytest.approx(one["index"], abs=1e-3), "Cemar ringan", "BOD")
    assert SECTION.make(cloud._services, Scope.of("35.10.01"), Month(2026, 11), now) is None
    assert SECTION.make(cloud._services, Scope.of(VILLAGE), Month(2026, 10), now) is None

    (kept,) = get(cloud, "waterquality/samples", village=VILLAGE)
    assert kept["by"] == "Token"
    assert post(cloud, f"samples/{kept['id']}/withdraw", {"why": "tertukar botol"}).status_code == 204
    assert post(cloud, f"samples/{kept['id']}/withdraw", {"why": "lagi"}).status_code == 409
    assert get(cloud, "waterquality/samples") == []
    assert get(cloud, "waterquality/samples", withdrawn="true")[0]["withdrawn"]["why"] == "tertukar botol"
    assert post(cloud, "samples/file", lines("BOD;1;mg/L")).json() == {"new": 1, "same": 0}


def test_one_by_hand(cloud: CloudApp) -> None:
    """Entered on the page, at a water that is acid by nature; and what is refused."""
    body: dict[str, Any] = {
        "village": VILLAGE, "place": "Kali Banyupait", "class": 4, "taken": "2026-11-03T09:00",
        "values": [{"parameter": "pH", "value": 2.9}],
    }  # fmt: skip
    made = post(cloud, "samples", body)
    assert made.status_code == 201
    assert made.json()["doubts"] == []
    assert "asam" in made.json()["note"]
    for change, says in (
        ({"taken": "2031-01-01"}, "in the future"),
        ({"village": "35.10.24.9999"}, "not one of Banyuwangi's"),
        ({"values": [{"parameter": "pH", "value": 70}]}, "was 7 meant?"),
        ({"values": [{"parameter": "DO", "value": 80, "unit": "%"}]}, "give mg/L"),
        ({"values": [{"parameter": "BOD", "value": 2300000, "unit": "mg/L"}]}, "was it µg/L?"),
        ({"values": [{"parameter": "BOD", "value": 2}]}, "in 'no unit': expected mg/L"),
        ({"values": [{"parameter": "BOD", "value": 2, "unit": "mg/L"}, {"parameter": "bod5", "value": 2, "unit": "mg/L"}]}, "give it once"),
        ({"place": "   "}, "place is empty"),
    ):
        refused = post(cloud, "samples", body | change)
        assert refused.status_code in (404, 422), change
        assert says in refused.json()["error"]["message"]


def test_every_wrong_line_is_named(cloud: CloudApp) -> None:
    """By its number, with the value and the remedy; and nothing of the file is taken."""
    bad = lines("BOD;dua;mg/L", "pH;70;", "DO;85;%", "COD;1.234,5;mg/L", "besi;1;mg/L", "TSS;12;mg/L").replace(
        f"{TAKEN};2;besi", "kemarin;2;besi"
    )
    bad += f"\n{VILLAGE};Kali Bomo, jembatan;{TAKEN};3;TDS;200;mg/L;Lab Contoh"
    faults = post(cloud, "samples/preview", bad).json()["faults"]
    says = {fault["line"]: fault["message"] for fault in faults}
    assert set(says) == {2, 3, 4, 5, 6, 8}
    for line, words in {2: "'dua' is no number", 3: "was 7 meant?", 4: "give mg/L", 5: "decimal mark", 6: "'kemarin'", 8: "line 7"}.items():
        assert words in says[line]
    refused = post(cloud, "samples/file", bad)
    assert refused.status_code == 422
    assert "6 lines do not fit, nothing was taken in" in refused.json()["error"]["message"]
    for text, words in (("a,b\n1,2", "column 'village' is missing"), (HEAD, "no lines"), ("\udcff", "UTF-8")):
        answer = HTTP.post(f"{cloud.url}/api/v1/waterquality/samples/preview", content=text.encode("utf-8", "surrogateescape"))
        assert answer.status_code == 422
        assert words in answer.json()["error"]["message"]


def test_a_doubt_is_no_refusal() -> None:
    """A value that is rare is said to be; µg/L written as mg/L is asked about."""
    (one,) = read(lines("BOD;2300;mg/L"), now_ms()).samples
    assert "µg/L" in one.doubts[0]


@pytest.mark.parametrize(
    ("name", "unit", "factor"),
    [
        ("BOD", "mg O2/L", 1), ("NO3-N", "mg/L N", 1), ("NO3", "mg/L NO3", 0.2259), ("total-P", "µg/L", 1e-3), ("total-P", "ug/l", 1e-3),
        ("fecal coliform", "MPN/100 mL", 1), ("fecal coliform", "CFU/mL", 100), ("TDS", "g/L", 1000), ("COD", "ppm", 1),
        ("warna", "TCU", 1),
    ],
)  # fmt: skip
def test_units(name: str, unit: str, factor: float) -> None:
    """As laboratories write them."""
    assert in_table_units(parameter(name), 2.0, unit) == 2.0 * factor


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_text_is_a_file_or_refused(text: str) -> None:
    """Nothing but a refusal with words; with a right head, lines are faults or samples."""
    try:
        read(text, now_ms())
    except KampungError as error:
        assert str(error)
    try:
        found = read(HEAD + "\n" + text, now_ms())
    except InvalidRequest:
        return
    assert found.faults or found.samples


@given(st.text(alphabet="0123456789.,<-eE ", max_size=12))
def test_figures(text: str) -> None:
    """A figure is finite, or refused."""
    try:
        value, below = figure(text)
    except InvalidRequest as error:
        assert "value = " in str(error)
        return
    assert value == value
    assert below == text.strip().startswith("<")


def test_probes_on_the_map(cloud: CloudApp) -> None:
    """By the medians of a day; one wild reading moves nothing."""
    now = now_ms()
    rows = [(now - n * 600_000, "kiosk-1.sonde.ph", VILLAGE, 7.4, "pH") for n in range(20)]
    rows += [(now - n * 600_000, "kiosk-1.sonde.dissolved_oxygen", VILLAGE, 3.0 if n else 19.0, "mg/L") for n in range(20)]
    put_readings(cloud, rows)
    (one,) = get(cloud, "waterquality/sensors", village=VILLAGE)
    assert (one["status"], one["worst"], one["n"]) == ("look", "dissolved_oxygen", 40)
    assert one["medians"]["dissolved_oxygen"] == 3.0
    assert get(cloud, "regency/layers/water-sensor")["villages"][VILLAGE]["class"] == "look"
    assert get(cloud, "waterquality/parameters")[0]["limits"][0] == [6, 9]


def test_who_may_enter(cloud: CloudApp) -> None:
    """Staff of the village and officers; nobody else, and no village for its neighbour."""
    make(cloud, "siti", ["petugas"])
    make(cloud, "budi", ["petugas"], "35.10.24.2001")
    make(cloud, "tono", ["petani"])
    file = lines("BOD;1;mg/L").replace("Kali Bomo, jembatan", "Kali Lain").encode()
    for who, status in (("budi", 403), ("tono", 403), ("siti", 200)):
        assert Desk(cloud, who).ask("POST", "waterquality/samples/file", content=file).status_code == status, who
    (kept,) = [s for s in get(cloud, "waterquality/samples") if s["place"] == "Kali Lain"]
    assert kept["by"] == "Siti"
    withdrawn = {
        who: Desk(cloud, who).ask("POST", f"waterquality/samples/{kept['id']}/withdraw", {"why": "salah"}) for who in ("budi", "siti")
    }
    assert {who: answer.status_code for who, answer in withdrawn.items()} == {"budi": 403, "siti": 204}
