"""Requests and letters over the API: a kiosk's event to a signed letter that anybody can check, and nobody without the right."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.main import cli
from kampung_cloud.modules.services import kiosks
from kampung_cloud.modules.services.catalogue.loading import DATA
from kampung_cloud.modules.services.letters.composing import digest
from kampung_cloud.modules.services.office import office
from kampung_cloud.modules.services.signing import decode
from kampung_cloud.records.models import DocumentRow, EventRow, NodeRow
from kampung_cloud.records.resident_models import AccessLogRow
from kampung_cloud.sealing import Keyring
from kampung_contract.service_request import ServiceRequest, event, new_reference
from sqlalchemy import select
from typer.testing import CliRunner

from tests.cloud.conftest import HTTP, VILLAGE, free_port, now_ms
from tests.cloud.desk import Desk, code, make
from tests.cloud.modules.services.test_definitions import TOML

ANSWERS = {"usaha": "Warung kopi", "alamat_usaha": "Dusun Krajan", "keperluan": "Pinjaman modal"}
WARGA = {"nama": "Contoh Warga", "alamat": "Dusun Krajan RT 02 RW 01"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """A cloud whose broker is away: nothing here needs it."""
    folder = tmp_path_factory.mktemp("services")
    offices = {VILLAGE: {"kades": "Contoh Kades", "address": "Jalan Raya Ijen"}}
    tables = {
        "broker": {"url": f"mqtt://127.0.0.1:{free_port()}"},
        "api": {"port": 0},
        "telemetry": {"url": "memory:"},
        "services": {"offices": offices},
    }
    app = CloudApp(parse(tables, folder))
    app.start()
    for name, roles, village in (
        ("siti", ["petugas"], VILLAGE),
        ("kades", ["kades"], VILLAGE),
        ("lain", ["petugas"], "35.10.24.2007"),
        ("operator", ["operator"], VILLAGE),
    ):
        make(app, name, roles, village)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def siti(cloud: CloudApp) -> Desk:
    return Desk(cloud, "siti")


@pytest.fixture(scope="module")
def kades(cloud: CloudApp) -> Desk:
    return Desk(cloud, "kades")


def asked(siti: Desk, service: str = "keterangan-usaha", answers: Any = None, **more: Any) -> dict[str, Any]:
    body = {"village": VILLAGE, "service": service, "answers": ANSWERS if answers is None else answers, "person": WARGA, **more}
    answer = siti.ask("POST", "requests", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def signed(siti: Desk, kades: Desk) -> dict[str, Any]:
    ref = asked(siti)["id"]
    for act in ("take", "approve"):
        assert siti.ask("POST", f"requests/{ref}/acts", {"act": act}).status_code == 200
    (done,) = kades.ask("POST", "requests/sign", {"requests": [ref]}).json()
    assert done["error"] is None
    return dict(siti.ask("GET", f"requests/{ref}").json())


def test_a_letter_from_the_counter_to_whoever_checks_it(cloud: CloudApp, siti: Desk, kades: Desk, tmp_path: Any) -> None:
    """Asked, checked, signed, printed, checked online and without a line; then withdrawn."""
    ref = asked(siti)["id"]
    assert siti.ask("POST", f"requests/{ref}/acts", {"act": "take"}).json()["acts"] == ["approve", "return", "reject", "cancel"]
    assert siti.ask("GET", f"requests/{ref}/draft").content.startswith(b"\x89PNG")
    assert code(siti.ask("GET", f"requests/{ref}/letter")) == (404, "not_found")
    siti.ask("POST", f"requests/{ref}/acts", {"act": "approve"})
    assert [r["id"] for r in kades.ask("GET", f"requests?village={VILLAGE}&state=waiting_signature").json()] == [ref]
    (done,) = kades.ask("POST", "requests/sign", {"requests": [ref]}).json()
    detail = siti.ask("GET", f"requests/{ref}").json()
    assert (done["number"], detail["letter"]["signer"]) == (detail["number"], "Contoh Kades")
    assert siti.ask("GET", f"requests/{ref}/letter").content.startswith(b"%PDF")
    text = office_code(cloud, ref)
    verdict = HTTP.post(f"{cloud.url}/api/v1/letters/verify", json={"code": text}).json()
    assert (verdict["verdict"], verdict["number"], verdict["name"]) == ("good", done["number"], "Contoh Warga")
    assert "Tamansari" in verdict["reason"]
    keys = tmp_path / "keys.json"
    keys.write_bytes(HTTP.get(f"{cloud.url}/api/v1/letters/keys").content)
    found = CliRunner().invoke(cli, ["verify", text, "--keys", str(keys)])
    assert (found.exit_code, json.loads(found.stdout)["verdict"]) == (0, "good")
    swapped = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
    assert CliRunner().invoke(cli, ["verify", swapped, "--keys", str(keys)]).exit_code == 1
    missing = CliRunner().invoke(cli, ["verify", text, "--keys", str(tmp_path / "none.json")])
    assert missing.exit_code == 2
    assert "letters/keys" in missing.output
    letter = detail["letter"]["id"]
    assert code(siti.ask("POST", f"letters/{letter}/revoke", {"reason": "Nama salah tulis"})) == (403, "forbidden")
    assert kades.ask("POST", f"letters/{letter}/revoke", {"reason": "Nama salah tulis"}).json()["reason"] == "Nama salah tulis"
    assert HTTP.post(f"{cloud.url}/api/v1/letters/verify", json={"code": text}).json()["verdict"] == "revoked"


def office_code(cloud: CloudApp, ref: str) -> str:
    letter = office(cloud._services).book.get(ref).letter
    assert letter is not None
    return letter.code


def test_a_form_that_does_not_fit_says_which_field(siti: Desk) -> None:
    answer = siti.ask(
        "POST", "requests", {"village": VILLAGE, "service": "keterangan-usaha", "answers": {"tahun": "lama"}, "person": WARGA}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "invalid_answers")
    assert error["fields"] == {
        "usaha": "belum dijawab",
        "alamat_usaha": "belum dijawab",
        "tahun": "'lama' bukan bilangan bulat; tulis seperti 1.250",
        "keperluan": "belum dijawab",
    }


def test_who_may_do_what(cloud: CloudApp, siti: Desk, kades: Desk) -> None:
    """Nobody without an account, nobody of another village, and no signature by who only checks."""
    ref = asked(siti)["id"]
    assert code(HTTP.get(f"{cloud.url}/api/v1/requests/{ref}")) == (401, "unauthorised")
    other = Desk(cloud, "lain")
    assert code(other.ask("GET", f"requests/{ref}")) == (403, "forbidden")
    assert code(other.ask("GET", f"requests?village={VILLAGE}")) == (403, "forbidden")
    assert code(siti.ask("POST", "requests/sign", {"requests": [ref]})) == (403, "forbidden")
    assert code(kades.ask("POST", f"requests/{ref}/acts", {"act": "take"})) == (403, "forbidden")
    assert code(siti.ask("POST", f"requests/{ref}/acts", {"act": "approve"})) == (409, "conflict")
    (refused,) = kades.ask("POST", "requests/sign", {"requests": [ref]}).json()
    assert "yang dapat dilakukan: take, cancel" in refused["error"]


def test_many_signed_at_once_each_for_itself(siti: Desk, kades: Desk) -> None:
    refs = [asked(siti)["id"] for _ in range(3)]
    for ref in refs[:2]:
        for act in ("take", "approve"):
            siti.ask("POST", f"requests/{ref}/acts", {"act": act})
    done = kades.ask("POST", "requests/sign", {"requests": [*refs, "2222-2222"]}).json()
    assert [d["error"] is None for d in done] == [True, True, False, False]
    numbers = [int(d["number"].split("/")[1]) for d in done[:2]]
    assert numbers[1] == numbers[0] + 1


def test_whoever_has_the_receipt_sees_how_it_stands_and_no_name(cloud: CloudApp, siti: Desk) -> None:
    ref = asked(siti)["id"]
    found = HTTP.post(f"{cloud.url}/api/v1/requests/follow", json={"reference": ref.lower()}).json()
    assert (found["title"], found["service"]) == ("Diterima", "Surat keterangan usaha")
    assert "Contoh" not in json.dumps(found)
    assert code(HTTP.post(f"{cloud.url}/api/v1/requests/follow", json={"reference": new_reference()})) == (404, "not_found")
    assert code(HTTP.post(f"{cloud.url}/api/v1/requests/follow", json={"reference": "XXXX"})) == (422, "invalid_request")


def test_the_catalogue_is_for_everybody(cloud: CloudApp) -> None:
    listed = HTTP.get(f"{cloud.url}/api/v1/services?village={VILLAGE}").json()
    assert len(listed) == 54
    one = HTTP.get(f"{cloud.url}/api/v1/services/permohonan-ktp?village={VILLAGE}").json()
    assert len(one["definition"]["standard"]) == 14
    assert HTTP.get(f"{cloud.url}/api/v1/services/keterangan-usaha/preview?village={VILLAGE}").content.startswith(b"\x89PNG")
    assert code(HTTP.get(f"{cloud.url}/api/v1/services/permohonan-ktp/preview?village={VILLAGE}")) == (404, "not_found")
    assert code(HTTP.get(f"{cloud.url}/api/v1/services/sihir?village={VILLAGE}")) == (404, "not_found")


def test_statistics_are_of_the_village_s_own_minutes(siti: Desk, kades: Desk) -> None:
    ref = signed(siti, kades)["id"]
    siti.ask("POST", f"requests/{ref}/acts", {"act": "hand_over"})
    found = siti.ask("GET", f"services/statistics?village={VILLAGE}").json()
    assert found["states"]["handed_over"] >= 1
    assert [s["service"] for s in found["services"]] == ["keterangan-usaha"]


def kiosk_event(cloud: CloudApp, seq: int, said: ServiceRequest) -> None:
    with cloud._records.session() as session:
        session.add(
            EventRow(
                node="kiosk-1", epoch="e", seq=seq, position=0, village=VILLAGE, received=now_ms(), type="service-request", body=event(said)
            )
        )


def document(cloud: CloudApp, key: str) -> dict[str, Any]:
    with cloud._records.session() as session:
        row = session.get(DocumentRow, (VILLAGE, key))
        assert row is not None
        return dict(row.document)


def test_a_kiosk_s_request_comes_in_once_and_its_state_goes_back(cloud: CloudApp, siti: Desk) -> None:
    """Late, twice, sent back for one thing and completed at the kiosk; the event keeps nothing of what it said."""
    with cloud._records.session() as session:
        session.merge(NodeRow(node="kiosk-1", village=VILLAGE, since=1, last_seen=1, last=0, devices=[], reused=0))
    ref, at = new_reference(), now_ms() - 3_600_000
    said = ServiceRequest(ref, "keterangan-usaha", at, ANSWERS, name="Contoh Warga", proof="pin")
    for seq in (1, 2):
        kiosk_event(cloud, seq, said)
    kiosk_event(cloud, 3, ServiceRequest(new_reference(), "keterangan-usaha", at, {"tahun": "lama"}, name="X"))
    kiosks.take_in(cloud._services, now_ms())
    with cloud._records.session() as session:
        bodies = [dict(b) for b in session.scalars(select(EventRow.body).where(EventRow.type == "service-request").order_by(EventRow.seq))]
    assert [b["taken"] for b in bodies] == [ref, ref, "refused"]
    assert "Contoh" not in json.dumps(bodies)
    assert "usaha: belum dijawab" in bodies[2]["why"]
    assert siti.ask("GET", f"requests/{ref}").json()["channel"] == "kiosk"
    siti.ask("POST", f"requests/{ref}/acts", {"act": "take"})
    siti.ask("POST", f"requests/{ref}/acts", {"act": "return", "note": "Alamat kurang RT"})
    kiosks.tell(cloud._services, now_ms())
    mine = next(r for r in document(cloud, "requests")["requests"] if r["reference"] == ref)
    assert (mine["state"], mine["note"]) == ("returned", "Alamat kurang RT")
    again = ServiceRequest(ref, "keterangan-usaha", at, {"alamat_usaha": "Dusun Krajan RT 02"}, name="Contoh Warga", resubmits=True)
    for seq in (4, 5):
        kiosk_event(cloud, seq, again)
    kiosks.take_in(cloud._services, now_ms())
    assert siti.ask("GET", f"requests/{ref}").json()["state"] == "checking"
    kiosks.offer(cloud._services, now_ms())
    offered = document(cloud, "services")["services"]
    assert {"permohonan-ktp", "keterangan-usaha"} <= {s["id"] for s in offered}
    assert len(json.dumps(offered)) < 60_000


def test_another_village_s_request_is_neither_shown_nor_changed(cloud: CloudApp, siti: Desk) -> None:
    """By its reference at the counter, or from a kiosk that completes it."""
    ref = asked(siti)["id"]
    siti.ask("POST", f"requests/{ref}/acts", {"act": "take"})
    siti.ask("POST", f"requests/{ref}/acts", {"act": "return", "note": "Alamat kurang RT"})
    body = {"village": "35.10.24.2007", "service": "keterangan-usaha", "answers": ANSWERS, "person": WARGA, "reference": ref}
    assert code(Desk(cloud, "lain").ask("POST", "requests", body)) == (403, "forbidden")
    said = event(ServiceRequest(ref, "keterangan-usaha", now_ms(), {"usaha": "Lain"}, name="X", resubmits=True))
    with cloud._records.session() as session:
        row = EventRow(
            node="kiosk-8", epoch="e", seq=1, position=0, village="35.10.24.2007", received=now_ms(), type="service-request", body=said
        )
        session.add(row)
    kiosks.take_in(cloud._services, now_ms())
    assert siti.ask("GET", f"requests/{ref}").json()["state"] == "returned"


def test_whoever_reads_a_request_is_on_record(cloud: CloudApp, siti: Desk) -> None:
    ref = asked(siti)["id"]
    siti.ask("GET", f"requests/{ref}")
    siti.ask("GET", f"requests/{ref}/draft")
    with cloud._records.session() as session:
        query = select(AccessLogRow).where(AccessLogRow.detail == f"permohonan {ref}")
        lines = [(row.actor, row.purpose, row.what) for row in session.scalars(query)]
    assert lines == [("siti", "permohonan", "view")] * 2


def test_a_request_that_is_refused_is_kept_sealed(cloud: CloudApp) -> None:
    """Nobody can read it in the database; with the keys it is there, byte for byte."""
    said = ServiceRequest(new_reference(), "keterangan-usaha", now_ms(), {"tahun": "lama"}, name="Contoh Ditolak")
    kiosk_event(cloud, 77, said)
    kiosks.take_in(cloud._services, now_ms())
    with cloud._records.session() as session:
        row = session.get(EventRow, ("kiosk-1", "e", 77, 0))
        assert row is not None
        body = dict(row.body)
    assert "Contoh" not in json.dumps(body)
    ring = Keyring.open_at(cloud.config.data, 1)
    assert json.loads(ring.open(base64.b64decode(body["sealed"]), "event kiosk-1 e 77")) == event(said)


def test_a_letter_says_what_was_signed_whatever_changes_afterwards(cloud: CloudApp, siti: Desk, kades: Desk) -> None:
    """Its definition says something else, the head of the village is another: the printed words stay those of the signature."""
    own = cloud.config.data / "services" / VILLAGE
    own.mkdir(parents=True, exist_ok=True)
    before = signed(siti, kades)
    first = siti.ask("GET", f"requests/{before['id']}/letter").content
    text = (DATA / "keterangan-usaha.toml").read_text().replace("benar mempunyai usaha", "konon mempunyai usaha")
    (own / "keterangan-usaha.toml").write_text(text)
    desk = office(cloud._services)
    assert "konon" in " ".join(desk.catalogue.service(VILLAGE, "keterangan-usaha").letter.body)  # type: ignore[union-attr]
    row = desk.issued(before["letter"]["id"])
    assert row is not None
    page = desk._page(row)
    assert not any("konon" in said for said in page.body)
    assert decode(row.code, desk.keys.public()).claim.digest == digest(page)
    assert len(siti.ask("GET", f"requests/{before['id']}/letter").content) == len(first)
    (own / "keterangan-usaha.toml").unlink()


def test_a_resident_of_the_register_is_found_from_his_request_and_his_requests_from_him(cloud: CloudApp, siti: Desk) -> None:
    """That they were read is on his list; whoever asked without being picked from the register is nobody's."""
    mine, _ = asked(siti, person_id="4711"), asked(siti)
    assert mine["resident"] == 4711
    (row,) = siti.ask("GET", f"requests/residents/4711?village={VILLAGE}").json()
    assert row["id"] == mine["id"]
    with cloud._records.session() as session:
        lines = session.scalars(select(AccessLogRow).where(AccessLogRow.resident == 4711, AccessLogRow.what == "list")).all()
        assert [(line.actor, line.purpose) for line in lines] == [("siti", "permohonan")]
    assert siti.ask("GET", f"requests/residents/4712?village={VILLAGE}").json() == []
    refused = Desk(cloud, "lain").ask("GET", f"requests/residents/4711?village={VILLAGE}")
    assert refused.status_code == 403 and VILLAGE in refused.json()["error"]["message"]


def test_annexes_are_printed_and_stand_on_the_access_log(cloud: CloudApp, siti: Desk) -> None:
    """One, all, and one that the service does not use; a neighbour village's staff get none."""
    made = asked(siti, "permohonan-ktp", {"sebab": "KTP pertama"})
    ref, count = made["id"], lambda: len(list(_log(cloud)))
    before = count()
    assert siti.ask("GET", f"requests/{ref}/annexes/F-1.02").content.startswith(b"%PDF")
    assert siti.ask("GET", f"requests/{ref}/annexes").content.startswith(b"%PDF")
    assert count() == before + 2
    assert code(siti.ask("GET", f"requests/{ref}/annexes/F-2.01")) == (404, "not_found")
    assert code(Desk(cloud, "lain").ask("GET", f"requests/{ref}/annexes")) == (403, "forbidden")
    assert siti.ask("GET", f"requests/{ref}").json()["forms"] == ["F-1.02"]


def _log(cloud: CloudApp) -> list[Any]:
    with cloud._services.records.session() as session:
        return list(session.scalars(select(AccessLogRow.id)))


def test_a_definition_is_tried_put_in_force_and_taken_back_over_the_api(cloud: CloudApp, siti: Desk) -> None:
    """Nothing counts before it is put in force; each change has who, when and why."""
    op, told = Desk(cloud, "operator"), {"village": VILLAGE, "text": TOML}
    tried_ = op.ask("POST", "services/definitions/check", told).json()
    assert (tried_["faults"], tried_["id"], tried_["replaces"]) == ([], "surat-warung", None)
    assert [f["question"] for f in tried_["kiosk"]["fields"]] == ["Apa yang dijual?"]
    assert len(tried_["definition"]["standard"]) == 14
    letter = op.ask("POST", "services/definitions/letter", told | {"answers": {"dagangan": "Kopi"}})
    assert letter.content.startswith(b"%PDF")
    wrong = op.ask("POST", "services/definitions/letter", told | {"answers": {"dagangan": "x" * 300}}).json()["error"]
    assert (wrong["code"], list(wrong["fields"])) == ("invalid_answers", ["dagangan"])
    assert siti.ask("GET", f"services/surat-warung?village={VILLAGE}").status_code == 404
    bad = op.ask("POST", "services/definitions", told | {"text": TOML.replace("{dagangan}", "{x}"), "note": "coba"})
    assert code(bad) == (422, "invalid_definition")
    assert list(bad.json()["error"]["fields"]) == ["letter.body[1]"]
    strange = op.ask("POST", "services/definitions", told | {"text": TOML.replace("boleh", "\u4f60\u597d"), "note": "coba"})
    assert strange.status_code == 422 and "tidak dapat dicetak" in strange.json()["error"]["message"]
    half = op.ask("POST", "services/definitions/check", content=json.dumps(told | {"text": "id = '\ud800'"}).encode())
    assert code(half) == (422, "invalid_request")
    assert code(siti.ask("POST", "services/definitions", told | {"note": "bukan tugasnya"})) == (403, "forbidden")
    done = op.ask("POST", "services/definitions", told | {"note": "Perdes baru"})
    assert done.status_code == 201 and done.json()["whose"] == "desa"
    assert siti.ask("GET", f"services/surat-warung?village={VILLAGE}").json()["title"] == "Surat izin warung"
    body = {"village": VILLAGE, "service": "surat-warung", "answers": {"dagangan": "Kopi"}, "person": {"nama": "Contoh"}}
    assert siti.ask("POST", "requests", body).status_code == 201
    newer = TOML.replace("Surat izin warung", "Surat izin berjualan")
    assert op.ask("POST", "services/definitions/check", told | {"text": newer}).json()["open"] == 1
    first = op.ask("POST", "services/definitions", told | {"text": newer, "note": "Ganti judul"}).json()["versions"][-1]["version"]
    back = op.ask("POST", "services/definitions/surat-warung/former", {"village": VILLAGE, "version": first, "note": "Kembali"}).json()
    assert (back["title"], [v["note"] for v in back["versions"]]) == ("Surat izin warung", ["Kembali", "Ganti judul", "Perdes baru"])
    gone = op.ask("POST", "services/definitions/surat-warung/former", {"village": VILLAGE, "note": "Tidak dipakai lagi"}).json()
    assert (gone["text"], gone["versions"][0]["by"]) == (None, "operator")
    listed = op.ask("GET", f"services/definitions?village={VILLAGE}").json()
    assert [(s["id"], s["in_force"]) for s in listed["services"]] == [("surat-warung", False)]
    assert op.ask("GET", f"services/definitions/keterangan-usaha?village={VILLAGE}").json()["whose"] == "bawaan"
    assert code(op.ask("GET", f"services/definitions/tidak-ada?village={VILLAGE}")) == (404, "not_found")


def test_who_changed_a_village_s_keys_is_on_record(cloud: CloudApp, siti: Desk) -> None:
    """Asked and done, by account."""
    operator = Desk(cloud, "operator")
    made = operator.ask("POST", "letters/keys/rotate", {"village": VILLAGE}).json()
    lines = operator.ask("GET", f"letters/keys/log?village={VILLAGE}").json()
    assert [(x["act"], x["done"], x["by"], x["via"]) for x in lines[:2]] == [("rotate", d, "operator", "api") for d in (True, False)]
    assert lines[0]["kid"] == made["kid"]
    assert code(siti.ask("GET", f"letters/keys/log?village={VILLAGE}")) == (403, "forbidden")
