"""Dukcapil, DTSEN and BSrE at the counter, over the simulators' own HTTP: on the access log, marked, answers gone with the request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.access.actor import PROGRAM
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.modules.services import kiosks
from kampung_cloud.modules.services.letters.words import day as day_text
from kampung_cloud.modules.services.lookups.models import LookupRow
from kampung_cloud.modules.services.lookups.person import born_at, known
from kampung_cloud.modules.services.office import office
from kampung_cloud.records.resident_models import AccessLogRow
from kampung_cloud.registers.answer import Unanswered
from kampung_contract.errors import InvalidRequest, StorageUnavailable
from kampung_sim.bsre.service import SimulatedBsre
from kampung_sim.bsre.web import PASSPHRASE
from kampung_sim.registers.fault import Fault
from kampung_sim.registers.people import Entry
from kampung_sim.registers.service import SimulatedRegisters
from sqlalchemy import func, select, text

from tests.cloud.conftest import HTTP, VILLAGE, free_port, now_ms

SITI = Entry("3510995708900011", "Siti Contoh", "Banyuwangi", date(1990, 8, 17), "P", "3510990101200011", "found", 3)
PERSON = {"nama": "Siti Contoh", "nik": SITI.nik, "lahir": "Banyuwangi, 18 Agustus 1990", "kelamin": "Perempuan"}


@dataclass
class Counter:
    """A clerk with the token, and the registers that he asks."""

    app: CloudApp
    registers: SimulatedRegisters

    def ask(self, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.app._services.token}"}
        answer = HTTP.request("GET" if body is None else "POST", f"{self.app.url}/api/v1/{path}", json=body, headers=headers)
        return answer.json() if answer.status_code < 300 else answer.json()["error"]

    def rename(self, table: str, name: str) -> None:
        with self.app._records.session() as session:
            session.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))

    def request(self, service: str = "keterangan-kurang-mampu", person: Any = None) -> str:
        answers = {"untuk": "Sekolah"} if service == "keterangan-kurang-mampu" else {"sebab": "Hilang"}
        body = {"village": VILLAGE, "service": service, "answers": answers, "person": person or PERSON}
        return str(self.ask("requests", body)["id"])


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    registers = SimulatedRegisters(known={SITI.nik: SITI})
    registers.start()
    bsre = SimulatedBsre()
    bsre.start()
    folder = tmp_path_factory.mktemp("lookups")
    (folder / "key").write_text("simulasi")
    common = {"key_file": "key", "timeout_s": 30}
    tables = {
        "broker": {"url": f"mqtt://127.0.0.1:{free_port()}"},
        "api": {"port": 0},
        "telemetry": {"url": "memory:"},
        "registers": {
            "dukcapil": {"url": registers.dukcapil, "user": "simulasi", **common},
            "dtsen": {"url": registers.dtsen, "simulated": True, **common},
            "bsre": {"url": bsre.url, "user": "simulasi", "simulated": True, **common},
        },
    }
    app = CloudApp(parse(tables, folder))
    app.start()
    yield Counter(app, registers)
    app.stop()
    registers.stop()
    bsre.stop()


def test_what_differs_is_said_and_refuses_nothing(counter: Counter) -> None:
    """On record before it leaves, labelled though nobody declared the simulator, sealed, and deleted when the request is closed."""
    ref = counter.request()
    (dukcapil, dtsen) = counter.ask(f"requests/{ref}")["lookups"]
    assert (dukcapil["connected"], dukcapil["mark"], dukcapil["answer"], dukcapil["needs_nik"]) == (True, None, None, False)
    assert dtsen["mark"] == "SIMULASI — bukan data DTSEN"
    asked = counter.ask(f"requests/{ref}/lookups/dukcapil", {})
    assert asked["trouble"] is None
    (dukcapil, _) = counter.ask(f"requests/{ref}")["lookups"]
    assert dukcapil["mark"] == "SIMULASI — bukan data Dukcapil"
    assert dukcapil["answer"]["text"] == "Tanggal lahir berbeda dari catatan Dukcapil."
    assert "tidak ditolak" in dukcapil["answer"]["remedy"]
    assert [(f["field"], f["text"]) for f in dukcapil["answer"]["fields"]] == [
        ("nik", "cocok"), ("name", "cocok"), ("birthplace", "cocok"), ("born", "berbeda"), ("sex", "cocok"),
    ]  # fmt: skip
    asked = counter.ask(f"requests/{ref}/lookups/dtsen", {})
    assert asked["lookups"][1]["answer"]["decile"] == 3
    assert "hanya keterangan" in asked["lookups"][1]["answer"]["remedy"]
    with counter.app._records.session() as session:
        lines = session.scalars(select(AccessLogRow).where(AccessLogRow.what.in_(["dukcapil", "dtsen"])).order_by(AccessLogRow.id)).all()
        bodies = list(session.scalars(select(LookupRow.body)))
    assert [(x.actor, x.purpose, x.what) for x in lines] == [("token", "permohonan", "dukcapil"), ("token", "bantuan", "dtsen")]
    assert all(ref in x.detail and "UU" not in x.detail and "dasar: " in x.detail and SITI.nik not in x.detail for x in lines)
    assert not any(b"found" in body or b"decile" in body for body in bodies)
    for act in ("take", "approve"):
        assert counter.ask(f"requests/{ref}/acts", {"act": act})["id"] == ref
    counter.ask(f"requests/{ref}/acts", {"act": "send_back", "note": "Salah"})
    counter.ask(f"requests/{ref}/acts", {"act": "reject", "note": "Salah"})
    kiosks.tell(counter.app._services, now_ms())
    with counter.app._records.session() as session:
        assert session.scalar(select(func.count()).select_from(LookupRow).where(LookupRow.request == ref)) == 0
    assert counter.ask(f"requests/{ref}")["lookups"] == []
    assert counter.ask(f"requests/{ref}/lookups/dukcapil", {})["code"] == "conflict"


def test_a_register_that_is_down_leaves_the_request_as_it_was(counter: Counter) -> None:
    ref = counter.request()
    counter.registers.faults.set("dukcapil", Fault("quota"))
    asked = counter.ask(f"requests/{ref}/lookups/dukcapil", {})
    counter.registers.faults.set("dukcapil", Fault())
    assert asked["trouble"]["why"] == "quota"
    assert asked["trouble"]["text"] == "Kuota Dukcapil untuk hari ini sudah habis."
    assert asked["lookups"][0]["answer"] is None
    assert counter.ask(f"requests/{ref}/acts", {"act": "take"})["state"] == "checking"


def test_who_gave_only_a_name_is_asked_about_with_the_number_on_his_card(counter: Counter) -> None:
    """What is typed is not kept; a service that asks for no decile is not offered one."""
    ref = counter.request("permohonan-ktp", {"nama": "Siti Contoh"})
    (dukcapil,) = counter.ask(f"requests/{ref}")["lookups"]
    assert dukcapil["needs_nik"]
    assert counter.ask(f"requests/{ref}/lookups/dukcapil", {})["message"].startswith("NIK belum diketahui")
    assert "15 angka" in counter.ask(f"requests/{ref}/lookups/dukcapil", {"nik": SITI.nik[:-1]})["message"]
    asked = counter.ask(f"requests/{ref}/lookups/dukcapil", {"nik": f"{SITI.nik[:6]} {SITI.nik[6:]}"})
    assert [f["field"] for f in asked["lookups"][0]["answer"]["fields"]] == ["nik", "name"]
    assert counter.ask(f"requests/{ref}/lookups/dtsen", {"nik": SITI.nik})["code"] == "conflict"
    assert SITI.nik not in str(counter.ask(f"requests/{ref}"))


def test_a_resident_of_the_register_is_asked_about_without_typing(counter: Counter) -> None:
    """As one who proved himself at the kiosk: what the request does not say, the register adds; the line is on his list of readers."""
    told = {"name": "Siti Contoh", "nik": SITI.nik, "sex": "P", "born": "1990-08-17", "birthplace": "Banyuwangi"}
    number = counter.ask("residents", {"village": VILLAGE, "kind": "move_in", "day": "2026-11-01", "person": told})["id"]
    body = {"village": VILLAGE, "service": "permohonan-ktp", "answers": {"sebab": "Hilang"}, "person": {"nama": "Siti Contoh"}}
    ref = counter.ask("requests", body | {"person_id": str(number)})["id"]
    assert not counter.ask(f"requests/{ref}")["lookups"][0]["needs_nik"]
    asked = counter.ask(f"requests/{ref}/lookups/dukcapil", {})["lookups"][0]["answer"]
    assert ([f["field"] for f in asked["fields"]], asked["warns"]) == (["nik", "name", "birthplace", "born", "sex"], False)
    lines = counter.ask(f"residents/{number}/readers")["readings"]
    assert next(x for x in lines if x["what"] == "dukcapil")["purpose_title"] == "Mengurus permohonan warga ini"


def test_nothing_leaves_when_it_cannot_be_put_on_record(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = office(counter.app._services)
    case = desk.book.get(counter.request())
    asked: list[object] = []
    monkeypatch.setattr(
        desk.lookups._registers.population, "verify", lambda who: asked.append(who) or Unanswered("Dukcapil", "unreachable", "", True)
    )
    counter.rename("access_log", "access_log_away")
    try:
        with pytest.raises(StorageUnavailable):
            desk.lookups.ask(case, "dukcapil", "", PROGRAM, now_ms())
    finally:
        counter.rename("access_log_away", "access_log")
    assert not asked
    desk.lookups.ask(case, "dukcapil", "", PROGRAM, now_ms())
    assert len(asked) == 1


def test_a_signed_letter_gets_bsre_s_signature_too_and_says_which_it_has(counter: Counter) -> None:
    """Ours stays; the file is kept as it came back; what is wrong with the question repeats no passphrase."""
    ref = counter.request()
    for act in ("take", "approve"):
        counter.ask(f"requests/{ref}/acts", {"act": act})
    (signed,) = counter.ask("requests/sign", {"requests": [ref]})
    letter = counter.ask(f"requests/{ref}")["letter"]
    assert (letter["number"], letter["signature"]["state"]) == (signed["number"], "none")
    assert "tanpa kekuatan hukum" in letter["signature"]["text"]
    body = {"letters": [letter["id"]], "nik": SITI.nik, "passphrase": "rahasia-salah"}
    (done,) = counter.ask("letters/certify", body)
    assert (done["outcome"], "mengunci" in done["remedy"]) == ("passphrase", True)
    for wrong in ({"letters": 3}, {"letters": []}, {"nik": 5}, {"more": 1}, {"nik": "1"}):
        assert "rahasia" not in str(counter.ask("letters/certify", body | wrong))
    assert "rahasia" not in str(counter.ask("letters/certify", {"passphrase": "rahasia"}))
    (done,) = counter.ask("letters/certify", body | {"passphrase": PASSPHRASE})
    assert (done["outcome"], done["number"]) == ("signed", signed["number"])
    (line,) = (x for x in counter.ask(f"letters?village={VILLAGE}&year={letter['day'][:4]}") if x["id"] == letter["id"])
    assert (line["signature"]["state"], line["signature"]["mark"]) == ("signed", "SIMULASI — bukan tanda tangan BSrE")
    headers = {"Authorization": f"Bearer {counter.app._services.token}"}
    kept, ours = (
        HTTP.get(f"{counter.app.url}/api/v1/{path}", headers=headers)
        for path in (f"letters/{letter['id']}/certified", f"requests/{ref}/letter")
    )
    assert kept.content.startswith(b"%PDF") and b"SIMULASI" in kept.content
    assert ours.content.startswith(b"%PDF") and b"SIMULASI" not in ours.content
    with counter.app._records.session() as session:
        lines = session.scalars(select(AccessLogRow).where(AccessLogRow.detail.contains(ref)).order_by(AccessLogRow.id)).all()
    assert [x.what for x in lines if x.what == "bsre"] == ["bsre", "bsre"]  # each time before it left, with the wrong passphrase too
    assert any("surat tersertifikasi" in x.detail for x in lines)
    counter.ask(f"letters/{letter['id']}/revoke", {"reason": "Salah nama"})
    assert "sudah dicabut" in counter.ask("letters/certify", body)["message"]


@settings(max_examples=40, deadline=None)
@given(st.text("Banyuwg ,.", max_size=12), st.dates(date(1900, 1, 1), date(2026, 1, 1)))
def test_birth_as_it_is_printed_is_read_back(place: str, born: date) -> None:
    assert born_at(f"{place}, {day_text(born)}", date(2026, 11, 30)) == (place.strip(), born)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["nama", "nik", "kk", "lahir", "kelamin"]), st.text(max_size=20)), st.text(max_size=20))
def test_whatever_a_request_says_is_asked_about_or_refused_in_words(said: dict[str, str], typed: str) -> None:
    try:
        found = known(said, None, typed, date(2026, 11, 30))
    except InvalidRequest as error:
        assert "NIK" in error.message
    else:
        assert len(found.nik) == 16
        assert found.nik.isdigit()
