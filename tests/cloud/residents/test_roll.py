"""Whom a kiosk knows without a line: from the desk where staff give a PIN to the request that names the resident, over a sealed roll."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.modules.services import kiosks, rolling
from kampung_cloud.records.models import EventRow, NodeRow
from kampung_cloud.records.resident_models import AccessLogRow
from kampung_cloud.records.roll_models import PinRow
from kampung_contract.documents import Content
from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.roll import check_pin, new_pin, sealed, short
from kampung_contract.service_request import ServiceRequest, event, new_reference
from kampung_edge.identity.desk import Identity, NotKnown
from kampung_edge.requests import Requests
from sqlalchemy import delete, select

from tests.cloud.conftest import VILLAGE, now_ms
from tests.cloud.desk import GOOD, code
from tests.cloud.residents.conftest import Office

NIK = "3510995708800017"
FIELDS = [{"id": name, "kind": "text", "question": name} for name in ("usaha", "alamat_usaha", "keperluan")]
CARD = "04 A2 B3 C4 D5 E6 80"


class Kiosk:
    """The kiosk's half, in a folder; what it says comes to the regency when it is told to."""

    def __init__(self, folder: Path, app: CloudApp, node: str = "kiosk-9") -> None:
        self.app, self.node, self.folder = app, node, folder
        self.events: list[dict[str, Any]] = []
        self.identity = Identity(folder, VILLAGE, node, self.store)
        self.requests = Requests(folder / "requests.json", self.store, lambda _e, _s: True)
        self.sent = 0

    def store(self, body: dict[str, Any]) -> tuple[str, int]:
        self.events.append(body)
        return "e", len(self.events)

    def sync(self) -> None:
        """The link is there for a moment."""
        with self.app._services.records.session() as session:
            session.merge(
                NodeRow(
                    node=self.node, village=VILLAGE, since=1, last_seen=1, last=0, devices=[], reused=0, public=self.identity.key.public
                )
            )
            for seq, body in enumerate(self.events[self.sent :], self.sent + 1):
                plain = json.loads(json.dumps(body))
                session.add(
                    EventRow(
                        node=self.node, epoch=str(self.folder)[-8:], seq=seq, position=0, village=VILLAGE, received=now_ms(),
                        type=body["type"], body=plain,
                    )
                )  # fmt: skip
        self.sent = len(self.events)
        kiosks.take_in(self.app._services, now_ms())
        rolling.publish(self.app._services, now_ms())
        found = self.app._services.contents.get(VILLAGE, "roll")
        assert found is not None
        self.identity.follow(Content("roll", found.version, found.at, found.document))


@pytest.fixture
def kiosk(office: Office, tmp_path: Path) -> Kiosk:
    with office.app._services.records.session() as session:
        session.execute(delete(PinRow))
        session.execute(delete(NodeRow))
    made = Kiosk(tmp_path, office.app)
    made.sync()
    return made


def given_pin(office: Office, name: str, nik: str = NIK) -> tuple[int, str]:
    number = office.add(name, nik=nik)
    answer = office.siti.ask("POST", f"residents/{number}/kiosk/pin")
    assert answer.status_code == 201, answer.text
    return number, answer.json()["pin"]


def test_from_the_desk_to_a_request_that_says_whose_it_is(office: Office, kiosk: Kiosk) -> None:
    """PIN, card, receipt; what travels holds neither NIK nor PIN; a PIN changed at the kiosk holds before the regency knows."""
    number, pin = given_pin(office, "Sulastri Contoh")
    assert code(office.tono.ask("POST", f"residents/{number}/kiosk/pin")) == (403, "forbidden")
    kiosk.sync()
    document = office.app._services.contents.get(VILLAGE, "roll")
    assert document is not None
    assert set(sealed(document.document).keys) == {"kiosk-9"}
    assert "Sulastri" not in json.dumps(document.document)
    who = kiosk.identity.identify({"way": "pin", "nik": "3510 9957 0880 0017", "pin": pin})
    assert (who.name, who.mask, who.first, who.proof) == ("Sulastri Contoh", "3510••••••••0017", True, "pin")
    kiosk.identity.change_pin(who, {"pin": "274916"})
    with pytest.raises(NotKnown):
        kiosk.identity.identify({"way": "pin", "nik": NIK, "pin": pin})
    assert not Identity(kiosk.folder, VILLAGE, "kiosk-9", kiosk.store).ready, "a roll is taken from the documents"
    assert kiosk.identity.identify({"way": "pin", "nik": NIK, "pin": "274916"}).person == who.person

    made = kiosk.requests.take(
        {"services": [{"id": "keterangan-usaha", "title": "Usaha", "identity": True, "fields": FIELDS}]},
        {"service": "keterangan-usaha", "answers": dict.fromkeys(("usaha", "alamat_usaha", "keperluan"), "Warung"), "name": "Orang Lain"},
        who,
    )
    assert NIK not in json.dumps(kiosk.events) and "274916" not in json.dumps(kiosk.events)
    kiosk.sync()
    with office.app._services.records.session() as session:
        bodies = [dict(b) for b in session.scalars(select(EventRow.body).where(EventRow.node == "kiosk-9"))]
        log = session.scalars(select(AccessLogRow).where(AccessLogRow.resident == number).order_by(AccessLogRow.id)).all()
    assert all(set(b) == {"type", "taken"} for b in bodies if b["type"] == "pin-change")
    assert ("kios kiosk-9", "permohonan") in [(line.actor, line.purpose) for line in log]
    assert office.siti.ask("GET", f"residents/{number}/kiosk").json() | {"pin_given": ""} == {
        "pin_given": "", "by": "siti", "first": False, "card": False,
    }  # fmt: skip
    detail = office.siti.ask("GET", f"requests/{made['reference']}").json()
    assert (detail["resident"], detail["person"]["nama"], detail["person"]["nik"]) == (number, "Sulastri Contoh", NIK)
    assert detail["steps"][0]["note"] == "dikenal dengan PIN di kios"
    assert kiosk.identity.requests(who) == (made["reference"],)
    assert kiosk.identity.identify({"way": "receipt", "reference": made["reference"].lower(), "pin": "274916"}).person == who.person

    assert office.siti.ask("PUT", f"residents/{number}/kiosk/card", {"number": CARD}).json()["card"] is True
    kiosk.sync()
    assert kiosk.identity.identify({"way": "card", "card": "04a2b3c4d5e680", "pin": "274916"}).proof == "card"
    office.siti.ask("POST", f"residents/{number}/events", {"kind": "move_out", "day": "2026-02-01"})
    kiosk.sync()
    with pytest.raises(NotKnown):
        kiosk.identity.identify({"way": "pin", "nik": NIK, "pin": "274916"})


def test_a_pin_that_staff_gave_since_is_not_overtaken(office: Office, kiosk: Kiosk) -> None:
    """Whoever knew the first PIN and changed it without a line does not take the resident's place for good."""
    number, pin = given_pin(office, "Warga Diganti", "3510995708800025")
    kiosk.sync()
    who = kiosk.identity.identify({"way": "pin", "nik": "3510995708800025", "pin": pin})
    kiosk.identity.change_pin(who, {"pin": "902518"})
    fresh = office.siti.ask("POST", f"residents/{number}/kiosk/pin").json()["pin"]
    kiosk.sync()
    assert kiosk.identity.identify({"way": "pin", "nik": "3510995708800025", "pin": fresh}).first
    with pytest.raises(NotKnown):
        kiosk.identity.identify({"way": "pin", "nik": "3510995708800025", "pin": "902518"})


def test_a_member_of_staff_helps(office: Office, kiosk: Kiosk) -> None:
    """With a PIN of his own; whoever is not on the roll is asked for under the name that is typed, and the record says who helped."""
    assert code(office.siti.ask("PUT", "session/kiosk-pin", {"password": "salah salah salah", "pin": "481620"})) == (401, "wrong_password")
    assert code(office.siti.ask("PUT", "session/kiosk-pin", {"password": GOOD, "pin": "123456"})) == (422, "invalid_request")
    assert office.siti.ask("PUT", "session/kiosk-pin", {"password": GOOD, "pin": "481620"}).json() == {"there": True}
    kiosk.sync()
    assert kiosk.identity.ways()["staff"] == [{"id": "siti", "name": "Siti"}]
    helped = kiosk.identity.identify({"way": "staff", "staff": "siti", "pin": "481620", "name": "Mbah  Karto"})
    assert (helped.person, helped.name, helped.by, helped.proof) == ("", "Mbah Karto", "siti", "staff")
    with pytest.raises(NotKnown):
        kiosk.identity.identify({"way": "staff", "staff": "siti", "pin": "481621", "name": "Mbah Karto"})
    ref = new_reference()
    kiosk.store(event(ServiceRequest(ref, "keterangan-kurang-mampu", now_ms(), {}, name="Mbah Karto", proof="staff", staff="siti")))
    office.siti.ask("DELETE", "session/kiosk-pin")
    kiosk.sync()
    assert kiosk.identity.ways()["staff"] == []


def test_brute_force_waits_through_restarts(office: Office, kiosk: Kiosk) -> None:
    """Five tries for one person, by whatever way; a restart forgets nothing; the right PIN has to wait, too."""
    _, pin = given_pin(office, "Warga Dicoba", "3510995708800033")
    kiosk.sync()
    wrong = "135790" if pin != "135790" else "246813"
    for _ in range(5):
        with pytest.raises(NotKnown):
            kiosk.identity.identify({"way": "pin", "nik": "3510995708800033", "pin": wrong})
    for desk in (kiosk.identity, _again(kiosk)):
        with pytest.raises(KampungError) as refused:
            desk.identify({"way": "pin", "nik": "3510995708800033", "pin": pin})
        assert refused.value.code == "too_many"
        assert "tunggu" in refused.value.message


def _again(kiosk: Kiosk) -> Identity:
    made = Identity(kiosk.folder, VILLAGE, kiosk.node, kiosk.store)
    found = kiosk.app._services.contents.get(VILLAGE, "roll")
    assert found is not None
    made.follow(Content("roll", found.version, found.at, found.document))
    return made


def test_a_roll_for_another_kiosk_or_changed_on_its_way_is_not_taken(office: Office, kiosk: Kiosk, tmp_path: Path) -> None:
    given_pin(office, "Warga Kunci", "3510995708800041")
    kiosk.sync()
    found = kiosk.app._services.contents.get(VILLAGE, "roll")
    assert found is not None
    for folder, document in (
        ("a", found.document),
        ("b", {**found.document, "keys": {}}),
        ("c", {"mark": 1}),
        ("d", {**found.document, "body": "AAAA"}),
    ):
        (tmp_path / folder).mkdir()
        other = Identity(tmp_path / folder, VILLAGE, "kiosk-9", kiosk.store)
        other.follow(Content("roll", 1, 1, document))
        assert not other.ready
    before = kiosk.identity.ways()
    kiosk.identity.follow(Content("roll", 2, 2, {**found.document, "mark": "f" * 32}))
    assert kiosk.identity.ways() == before


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=8))
def test_pins(text: str) -> None:
    try:
        assert check_pin(text) == text and len(text) == 6
    except InvalidRequest as error:
        assert text not in error.message or len(text) < 3
    assert check_pin(new_pin())
    assert 0 <= short(b"k", "nik", text) < 2**20


def test_easily_guessed_pins() -> None:
    for pin in ("123456", "654321", "111111", "121212", "890123", "12345", "1234567", "１２３４５６"):
        with pytest.raises(InvalidRequest):
            check_pin(pin)


def test_one_who_cannot_be_read_keeps_nobody_else_away(office: Office, kiosk: Kiosk) -> None:
    """A row that was changed below the database; and the documents for kiosks alone are given to nobody over the API."""
    broken, _ = given_pin(office, "Warga Rusak", "3510995708800074")
    _, pin = given_pin(office, "Warga Utuh", "3510995708800082")
    with office.app._services.records.session() as session:
        row = session.get_one(PinRow, broken)
        row.pin_sealed, row.changed = row.pin_sealed[:-1] + b"?", row.changed + 1
    kiosk.sync()
    assert kiosk.identity.identify({"way": "pin", "nik": "3510995708800082", "pin": pin}).name == "Warga Utuh"
    for key in ("roll", "requests", "complaints", "letters"):
        assert code(office.siti.ask("GET", f"villages/{VILLAGE}/content/{key}")) == (403, "forbidden")
