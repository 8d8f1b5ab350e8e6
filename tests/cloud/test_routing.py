"""Routing over real records: what is planned is on record once, whoever plans, and people, silences and messages over the API."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.alarm import to_row
from kampung_cloud.app import CloudApp
from kampung_cloud.bus import Bus
from kampung_cloud.config import parse
from kampung_cloud.handling import book
from kampung_cloud.health import Health
from kampung_cloud.messages import people
from kampung_cloud.messages.ledger import OvertakenError
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.routing import AT_ONCE, Routing, overtaken
from kampung_cloud.messages.silences import Wanted, add, end
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.message_models import AlarmLogRow, DeliveryRow, MessageRow
from kampung_contract.alarm import Alarm
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from sqlalchemy import select, update
from typer.testing import CliRunner

from .conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, get, until
from .conftest import now_ms as clock
from .test_planning import HOUR, MINUTE, NOON, RULE, SECOND, alarm, somebody

CHANNELS = [{"name": "sms", "kind": "webhook", "url": "http://127.0.0.1:9/"}]
TABLES: dict[str, Any] = {"rule": [{**RULE, "id": name} for name in ("a", "b")], "channel": CHANNELS}


class Desk:
    """Records, people, and whoever plans."""

    def __init__(self, folder: Path, url: str, *some: Person, **tables: Any) -> None:
        self.records: Records = open_records(url, folder)
        self.config = parse({**TABLES, **tables}, folder)
        people.put(self.records, some, NOON)

    def routing(self) -> Routing:
        return Routing(self.config, self.records, Health(), Bus())

    def put(self, *alarms: Alarm) -> None:
        with self.records.session() as session:
            for each in alarms:
                session.merge(to_row(each))

    def rows(self) -> list[MessageRow]:
        with self.records.session() as session:
            return list(session.scalars(select(MessageRow).order_by(MessageRow.created, MessageRow.person)))

    def said(self) -> list[tuple[str, str, str]]:
        return [(row.person, row.kind, row.state) for row in self.rows()]

    def deliver(self, state: str = "sent") -> None:
        with self.records.session() as session:
            session.execute(update(MessageRow).where(MessageRow.state == "waiting").values(state=state))

    def trail(self, one: Alarm) -> list[tuple[str, dict[str, Any]]]:
        with self.records.session() as session:
            query = select(AlarmLogRow).where(AlarmLogRow.alarm == one.id).order_by(AlarmLogRow.id)
            return [(row.kind, row.body) for row in session.scalars(query)]


Make = Callable[..., Desk]


@pytest.fixture
def desk(tmp_path: Path, records_url: str) -> Iterator[Make]:
    made: list[Desk] = []

    def make(*some: Person, **tables: Any) -> Desk:
        made.append(Desk(tmp_path, records_url, *some, **tables))
        return made[-1]

    yield make
    for one in made:
        one.records.close()


def test_an_alarm_from_its_first_message_to_its_last(desk: Make) -> None:
    """Each look by somebody who has just begun, as after a kill."""
    d = desk(somebody("sri"), somebody("petugas", "petugas"), somebody("rt", "rt"), messages={"contact": {VILLAGE: "0333 421 000"}})
    one = alarm("a", 3)
    d.put(one)
    assert d.routing().route(NOON) == 2
    assert d.routing().route(NOON) == 0
    (sri, petugas) = sorted(d.rows(), key=lambda row: row.person, reverse=True)
    assert (sri.person, sri.kind, sri.code, sri.alarms, sri.severity, sri.village) == ("sri", "raised", "", [one.id], 3, VILLAGE)
    assert re.fullmatch(r"[A-Z0-9]{4}", petugas.code)
    assert petugas.code in petugas.short
    assert petugas.short.endswith("+62333421000")
    assert len(petugas.short) <= 160
    d.deliver()
    assert d.routing().route(NOON + 5 * MINUTE) == 1
    d.deliver()
    with d.records.session() as session:
        book.acknowledge(session, one.id, "Sari", "page", NOON + 6 * MINUTE)
    for minutes in range(6, 120, 6):
        assert d.routing().route(NOON + minutes * MINUTE) == 0
    d.put(replace(one, until=NOON + 2 * HOUR))
    assert d.routing().route(NOON + 2 * HOUR) == 3
    d.deliver()
    assert d.said()[2:] == [("rt", "escalated", "sent"), *((who, "resolved", "sent") for who in ("petugas", "rt", "sri"))]
    assert d.routing().route(NOON + 3 * HOUR) == 0
    kinds = [(kind, body.get("message"), body.get("roles")) for kind, body in d.trail(one)]
    assert kinds == [
        ("told", "raised", {"petugas": 1, "resident": 1}),
        ("escalated", "escalated", {"rt": 1}),
        ("acknowledged", None, None),
        ("told", "resolved", {"petugas": 1, "resident": 1, "rt": 1}),
    ]


def test_two_who_plan_at_once_tell_everybody_once(desk: Make) -> None:
    d = desk(*(somebody(f"p-{n:03}") for n in range(AT_ONCE // 2 + 20)))
    d.put(*(alarm(f"{about}-{n}", 3, about) for n in range(3) for about in ("flood", "air")))
    start, failed = threading.Barrier(2), []

    def run(routing: Routing) -> None:
        start.wait(60)
        done = 1
        while done:
            try:
                done = routing.route(NOON)
            except (StorageUnavailable, OvertakenError) as error:
                failed.append(error)

    threads = [threading.Thread(target=run, args=(d.routing(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told = Counter(row.person for row in d.rows())
    assert (len(told), set(told.values())) == (AT_ONCE // 2 + 20, {2})
    if d.records.shared:
        assert all(isinstance(e, OvertakenError) or overtaken(e) for e in failed), failed


def test_what_may_have_gone_is_not_taken_back(desk: Make) -> None:
    """A message that waits for another try may have reached its person: a second one about the same is not written."""
    d = desk(somebody("sri"), somebody("made"))
    one = alarm("a", 3)
    d.put(one)
    d.routing().route(NOON)
    sri = next(row for row in d.rows() if row.person == "sri")
    with d.records.session() as session:
        session.add(DeliveryRow(key="k/1", message=sri.id, channel="sms", address="…", attempt=1, at=NOON, outcome="unknown"))
    d.put(replace(one, until=NOON + MINUTE))
    d.routing().route(NOON + 6 * MINUTE)
    assert d.said() == [("made", "raised", "dropped"), ("sri", "raised", "waiting"), ("sri", "resolved", "waiting")]


def test_a_message_that_goes_while_it_is_taken_back_changes_nothing(desk: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    d = desk(somebody("sri"))
    one = alarm("a", 3)
    d.put(one)
    d.routing().route(NOON)
    d.put(replace(one, until=NOON + MINUTE))
    routing = d.routing()
    read = routing._read

    def slow(*args: Any, **more: Any) -> Any:
        found = read(*args, **more)
        if not d.records.shared:
            d.deliver()
        return found

    if d.records.shared:
        d.deliver()
    else:
        monkeypatch.setattr(routing, "_read", slow)
        with pytest.raises((OvertakenError, StorageUnavailable)):
            routing.route(NOON + MINUTE)
    assert routing.route(NOON + 6 * MINUTE) == 1
    assert d.said() == [("sri", "raised", "sent"), ("sri", "resolved", "waiting")]


def test_silences_tell_in_the_trail_who_hushed_it(desk: Make) -> None:
    d = desk(somebody("sri"))
    one = alarm("a", 3)
    made = add(d.records, Wanted(rule="a"), until=NOON + HOUR, by="Sari", reason="latihan sirene", now=NOON - HOUR)
    d.put(one)
    for second in range(3):
        assert d.routing().route(NOON + second * SECOND) == 0
    end(d.records, made.id, "Budi", NOON + MINUTE)
    assert d.routing().route(NOON + MINUTE) == 1
    assert [(kind, body.get("reason", body.get("ended"))) for kind, body in d.trail(one)] == [
        ("silenced", "latihan sirene"),
        ("silenced", NOON + MINUTE),
        ("told", None),
    ]


def test_an_alarm_that_silences_another_stands_in_its_trail(desk: Make) -> None:
    d = desk(somebody("tek", "operator"))
    flood, device = alarm("a", 3), alarm("b", 1, "device")
    d.put(flood, device)
    d.routing().route(NOON)
    assert d.trail(device) == [("inhibited", {"alarm": flood.id})]


def test_drills_are_called_drills_and_kept_apart(desk: Make) -> None:
    d = desk(somebody("sri"), cap={"exercises": ["b"]})
    d.put(alarm("a", 3), alarm("b", 3), alarm("alat", 1, "device"))
    d.routing().route(NOON)
    assert sorted(row.title.partition(":")[0] == "LATIHAN" for row in d.rows()) == [False, True]


def test_a_digest_says_what_modules_advise_and_what_is_over(desk: Make) -> None:
    class Advice:
        def lines(self, person: Person, day: int) -> list[str]:
            return ["Pupuk kedua hari ini."] if person.role == "farmer" else []

    fields = [{"id": "sawah", "village": VILLAGE, "name": "Sawah", "crop": {"id": "Padi", "en": "Rice"}, "farmer": "x", "area_ha": 1,
               "series": ["kiosk-1.tanah-1.soil_moisture"]}]  # fmt: skip
    d = desk(somebody("tani", "farmer", fields=("sawah",)), somebody("sri"), field=fields)
    dry = alarm("kering", 1, "farm", series="kiosk-1.tanah-1.soil_moisture")
    d.put(replace(dry, title={"id": "Tanah kering"}))
    digest = NOON + 17 * HOUR + 30 * MINUTE

    def look(now: int) -> int:
        return Routing(d.config, d.records, Health(), Bus(), [Advice()]).route(now)

    assert [look(NOON), look(digest - SECOND), look(digest), look(digest + MINUTE)] == [0, 0, 1, 0]
    d.deliver()
    d.put(replace(dry, title={"id": "Tanah kering"}, until=digest + HOUR))
    assert [look(digest + 2 * HOUR), look(digest + 24 * HOUR)] == [0, 1]
    first, second = d.rows()
    assert (first.kind, first.village, first.alarms) == ("digest", VILLAGE, [dry.id])
    assert "Tanah kering" in first.text
    assert "- Pupuk kedua hari ini." in first.text.splitlines()
    assert second.text.splitlines()[:2] == ["- Pupuk kedua hari ini.", "- AMAN: Tanah kering"]
    assert max(len(row.short) for row in d.rows()) <= 160


ACTS = st.lists(
    st.tuples(st.sampled_from(["raise", "end", "answer", "send", "fail", "wait", "tick"]), st.integers(0, 3)), min_size=4, max_size=14
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_on_record_everybody_is_told_once_whatever_is_killed(tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]) -> None:
    """As in the tests of planning, with real keys; a process that is killed before its commit leaves nothing."""
    d = Desk(tmp_path_factory.mktemp("r"), "sqlite:r.sqlite", somebody("sri"), somebody("petugas", "petugas"), somebody("rt", "rt"))
    now, current = NOON, dict[int, Alarm]()
    kinds = ((3, "flood"), (2, "flood"), (1, "air"), (1, "device"))
    for what, which in [*acts, ("wait", 0), ("tick", 0), ("send", 0)]:
        one = current.get(which)
        if what == "raise" and (one is None or one.until is not None):
            current[which] = alarm(f"r{which}", *kinds[which], since=now)
            d.put(current[which])
        elif what == "end" and one is not None and one.until is None:
            current[which] = replace(one, until=now)
            d.put(current[which])
        elif what == "answer" and one is not None:
            with d.records.session() as session:
                book.acknowledge(session, one.id, "x", "page", now)
        elif what in ("send", "fail"):
            d.deliver("sent" if what == "send" else "failed")
        elif what == "wait":
            now += (31 * SECOND, 6 * MINUTE, HOUR, 3 * HOUR)[which]
        else:
            with pytest.raises(RuntimeError), d.records.session() as session:
                d.routing()._write(session, *_planned(d, session, now))
                raise RuntimeError("killed")
            d.routing().route(now)
            assert d.routing().route(now) == 0
    d.records.close()
    told = Counter((row.person, name) for row in d.rows() if row.state == "sent" and row.kind in ("raised", "worse") for name in row.alarms)
    assert not told or max(told.values()) == 1


def _planned(d: Desk, session: Any, now: int) -> tuple[Any, ...]:
    from kampung_cloud.messages.planning import plan

    state, world = d.routing()._read(session, now, digests=False)
    return plan(state, world, now), state, world, now


PERSON = {"name": "Sri (contoh)", "role": "resident", "village": VILLAGE, "addresses": [{"channel": "sms", "address": "0812-0000-1234"}]}


@pytest.fixture
def cloud(mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp]) -> CloudApp:
    return start_cloud(mosquitto.url, **{**TABLES, "rule": [{**RULE, "severity": 3}]})


def asked(app: CloudApp, method: str, path: str, body: Any = None, *, token: bool = True) -> Any:
    headers = {"Authorization": f"Bearer {app.token}"} if token else {}
    answer = HTTP.request(method, f"{app.url}/api/v1/{path}", json=body, headers=headers)
    return answer.status_code, (answer.json() if answer.content else None)


def test_people_over_the_api(cloud: CloudApp) -> None:
    assert asked(cloud, "GET", "people", token=False)[0] == 401
    status, made = asked(cloud, "PUT", "people/sri", PERSON)
    assert (status, made["addresses"]) == (200, [{"channel": "sms", "address": "+6281200001234"}])
    assert "flood" in made["hears"]
    assert asked(cloud, "GET", "people/sri")[1] == made
    assert asked(cloud, "GET", f"people?village={VILLAGE}")[1][0]["addresses"] == [{"channel": "sms", "address": "+62812…234"}]
    assert asked(cloud, "GET", "people?addresses=true&role=resident")[1] == [made]
    assert asked(cloud, "DELETE", "people/sri") == (204, None)
    assert asked(cloud, "DELETE", "people/sri")[0] == asked(cloud, "GET", "people/sri")[0] == 404


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"addresses": [{"channel": "sms", "address": "0812 000"}]}, "telephone number '0812 000' is in no range"),
        ({"addresses": [{"channel": "sms", "address": "+99 12345678"}]}, "'+99 12345678'"),
        ({"addresses": [{"channel": "mail", "address": "x@example.org"}]}, "channel 'mail' is none of cloud.toml's; known: sms"),
        ({"addresses": []}, "addresses = 0 of them: give 1 to 8"),
        ({"village": "35.10.24.9999"}, "'35.10.24.9999' is not one of Banyuwangi's 217"),
        ({"village": ""}, "'resident' is somebody of a village"),
        ({"role": "resdient"}, "role = 'resdient': unknown; did you mean 'resident'?"),
        ({"language": "fr"}, "language = 'fr': unknown; known: id, jv"),
        ({"about": ["banjir"]}, "about = 'banjir': unknown; known: flood"),
        ({"fields": ["sawah"]}, "fields = 'sawah': unknown; there is none in cloud.toml"),
        ({"least": 4}, "least = 4"),
        ({"quiet": {"from": "9", "to": "05.00"}}, "quiet = from '9' to '05.00': expected a time of the day, as 05.30"),
        ({"name": " "}, "name = ''"),
        ({"nik": "1"}, "nik = '1': Extra inputs"),
    ],
)  # fmt: skip
def test_people_who_do_not_fit_are_refused(cloud_once: CloudApp, more: dict[str, Any], words: str) -> None:
    status, answer = asked(cloud_once, "PUT", "people/sri", {**PERSON, **more})
    assert status in (404, 422)
    assert words in answer["error"]["message"]


@pytest.fixture(scope="module")
def cloud_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """One that no broker is needed for."""
    tables = {"data": "d", "broker": {"url": "mqtt://127.0.0.1:9"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}, **TABLES}
    mail = {"name": "surel", "kind": "email", "host": "127.0.0.1", "sender": "a@example.org"}
    del mail
    app = CloudApp(parse(tables, tmp_path_factory.mktemp("cloud")))
    app.start()
    yield app
    app.stop()


def test_several_people_at_once_are_all_taken_or_none(cloud_once: CloudApp, tmp_path: Path) -> None:
    def post(*some: dict[str, Any]) -> Any:
        return asked(cloud_once, "POST", "people", {"people": list(some)})

    assert post({**PERSON, "id": "a"}, {**PERSON, "id": "b"}) == (200, {"new": 2, "changed": 0})
    assert post({**PERSON, "id": "b"}, {**PERSON, "id": "c"}) == (200, {"new": 1, "changed": 1})
    status, answer = post({**PERSON, "id": "d"}, {**PERSON, "id": "E"}, {**PERSON, "id": "f", "role": "x"})
    assert (status, len(answer["error"]["message"].splitlines())) == (422, 2)
    assert "person 2 (E): id = 'E'" in answer["error"]["message"]
    assert post({**PERSON, "id": "d"}, {**PERSON, "id": "d"})[0] == 422
    assert [each["id"] for each in asked(cloud_once, "GET", "people")[1]] == ["a", "b", "c"]


def test_the_commands_say_what_the_api_says(cloud_once: CloudApp, tmp_path: Path) -> None:
    from kampung_cloud.main import cli

    config = tmp_path / "cloud.toml"
    data = json.dumps(str(cloud_once.config.data))
    config.write_text(f"data = {data}\n[api]\nport = {cloud_once.port}\n")
    file = tmp_path / "people.toml"
    table = f'[[person]]\nid = "made"\nname = "Made (contoh)"\nrole = "rt"\nvillage = "{VILLAGE}"\n'
    file.write_text(table + 'addresses = [{ channel = "sms", address = "0812-0000-9999" }]\n')

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, [*words, "--config", str(config)])
        assert done.exit_code == code, done.output + done.stderr
        return done.output

    assert "1 new, 0 replaced" in run("people", "import", str(file))
    assert "made" in run("people", "list", "--role", "rt")
    assert "+6281200009999" not in run("people", "list")
    assert "+6281200009999" in run("people", "show", "made")
    assert "removed" in run("people", "remove", "made")
    file.write_text("[[people]]\n")
    run("people", "import", str(file), code=2)
    said = run("silences", "add", "--rule", "a", "--for", "2h", "--by", "Sari", "--reason", "latihan")
    name = said.split()[0]
    assert name in run("silences", "list")
    assert "ended" in run("silences", "end", name, "--by", "Budi")
    assert name not in run("silences", "list")
    assert name in run("silences", "list", "--all")


def test_silences_that_do_not_fit_are_refused(cloud_once: CloudApp) -> None:
    base = {"rule": "a", "until": str(clock() + HOUR), "by": "x", "reason": "y"}

    def refused(status: int, **more: Any) -> str:
        told, answer = asked(cloud_once, "POST", "silences", {**base, **more})
        assert told == status, answer
        return str(answer["error"]["message"])

    assert "everything" in refused(422, rule=None)
    assert "over" in refused(422, until="2020-01-01T00:00:00")
    assert "31 days" in refused(422, until=str(clock() + 40 * 24 * HOUR))
    assert "did you mean 'a'" in refused(422, rule="aa")
    assert "nothing of that name" in refused(422, node="kiosk-9")
    assert "not one of Banyuwangi" in refused(404, village="1")
    assert asked(cloud_once, "POST", "silences", base, token=False)[0] == 401
    assert asked(cloud_once, "POST", "silences/none/end", {"by": "x"})[0] == 404


def test_a_reading_becomes_a_message(cloud: CloudApp, connect: Callable[..., EdgeClient], mosquitto: BrokerProcess) -> None:
    from kampung_contract.pack import column

    asked(cloud, "PUT", "people/sri", PERSON)
    t = clock()
    connect(mosquitto).pack(1, column("gauge/water_level", "m", [(t, 1.6, 1), (t + 1, 1.6, 1)]))
    assert until(lambda: get(cloud, "alarms"))
    assert until(lambda: get(cloud, "healthz")["checks"].get("messages", {}).get("ok"))
    (one, *_) = get(cloud, "alarms")
    (message,) = until(lambda: get(cloud, "messages", alarm=one["id"]))
    assert (message["kind"], message["person"], message["role"], message["alarms"]) == ("raised", None, "resident", [one["id"]])
    assert asked(cloud, "GET", f"messages?person=sri&village={VILLAGE}")[1][0]["name"] == PERSON["name"]
    assert get(cloud, "messages", person="sri") == get(cloud, "messages", alarm="a%") == get(cloud, "messages", before="0") == []
    assert any(line["kind"] == "told" for line in get(cloud, f"alarms/{one['id']}/log"))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"digest": "5"}, "messages.digest = '5': expected a time of the day, as 05.30"),
        ({"contact": {"1": "0333421000"}}, "is not one of Banyuwangi's"),
        ({"contact": {VILLAGE: "12"}}, "telephone number '12'"),
        ({"quiet": {"from": "05.00", "to": "05.00"}}, "no time at all"),
        ({"escalation": {"banjir": [1]}}, "classes that are escalated: acute, siaga"),
        ({"escalation": {"acute": [5, 4, 15]}}, "give rising minutes for rt, desa, bpbd"),
        ({"wait": 1}, "unknown key"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, table: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        parse({"messages": table}, tmp_path)


def test_every_class_and_role_has_a_source() -> None:
    from kampung_cloud.messages.classes import class_of, classes, grouping, roles

    named = itertools.chain((kind.source for kind in classes()), (role.source for role in roles().values()), [grouping().source])
    assert all(source.strip() for source in named)
    found = {
        (about, s): class_of(alarm("x", s, about)).name for about in ("flood", "landslide", "air", "farm", "device") for s in (1, 2, 3)
    }
    assert found["flood", 3] == found["air", 3] == "acute"
    assert found["landslide", 1] == "siaga"
    assert {found["device", s] for s in (1, 2, 3)} == {"device"}
