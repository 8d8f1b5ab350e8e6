"""Requests from the kiosk to the hand-over: once in, one act at a time, numbers without gaps, nobody's name in clear."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.calendar import national
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.catalogue.loading import DATA, ours
from kampung_cloud.modules.services.flow.clocks import Step, times, told
from kampung_cloud.modules.services.flow.states import CLOSED, OPEN, Place, Refused, allowed, next_place
from kampung_cloud.modules.services.models import ServiceRequestRow
from kampung_cloud.modules.services.requests.book import Asked, Book, Conflict, InvalidAnswers
from kampung_cloud.modules.services.settings import Settings
from kampung_cloud.sealing import Keyring
from kampung_contract.errors import ConfigurationError, NotFound
from sqlalchemy import select

VILLAGE = "35.10.24.2008"
MONDAY = int(datetime(2026, 11, 30, 8, 30, tzinfo=timezone(timedelta(hours=7))).timestamp() * 1000)
MINUTE = 60_000
WARGA = {"nama": "Contoh Warga", "alamat": "Dusun Krajan RT 02 RW 01"}


def asked(service="keterangan-usaha", **changes):
    answers = {"usaha": "Warung kopi", "alamat_usaha": "Dusun Krajan", "keperluan": "Pinjaman modal"}
    return Asked(VILLAGE, service, **{"answers": answers, "person": WARGA, **changes})


def sign(book, ref, at=MONDAY + 5 * MINUTE, issue=lambda session, request, letter: None):
    book.act(ref, "take", "petugas", "siti", MONDAY + MINUTE)
    book.act(ref, "approve", "petugas", "siti", MONDAY + 2 * MINUTE)
    return book.act(ref, "sign", "kades", "kades", at, issue=issue)


def test_a_letter_from_the_kiosk_to_the_hand_over(book):
    ref = book.take_in(asked(channel="kiosk", node="kiosk-1"), MONDAY)
    assert book.get(ref).row.state == "submitted"
    request = sign(book, ref)
    assert request.letter.number == f"500/{request.letter.serial:03}/429.523.03/XI/2026"
    assert (request.letter.until, request.letter.signer) == ("2026-12-30", "……………………………")
    done = book.act(ref, "hand_over", "petugas", "siti", MONDAY + 9 * MINUTE)
    assert done.row.state == "handed_over" and done.row.closed == MONDAY + 9 * MINUTE
    steps = book.steps(ref)
    assert [(s.n, s.act, s.state) for s in steps] == [
        (0, "submit", "submitted"),
        (1, "take", "checking"),
        (2, "approve", "waiting_signature"),
        (3, "sign", "ready"),
        (4, "hand_over", "handed_over"),
    ]
    assert times([Step(s.state, s.at) for s in steps], done.row.closed, national()).village == 5


def test_what_comes_twice_is_taken_in_once(book):
    first = book.take_in(asked(), MONDAY)
    again = book.take_in(asked(reference=first.lower().replace("-", " ")), MONDAY + 1)
    assert again == first and len(book.steps(first)) == 1


def test_a_kiosk_without_a_line_has_a_reference_and_its_own_time(book):
    ref = book.take_in(asked(reference=book.take_in(asked(), MONDAY), at=MONDAY - 90 * MINUTE), MONDAY)
    late = book.take_in(asked(channel="kiosk", at=MONDAY - 90 * MINUTE), MONDAY)
    assert book.get(late).row.opened == MONDAY - 90 * MINUTE
    assert book.get(ref).row.opened == MONDAY  # the first telling counts


def test_one_missing_thing_does_not_begin_it_again(book):
    ref = book.take_in(asked(), MONDAY)
    book.act(ref, "take", "petugas", "siti", MONDAY)
    back = book.act(ref, "return", "petugas", "siti", MONDAY + MINUTE, note="Alamat usaha kurang RT dan RW")
    assert (back.row.state, back.row.note, back.row.due) == ("returned", "Alamat usaha kurang RT dan RW", None)
    with pytest.raises(InvalidAnswers, match="usaha: belum dijawab"):
        book.act(ref, "resubmit", "pemohon", "kiosk-1", MONDAY + 2 * MINUTE, answers={"usaha": ""})
    again = book.act(ref, "resubmit", "pemohon", "kiosk-1", MONDAY + 30 * MINUTE, answers={"alamat_usaha": "Dusun Krajan RT 02 RW 01"})
    assert (again.row.state, again.answers["usaha"], again.answers["alamat_usaha"]) == (
        "checking",
        "Warung kopi",
        "Dusun Krajan RT 02 RW 01",
    )
    spent = times([Step(s.state, s.at) for s in book.steps(ref)], MONDAY + 31 * MINUTE, national())
    assert (spent.village, spent.resident) == (2, 29)


@pytest.mark.parametrize(
    ("act", "who", "note", "said"),
    [
        ("approve", "petugas", "", "permohonan ini diterima; yang dapat dilakukan: take, cancel"),
        ("take", "kades", "", "yang berhak: petugas, sistem, bukan kades"),
        ("cancel", "pemohon", " ", "alasan belum ditulis"),
    ],
)
def test_an_act_that_cannot_be_says_why(book, act, who, note, said):
    ref = book.take_in(asked(), MONDAY)
    with pytest.raises(Conflict, match=said):
        book.act(ref, act, who, "siti", MONDAY, note=note)


def test_what_is_not_there_or_does_not_fit_is_told(book):
    with pytest.raises(NotFound, match="tidak ditemukan"):
        book.get("2222-2222")
    with pytest.raises(NotFound, match="no service is named 'surat-sihir'"):
        book.take_in(asked("surat-sihir"), MONDAY)
    with pytest.raises(InvalidAnswers, match="pemohon: nama pemohon belum diketahui"):
        book.take_in(asked(person={}), MONDAY)


def test_a_signature_that_fails_takes_its_number_back(book):
    def fails(session, request, letter):
        raise OSError("no key")

    before = [letter.serial for letter in book.register(VILLAGE, 2026)]
    ref = book.take_in(asked(), MONDAY)
    with pytest.raises(OSError, match="no key"):
        sign(book, ref, issue=fails)
    assert book.get(ref).row.state == "waiting_signature"
    book.act(ref, "sign", "kades", "kades", MONDAY, issue=lambda *a: None)
    assert [letter.serial for letter in book.register(VILLAGE, 2026)] == [*before, len(before) + 1]


def test_of_many_signed_at_once_one_that_fails_takes_back_its_own_number_alone(book):
    refs = [book.take_in(asked(), MONDAY) for _ in range(5)]
    for ref in refs[:4]:
        book.act(ref, "take", "petugas", "siti", MONDAY)
        book.act(ref, "approve", "petugas", "siti", MONDAY)

    def fails_for_the_second(session, request, letter):
        if request.row.id == refs[1]:
            raise ConfigurationError("no key")

    before = [letter.serial for letter in book.register(VILLAGE, 2026)]
    done = book.sign([(ref, "kades") for ref in refs], "kades", MONDAY, fails_for_the_second)
    assert [getattr(one, "message", "signed")[:12] for one in done] == [
        "signed",
        "no key",
        "signed",
        "signed",
        f"permohonan {refs[4]}"[:12],
    ]
    assert [one.letter.serial for one in (done[0], done[2], done[3])] == [len(before) + n for n in (1, 2, 3)]
    assert [book.get(ref).row.state for ref in refs] == ["ready", "waiting_signature", "ready", "ready", "submitted"]
    assert [letter.serial for letter in book.register(VILLAGE, 2026)] == list(range(1, len(before) + 4))


def test_numbers_begin_again_with_the_year(book):
    ref = book.take_in(asked(), MONDAY)
    year = int(datetime(2027, 1, 4, 9, 0, tzinfo=timezone(timedelta(hours=7))).timestamp() * 1000)
    assert sign(book, ref, at=year).letter.number == "500/001/429.523.03/I/2027"


def test_a_letter_that_is_withdrawn_keeps_its_number(book):
    letter = sign(book, book.take_in(asked(), MONDAY)).letter
    book.revoke(letter.id, "Nama salah tulis", MONDAY + 60 * MINUTE)
    kept = next(row for row in book.register(VILLAGE, 2026) if row.id == letter.id)
    assert (kept.number, kept.reason, kept.revoked) == (letter.number, "Nama salah tulis", MONDAY + 60 * MINUTE)


def test_nobody_is_named_in_the_database(book, records):
    ref = book.take_in(asked(), MONDAY)
    with records.session() as session:
        row = session.scalar(select(ServiceRequestRow).where(ServiceRequestRow.id == ref))
        everything = " ".join(str(getattr(row, c.name)) for c in ServiceRequestRow.__table__.columns)
    assert "Contoh" not in everything and "Warung" not in everything


def test_the_inbox_begins_with_the_least_time_left_and_who_is_late_is_told_once(book):
    slow = book.take_in(asked("permohonan-ktp", answers={"sebab": "Hilang"}), MONDAY)
    quick = book.take_in(asked(), MONDAY - 5 * MINUTE)
    listed = [r.row.id for r in book.inbox(VILLAGE, ("submitted",))]
    assert listed.index(quick) < listed.index(slow)
    now = MONDAY + 21 * MINUTE
    late = {request.row.id: hear for request, hear in book.late(now)}
    assert late[slow] == ("petugas", "sekdes")
    assert slow not in {request.row.id for request, _ in book.late(now)}
    assert {r.row.id: h for r, h in book.late(MONDAY + 41 * MINUTE)}[slow] == ("kades",)
    assert [(s.act, s.note) for s in book.steps(slow)[1:]] == [
        ("late", "lewat batas waktu; diteruskan kepada petugas, sekdes"),
        ("late", "lewat batas waktu; diteruskan kepada kades"),
    ]
    assert book.get(slow).row.state == "submitted"


acts = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "take",
                "approve",
                "return",
                "resubmit",
                "reject",
                "cancel",
                "sign",
                "send_back",
                "arrived",
                "came_back",
                "hand_over",
                "expire",
            ]
        ),
        st.sampled_from(["pemohon", "petugas", "sekdes", "kades", "sistem"]),
        st.sampled_from(["", "kurang KTP"]),
    ),
    max_size=20,
)


@given(st.sampled_from(sorted(ours())), acts)
def test_no_path_leads_past_check_and_signature(name, done):
    service, at, seen = ours()[name], Place("submitted"), []
    for act, who, note in done:
        new = next_place(service, at, act, who, note)
        possible = who in allowed(service, at).get(act, ())
        if isinstance(new, Refused):
            assert new.reason
            continue
        assert possible and at.state not in CLOSED
        seen.append((act, who))
        at = new
        assert at.state in OPEN + CLOSED
    if at.state == "handed_over":
        approvals = [who for act, who in seen if act == "approve"]
        assert approvals and set(approvals) <= set(service.verifies)
        assert ("sign", service.signs) in seen if service.kind == "letter" else any(act == "arrived" for act, _ in seen)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(acts)
def test_the_book_stands_where_the_rules_say(book, done):
    service, at, ref = ours()["keterangan-usaha"], Place("submitted"), book.take_in(asked(), MONDAY)
    count = 1
    for act, who, note in done:
        new = next_place(service, at, act, who, note)
        if isinstance(new, Refused):
            with pytest.raises(Conflict):
                book.act(ref, act, who, "x", MONDAY, note=note, issue=lambda *a: None)
        else:
            book.act(ref, act, who, "x", MONDAY, note=note, issue=lambda *a: None)
            at, count = new, count + 1
        assert book.get(ref).place == at
    assert len(book.steps(ref)) == count


def test_who_is_told_of_a_late_request_and_never_of_one_that_waits_for_the_resident():
    service = ours()["keterangan-usaha"]
    assert told(service, "checking", MONDAY, MONDAY + 9 * MINUTE, national()) == ()
    assert told(service, "checking", MONDAY, MONDAY + 10 * MINUTE, national()) == ("petugas",)
    assert told(service, "returned", MONDAY, MONDAY + 9000 * MINUTE, national()) == ()


@pytest.mark.parametrize("wrong", [0, MONDAY - 400 * 86_400_000, MONDAY + 86_400_000])
def test_a_kiosk_whose_clock_is_wrong_loses_no_request(book, wrong):
    """It counts from when it came; a death of yesterday is no date that has not happened, whatever the kiosk thinks the day is."""
    answers = {"almarhum": {"nama": "Contoh"}, "hari": "2026-11-29", "tempat": "Rumah", "hubungan": "Anak"}
    ref = book.take_in(asked("keterangan-kematian", answers=answers, at=wrong, channel="kiosk"), MONDAY)
    assert book.get(ref).row.opened == MONDAY


def test_a_day_between_the_kiosk_s_clock_and_ours_is_taken(book):
    behind = MONDAY - 20 * 86_400_000
    answers = {"almarhum": {"nama": "Contoh"}, "hari": "2026-11-29", "tempat": "Rumah", "hubungan": "Anak"}
    ref = book.take_in(asked("keterangan-kematian", answers=answers, at=behind, channel="kiosk"), MONDAY)
    assert book.get(ref).row.opened == behind


def test_a_service_whose_file_is_gone_leaves_its_requests_where_they_are_seen(records, folder, tmp_path):
    """One retired service does not take the village's inbox with it."""
    own = tmp_path / VILLAGE
    own.mkdir()
    file = own / "surat-uji.toml"
    file.write_text((DATA / "keterangan-usaha.toml").read_text().replace('id = "keterangan-usaha"', 'id = "surat-uji"', 1))
    here = Book(records, Catalogue(tmp_path), national(), Keyring.open_at(folder, 1), Settings())
    ref = here.take_in(asked("surat-uji"), MONDAY)
    file.unlink()
    listed = {r.row.id: r.service.title for r in here.inbox(VILLAGE, ("submitted",))}
    assert listed[ref] == "surat-uji (tidak ada lagi dalam katalog)"
    assert here.act(ref, "cancel", "petugas", "siti", MONDAY, note="Layanan dihentikan").row.state == "cancelled"
