"""Notices of volcanoes: relayed word for word, refused where they do not fit, kept when the source is silent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.modules.environment.volcano.page import pieces
from kampung_cloud.modules.environment.volcano.reading import InvalidReport, newest_link, report
from kampung_cloud.modules.environment.volcano.relaying import KEY, Relay, newest_notices
from kampung_cloud.records.models import NodeRow
from kampung_cloud.volcano_settings import VolcanoSettings
from kampung_contract.times import milliseconds
from kampung_sim.magma.pages import Mountain, search
from kampung_sim.magma.pages import report as simulated_report
from kampung_sim.magma.service import USUAL, SimulatedMagma
from pydantic import ValidationError

from ...alone import cloud_alone
from ...conftest import VILLAGE, get, now_ms

SAMPLE = (Path(__file__).parent / "magma_report.html").read_bytes()
NOW = milliseconds("2026-11-29T09:00:00+07:00")
HOUR, DAY = 3_600_000, 86_400_000


def test_a_report_is_read_word_for_word() -> None:
    found = report(SAMPLE, "IJE", "Ijen", "http://magma.example/1", NOW)
    assert (found.level, found.roman, found.word, found.period) == (2, "II", "Waspada", "00:00-24:00 WIB")
    assert found.reported == milliseconds("2026-11-29T00:00:00+07:00")
    assert found.recommendations == (
        "Masyarakat di sekitar G. Ijen dan pengunjung/wisatawan/penambang agar tidak mendekati kawah dalam radius 1,5 km.",
        "Masyarakat yang bermukim di sekitar aliran sungai Banyupait agar waspada & tidak panik.",
    )
    assert (found.radius, found.author) == (found.recommendations[:1], "Nama Contoh, A.Md.")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"Level II (Waspada)", b"Level V (Waspada)", "Ijen: no level between I and IV"),
        (b"Level II (Waspada)", b"Level II (Awas)", "level II is Waspada, and the page says 'Awas'"),
        (b">Ijen, Sabtu", b">Raung, Sabtu", "the report is of 'Raung', and Ijen was asked for"),
        (b"28 November 2026, periode 00:00-24:00 WIB</h5>", b"28 November 2026</h5>", "MAGMA may have changed its pages"),
        (b"28 November 2026, periode", b"31 November 2026, periode", "is no time"),
        (b"28 November 2026, periode", b"28 Nopember 2026, periode", "is no time"),
        (b"28 November 2026, periode", b"28 November 2036, periode", "still to come"),
        (b"Rekomendasi", b"Saran", "no recommendation in the page"),
    ],
)
def test_what_does_not_fit_is_refused(old: bytes, new: bytes, said: str) -> None:
    """A wrong level is worse than none."""
    with pytest.raises(InvalidReport, match=re.escape(said)):
        report(SAMPLE.replace(old, new), "IJE", "Ijen", "u", NOW)


@settings(max_examples=50)
@given(st.binary(max_size=400), st.integers(0, len(SAMPLE)))
def test_no_page_is_read_that_is_none(noise: bytes, cut: int) -> None:
    """Whatever comes, a report is whole or refused; nothing else is raised."""
    for body in (noise, SAMPLE[:cut], SAMPLE[:cut] + noise, noise + SAMPLE):
        pieces(body)
        newest_link(body)
        try:
            found = report(body, "IJE", "Ijen", "u", NOW)
        except InvalidReport:
            continue
        assert found.level == 2
        assert found.recommendations


@given(st.sampled_from([1, 2, 3, 4]), st.integers(0, 400))
def test_the_simulators_pages_have_the_same_shape(level: int, hours: int) -> None:
    now = NOW + hours * HOUR
    mountain = Mountain("RAU", "Raung", level, ("Jangan mendekat <radius> 2 km & waspada.",))
    found = report(simulated_report(mountain, now).encode(), "RAU", "Raung", "u", now)
    assert (found.level, found.recommendations) == (level, mountain.recommendations)
    assert 0 <= now - found.reported < 6 * HOUR
    assert newest_link(search(mountain, "http://h/v1/gunung-api/laporan/RAU?signature=1", now).encode()) is not None


@pytest.mark.parametrize("url", ["magma.esdm.go.id", "ftp://x.example", "http://x.example/?a=1", "http://x.example/"])
def test_a_wrong_address_is_told(url: str) -> None:
    with pytest.raises(ValidationError, match="expected https://host"):
        VolcanoSettings(url=url)


@pytest.fixture
def magma() -> Iterator[SimulatedMagma]:
    made = SimulatedMagma()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[CloudApp]:
    """With a kiosk in Tamansari; Raung concerns another kecamatan only. It is asked by the tests alone."""
    watch = [{"code": "IJE", "name": "Ijen"}, {"code": "RAU", "name": "Raung", "villages": ["35.10.01"]}]
    with cloud_alone(tmp_path, volcano={"url": "", "watch": watch}) as app:
        with app._records.session() as session:
            session.add(NodeRow(node="k-1", village=VILLAGE, state="online", since=1, last_seen=1, last=1, devices=[]))
        app._services.nodes.refresh(app._records)
        yield app


def test_notices_reach_kiosks_and_stay_when_magma_is_silent(cloud: CloudApp, magma: SimulatedMagma) -> None:
    asking = cloud.config.volcano.model_copy(update={"url": magma.url, "simulated": True})
    services = replace(cloud._services, config=cloud.config.model_copy(update={"volcano": asking}))
    relay, now = Relay(lambda _: None), now_ms()
    assert relay.publish(services, now) == 1
    document = services.contents.get(VILLAGE, KEY)
    assert document is not None
    (notice,) = document.document["notices"]
    assert (notice["name"], notice["roman"], notice["word"], notice["simulated"]) == ("Ijen", "II", "Waspada", True)
    assert notice["recommendations"] == list(USUAL[0].recommendations)
    answer = get(cloud, "environment/volcanoes")
    assert ([n["code"] for n in answer["notices"]], answer["attribution"]) == (
        ["IJE", "RAU"],
        "Diteruskan dari PVMBG, Badan Geologi (MAGMA Indonesia)",
    )
    asked = len(magma.asked)
    assert relay.publish(services, now + 60_000) == 0
    assert len(magma.asked) == asked
    magma.silent = True
    magma.mountains["IJE"] = magma.mountains["IJE"]._replace(level=3)
    assert relay.publish(services, now + 2 * HOUR) == 0
    assert not services.health.report()["magma"]["ok"]
    assert newest_notices(cloud._records)["IJE"]["level"] == 2
    magma.silent = False
    magma.now = lambda: now + 6 * HOUR
    assert relay.publish(services, now + 7 * HOUR) == 1
    assert newest_notices(cloud._records)["IJE"]["level"] == 3
    assert services.health.report()["magma"]["ok"]
