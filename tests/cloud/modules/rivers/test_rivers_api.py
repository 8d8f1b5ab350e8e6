"""Gauges, rain and slopes over a real store: pages, kiosks' documents, layers, and alarms by the one engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.modules.rivers.layers import RAIN, RIVER
from kampung_cloud.modules.rivers.publishing import KEY, look, publish
from kampung_cloud.modules.rivers.section import SECTION
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Scope
from kampung_contract.villages import village

from tests.ui import demo_rivers

from ...alone import cloud_alone, put_readings
from ...conftest import HTTP, get, now_ms, until

HULU, TENGAH, HILIR = "35.10.24.2008", "35.10.15.2012", "35.10.15.2010"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
GAUGES = [
    {"id": "hulu", "river": "Kalilo", "village": HULU, "order": 1, "series": "hulu-1.kali-1.water_level", "bank_full": 2.0},
    {
        "id": "tengah", "river": "Kalilo", "village": TENGAH, "order": 2, "series": "tengah-1.kali-1.water_level", "bank_full": 2.0,
        "second": "tengah-1.kali-2.water_level",
        "upstream": [{"gauge": "hulu", "minutes": [40, 70], "source": "anggapan uji"}],
    },
    {
        "id": "hilir", "river": "Kalilo", "village": HILIR, "order": 3, "series": "hilir-1.kali-1.water_level", "bank_full": 2.5,
        "datum": [{"from": "2026-01-01T00:00:00+07:00", "note": "papan duga dipasang ulang", "shift": -0.1}],
        "upstream": [
            {"gauge": "tengah", "minutes": [30, 50], "source": "anggapan uji", "radio": "hilir-1.hulu-1.water_level"},
        ],
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """The upper gauge has just passed Siaga 2, the middle one rises fast, the lower one has been silent for an hour; rain fell."""
    setting = {"villages": [HULU]}
    with cloud_alone(tmp_path_factory.mktemp("rivers"), gauge=GAUGES, landslide=setting) as app:
        now, rows = now_ms(), []
        for m in range(40, -1, -1):
            t = now - m * MINUTE - 1_000
            rows += [(t, "hulu-1.kali-1.water_level", HULU, 0.6 + (40 - m) * 0.025, "m")]
            rows += [(t, "tengah-1.kali-1.water_level", TENGAH, 0.5 + (40 - m) * 0.012, "m")]
            rows += [(t, "tengah-1.kali-2.water_level", TENGAH, 0.53 + (40 - m) * 0.012, "m")]
            rows += [(t - HOUR, "hilir-1.kali-1.water_level", HILIR, 0.4, "m")]
        rows += [(now - n * HOUR - 1_000, "hulu-1.hujan-1.rain", HULU, 3.5, "mm") for n in range(20)]
        rows += [(now - m * MINUTE - 1_000, "hilir-1.hujan-1.rain", HILIR, 3.0, "mm") for m in range(10)]
        rows += [(now - (30 + n) * HOUR, "hilir-1.hujan-1.rain", HILIR, v, "mm") for n, v in enumerate((8888.0, 9999.0, -1.0))]
        put_readings(app, rows)
        yield app


def test_the_river_as_officers_see_it(cloud: CloudApp) -> None:
    """From the spring down, with pace, minutes to the next level, how sure it is, and what is on its way."""
    (river,) = get(cloud, "rivers")
    hulu, tengah, hilir = river["gauges"]
    assert (hulu["siaga"], hulu["word"], hulu["minutes"] is not None, hulu["fast"]) == ("Siaga 2", "Siaga", True, True)
    assert hulu["rate"] == pytest.approx(1.5, abs=0.01)
    assert (tengah["siaga"], tengah["certainty"], tengah["trend"]) == ("Siaga 4", "observed", "rising")
    assert tengah["minutes"] == pytest.approx((1.0 - 0.98) / 0.72 * 60, abs=1)
    (way,) = tengah["upstream"]
    assert (way["gauge"], way["ordinal"], way["silent"], way["eta"]["id"]) == ("hulu", 2, False, "40-70 menit")
    assert way["crossed"] < way["first"] < way["last"]
    assert (hilir["silent"], hilir["minutes"], hilir["trend"]) == (True, None, None)
    assert hilir["breaks"] == [{"at": "2026-01-01T00:00:00.000+07:00", "note": "papan duga dipasang ulang", "shift": -0.1}]
    assert get(cloud, "rivers", village="35.10.24.2001") == []


def test_the_village_below_is_told_by_the_ordinary_alarms(cloud: CloudApp) -> None:
    """An alarm of the middle village, raised by the upper one's gauge."""
    assert until(lambda: get(cloud, "alarms", village=TENGAH, state="firing"))
    found = {a["rule"]: a for a in get(cloud, "alarms", village=TENGAH, state="all")}
    told = found["tengah-dari-hulu-siaga-3"]
    assert (told["node"], told["about"], told["state"]) == ("hulu-1", "flood", "firing")
    assert "Tiba di sini 40-70 menit" in told["message"]["id"]
    assert "tengah-naik-cepat" in found
    assert "hulu-menuju-siaga-1" in {a["rule"] for a in get(cloud, "alarms", village=HULU, state="firing")}


def test_rain_closes_at_seven_and_leaves_out_what_cannot_be(cloud: CloudApp) -> None:
    rain: Any = get(cloud, "rain", village=HILIR)
    assert rain["left_out"] == 1  # below nothing; what BMKG codes as missing, the import has flagged already
    assert rain["closes"].endswith("T07:00:00.000+07:00")
    assert sum(d["mm"] for d in rain["days"]) == 30.0
    assert max(h["mm"] for h in rain["hours"]) <= 30.0
    assert (rain["danger"]["warns"], "Tidak ada lereng" in rain["danger"]["why"]) == (False, True)


def test_a_gauge_that_counts_on(cloud: CloudApp) -> None:
    """Differences from hour to hour; a gap is spread, a reset begins anew, a code is no rain, and a device's own ``rain`` goes before."""
    village_code, hour = "35.10.24.2001", now_ms() // HOUR * HOUR
    counts = {8: 100.0, 7: 104.0, 6: 110.0, 3: 116.0, 2: 2.0, 1: 5.0}  # reset between the third and the second hour ago
    rows = [(hour - n * HOUR + 30 * MINUTE, "licin-9.hujan-9.rain_total", village_code, mm, "mm") for n, mm in counts.items()]
    put_readings(cloud, rows)
    rain: Any = get(cloud, "rain", village=village_code)
    found = {(hour - h["t"]) // HOUR: h["mm"] for h in rain["hours"]}
    assert found == {8: 0.0, 7: 4.0, 6: 6.0, 5: 2.0, 4: 2.0, 3: 2.0, 2: 2.0, 1: 3.0}
    put_readings(cloud, [(hour - HOUR + 30 * MINUTE, "licin-9.hujan-9.rain", village_code, 1.5, "mm")])
    assert get(cloud, "rain", village=village_code)["series"] == "licin-9.hujan-9.rain"


def test_a_slope_is_marked_by_an_officer_and_then_rain_warns(cloud: CloudApp) -> None:
    """70 mm in twenty hours: above LEWS's 61 mm. Nobody is warned before a slope is marked; then an ordinary alarm is raised."""
    key = {"Authorization": f"Bearer {cloud.token}"}
    url, place = f"{cloud.url}/api/v1/slopes", village(HULU)
    publish(cloud._services, now_ms())
    assert cloud._services.store.find(f"kabupaten-{HULU.replace('.', '')}.longsor.warning_index") is None
    given = {"village": HULU, "name": "Lereng  RT 04", "latitude": place.latitude, "longitude": place.longitude}
    assert HTTP.post(url, json=given).status_code == 401
    far = HTTP.post(url, json={**given, "latitude": -7.0}, headers=key)
    assert (far.status_code, "not in Tamansari" in far.json()["error"]["message"]) == (422, True), far.text
    made = HTTP.post(url, json=given, headers=key)
    assert (made.status_code, made.json()["name"], made.json()["warns"]) == (201, "Lereng RT 04", True), made.text
    assert "marked there already" in HTTP.post(url, json={**given, "name": "Lereng RT 04"}, headers=key).json()["error"]["message"]
    publish(cloud._services, now_ms())
    danger = get(cloud, "rain", village=HULU)["danger"]
    assert danger["index"] >= 1
    found = until(lambda: [a for a in get(cloud, "alarms", village=HULU, state="firing") if a["about"] == "landslide"])
    assert {a["rule"] for a in found} == {f"longsor-{HULU}-waspada", f"longsor-{HULU}-siaga"}
    gone = HTTP.post(f"{url}/{made.json()['id']}/withdraw", json={"why": "sudah ditembok"}, headers=key)
    assert gone.status_code == 200, gone.text
    assert get(cloud, "slopes") == []
    assert HTTP.post(f"{url}/{made.json()['id']}/withdraw", json={"why": "lagi"}, headers=key).status_code == 404


def test_silence_upstream_in_heavy_rain_is_news(cloud: CloudApp) -> None:
    """The lowest village's own upper gauge answers; once that is silent for long and 30 mm fell in the hour, the village is told so."""
    now = now_ms()
    assert {(b.gauge.id, b.above): b.holds for b in look(cloud._services, now).blinds} == {
        ("tengah", "hulu"): False,
        ("hilir", "tengah"): False,
    }
    later = {(b.gauge.id, b.above): (b.silent, b.holds) for b in look(cloud._services, now + 25 * MINUTE).blinds}
    assert later[("hilir", "tengah")] == (True, True)
    put_readings(cloud, [(now, "hilir-1.hulu-1.water_level", HILIR, 1.0, "m")])
    heard = {(b.gauge.id, b.above): b.holds for b in look(cloud._services, now + 15 * MINUTE).blinds}
    assert heard[("hilir", "tengah")] is False  # its own kiosk hears that gauge by radio


def test_kiosks_get_what_they_do_not_know_themselves(cloud: CloudApp) -> None:
    """And a document that says nothing new is not sent again."""
    now = now_ms()
    publish(cloud._services, now)
    found = cloud._services.contents.get(TENGAH, KEY)
    assert found is not None
    (gauge,) = found.document["gauges"]
    assert (gauge["series"], gauge["marks"], gauge["proposed"]) == ("tengah-1.kali-1.water_level", [1.0, 1.5, 1.8], True)
    (way,) = gauge["upstream"]
    assert (way["ordinal"], way["level"], way["at"].endswith("0:00.000+07:00")) == (2, 1.6, True)
    below = cloud._services.contents.get(HILIR, KEY)
    assert below is not None
    assert below.document["rain"]["today"]["mm"] + (below.document["rain"]["before"] or {"mm": 0})["mm"] > 0
    demo = demo_rivers.document("alarm", now)  # what the page's tests show has the same shape
    assert demo.keys() == found.document.keys()
    assert demo["gauges"][0].keys() == gauge.keys()
    assert demo["gauges"][0]["upstream"][0].keys() == way.keys()
    assert demo["rain"].keys() == below.document["rain"].keys()
    publish(cloud._services, now + 1)
    again = cloud._services.contents.get(TENGAH, KEY)
    assert again is not None
    assert again.version == found.version


def test_the_map_and_the_report(cloud: CloudApp) -> None:
    places = [village(code) for code in (HULU, TENGAH, HILIR)]
    rivers, rains = (layer.values(cloud._services, now_ms(), places) for layer in (RIVER, RAIN))
    assert {code: value.kind for code, value in rivers.items()} == {HULU: "siaga-2", TENGAH: "normal", HILIR: "normal"}
    assert rains[HULU].kind == "heavy"
    part = SECTION.make(cloud._services, Scope.of(HULU), Month.of(now_ms()), now_ms())
    assert part is not None
    assert part.tables[0].rows[0][4] == "Siaga 2"
    assert SECTION.make(cloud._services, Scope.of("35.10.24.2002"), Month.of(now_ms()), now_ms()) is None


def test_what_is_not_there_is_told(cloud: CloudApp) -> None:
    def said(path: str) -> tuple[int, str]:
        answer = HTTP.get(f"{cloud.url}/api/v1/{path}")
        return answer.status_code, answer.json()["error"]["message"]

    assert said("rivers/gauges/tidak-ada/travel")[0] == 404
    assert "which has no tide" in said("rivers/gauges/hulu/tide")[1]
    assert said("rain?village=35.10.24.9999")[0] in (404, 422)
    (learnt,) = get(cloud, "rivers/gauges/tengah/travel")
    assert (learnt["configured"], learnt["events"], learnt["least"]) == ([40.0, 70.0], 0, None)
