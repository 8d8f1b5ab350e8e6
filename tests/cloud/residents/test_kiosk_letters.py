"""A signed letter at the kiosk: only its own applicant's, only when it is ready, three copies at most, and on the access log."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from kampung_cloud.app import CloudApp
from kampung_cloud.mail import Mail
from kampung_cloud.modules.services import kiosk_letters
from kampung_cloud.records.mail_models import KioskMailRow
from kampung_cloud.records.models import EventRow
from kampung_cloud.records.resident_models import AccessLogRow
from kampung_cloud.records.roll_models import PinRow
from kampung_contract.letter_print import LIFE_MS, LetterAnswer, LetterPrinted, LetterWanted, decode_answer, event, info
from kampung_edge.identity.own_key import SUITE
from sqlalchemy import select

from tests.cloud.conftest import VILLAGE, now_ms
from tests.cloud.desk import Desk, make
from tests.cloud.residents.conftest import Office

SEQ = iter(range(1, 1000))


class Line:
    """The broker's side."""

    def __init__(self) -> None:
        import threading

        self.connected = threading.Event()
        self.sent: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes) -> None:
        self.sent.append((topic, payload))


@pytest.fixture(scope="module")
def signed(office: Office) -> tuple[str, str]:
    """Reference of a request that is ready, and what the roll calls its applicant."""
    make(office.app, "kades", ["kades"], VILLAGE)
    number = office.add("Sulastri Surat", nik="3510995708800058")
    office.siti.ask("POST", f"residents/{number}/kiosk/pin")
    answers = {"usaha": "Warung", "alamat_usaha": "Krajan", "keperluan": "Modal"}
    body = {"village": VILLAGE, "service": "keterangan-usaha", "answers": answers, "person": {"nama": "Sulastri Surat"}}
    ref = office.siti.ask("POST", "requests", body | {"person_id": str(number)}).json()["id"]
    for act in ("take", "approve"):
        office.siti.ask("POST", f"requests/{ref}/acts", {"act": act})
    assert "number" in Desk(office.app, "kades").ask("POST", "requests/sign", {"requests": [ref]}).json()[0]
    with office.app._services.records.session() as session:
        name = session.scalar(select(PinRow.name).where(PinRow.resident == number))
    assert name is not None
    return ref, name


def said(app: CloudApp, told: LetterWanted | LetterPrinted, received: int | None = None) -> str:
    """What came of an event of the kiosk."""
    key = ("kiosk-9", "l", next(SEQ), 0)
    body = event(told)
    with app._services.records.session() as session:
        at = now_ms() if received is None else received
        session.add(EventRow(node=key[0], epoch=key[1], seq=key[2], position=0, village=VILLAGE, received=at, type=body["type"], body=body))
    kiosk_letters.answer(app._services, now_ms())
    with app._services.records.session() as session:
        row = session.get(EventRow, key)
        assert row is not None
        return str(row.body["taken"])


def wanted(ref: str, person: str, n: int) -> tuple[LetterWanted, X25519PrivateKey]:
    key = X25519PrivateKey.generate()
    return LetterWanted(f"{n:032x}", ref, person, key.public_key().public_bytes_raw(), now_ms()), key


def mail(app: CloudApp, told: LetterWanted) -> LetterAnswer | None:
    with app._services.records.session() as session:
        row = session.get(KioskMailRow, told.id)
        return None if row is None else decode_answer(row.payload)


def test_from_the_desk_to_the_kiosk_alone(office: Office, signed: tuple[str, str], tmp_path: Path) -> None:
    ref, name = signed
    told, key = wanted(ref, name, 1)
    assert said(office.app, told) == "sent"
    answer = mail(office.app, told)
    assert answer is not None
    assert SUITE.decrypt(answer.body, key, info=info(told.id, "kiosk-9").encode()).startswith(b"%PDF")
    line = Line()
    post = Mail(office.app._services.records, line)
    assert post.send(now_ms()) == 0, "nothing is lost while there is no line"
    line.connected.set()
    assert (post.send(now_ms()), post.send(now_ms())) == (1, 0)
    assert [topic for topic, _ in line.sent] == [f"kampung/v1/351024/2008/kiosk-9/down/letter/{told.id}"]
    with office.app._services.records.session() as session:
        log = session.scalars(select(AccessLogRow).where(AccessLogRow.what == "print").order_by(AccessLogRow.id.desc())).first()
    assert log is not None and log.actor == "kios kiosk-9"
    assert said(office.app, LetterPrinted(told.id, ref, now_ms())) == "printed"
    detail = office.siti.ask("GET", f"requests/{ref}").json()
    assert (detail["state"], detail["steps"][-1]["note"]) == ("handed_over", "dicetak sendiri di kios")
    for n in (2, 3):
        assert said(office.app, wanted(ref, name, n)[0]) == "sent", "a jam or two"
    told, _ = wanted(ref, name, 4)
    assert said(office.app, told) == "refused"
    answer = mail(office.app, told)
    assert answer is not None and not answer.body and "3 kali" in answer.why


def test_nobody_elses(office: Office, signed: tuple[str, str]) -> None:
    """Another resident's, one that the roll does not know, a request that is not there, an old asking, and a copy that nobody sent."""
    ref, _ = signed
    other = office.add("Orang Lain", nik="3510995708800066")
    office.siti.ask("POST", f"residents/{other}/kiosk/pin")
    with office.app._services.records.session() as session:
        name = session.scalar(select(PinRow.name).where(PinRow.resident == other))
    assert name is not None
    for n, (reference, person) in enumerate(((ref, name), (ref, "0" * 16), ("K7M3-9QXR", name)), 10):
        told, _ = wanted(reference, person, n)
        assert said(office.app, told) == "refused"
        answer = mail(office.app, told)
        assert answer is not None and not answer.body and answer.why
    assert said(office.app, wanted(ref, name, 20)[0], now_ms() - LIFE_MS - 1) == "late"
    assert said(office.app, LetterPrinted("f" * 32, ref, now_ms())) == "unknown"
