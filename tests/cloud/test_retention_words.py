"""Words that people wrote to the village are destroyed when they are over their time; what pages and figures need stays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from kampung_cloud.access.actor import Actor
from kampung_cloud.calendar import national
from kampung_cloud.modules import ageing
from kampung_cloud.modules.complaints import book as complaints
from kampung_cloud.modules.complaints import showing as complaint_showing
from kampung_cloud.modules.complaints.ageing import office_of
from kampung_cloud.modules.complaints.models import ComplaintRow, SuggestionRow
from kampung_cloud.modules.complaints.statistics import by_quarter, counted
from kampung_cloud.modules.reports import book as reports
from kampung_cloud.modules.reports import showing as report_showing
from kampung_cloud.modules.reports.models import CitizenReportRow, CitizenStepRow
from kampung_cloud.modules.reports.report import Filed
from kampung_cloud.records import Records, open_records
from kampung_cloud.retention import certificate
from kampung_cloud.retention.book import Retention
from kampung_cloud.retention.destroyed import certificate_of
from kampung_cloud.retention.kind import Item
from kampung_cloud.retention.office import REGENCY, theirs
from kampung_cloud.retention.times import DAY_MS, RetentionConfig, keeps, times
from kampung_cloud.sealing import Keyring
from kampung_contract import complaint as contract
from kampung_contract.complaint import Complaint, Suggestion
from kampung_contract.errors import Forbidden, NotFound
from kampung_contract.tickets import word
from kampung_contract.villages import village as find_village
from sqlalchemy import select, update

from tests.cloud.conftest import VILLAGE

SITI = Actor("siti", "Siti Contoh", frozenset({"petugas"}), VILLAGE)
KADES = Actor("kades", "Contoh Kades", frozenset({"kades"}), VILLAGE)
NOW = 1_800_000_000_000
LONG_AGO = NOW - 800 * DAY_MS
TIMES = times(RetentionConfig())
IDS = (f"{n * 2**96 + 7:032x}" for n in itertools.count(1))
CALENDAR = national()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    cost, contract.COST = contract.COST, 2
    yield tmp_path_factory.mktemp("words")
    contract.COST = cost


@pytest.fixture(scope="module")
def records(folder: Path) -> Iterator[Records]:
    records = open_records("sqlite:records.db", folder)
    yield records
    records.close()


def written(folder: Path) -> bytes:
    """All that lies on the disk of the records."""
    return b"".join(file.read_bytes() for file in folder.glob("records.db*"))


def agree(records: Records, *kinds: str) -> str:
    """Destroy what is over its time of some kinds; the certificate's number."""
    book = Retention(records, ageing(), TIMES)
    return book.agree(book.propose(VILLAGE, kinds, "akhir tahun", SITI, NOW).id, KADES, NOW).number


def test_words_of_a_complaint_go_and_its_page_says_by_which_certificate(records: Records, folder: Path) -> None:
    """Answered and closed long ago: no word of it is left, the quarter's figures are as before; an open one keeps its words."""
    book = complaints.Book(records, CALENDAR, Keyring.open_at(folder, 1))
    text = "Surat saya sudah tiga minggu belum jadi, kata Bu Contoh."
    over, held = (book.take_in(Complaint(next(IDS), "service", LONG_AGO, text), VILLAGE, LONG_AGO) for _ in range(2))
    still = book.take_in(Complaint(next(IDS), "conduct", LONG_AGO, text), VILLAGE, LONG_AGO)
    for number in (over, held):
        book.act(number, "answer", "Surat sudah jadi, silakan diambil.", "siti", LONG_AGO + DAY_MS)
    with records.session() as session:
        session.execute(update(ComplaintRow).where(ComplaintRow.id.in_((over, held))).values(state="closed"))
    sealed = book.row(over).said
    assert sealed in written(folder)
    figures = by_quarter(counted(records, (2024,), VILLAGE, past=False))
    Retention(records, ageing(), TIMES).hold(VILLAGE, "isi-pengaduan", str(held), "perkara contoh", "siti", NOW)
    number = agree(records, "isi-pengaduan")
    row, words, steps = book.get(over)
    assert (row.said, row.told, words.text) == (b"", "", "") and {s.note for s in steps} == {""}
    gone = certificate_of(records, VILLAGE, "isi-pengaduan", str(over))
    shown = complaint_showing.detail((row, words, steps), gone, SITI, CALENDAR, NOW)
    assert (shown["destroyed"], shown["text"], shown["title"], len(shown["steps"])) == (number, "", "Selesai", 2)
    assert [book.get(n)[1].text for n in (held, still)] == [text, text], "held back, and open"
    assert by_quarter(counted(records, (2024,), VILLAGE, past=False)) == figures
    assert sealed not in written(folder), "overwritten, in the journal too"


def test_a_suggestion_waits_until_somebody_has_read_it(records: Records, folder: Path) -> None:
    """Then its time runs; its line and day stay. It is held by the number that the desk shows."""
    book = complaints.Book(records, CALENDAR, Keyring.open_at(folder, 1))
    read, held, unread = (book.suggest(Suggestion(next(IDS), LONG_AGO, "Buka juga hari Sabtu."), VILLAGE, LONG_AGO) for _ in range(3))
    for name in (read, held):
        book.see(name, "siti", LONG_AGO)
    retention = Retention(records, ageing(), TIMES)
    retention.hold(VILLAGE, "saran-warga", held[:8], "perkara contoh", "siti", NOW)
    agree(records, "saran-warga")
    told = {row.id: complaint_showing.suggestion(row, text) for row, text in book.suggestions(VILLAGE)}
    assert [(told[n]["text"], told[n]["destroyed"]) for n in (read, held, unread)] == [
        ("", True),
        ("Buka juga hari Sabtu.", False),
        ("Buka juga hari Sabtu.", False),
    ]
    with records.session() as session:
        kind = next(k for k in ageing() if k.name == "saran-warga")
        assert kind.named(session, VILLAGE, "%" * 8) is None
        assert session.get_one(SuggestionRow, read).text == b""


def test_words_and_photo_of_a_report_go_and_the_map_stays(records: Records, folder: Path) -> None:
    """Also a photo that everybody saw. A part of an open report waits for the whole; the writer still follows and is told."""
    book = reports.Book(records, folder)
    spot = find_village(VILLAGE)

    def file(**more: object) -> tuple[str, CitizenReportRow]:
        name, at = next(IDS), {"latitude": spot.latitude + 0.00012, "longitude": spot.longitude + 0.00013, "accuracy": 9.0}
        filed = Filed(name, VILLAGE, "tree", LONG_AGO, "phone", "Pohon tumbang di depan Bu Contoh", "depan warung", **(at | more))  # type: ignore[arg-type]
        return name, book.file(filed, LONG_AGO)

    (name, over), (_, part), (_, whole) = file(photo=b"jpeg", contact="0812-0000-0001"), file(), file()
    book.release(over.id, True, "siti", LONG_AGO)
    book.comment(over.id, "Bu Contoh sudah ditelepon", "siti", LONG_AGO, public=False)
    book.step(over.id, "done", "Pohon sudah dipotong", "siti", LONG_AGO)
    book.merge(part.id, whole.id, "siti", LONG_AGO)
    standing = Retention(records, ageing(), TIMES).standing(VILLAGE, NOW)
    assert (standing["isi-laporan"].pile.count, standing["kontak-pelapor"].pile.count) == (1, 1)
    number = agree(records, "isi-laporan", "kontak-pelapor")
    row, steps = book.get(over.id)
    assert (row.text, row.spot, row.has_photo, row.released, row.contact) == ("", "", False, False, None)
    assert (row.latitude, row.longitude, row.accuracy) == (round(spot.latitude + 0.00012, 3), round(spot.longitude + 0.00013, 3), 110.0)
    assert book.photo(over.id) is None and {s.note for s in steps} == {""} and len(steps) == 4
    mine, public = book.follow(over.ticket, word(name))
    followed = report_showing.for_writer(mine, public, over.ticket, book.destroyed(mine), NOW)
    assert (followed["destroyed"], followed["word"]) == (number, "Selesai")
    assert report_showing.for_everybody(row)["place"] == report_showing.for_everybody(over)["place"], "the map as before"
    assert book.get(part.id)[0].text and book.destroyed(part) is None
    assert Retention(records, ageing(), TIMES).standing(VILLAGE, NOW)["isi-laporan"].pile.count == 0
    book.step(whole.id, "done", "Pohon sudah dipotong", "siti", LONG_AGO)
    assert Retention(records, ageing(), TIMES).standing(VILLAGE, NOW)["isi-laporan"].pile.count == 2
    with records.session() as session:
        assert session.scalars(select(CitizenStepRow.note).where(CitizenStepRow.report == over.id).distinct()).all() == [""]


def test_what_went_past_the_village_is_destroyed_by_two_inspectors(records: Records, folder: Path) -> None:
    """Words and writer; the village's own list says nothing of it, and neither office acts for the other."""
    book = complaints.Book(records, CALENDAR, Keyring.open_at(folder, 1))
    said = Complaint(next(IDS), "fee", LONG_AGO, "Kepala desa meminta uang.", asked=50_000, known="inspectorate", name="Bu Contoh")
    number = book.take_in(said, VILLAGE, LONG_AGO)
    with records.session() as session:
        session.execute(update(ComplaintRow).where(ComplaintRow.id == number).values(state="closed"))
    rini, budi = (Actor(n, f"{n.title()} Contoh", frozenset({"inspektur"}), None) for n in ("rini", "budi"))
    retention = Retention(records, ageing(), TIMES)
    assert number not in {int(i.subject) for kind in ("isi-pengaduan", "penulis-pengaduan") for i in over(records, kind)}
    for who, code in ((rini, VILLAGE), (SITI, REGENCY), (KADES, REGENCY)):
        with pytest.raises(Forbidden):
            theirs(who, code, "petugas", "kades", "operator")
    assert theirs(rini, REGENCY) == REGENCY
    with pytest.raises(NotFound):
        retention.hold(VILLAGE, "isi-pengaduan", str(number), "perkara contoh", "siti", NOW)
    proposed = retention.propose(REGENCY, ["isi-pengaduan", "penulis-pengaduan"], "akhir tahun", rini, NOW)
    with pytest.raises(Forbidden, match="orang kedua"):
        retention.agree(proposed.id, rini, NOW)
    done = retention.agree(proposed.id, budi, NOW)
    assert done.number == "001/BA-PDP/35.10/I/2027" and certificate.pdf(*retention.one(done.id), keeps()).startswith(b"%PDF")
    row, words, _ = book.get(number)
    assert (words.text, row.writer, row.past, office_of(row)) == ("", None, True, REGENCY)
    assert certificate_of(records, REGENCY, "isi-pengaduan", str(number)) == done.number
    assert (retention.verify(REGENCY), retention.verify(VILLAGE)) == (None, None)


def over(records: Records, kind: str) -> Sequence[Item]:
    """What the village's list has of a kind."""
    with records.session() as session:
        return next(k for k in ageing() if k.name == kind).over(session, VILLAGE, NOW, 100)
