"""What is over its time: listed, destroyed by two persons in one transaction, on record; and what must stay stays."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_cloud.access.actor import Actor
from kampung_cloud.modules import ageing
from kampung_cloud.modules.complaints.models import ComplaintRow
from kampung_cloud.modules.services.ageing import seen
from kampung_cloud.modules.services.certified.models import CertifiedRow
from kampung_cloud.modules.services.lookups.models import LookupRow
from kampung_cloud.modules.services.models import KEPT, LetterRow, ServiceRequestRow, ServiceStepRow
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.resident_models import AccessLogRow, DataRequestRow
from kampung_cloud.records.retention_models import DestructionItemRow, DestructionRow, RetentionHoldRow
from kampung_cloud.residents import access_log
from kampung_cloud.retention import certificate
from kampung_cloud.retention.book import Retention, certificate_hash
from kampung_cloud.retention.clocks import agreed
from kampung_cloud.retention.times import DAY_MS, RetentionConfig, keeps, times
from kampung_contract.errors import Forbidden, InvalidRequest, KampungError, NotFound
from kampung_contract.service_request import new_reference
from pydantic import ValidationError
from sqlalchemy import delete, select

from tests.cloud.conftest import VILLAGE

SITI = Actor("siti", "Siti Contoh", frozenset({"petugas"}), VILLAGE)
KADES = Actor("kades", "Contoh Kades", frozenset({"kades"}), VILLAGE)
NOW = 1_800_000_000_000
TIMES = times(RetentionConfig())
FIRST, SECOND, THIRD, *OTHERS = sorted(new_reference() for _ in range(9))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    records = open_records("sqlite:records.db", tmp_path_factory.mktemp("retention"))
    yield records
    records.close()


@pytest.fixture
def book(records: Records) -> Retention:
    with records.session() as session:
        for table in (ServiceRequestRow, ServiceStepRow, LetterRow, DataRequestRow, DestructionRow, DestructionItemRow, RetentionHoldRow):
            session.execute(delete(table))
    return Retention(records, ageing(), TIMES)


def request(ref: str, days: int | None, person: str | None = None) -> ServiceRequestRow:
    """Closed so many days ago, or open."""
    closed = None if days is None else NOW - days * DAY_MS
    return ServiceRequestRow(
        id=ref, village=VILLAGE, service="keterangan-usaha", channel="desk", person=person, body=b"sealed", step=1, back=None,
        note="catatan",
        state="checking" if closed is None else "handed_over", opened=NOW - 4000 * DAY_MS, since=closed or NOW, due=None, closed=closed,
    )  # fmt: skip


def letter(name: str, until: str | None, ref: str) -> LetterRow:
    return LetterRow(
        id=name, request=ref, village=VILLAGE, service="keterangan-usaha", scope="village", year=2020, serial=int(name[-2:]),
        number=f"510/{name[-2:]}", day="2020-01-01", until=until, signer="Contoh Kades", at=NOW - 3000 * DAY_MS, code=f"SK1:{name}",
        revoked=None, page=b"sealed",
    )  # fmt: skip


def fill(records: Records, *rows: object) -> None:
    with records.session() as session:
        session.add_all(rows)


def test_two_persons_destroy_what_is_over_its_time_and_the_register_stays(records: Records, book: Retention) -> None:
    """What names a person goes, the rest stays; the resident's list says so; the certificate has a number and its place in a chain."""
    fill(
        records, request(FIRST, 800, "7"), request(SECOND, 700), request(THIRD, None),
        letter("L01", "2020-02-01", FIRST),
        letter("L02", None, FIRST), ServiceStepRow(request=FIRST, n=0, at=1, act="submit", who="pemohon", actor="desk",
        state="submitted", note="Ibu Contoh"),
        DataRequestRow(resident=9, village=VILLAGE, kind="akses", text_sealed=b"x", answer_sealed=b"y", state="done", received=1, due=1,
                       closed=NOW - 2000 * DAY_MS, by="siti"),
    )  # fmt: skip
    assert {k: s.pile.count for k, s in book.standing(VILLAGE, NOW).items()} == {
        kind: int(kind in {"permohonan", "isi-surat", "permintaan-data"}) for kind in TIMES
    }
    row = book.propose(VILLAGE, ["permohonan", "isi-surat", "permintaan-data"], "akhir tahun", SITI, NOW)
    assert book.standing(VILLAGE, NOW)["permohonan"].waiting == 1
    with pytest.raises(InvalidRequest, match="tidak ada yang melewati masa simpan"):
        book.propose(VILLAGE, ["permohonan"], "lagi", SITI, NOW)
    with pytest.raises(NotFound, match="belum dilaksanakan"):
        certificate.pdf(*book.one(row.id), keeps())
    for one_person in (SITI, Actor("siti-kades", "siti contoh", frozenset({"kades"}), VILLAGE)):
        with pytest.raises(Forbidden, match="orang kedua"):
            book.agree(row.id, one_person, NOW)
    done = book.agree(row.id, KADES, NOW + 1)
    assert (done.number, done.n, [k["count"] for k in done.body["kinds"]]) == (f"001/BA-PDP/{VILLAGE}/I/2027", 1, [1, 1, 1])
    with records.session() as session:
        gone, kept = session.get(ServiceRequestRow, FIRST), session.get(ServiceRequestRow, SECOND)
        assert gone is not None and (gone.body, gone.person) == (b"", None) and done.number in gone.note
        assert kept is not None and kept.body == b"sealed"
        assert session.scalars(select(ServiceStepRow.note)).all() == [""]
        first, second = session.get(LetterRow, "L01"), session.get(LetterRow, "L02")
        assert first is not None and (first.page, first.number, first.code) == (None, "510/01", seen("SK1:L01"))
        assert second is not None and second.page == b"sealed"  # it holds for ever, and so does what it says
        log = session.scalars(select(AccessLogRow).order_by(AccessLogRow.id)).all()
        assert [(x.resident, x.what, x.purpose) for x in log] == [(n, "destroy", "retensi") for n in (7, 9, 7)]
    assert access_log.verify(records, VILLAGE) == (3, None)
    assert certificate.pdf(*book.one(row.id), keeps()).startswith(b"%PDF")
    with pytest.raises(KampungError, match="sudah diputuskan oleh Contoh Kades"):
        book.agree(row.id, KADES, NOW)
    with pytest.raises(InvalidRequest, match=f"sudah dimusnahkan dengan berita acara {done.number}"):
        book.hold(VILLAGE, "permohonan", FIRST, "perkara contoh", "siti", NOW)
    assert book.holds(VILLAGE) == [], "nothing is said to be held that is gone"
    assert book.verify(VILLAGE) is None
    for at in (1, -1):  # an age on the list is changed, and as it was
        with records.session() as session:
            item = session.get_one(DestructionItemRow, (row.id, "permohonan", FIRST))
            item.at += at
        assert book.verify(VILLAGE) == (f"daftar pada berita acara {done.number} tidak seperti saat dibuat" if at > 0 else None)
    with records.session() as session:
        changed = session.get(DestructionRow, row.id)
        assert changed is not None
        changed.body = {**changed.body, "note": "lain"}
    assert book.verify(VILLAGE) == f"berita acara {done.number} tidak seperti saat dibuat"


class Breaks:
    """A kind whose second thing cannot be destroyed: the power goes."""

    name = "permohonan"

    def __init__(self) -> None:
        self.kind, self.times = next(k for k in ageing() if k.name == "permohonan"), 0
        self.pile, self.over = self.kind.pile, self.kind.over

    def destroy(self, *args: object) -> tuple[bool, int | None]:
        self.times += 1
        if self.times == 2:
            raise SystemExit
        return self.kind.destroy(*args)  # type: ignore[arg-type]


def test_killed_in_the_middle_leaves_all_of_it(records: Records, book: Retention) -> None:
    """Neither a thing nor a number is gone; the same proposal can be agreed to afterwards."""
    fill(records, request(FIRST, 800), request(SECOND, 900))
    row = book.propose(VILLAGE, ["permohonan"], "akhir tahun", SITI, NOW)
    with pytest.raises(SystemExit):
        Retention(records, [Breaks()], TIMES).agree(row.id, KADES, NOW)  # type: ignore[list-item]
    with records.session() as session:
        assert [r.body for r in session.scalars(select(ServiceRequestRow))] == [b"sealed", b"sealed"]
    assert book.one(row.id)[0].state == "proposed"
    assert book.agree(row.id, KADES, NOW).n == 1


def test_what_is_held_or_became_young_again_is_not_destroyed(records: Records, book: Retention) -> None:
    """Between proposal and agreement a case at law can begin; what is left alone is counted on the certificate."""
    fill(records, request(FIRST, 800), request(SECOND, 900), request(THIRD, 1000))
    book.hold(VILLAGE, "permohonan", THIRD, "perkara contoh", "siti", NOW)
    row = book.propose(VILLAGE, ["permohonan"], "akhir tahun", SITI, NOW)
    assert [i.subject for i in book.one(row.id)[1]] == [SECOND, FIRST]
    book.hold(VILLAGE, "permohonan", SECOND.lower().replace("-", " "), "perkara contoh", "siti", NOW)
    done = book.agree(row.id, KADES, NOW)
    assert ([k["count"] for k in done.body["kinds"]], done.body["kept"]) == ([1], 1)
    with pytest.raises(NotFound, match="tidak ada yang bernomor 'XX'"):
        book.hold(VILLAGE, "permohonan", "XX", "perkara contoh", "siti", NOW)
    book.release(VILLAGE, "permohonan", SECOND)
    with pytest.raises(NotFound, match="tidak ditahan"):
        book.release(VILLAGE, "permohonan", SECOND)
    again = book.propose(VILLAGE, ["permohonan"], "akhir tahun", SITI, NOW)
    assert book.refuse(again.id, "tunggu JRA", KADES, NOW).state == "refused"
    with pytest.raises(InvalidRequest, match="tidak dikenal; yang ada: permohonan"):
        book.propose(VILLAGE, ["salah"], "akhir tahun", SITI, NOW)


@given(st.lists(st.tuples(st.integers(0, 1500), st.booleans()), max_size=6), st.integers(31, 1500))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exactly_what_is_over_its_time_and_free_is_destroyed(records: Records, given_: list[tuple[int, bool]], days: int) -> None:
    """Whatever the ages, the holds and the time an installation says."""
    with records.session() as session:
        for table in (ServiceRequestRow, DestructionRow, DestructionItemRow, RetentionHoldRow):
            session.execute(delete(table))
    book = Retention(records, ageing(), times(RetentionConfig(days={"permohonan": days}, schedule="Perbup contoh")))
    fill(records, *(request(OTHERS[n], age) for n, (age, _) in enumerate(given_)))
    for n, (_, held) in enumerate(given_):
        if held:
            book.hold(VILLAGE, "permohonan", OTHERS[n], "perkara contoh", "siti", NOW)
    wanted = {OTHERS[n] for n, (age, held) in enumerate(given_) if age > days and not held}
    if wanted:
        body = book.agree(book.propose(VILLAGE, ["permohonan"], "akhir tahun", SITI, NOW).id, KADES, NOW).body
        assert body["kinds"][0]["source"] == "Perbup contoh"
        assert certificate_hash("0" * 64, msgspec.json.decode(msgspec.json.encode(body))) == book.listed(VILLAGE)[0][0].hash
    with records.session() as session:
        assert {r.id for r in session.scalars(select(ServiceRequestRow)) if not r.body} == wanted


def test_what_is_sealed_of_a_request_or_letter_goes_with_it(records: Records, book: Retention) -> None:
    """Answers of other registers and the file that a certified signature is in, too; a new sealed table has to be thought of here."""
    assert {str(k.table) for k in KEPT} == {"service_requests", "letters", "service_lookups", "certified_letters"}
    lookup = LookupRow(request=FIRST, register="dukcapil", at=1, by="siti", simulated=True, body=b"sealed")
    certified = CertifiedRow(letter="L01", state="signed", at=1, by="kades", pdf=b"sealed")
    fill(records, request(FIRST, 800), letter("L01", "2020-02-01", FIRST), lookup, certified)
    book.agree(book.propose(VILLAGE, ["permohonan", "isi-surat"], "akhir tahun", SITI, NOW).id, KADES, NOW)
    with records.session() as session:
        assert session.get(LookupRow, (FIRST, "dukcapil")) is None
        kept = session.get(CertifiedRow, "L01")
        assert kept is not None and (kept.state, kept.pdf) == ("signed", None)


def test_who_complained_is_forgotten_but_not_what_went_past_the_village(records: Records, book: Retention) -> None:
    """An open one keeps its writer; of one about the village's head the village does not even learn the number."""
    blank = {"ticket": "", "village": VILLAGE, "about": "service", "category": "lain", "service": "", "office": "village",
             "known": "village",
             "said": b"x", "opening": b"x", "told": "", "since": NOW - 400 * DAY_MS, "opened": "2026-01-01", "written": "2026-01-01",
             "counted": "2026-01-01"}  # fmt: skip
    kinds = (("closed", False), ("closed", True), ("checking", False))
    fill(
        records,
        *(
            ComplaintRow(digest=f"{n}", name=f"{n}", past=past, state=state, writer=b"sealed", **blank)
            for n, (state, past) in enumerate(kinds)
        ),
    )
    row = book.propose(VILLAGE, ["penulis-pengaduan"], "akhir tahun", SITI, NOW)
    assert book.agree(row.id, KADES, NOW).body["kinds"][0]["count"] == 1
    with records.session() as session:
        assert [r.writer for r in session.scalars(select(ComplaintRow).order_by(ComplaintRow.digest))] == [None, b"sealed", b"sealed"]


def test_times_are_data_with_sources_and_no_month_is_shorter_than_one() -> None:
    """A wrong figure in a file must not empty an office."""
    assert {k.name for k in ageing()} == set(TIMES)
    assert all(t.source and t.days >= 30 for t in TIMES.values()) and all(k.source for k in keeps())
    with pytest.raises(ValidationError, match="no such kind; there are permohonan"):
        RetentionConfig(days={"salah": 90})
    with pytest.raises(ValidationError, match="days, 30 to 36,500"):
        RetentionConfig(days={"permohonan": 1})


def test_a_clock_that_is_a_year_ahead_makes_nothing_old() -> None:
    """Neither the cloud's nor that of whoever asks: both have to say the same day, more or less."""
    assert agreed(NOW, NOW - DAY_MS) == NOW
    for cloud, device in ((NOW + 365 * DAY_MS, NOW), (NOW, NOW + 365 * DAY_MS), (NOW, 0)):
        with pytest.raises(KampungError, match="betulkan dulu yang salah") as caught:
            agreed(cloud, device)
        assert caught.value.code == "conflict"
