"""Open data: what the configuration names, nothing else, and nobody's name."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.opendata.parts import parts
from kampung_cloud.readings import subject
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.documents import Device, State
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import column
from kampung_contract.times import milliseconds

from .conftest import HTTP, VILLAGE
from .desk import Desk, code, make

LEVEL = SeriesKey(VILLAGE, "kios-pak-budi", "kolam-bu-sari", "water_level", "m")
POWER = SeriesKey(VILLAGE, "kios-pak-budi", "meter-rumah", "power", "W")
ELSEWHERE = SeriesKey("35.10.01.2001", "kiosk-9", "river-1", "water_level", "m")
T0 = 1_798_735_800_000  # 2026-12-31T23:50:00+07:00
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PUBLIC = {
    "villages": [VILLAGE],
    "quantities": ["water_level"],
    "publisher": "Dinas Kominfo",
    "licence": LICENCE,
    "contact": "data@example.go.id",
}
Start = Callable[..., CloudApp]


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """One that makes water levels of one village public."""
    app = CloudApp(
        parse({"broker": {"url": "mqtt://127.0.0.1:9"}, "api": {"port": 0}, "open_data": PUBLIC}, tmp_path_factory.mktemp("open"))
    )
    app.start()
    yield filled(app)
    app.stop()


def cloud(start_cloud: Start, **open_data: Any) -> CloudApp:
    return filled(start_cloud("mqtt://127.0.0.1:9", wait=False, open_data=open_data))


def filled(app: CloudApp) -> CloudApp:
    for key in (LEVEL, POWER, ELSEWHERE):
        batch = Batch()
        batch.add(key, column(f"{key.device}/{key.quantity}", key.unit, [(T0 + i * 60_000, i / 10, 1) for i in range(20)]), T0)
        app._worker.between(partial(app._services.store.commit, batch)).result(60)
    device = Device("kolam-bu-sari", "dfrobot-a02yyuw", "Kolam milik Bu Sari", "sensor", "di rumah Bu Sari")
    app._nodes.heard(VILLAGE, LEVEL.node, State(True, "aabbccdd", "r1", "0.1.0", last=1, devices=[device]), T0, retained=False)
    return app


def ask(app: CloudApp, path: str = "", **query: Any) -> httpx.Response:
    return HTTP.get(f"{app.url}/api/v1/open-data{path}", params=query)


def test_nothing_is_public_unless_it_is_named(start_cloud: Start) -> None:
    app = cloud(start_cloud)
    assert ask(app).json()["dcat:dataset"] == []
    assert ask(app, f"/{VILLAGE}/water_level.csv").json()["error"]["code"] == "not_found"
    answer = by_token(app, "PUT", {"village": VILLAGE, "quantity": "water_level", "open": True})
    assert code(answer) == (409, "conflict") and "open_data.publisher" in answer.text, "nothing is opened while nobody publishes"


def by_token(app: CloudApp, method: str, body: dict[str, Any]) -> httpx.Response:
    return HTTP.request(method, f"{app.url}/api/v1/openings", json=body, headers={"Authorization": f"Bearer {app.token}"})


def test_the_catalogue_leads_to_the_files(public: CloudApp) -> None:
    """A reader that follows it: publisher, licence, times, and a file a year and format with what the store holds of that year."""
    app = public
    answer = ask(app)
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    found = answer.json()
    assert (found["@type"], found["dct:publisher"]["foaf:name"], found["dct:license"]["@id"]) == ("dcat:Catalog", "Dinas Kominfo", LICENCE)
    dataset, *tables = found["dcat:dataset"]
    assert [t["dct:identifier"] for t in tables] == ["satisfaction", "complaints"]
    for file in (t["dcat:distribution"][0] for t in tables):
        got = HTTP.get(file["dcat:downloadURL"]["@id"], timeout=30)
        assert got.status_code == 200 and got.headers["content-type"].startswith("text/csv"), got.text
    assert dataset["dct:title"][1] == {"@language": "id", "@value": "Tinggi muka air, Desa Tamansari (35.10.24.2008)"}
    assert dataset["dct:temporal"]["dcat:startDate"]["@value"] == "2026-12-31T00:00:00.000+07:00"
    assert dataset["dct:temporal"]["dcat:endDate"]["@value"] == "2027-01-01T00:09:00.000+07:00"
    assert dataset["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:data@example.go.id"}
    assert [d["dct:title"] for d in dataset["dcat:distribution"]] == ["2027, CSV", "2027, Parquet", "2026, CSV", "2026, Parquet"]
    sizes = []
    for file in dataset["dcat:distribution"]:
        got = HTTP.get(file["dcat:downloadURL"]["@id"])
        assert got.status_code == 200, got.text
        assert "attachment" in got.headers["content-disposition"]
        media = file["dcat:mediaType"]["@id"].removeprefix("https://www.iana.org/assignments/media-types/")
        assert got.headers["content-type"].startswith(media)
        sizes.append(int(got.headers["readings"]))
        if media == "text/csv":
            assert f"# Lisensi: {LICENCE}" in got.text
            assert sum(not line.startswith("#") for line in got.text.splitlines()) == 1 + sizes[-1]
        else:
            assert pq.read_table(io.BytesIO(got.content)).num_rows == sizes[-1]
    assert sizes == [10, 10, 10, 10]


MUST = {
    "dcat:Catalog": {
        "dct:title", "dct:description", "dct:publisher", "dcat:dataset", "dct:license", "dct:language", "foaf:homepage", "dct:spatial",
    },
    "dcat:Dataset": {
        "dct:title", "dct:description", "dct:publisher", "dct:license", "dcat:contactPoint", "dcat:keyword", "dcat:theme", "dct:spatial",
        "dcat:distribution", "dct:identifier", "dct:accessRights", "dct:accrualPeriodicity", "dcat:landingPage",
    },
    "dcat:Distribution": {
        "dcat:accessURL", "dcat:downloadURL", "dct:format", "dcat:mediaType", "dct:license", "dct:title", "dct:description",
    },
    "skos:Concept": {"skos:prefLabel"},
    "foaf:Agent": {"foaf:name"},
    "vcard:Organization": {"vcard:fn", "vcard:hasEmail"},
    "dct:PeriodOfTime": {"dcat:startDate", "dcat:endDate"},
}  # fmt: skip
"""Mandatory and recommended properties of DCAT-AP 2.1.1 by class, whose shapes this catalogue passes (tried with pySHACL)."""
LITERALS = {
    "dct:title",
    "dct:description",
    "dcat:keyword",
    "dct:identifier",
    "foaf:name",
    "vcard:fn",
    "locn:geographicName",
    "skos:prefLabel",
}


def things(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of the graph that has a class."""
    for each in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from things(each)
    if isinstance(value, dict) and "@type" in value and "@value" not in value:
        yield value


def test_the_catalogue_keeps_the_rules_of_dcat_ap(public: CloudApp) -> None:
    """What portals ask for is there; things are IRIs or nodes and words are literals; keywords are such as CKAN takes."""
    seen = set()
    for thing in things(ask(public).json()):
        kinds = thing["@type"] if isinstance(thing["@type"], list) else [thing["@type"]]
        seen |= {*kinds}
        for kind in kinds:
            assert thing.keys() >= MUST.get(kind, set()), (kind, MUST[kind] - thing.keys())
        for name, value in thing.items():
            if ":" in name and name not in {"dct:modified", "dcat:startDate", "dcat:endDate", "dcat:centroid"}:
                for each in value if isinstance(value, list) else [value]:
                    assert (isinstance(each, str) or "@value" in each) == (name in LITERALS), (name, each)
    assert seen >= MUST.keys()
    words = [w["@value"] for d in ask(public).json()["dcat:dataset"] for w in d["dcat:keyword"]]
    assert words and all(re.fullmatch(r"[\w .-]{2,100}", word) for word in words)


@settings(max_examples=40)
@given(
    rows=st.lists(st.integers(0, 3 * 366 * 24), min_size=1, max_size=60).map(sorted),
    most=st.integers(3, 40),
)
def test_parts_hold_every_reading_once_and_few_enough(rows: list[int], most: int) -> None:
    """Whole years while they are small, else months, else days, the newest first."""
    times = [T0 + hour * 3_600_000 for hour in rows]
    found = parts(times[0], times[-1], lambda a, b: sum(a <= t < b for t in times), most)
    spans = [(milliseconds(p.start.isoformat()), milliseconds(p.stop.isoformat())) for p in found]
    assert all(late[0] >= early[1] for late, early in itertools.pairwise(spans))
    held = [sum(a <= t < b for t in times) for a, b in spans]
    assert sum(held) == len(times)
    for part, count in zip(found, held, strict=True):
        assert count <= most or len(part.name) == 10, part
        assert milliseconds(part.name + "-01-01"[: 10 - len(part.name)]) == milliseconds(part.start.isoformat())
    assert all(len(p.name) == 4 for p in found) or len(times) > most * 0.9


def test_a_year_that_is_too_much_for_one_file_is_cut(public: CloudApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address of the catalogue is answered, and together they are all readings."""
    monkeypatch.setattr(subject, "MOST_ROWS", 10)
    dataset = ask(public).json()["dcat:dataset"][0]
    files = [d for d in dataset["dcat:distribution"] if d["dct:title"].endswith("CSV")]
    assert [d["dct:title"] for d in files] == ["2027-01-01, CSV", "2026-12-31, CSV"]
    assert [HTTP.get(d["dcat:downloadURL"]["@id"]).headers["readings"] for d in files] == ["10", "10"]


def test_no_name_that_people_gave_leaves(public: CloudApp) -> None:
    """Neither kiosk nor device nor its title: sensors have numbers, which stay the same."""
    app = public
    files = [ask(app).content] + [
        ask(app, f"/{VILLAGE}/water_level.{end}", start=T0, stop=T0 + 9_000_000).content for end in ("csv", "parquet")
    ]
    for name in (b"budi", b"bu-sari", b"Bu Sari", b"kolam", b"Kolam"):
        assert not any(name in body for body in files)
    assert b"dfrobot-a02yyuw, sensor" in files[1]
    assert files[1] == ask(app, f"/{VILLAGE}/water_level.csv", start=T0, stop=T0 + 9_000_000).content


@pytest.mark.parametrize(
    "path", [f"/{VILLAGE}/power.csv", "/35.10.01.2001/water_level.csv", f"/{VILLAGE}/rain.parquet", "/nowhere/water_level.csv"]
)
def test_what_is_not_public_is_not_there(public: CloudApp, path: str) -> None:
    answer = ask(public, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_village_opens_and_closes_what_it_measures(public: CloudApp) -> None:
    """Its head decides, the regency too; it stands before the configuration, is on record, and is public at once."""
    make(public, "siti", ["petugas"])
    make(public, "kades", ["kades"])
    siti, kades = Desk(public, "siti"), Desk(public, "kades")
    regency = partial(by_token, public)
    found = siti.ask("GET", f"openings?village={VILLAGE}").json()
    states = {q["quantity"]: (q["open"], q["by"], q["sensors"], q["readings"]) for q in found["quantities"]}
    assert states == {"power": (False, None, 1, 20), "water_level": (True, None, 1, 20)}
    assert (found["publisher"], found["published"]) == ("Dinas Kominfo", True)
    assert next(q for q in found["quantities"] if q["quantity"] == "power")["caution"]["text"]["id"].startswith("Pemakaian listrik")
    wanted = {"village": VILLAGE, "quantity": "power", "open": True}
    assert code(siti.ask("PUT", "openings", wanted)) == (403, "forbidden")
    assert code(kades.ask("PUT", "openings", wanted | {"village": "35.10.01.2001"})) == (403, "forbidden")
    assert code(kades.ask("GET", "openings/villages")) == (403, "forbidden")
    everywhere = HTTP.get(f"{public.url}/api/v1/openings/villages", headers={"Authorization": f"Bearer {public.token}"}).json()
    assert everywhere == ["35.10.01.2001", VILLAGE]
    wrong = kades.ask("PUT", "openings", wanted | {"quantity": "powr"})
    assert code(wrong) == (404, "not_found") and "did you mean 'power'" in wrong.text
    told = kades.ask("PUT", "openings", wanted).json()
    assert [(d["quantity"], d["open"], d["by"]) for d in told["decisions"]] == [("power", True, "Kades")]
    assert f"{VILLAGE}/power" in [d["dct:identifier"] for d in ask(public).json()["dcat:dataset"]]
    assert ask(public, f"/{VILLAGE}/power.csv", start=T0, stop=T0 + 9_000_000).headers["readings"] == "20"
    for quantity in ("power", "water_level", "water_level"):
        told = regency("PUT", wanted | {"quantity": quantity, "open": False}).json()
    assert [(d["quantity"], d["open"], d["by"]) for d in told["decisions"]] == [
        ("water_level", False, "Token"), ("power", False, "Token"), ("power", True, "Kades")
    ]  # fmt: skip
    assert [d["dct:identifier"] for d in ask(public).json()["dcat:dataset"]] == ["satisfaction", "complaints"]
    assert ask(public, f"/{VILLAGE}/water_level.csv").status_code == 404
    kades.ask("PUT", "openings", wanted | {"quantity": "water_level"})
    assert ask(public, f"/{VILLAGE}/water_level.csv").status_code == 200


def test_behind_a_proxy_the_files_have_the_public_address(start_cloud: Start) -> None:
    app = cloud(start_cloud, **PUBLIC | {"villages": ["*"], "url": "https://data.example.go.id/"})
    found = ask(app).json()
    assert found["@id"] == "https://data.example.go.id/api/v1/open-data"
    assert [d["dct:identifier"] for d in found["dcat:dataset"]] == [
        "35.10.01.2001/water_level", f"{VILLAGE}/water_level", "satisfaction", "complaints"
    ]  # fmt: skip
    hosts = {urlsplit(f["dcat:downloadURL"]["@id"]).netloc for d in found["dcat:dataset"] for f in d["dcat:distribution"]}
    assert hosts == {"data.example.go.id"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"licence": ""}, "licence is missing"),
        ({"publisher": ""}, "publisher is missing"),
        ({"quantities": ["watter_level"]}, "did you mean 'water_level'"),
        ({"villages": ["35.10.24.2999"]}, "35.10.24.2999"),
        ({"contact": "Budi"}, "contact"),
    ],
)
def test_a_wrong_configuration_is_refused(tmp_path: Any, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=r"open_data") as error:
        parse({"open_data": PUBLIC | change}, tmp_path)
    assert said in error.value.message
