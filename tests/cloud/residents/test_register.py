"""The register over HTTP: who may see whom, what is on record of it, and what is in the clear on the disk."""

from __future__ import annotations

import sqlite3

import pytest
from kampung_cloud.records.resident_models import AccessLogRow, ResidentRow
from kampung_cloud.residents import access_log
from kampung_contract.errors import StorageUnavailable
from sqlalchemy import delete, update

from ..conftest import VILLAGE
from ..desk import code
from .conftest import OTHER, Office

NIK = "3510995708800001"
KK = "3510990501190001"


def test_a_resident_is_added_found_seen_and_changed(office: Office) -> None:
    """Numbers masked unless asked for; whoever is found by a NIK is found by its hash alone."""
    more = {"sex": "P", "born": "1980-08-17", "nik": NIK, "kk": KK, "relation": "kepala", "hamlet": "Krajan", "rt": "01", "rw": "02"}
    number = office.add("Suparti", **more, contacts={"phone": "0812-0000-1234"}, details={"agama": "Islam"}, address="Jalan Contoh 1")
    assert office.search("supar") == ["Suparti"]
    assert office.search(NIK) == office.search("3510 9957 0880 0001") == office.search(KK) == ["Suparti"]
    assert office.search("supar", born="1980-08-17") == ["Suparti"]
    assert office.search("supar", born="1980-08-18") == []
    seen = office.see(number)
    assert (seen["nik"], seen["kk"]) == ("3510••••••••0001", "3510••••••••0001")
    assert (seen["contacts"], seen["details"]["agama"], seen["address"]) == ({"phone": "0812-0000-1234"}, "Islam", "Jalan Contoh 1")
    assert office.see(number, numbers="true")["nik"] == NIK
    assert seen["wondered"] == []
    changed = office.siti.ask("PATCH", f"residents/{number}", {"sex": "L", "name": "Suparti Dewi"}).json()
    assert [each["code"] for each in changed["wondered"]] == ["sex"]
    assert office.search("dewi sup") == ["Suparti Dewi"]
    assert office.siti.ask("PATCH", f"residents/{number}", {"sex": "L"}).json()["kind"] == "same"
    events = office.see(number)["events"]
    assert [(e["kind"], e["fields"]) for e in events] == [("change", ["name", "sex"]), ("move_in", [])]


def test_nothing_personal_stands_in_the_database_in_the_clear(office: Office) -> None:
    """NIK, KK, phone and details are in neither the records nor their log; the keys are in a file of their own."""
    details = {"ibu": "Ibu Rahasia Sekali"}
    office.add("Rahmat", nik="3510990101900009", kk="3510990101150009", contacts={"phone": "0812-0000-9876"}, details=details)
    data = office.app.config.data
    kept = b"".join(file.read_bytes() for file in data.glob("records.sqlite*"))
    for secret in (b"3510990101900009", b"3510990101150009", b"0812-0000-9876", b"Rahasia Sekali"):
        assert secret not in kept
    assert b"Rahmat" in kept, "names are not sealed: decision 0030"
    assert (data / "keys" / "records.json").stat().st_mode & 0o077 == 0


def test_another_villages_staff_see_nobody(office: Office) -> None:
    number = office.add("Tetangga Jauh", nik="3510990202850001", kk="3510990202850002")
    seen = office.see(number)
    assert office.search("tetangga", office.tono) == []
    assert office.search("tetangga", office.kab) == ["Tetangga Jauh"], "who works for the whole regency searches it"
    q = {"q": "tetangga", "purpose": "permohonan", "village": VILLAGE}
    assert code(office.tono.ask("POST", "residents/search", q)) == (403, "forbidden")
    for method, path, body in (
        ("GET", f"residents/{number}?purpose=permohonan", None),
        ("GET", f"families/{seen['family']}?purpose=permohonan", None),
        ("GET", f"residents/{number}/readers", None),
        ("PATCH", f"residents/{number}", {"sex": "P"}),
        ("POST", f"residents/{number}/events", {"kind": "death", "day": "2026-01-06"}),
        ("POST", f"residents/{number}/requests", {"kind": "akses", "text": "minta"}),
        ("GET", f"residents/export.csv?purpose=pemutakhiran&village={VILLAGE}", None),
        ("GET", f"residents/log?village={VILLAGE}", None),
    ):
        assert code(office.tono.ask(method, path, body)) == (403, "forbidden"), path


def test_a_purpose_goes_with_every_reading(office: Office) -> None:
    """None or an unknown one: nothing is shown and nothing is noted; a known one is on record, with who and when, before the answer."""
    number = office.add("Bapak Tujuan")
    before = access_log.head(office.app._records, VILLAGE)
    assert code(office.siti.ask("GET", f"residents/{number}"))[0] == 422
    wrong = office.siti.ask("GET", f"residents/{number}?purpose=iseng")
    assert code(wrong) == (422, "invalid_request")
    assert "permohonan" in wrong.json()["error"]["message"]
    assert code(office.siti.ask("POST", "residents/search", {"q": "tujuan", "purpose": "iseng"}))[0] == 422
    assert access_log.head(office.app._records, VILLAGE) == before
    office.see(number, "bantuan")
    told = office.siti.ask("GET", f"residents/{number}/readers").json()
    first, second = told["readings"][:2]
    assert (first["what"], first["purpose"]) == ("print", "pemilik"), "whoever prints the list is on it"
    assert (second["what"], second["actor"], second["purpose_title"]) == ("view", "siti", "Memeriksa kelayakan bantuan sosial")
    assert told["lines"] == before[0] + 2
    assert len(told["last"]) == 64


def test_the_access_log_is_never_changed(office: Office) -> None:
    """The database refuses; who goes below it is found out by the chain: changed, taken out, or cut off at the end."""
    office.add("Catatan")
    records = office.app._records
    for act in (update(AccessLogRow).values(actor="x"), delete(AccessLogRow)):
        with pytest.raises(StorageUnavailable, match="never changed"), records.session() as session:
            session.execute(act)
    verify = "residents/log/verify"
    good = office.siti.ask("GET", verify).json()
    assert (good["wrong"], good["good"]) == (None, good["lines"])
    with sqlite3.connect(office.app.config.data / "records.sqlite") as below:
        below.execute("DROP TRIGGER access_log_no_update")
        below.execute("DROP TRIGGER access_log_no_delete")
        (n,) = below.execute("SELECT n FROM access_log WHERE chain = ? AND what = 'change' LIMIT 1", (VILLAGE,)).fetchone()
        below.execute("UPDATE access_log SET actor = 'orang lain' WHERE chain = ? AND n = ?", (VILLAGE, n))
    below.close()
    bad = office.siti.ask("GET", verify).json()
    assert (bad["good"], bad["wrong"]) == (n - 1, f"line {n} of {VILLAGE} is not as it was written")
    with sqlite3.connect(office.app.config.data / "records.sqlite") as below:
        below.execute("UPDATE access_log SET actor = 'siti' WHERE chain = ? AND n = ?", (VILLAGE, n))
    below.close()
    assert office.siti.ask("GET", verify).json()["wrong"] is None
    with sqlite3.connect(office.app.config.data / "records.sqlite") as below:
        below.execute("DELETE FROM access_log WHERE chain = ? AND n = (SELECT max(n) FROM access_log WHERE chain = ?)", (VILLAGE, VILLAGE))
    below.close()
    assert "the chain had" in office.siti.ask("GET", verify).json()["wrong"]


def test_a_family_twins_and_what_becomes_of_them(office: Office) -> None:
    """Two of one birth date are two; a death and a move are recorded once, and who left is found only when asked for."""
    kk = "3510991111110001"
    head = office.add("Pak Kembar", office.tono, kk=kk, relation="kepala", sex="L")
    twins = [
        office.add(name, office.tono, kk=kk, relation="anak", born="2015-05-05", sex="L", nik=f"351099050515000{n}")
        for n, name in enumerate(("Hasan", "Husein"), 1)
    ]
    assert len({head, *twins}) == 3
    family = office.tono.ask("GET", f"residents/{head}?purpose=permohonan").json()["family"]
    shown = office.tono.ask("GET", f"families/{family}?purpose=permohonan").json()
    assert [m["name"] for m in shown["members"]] == ["Pak Kembar", "Hasan", "Husein"]
    gone = office.tono.ask("POST", f"residents/{head}/events", {"kind": "death", "day": "2026-02-02", "note": "akta menyusul"})
    assert gone.json()["state"] == "meninggal"
    assert gone.json()["events"][0]["note"] == "akta menyusul"
    again = office.tono.ask("POST", f"residents/{head}/events", {"kind": "death", "day": "2026-02-02"})
    assert code(again) == (422, "invalid_request")
    assert code(office.tono.ask("POST", f"residents/{twins[0]}/events", {"kind": "death", "day": "2999-01-01"}))[0] == 422
    assert office.search("kembar", office.tono) == []
    assert office.search("kembar", office.tono, everybody=True) == ["Pak Kembar"]
    person = {"name": "X Y", "nik": "3510990505150001"}
    double = office.tono.ask("POST", "residents", {"kind": "birth", "day": "2026-01-01", "person": person})
    assert code(double) == (422, "invalid_request")
    moved = office.add("Hasan", nik="3510990505150001")
    assert [d["code"] for d in office.see(moved)["wondered"]] == ["twice"], "in two villages: wondered about, not refused"


def test_a_temporary_number_of_another_village_is_refused(office: Office) -> None:
    person = {"name": "Sementara", "nik": "0" + OTHER.replace(".", "") + "00001"}
    body = {"kind": "move_in", "day": "2026-01-01", "person": person}
    assert code(office.siti.ask("POST", "residents", body)) == (422, "invalid_request")
    made = office.tono.ask("POST", "residents", body).json()
    assert [each["code"] for each in made["wondered"]] == ["temporary"]


def test_requests_have_the_laws_clock(office: Office) -> None:
    """Three times 24 hours; answered once, with words; the resident's own record says what he asked."""
    number = office.add("Bu Hak")
    asked = office.siti.ask("POST", f"residents/{number}/requests", {"kind": "perbaikan", "text": "Tanggal lahir saya keliru"}).json()
    assert (asked["state"], asked["late"], asked["title"]) == ("open", False, "Memperbaiki data yang keliru")
    listed = office.siti.ask("GET", "residents/requests").json()
    assert listed[0]["text"] == "Tanggal lahir saya keliru"
    path = f"residents/requests/{asked['id']}"
    assert code(office.tono.ask("POST", path, {"granted": True, "answer": "ya"})) == (403, "forbidden")
    done = office.siti.ask("POST", path, {"granted": True, "answer": "Sudah diperbaiki"}).json()
    assert (done["state"], done["answer"], done["closed_by"]) == ("done", "Sudah diperbaiki", "siti")
    assert code(office.siti.ask("POST", path, {"granted": True, "answer": "lagi"})) == (409, "conflict")
    assert office.siti.ask("GET", "residents/requests").json() == []
    assert code(office.siti.ask("POST", f"residents/{number}/requests", {"kind": "uang", "text": "x"}))[0] == 422
    laws = office.siti.ask("GET", "residents/purposes").json()
    assert {each["hours"] for each in laws["rights"]} == {72}
    assert all(each["source"] for each in (*laws["rights"], *laws["purposes"]))


def test_search_ranks_whole_words_first_and_says_when_there_are_more(office: Office) -> None:
    for n in range(25):
        office.add(f"Wahyuningsih Ke {'abcdefghijklmnopqrstuvwxy'[n]}")
    office.add("Wahyu")
    answer = office.siti.ask("POST", "residents/search", {"q": "wahju", "purpose": "permohonan"}).json()
    assert (answer["residents"][0]["name"], len(answer["residents"]), answer["more"]) == ("Wahyu", 20, True)
    for short in ("w", "7w", "12345"):
        assert code(office.siti.ask("POST", "residents/search", {"q": short, "purpose": "permohonan"}))[0] == 422
    office.add("Djoko Ghofur")
    assert office.search("dj gh") == ["Djoko Ghofur"]
    with office.app._records.session() as session:
        assert session.get(ResidentRow, 10**6) is None
    assert code(office.siti.ask("GET", "residents/1000000?purpose=permohonan")) == (404, "not_found")
