"""A failure to protect personal data: the clock runs, those concerned are found, each writing says what it must."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.access.actor import Actor
from kampung_cloud.breach import paper, saying
from kampung_cloud.breach.book import HOUR_MS, Breaches, Incident, Said
from kampung_cloud.breach.law import known, law
from kampung_cloud.breach.source import Query
from kampung_cloud.letterhead import place
from kampung_cloud.modules import concerned, kept
from kampung_cloud.modules.services.models import ServiceRequestRow, ServiceStepRow
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.breach_models import BreachRow
from kampung_cloud.records.resident_models import ResidentRow
from kampung_cloud.resealing import Kept
from kampung_cloud.residents import access_log
from kampung_cloud.sealing import Keyring
from kampung_contract.errors import InvalidRequest, KampungError, NotFound

from tests.cloud.conftest import VILLAGE

SITI = Actor("siti", "Siti Contoh", frozenset({"petugas"}), VILLAGE)
OTHER = Actor("budi", "Budi Contoh", frozenset({"petugas"}), VILLAGE)
NOW = 1_800_000_000_000
SAID = Said("Akun budi dipakai orang lain.", ("nama", "nik"), "Akun ditutup, sandi diganti.", "Sekretaris desa, 0812-0000-1234")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """Three residents: one read by budi, one by siti, one by nobody; and a request of nobody in the register."""
    records = open_records("sqlite:records.db", tmp_path_factory.mktemp("breach"))
    blank = {"sex": "", "birthplace": "", "relation": "", "hamlet": "", "rt": "", "rw": "", "state": "tinggal", "doubts": [], "changed": 1}
    with records.session() as session:
        session.add_all(ResidentRow(id=n, village=VILLAGE, name=f"Warga {n}", created=1, **blank) for n in (1, 2, 3))
        session.add(
            ServiceRequestRow(id="AAAA-BBBB", village=VILLAGE, service="keterangan-usaha", channel="kiosk", person=None, body=b"",
                              state="checking", step=1, back=None, opened=NOW, since=NOW, due=None, closed=None)
        )  # fmt: skip
        session.add(ServiceStepRow(request="AAAA-BBBB", n=0, at=NOW, act="take", who="petugas", actor="budi", state="checking"))
    for actor, number in ((OTHER, 1), (OTHER, 1), (SITI, 2)):
        access_log.note(records, actor, [access_log.Reading(VILLAGE, "permohonan", "view", (number,))], NOW)
    yield records
    records.close()


@pytest.fixture(scope="module")
def book(records: Records, tmp_path_factory: pytest.TempPathFactory) -> Breaches:
    return Breaches(records, Keyring.open_at(tmp_path_factory.mktemp("keys"), 1), concerned())


def recorded(book: Breaches) -> int:
    return book.record(VILLAGE, NOW, (NOW - HOUR_MS, None), SAID, SITI, NOW)


def test_from_the_first_note_to_the_last_letter(records: Records, book: Breaches) -> None:
    """72 hours; found by the log and by requests, each once; closed only when everybody was told."""
    number = recorded(book)
    assert book.one(number).row.due - NOW == 72 * HOUR_MS
    span = Query(VILLAGE, NOW - HOUR_MS, NOW + HOUR_MS, "budi")
    assert vars_of(book.find(number, "catatan", span)) == (1, 1, 0)
    assert vars_of(book.add(number, "catatan", span, SITI, NOW)) == (1, 1, 0)
    assert vars_of(book.add(number, "permohonan", span, SITI, NOW)) == (1, 0, 0)
    assert vars_of(book.add(number, "catatan", span, SITI, NOW)) == (1, 1, 1)
    assert [(p.subject, p.resident, p.why) for p in book.persons(number, waiting=True)] == [
        ("1", 1, "dibaca 2 kali"), ("AAAA-BBBB", None, "permohonan keterangan-usaha"),
    ]  # fmt: skip
    with pytest.raises(KampungError, match="belum diberi tahu: lembaga, 2 orang"):
        book.close(number, "selesai diperiksa", SITI, NOW)
    book.told(number, "agency", "surat elektronik", None, SITI, NOW, NOW)
    book.told(number, "persons", "diantar", ["1"], SITI, NOW, NOW)
    with pytest.raises(InvalidRequest, match="sesudah kejadian diketahui"):
        book.told(number, "persons", "diantar", None, SITI, NOW - 1, NOW)
    book.told(number, "persons", "diantar", None, SITI, NOW, NOW)
    with pytest.raises(InvalidRequest, match="tidak ada yang belum diberi tahu"):
        book.told(number, "persons", "diantar", None, SITI, NOW, NOW)
    book.close(number, "selesai diperiksa", SITI, NOW)
    assert [s.act for s in book.steps(number)] == [
        "recorded", "found", "found", "found", "told_agency", "told_persons", "told_persons", "closed",
    ]  # fmt: skip
    with pytest.raises(KampungError, match="sudah ditutup"):
        book.change(number, NOW, (NOW, None), SAID, SITI, NOW)
    with records.session() as session:
        row = session.get(BreachRow, number)
        assert row is not None and b"budi" not in row.body_sealed  # what happened can name people
    assert BreachRow.__table__ in [k.table for k in kept() if isinstance(k, Kept)]  # and it takes part in a change of keys


def vars_of(found: object) -> tuple[int, ...]:
    return tuple(getattr(found, n) for n in ("persons", "residents", "listed"))


def test_a_copy_of_everything_concerns_everybody(records: Records, book: Breaches) -> None:
    """An export stands in the log without a resident; the register is asked for them."""
    access_log.note(records, OTHER, [access_log.Reading(VILLAGE, "pemutakhiran", "export", (None,))], NOW + 10 * HOUR_MS)
    number, span = recorded(book), Query(VILLAGE, NOW + 9 * HOUR_MS, NOW + 11 * HOUR_MS)
    assert book.find(number, "catatan", span).persons == 3
    assert book.find(number, "semua", span).persons == 3
    with pytest.raises(InvalidRequest, match="pilih dari catatan, permohonan, semua"):
        book.find(number, "salah", span)
    with pytest.raises(NotFound, match="kejadian 999 tidak ada"):
        book.one(999)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((NOW + 2 * HOUR_MS, NOW, None), "di masa depan"),
        ((NOW, NOW + 1, None), "mulai terjadi sesudah diketahui"),
        ((NOW, NOW - 2, NOW - 3), "selesai lebih awal daripada mulai"),
        ((NOW, NOW - 2, 2**52), "kosongkan bila belum berakhir"),
    ],
)
def test_times_that_cannot_be_are_told(book: Breaches, times: tuple[int, int, int | None], said: str) -> None:
    """What, and what to look at."""
    with pytest.raises(InvalidRequest, match=said):
        book.record(VILLAGE, times[0], (times[1], times[2]), SAID, SITI, NOW)


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=10, max_size=400)


@given(st.lists(st.sampled_from(sorted(law().data)), min_size=1, unique=True), WORDS, WORDS, st.integers(0, 200), st.booleans())
@settings(max_examples=8, deadline=None)
def test_each_writing_says_what_the_law_asks(data: list[str], how: str, handling: str, hours: int, told: bool) -> None:
    """Which data, when and how, and what is done (Ps 46 (2)); a late one says that it is; any words can be set."""
    at = NOW + hours * HOUR_MS
    row = BreachRow(
        id=1, village=VILLAGE, known=NOW, due=NOW + 72 * HOUR_MS, began=NOW - 1, ended=None, agency=at if told else None, public=None
    )
    incident, where = Incident(row, Said(how, tuple(known(data)), handling, "Sekretaris desa"), 3, 1), place(VILLAGE)
    official = saying.agency(incident, where, [("30 November 2026", "kejadian dicatat")], at)
    made = [official, saying.person(incident, where, "Sutrisno"), saying.public(incident, where)]
    for writing in made:
        parts = " ".join(p for _, said in writing.parts for p in said)
        assert all(law().data[name].title in parts for name in data)
        assert how in parts and handling in parts and "diketahui" in parts
    assert (official.parts[0][0] == "Keterlambatan") == (hours > 72)
    assert paper.pdf(made, where, at).startswith(b"%PDF")


def test_what_the_law_says_is_data_with_its_source() -> None:
    """And kinds of data that there are not are refused."""
    assert (law().clock.hours, law().clock.mark) == (72, "V2") and law().agency.source
    with pytest.raises(InvalidRequest, match="data = gaji: pilih dari nama, nik"):
        known(["gaji"])
