"""Air stations over a real store: API, kiosks' document, layer and report."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.modules.environment.hours import DAY, HOUR, last_hour, last_midnight
from kampung_cloud.modules.environment.kiosks import KEY, Kiosks
from kampung_cloud.modules.environment.layer import AIR
from kampung_cloud.modules.environment.section import AIR as SECTION
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Scope
from kampung_contract.villages import villages

from ...alone import cloud_alone, put_readings
from ...conftest import HTTP, VILLAGE, get, now_ms

NEIGHBOUR = "35.10.24.2001"
STATION = {
    "id": "balai", "village": VILLAGE, "title": "Balai desa", "node": "kiosk-1", "devices": ["debu", "gas", "udara"],
    "crater": {"name": "Kawah Ijen", "device": "gas"},
}  # fmt: skip


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """A station of three devices over three days; in the neighbours' village one sensor for ten hours."""
    with cloud_alone(tmp_path_factory.mktemp("air"), air=[STATION]) as app:
        at, rows = last_hour(now_ms()), []
        for n in range(1, 97):
            t = at - n * HOUR + 1_000
            rows += [(t, "kiosk-1.debu.pm25", VILLAGE, 30.0 + n % 3, "ug/m3"), (t, "kiosk-1.debu.pm10", VILLAGE, 60.0, "ug/m3"),
                     (t, "kiosk-1.gas.so2", VILLAGE, 0.010, "ppm"), (t, "kiosk-1.udara.air_temperature", VILLAGE, 31.0, "Cel"),
                     (t, "kiosk-1.udara.relative_humidity", VILLAGE, 75.0, "%RH")]  # fmt: skip
        rows += [(at - n * HOUR + 1_000, "kiosk-2.debu.pm25", NEIGHBOUR, 200.0, "ug/m3") for n in range(1, 11)]
        # BMKG's codes for no data are no dust, even in a file that calls them good.
        rows += [(at - HOUR + 2_000, "kiosk-1.debu.pm25", VILLAGE, wrong, "ug/m3") for wrong in (9999.0, 8888.0)]
        put_readings(app, rows)
        yield app


def test_a_station_has_an_index_of_a_day_and_a_word_of_an_hour(cloud: CloudApp) -> None:
    answer: Any = get(cloud, "environment/stations/balai")
    assert (answer["ispu"]["text"], answer["ispu"]["category"], answer["critical"]) == ("69", "Sedang", "pm25")
    assert answer["ispu"]["advice"]["everybody"] == "Masih dapat beraktivitas di luar."
    by = {p["pollutant"]: p for p in answer["parameters"]}
    assert {p: (v["mean"], v["hours"], v["method"]) for p, v in by.items()} == {
        "pm25": (31.0, 24, "raw"), "pm10": (60.0, 24, "raw"), "so2": (26.2, 24, "25 °C"),
    }  # fmt: skip
    assert (answer["dust_hour"]["mean"], answer["dust_hour"]["category"]) == (31.0, "Sedang")
    assert ([p["index"] is not None for p in answer["hours"]], len(answer["days"])) == ([True] * 24, 7)
    assert (answer["heat"]["category"], answer["crater"], answer["missing"]) == ("extreme caution", "Kawah Ijen", None)


def test_ten_hours_give_no_index_and_say_how_many_are_missing(cloud: CloudApp) -> None:
    (answer,) = get(cloud, "environment/stations", village=NEIGHBOUR)
    assert (answer["id"], answer["ispu"], answer["missing"]) == ("kiosk-2.debu", None, {"hours": 10, "needed": 18})
    assert answer["dust_hour"]["category"] == "Sangat Tidak Sehat"


def test_history_by_hour_by_day_and_as_a_file(cloud: CloudApp) -> None:
    hours: Any = get(cloud, "environment/stations/balai/history", days=2)
    assert (len(hours["points"]), {p["category"] for p in hours["points"]}) == (48, {"Sedang"})
    days: Any = get(cloud, "environment/stations/balai/history", days=3, every="day")
    at = last_hour(now_ms())
    assert [p["t"] for p in days["points"]] == [last_midnight(at) - n * DAY for n in (3, 2, 1)]
    body = HTTP.get(f"{cloud.url}/api/v1/environment/stations/balai/history.csv?days=2&every=hour")
    rows = list(csv.DictReader(body.text.splitlines()))
    assert (len(rows), rows[-1]["ispu"], rows[-1]["critical"], rows[-1]["pm25_hours"]) == (48, "69", "pm25", "24")
    assert "ispu-balai.csv" in body.headers["content-disposition"]


def test_what_is_not_there_is_told(cloud: CloudApp) -> None:
    for path, code in (("stations/tidak-ada", 404), ("stations/tidak-ada/history", 404), ("stations?at=99999999999999", 422)):
        answer = HTTP.get(f"{cloud.url}/api/v1/environment/{path}")
        assert (answer.status_code, list(answer.json())) == (code, ["error"]), answer.text


def test_kiosks_get_the_air_once_an_hour(cloud: CloudApp) -> None:
    """The same again costs a village nothing; readings that come late change it."""
    services, kiosks, now = cloud._services, Kiosks(), now_ms()
    assert kiosks.publish(services, now) == 2
    document = services.contents.get(VILLAGE, KEY)
    assert document is not None
    (station,) = document.document["stations"]
    assert (station["ispu"]["index"], len(station["hours"])) == (69, 24)
    assert kiosks.publish(services, now) == 0
    put_readings(cloud, [(last_hour(now) - 11 * HOUR + 1_000, "kiosk-2.debu.pm25", NEIGHBOUR, 200.0, "ug/m3")])
    assert kiosks.publish(services, now + 15 * 60_000) >= 1


def test_the_map_and_the_report_know_the_air(cloud: CloudApp) -> None:
    services, now = cloud._services, now_ms()
    values = AIR.values(services, now, villages())
    assert {code: (v.kind, v.value) for code, v in values.items()} == {VILLAGE: ("sedang", 69.0)}
    past = AIR.values(services, now - 30 * DAY, villages())
    assert past == {}
    month = Month.of(last_midnight(last_hour(now)) - DAY)
    part = SECTION.make(services, Scope.of(VILLAGE), month, now)
    assert part is not None
    assert part.tables[0].rows[0][0] == "Balai desa"
    assert "tidak ada hari yang Tidak Sehat" in part.paragraphs[0]
    assert SECTION.make(services, Scope.of("35.10.01.2001"), month, now) is None


def test_a_station_near_a_crater_brings_its_rules(cloud: CloudApp) -> None:
    rules = [r for r in cloud.config.rule if r.id.startswith("balai-so2")]
    assert [r.severity for r in rules] == [1, 2, 3]
