"""BMKG's warnings, read from a simulator of its service: what is new, politely, and nothing that a bad document could break."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud import letters
from kampung_cloud.app import CloudApp
from kampung_cloud.cap import bmkg, reading
from kampung_cloud.cap.bmkg import MOST_BYTES, Bmkg, current
from kampung_cloud.cap.message import stamp
from kampung_cloud.cap.touching import crosses, near, touched
from kampung_cloud.config import parse
from kampung_cloud.health import Health
from kampung_cloud.records import Records, open_records
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_contract.villages import villages

from .bmkg_simulator import LICIN, SURABAYA, BmkgSimulator, sample
from .conftest import HTTP, VILLAGE, BrokerProcess, free_port, get, now_ms, until

T0 = 1_795_280_400_000
MINUTE, HOUR = 60_000, 3_600_000
SENDER = "uji.coba@example.invalid"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&c;</identifier></alert>"""


@pytest.fixture
def service() -> Iterator[BmkgSimulator]:
    simulator = BmkgSimulator()
    yield simulator
    simulator.stop()


class Reader:
    """What asks the service; ``waits`` are the pauses it would have made between requests."""

    def __init__(self, folder: Path, url: str, records_url: str = "sqlite:r.sqlite") -> None:
        self.records: Records = open_records(records_url, folder)
        self.health = Health()
        self.waits: list[float] = []
        self.bmkg = Bmkg(parse({"bmkg": {"url": url}}, folder), self.records, self.health, self.waits.append)

    def known(self, now: int = T0 + MINUTE, **more: Any) -> list[tuple[str, str]]:
        return [(w["identifier"], w["state"]) for w in current(self.records, more.pop("village", None), now, **more)]

    @property
    def check(self) -> dict[str, Any]:
        return self.health.report()["bmkg"]


@pytest.fixture
def reader(tmp_path: Path, service: BmkgSimulator) -> Iterator[Reader]:
    made = Reader(tmp_path, service.url)
    yield made
    made.bmkg.stop()
    made.records.close()


def test_what_touches_banyuwangi_is_kept_until_it_expires(service: BmkgSimulator, reader: Reader) -> None:
    service.list(A=sample("A", T0), B=sample("B", T0, polygon=SURABAYA), C=sample("C", T0, polygon=SURABAYA, Jawa="Banyuwangi, Jawa"))
    reader.bmkg.poll(T0)
    assert sorted(reader.known()) == [("A", "holds"), ("C", "holds")]
    (shown,) = [w for w in current(reader.records, VILLAGE, T0) if w["identifier"] == "A"]
    assert (shown["event"], shown["area"], shown["expires"]) == ("Hujan Lebat dan Petir", "Jawa Timur", "2026-11-22T03:00:00.000+07:00")
    assert len(shown["polygons"]) == 1
    assert VILLAGE in shown["villages"]
    assert "35.10.01.2001" not in shown["villages"]
    assert reader.known(village="35.10.01.2001") == [("C", "holds")]
    assert reader.known(T0 + 3 * HOUR) == []
    assert sorted(reader.known(T0 + 3 * HOUR, everything=True)) == [("A", "expired"), ("C", "expired")]


def test_it_asks_politely(service: BmkgSimulator, reader: Reader) -> None:
    """Never more than 30 requests a minute, nothing twice, and what has not changed is not sent again."""
    service.list(A=sample("A", T0), B=sample("B", T0))
    reader.bmkg.poll(T0)
    assert service.asked == ["id", "A_alert.xml", "B_alert.xml"]
    assert [w == pytest.approx(2.0, abs=0.5) for w in reader.waits] == [True, True]
    reader.bmkg.poll(T0)
    assert service.asked[3:] == ["id*"]
    service.list(A=sample("A", T0), B=sample("B", T0), C=sample("C", T0 + 1_000))
    assert reader.bmkg.ask() == 300
    assert service.asked[4:] == ["id", "C_alert.xml"]
    assert sorted(reader.known()) == [("A", "holds"), ("B", "holds"), ("C", "holds")]
    assert reader.check["ok"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_later_ones_replace_and_cancel_earlier_ones_in_any_order(service: BmkgSimulator, reader: Reader, newest_first: bool) -> None:
    """The same moment may be written with another offset."""
    first = f"{SENDER},A,{stamp(T0)}"
    second = f"{SENDER},B,2026-11-21T17:01:00+00:00"
    pages = {
        "A": sample("A", T0),
        "B": sample("B", T0 + MINUTE, kind="Update", references=first),
        "C": sample("C", T0 + 2 * MINUTE, kind="Cancel", references=f"{first} {second}"),
        "D": sample("D", T0, Actual="Test"),
    }
    service.list(**dict(reversed(pages.items())) if newest_first else pages)
    reader.bmkg.poll(T0)
    assert reader.known() == []
    assert dict(reader.known(everything=True)) == {"A": "cancelled", "B": "cancelled", "C": "cancels", "D": "holds"}
    service.list(E=sample("E", T0), F=sample("F", T0 + MINUTE, kind="Update", references=f"{SENDER},E,{stamp(T0)}", polygon=SURABAYA))
    reader.bmkg.poll(T0)
    assert reader.known() == []


def test_every_database_takes_them(service: BmkgSimulator, tmp_path: Path, records_url: str) -> None:
    made = Reader(tmp_path, service.url, records_url)
    service.list(A=sample("A", T0), B=sample("B", T0 + MINUTE, kind="Update", references=f"{SENDER},A,{stamp(T0)}"), C=BOMB)
    made.bmkg.poll(T0)
    assert made.known(everything=True) == [("B", "holds"), ("A", "updated")]
    assert len(letters.newest(made.records, 10, None, None)) == 1
    made.bmkg.stop()
    made.records.close()


DEEP = b"<a>" * 200_000 + b"</a>" * 200_000
BAD: dict[str, tuple[bytes, str]] = {
    "an XML bomb": (BOMB, "it declares a document type or entities, as an XML bomb does; it is not read"),
    "a file from outside": (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "declares a document type"),
    "too large": (sample("X", T0, Contoh="x" * MOST_BYTES), "more than 2,097,152 bytes"),
    "another namespace": (sample("X", T0, **{"cap:1.2": "cap:1.1"}), "no CAP 1.2 message; expected <alert> in the namespace"),
    "no namespace": (b"<alert><identifier>X</identifier></alert>", "<alert> is no CAP 1.2 message"),
    "a page for people": (b"<html><body>Maintenance</body></html>", "<html> is no CAP 1.2 message"),
    "no XML": (b"\x00\xff", "no XML"),
    "cut off": (sample("X", T0)[:700], "no XML"),
    "deep": (DEEP, "<a> is no CAP 1.2 message"),
    "no sender": (sample("X", T0, **{SENDER: " "}), "<sender> is missing or empty"),
    "no area": (sample("X", T0, area="zone"), "<area> is missing"),
    "no info": (sample("X", T0, info="infos"), "<info> is missing"),
    "an unknown code": (sample("X", T0, Moderate="Terrible"), "<severity> is 'Terrible'; expected one of Extreme, Severe"),
    "no time": (sample("X", T0, **{stamp(T0 + 3 * HOUR): "tomorrow"}), "<expires> is 'tomorrow'; expected a time as"),
    "an unknown encoding": (sample("X", T0, **{"UTF-8": "UTF-88"}), "no XML"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_told_kept_and_keeps_no_other_back(service: BmkgSimulator, reader: Reader, name: str) -> None:
    document, words = BAD[name]
    service.list(A=document, B=sample("B", T0))
    for _ in range(2):
        assert reader.bmkg.ask() == 300
        assert (reader.check["ok"], words in reader.check["detail"], "A_alert.xml" in reader.check["detail"]) == (False, True, True)
    assert reader.known() == [("B", "holds")]
    (letter,) = letters.newest(reader.records, 10, None, None)
    assert (letter.code, letter.reason, letter.count, letter.payload) == ("invalid_cap", "cap", 1, document[:MOST_BYTES])
    service.list(B=sample("B", T0))
    reader.bmkg.ask()
    assert reader.check["ok"]


def test_a_feed_that_is_none_is_told_and_what_is_known_stays(service: BmkgSimulator, reader: Reader) -> None:
    service.list(A=sample("A", T0))
    reader.bmkg.poll(T0)
    good = service.pages["/alerts/nowcast/id"]
    for page, words in (
        (BOMB, "as an XML bomb does"),
        (b"<html/>", "<html> is no RSS feed"),
        (b" " * (MOST_BYTES + 1), "more than 2,097,152 bytes"),
        (b'<rss><channel>' + b"".join(b"<item><link>/%d</link></item>" % n for n in range(501)) + b"</channel></rss>", "it lists 501"),
        ((302, {"Location": "http://example.invalid/"}), "answers 302"),
        ((503, {"Retry-After": "120"}), "answers 503"),
    ):  # fmt: skip
        service.pages["/alerts/nowcast/id"] = page
        wait = reader.bmkg.ask()
        assert words in reader.check["detail"]
        assert service.url in reader.check["detail"]
    assert wait >= 120
    assert reader.known() == [("A", "holds")]
    service.pages["/alerts/nowcast/id"] = good
    reader.bmkg.ask()
    assert reader.check["ok"]


def test_a_service_that_is_away_is_asked_less_and_less(service: BmkgSimulator, reader: Reader) -> None:
    service.stop()
    waits = [reader.bmkg.ask() for _ in range(5)]
    assert all(30 * 2**n / 2 <= wait <= 30 * 2**n for n, wait in enumerate(waits))
    assert (reader.check["ok"], reader.check["detail"]) == (False, f"{service.url} does not answer: Connection refused")
    service.start()
    service.list(A=sample("A", T0))
    assert reader.bmkg.ask() == 300
    assert (reader.check["ok"], reader.known()) == (True, [("A", "holds")])


def test_links_that_lead_elsewhere_or_nowhere_are_not_followed(service: BmkgSimulator, reader: Reader, tmp_path: Path) -> None:
    other = BmkgSimulator()
    try:
        service.list(B=sample("B", T0))
        service.feed(other.url, "file:///etc/passwd", "http://[", "/gone", "/alerts/nowcast/id/B_alert.xml")
        assert reader.bmkg.ask() == 300
        assert reader.known() == [("B", "holds")]
        assert "leads away from" in reader.check["detail"]
        assert "(and 3 more)" in reader.check["detail"]
        assert other.asked == []
    finally:
        other.stop()


def test_records_that_are_away_cost_nothing_but_time(
    service: BmkgSimulator, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A warning is not taken as read before it is kept."""

    @contextmanager
    def away(*_: object) -> Iterator[None]:
        raise StorageUnavailable("records are away")
        yield

    service.list(A=sample("A", T0), B=BOMB)
    with monkeypatch.context() as patch:
        patch.setattr(reader.records, "session", away)
        reader.bmkg.ask()
    assert reader.check["detail"] == "records are away"
    reader.bmkg.ask()
    assert reader.known() == [("A", "holds")]
    assert [x.code for x in letters.newest(reader.records, 10, None, None)] == ["invalid_cap"]


@given(st.binary(max_size=300) | st.sampled_from([sample("X", T0), BOMB]), st.integers(0, 3_000), st.binary(max_size=3))
def test_nothing_but_invalid_cap_comes_of_any_bytes(data: bytes, at: int, noise: bytes) -> None:
    broken = data[:at] + noise + data[at + len(noise) :]
    for read in (reading.feed, reading.bulletin):
        try:
            read(broken)
        except reading.InvalidCap as error:
            assert len(error.message) < 400


def test_shapes_against_a_rectangle() -> None:
    box = (-8.0, 114.0, -7.0, 115.0)
    around = ((-9.0, 113.0), (-9.0, 116.0), (-6.0, 116.0), (-6.0, 113.0), (-9.0, 113.0))
    within = ((-7.6, 114.4), (-7.6, 114.5), (-7.5, 114.5), (-7.6, 114.4))
    strip = ((-7.5, 113.0), (-7.5, 116.0), (-7.4, 116.0), (-7.4, 113.0), (-7.5, 113.0))
    beside = ((-7.5, 115.1), (-7.5, 116.0), (-7.4, 116.0), (-7.5, 115.1))
    corner = ((-6.0, 113.9), (-6.0, 116.0), (-6.9, 115.5), (-6.0, 113.9))
    assert [crosses(box, ring) for ring in (around, within, strip, beside, corner)] == [True, True, True, False, False]
    assert [near(box, disc) for disc in ((-7.5, 114.5, 0.0), (-7.5, 116.0, 111.0), (-7.5, 116.0, 100.0))] == [True, True, False]
    (licin,) = reading.bulletin(sample("A", T0)).rings[1:]
    assert [v.code for v in villages() if crosses(v.bounds, licin)] == touched(reading.bulletin(sample("A", T0)))
    damaged = reading.bulletin(sample("A", T0, polygon="1,2 nan,3 4,5 1,2"))
    assert (len(damaged.rings), touched(damaged)) == (1, None)
    disc = reading.bulletin(sample("A", T0, polygon=SURABAYA, **{"</areaDesc>": "</areaDesc><circle>-8.2,114.3 5</circle>"}))
    assert len(touched(disc) or ()) > 3


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"url": "ftp://x/y"}, r"bmkg\.url = 'ftp://x/y': expected https://HOST/PATH"),
        ({"url": "https://x/y", "every": 5}, r"bmkg\.every = 5"),
        ({"url": "https://x/y", "per_minute": 61}, r"bmkg\.per_minute = 61: .*less than or equal to 60"),
    ],
)
def test_a_wrong_table_is_refused_in_words(tmp_path: Path, table: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse({"bmkg": table}, tmp_path)


def test_the_api_shows_them_with_bmkgs_name(service: BmkgSimulator, start_cloud: Callable[..., CloudApp]) -> None:
    service.list(A=sample("A", now_ms(), polygon=LICIN))
    nobody = f"mqtt://127.0.0.1:{free_port()}"
    app = start_cloud(nobody, wait=False, bmkg={"url": service.url, "per_minute": 60})
    assert until(lambda: get(app, "cap/bmkg")["alerts"], 60)
    found = get(app, "cap/bmkg", village=VILLAGE)
    assert (found["attribution"], found["source"]) == (bmkg.ATTRIBUTION, service.url)
    (alert,) = found["alerts"]
    assert (alert["identifier"], alert["state"], alert["sender_name"]) == ("A", "holds", "Badan Contoh")
    assert get(app, "cap/bmkg", village="35.10.01.2001")["alerts"] == []
    assert until(lambda: get(app, "healthz")["checks"]["bmkg"]["ok"], 60)
    assert HTTP.get(f"{app.url}/api/v1/cap/bmkg", params={"state": "x"}).status_code == 422


def test_it_is_off_unless_its_feed_is_named(mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp]) -> None:
    app = start_cloud(mosquitto.url)
    assert get(app, "cap/bmkg") == {"attribution": bmkg.ATTRIBUTION, "source": None, "alerts": []}
    assert "bmkg" not in get(app, "healthz")["checks"]


def test_bytes_of_a_bad_document_can_be_had(service: BmkgSimulator, start_cloud: Callable[..., CloudApp]) -> None:
    service.list(A=BOMB)
    app = start_cloud(f"mqtt://127.0.0.1:{free_port()}", wait=False, bmkg={"url": service.url, "per_minute": 60})
    assert until(lambda: [base64.b64decode(x["bytes"]) for x in get(app, "dead-letters")] == [BOMB], 60)
