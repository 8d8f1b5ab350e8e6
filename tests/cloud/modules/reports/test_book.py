"""What may become of a report, over the records themselves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules import kept
from kampung_cloud.modules.reports.book import Book
from kampung_cloud.modules.reports.kinds import kinds
from kampung_cloud.modules.reports.kiosks import Kiosks
from kampung_cloud.modules.reports.models import KEPT, CitizenReportRow
from kampung_cloud.modules.reports.places import check_inside, distance, rounded
from kampung_cloud.modules.reports.report import Filed
from kampung_cloud.modules.reports.status import NEXT, OPEN, STATUSES, Status, check_step, level
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import EventRow
from kampung_cloud.resealing import left, reseal
from kampung_cloud.sealing import Keyring, Unreadable
from kampung_contract.citizen import CitizenReport, event
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.tickets import word
from kampung_contract.villages import village

VILLAGE, OTHER = "35.10.24.2008", "35.10.24.2001"
PLACE = village(VILLAGE)
NOW = 1_800_000_000_000
HOUR, DAY = 3_600_000, 86_400_000
NAMES = (f"{n:032x}" for n in itertools.count(2**120, 2**90 + 2**80 + 1))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Records, Path]]:
    folder = tmp_path_factory.mktemp("reports")
    opened = open_records("sqlite:records.sqlite", folder)
    yield opened, folder
    opened.close()


@pytest.fixture
def book(place: tuple[Records, Path]) -> Book:
    return Book(*place)


def filed(kind: str = "tree", at: int = NOW, where: str = VILLAGE, east: float = 0.0, **more: object) -> Filed:
    spot = village(where)
    given_ = {"latitude": spot.latitude, "longitude": spot.longitude + east} | more
    return Filed(next(NAMES), where, kind, at, "phone", "Pohon di jalan", "", **given_)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(STATUSES), st.sampled_from(["", "karena sudah"])), max_size=12))
def test_any_order_of_steps(place: tuple[Records, Path], steps: list[tuple[Status, str]]) -> None:
    """Only steps that exist are taken; the trail holds each that was; closed reports have no deadline and are late no more."""
    book = Book(*place)
    row = book.file(filed("burning"), NOW)
    stood: list[Status] = ["received"]
    for n, (to, note) in enumerate(steps):
        at = NOW + n * DAY
        try:
            row = book.step(row.id, to, note, "Pak Contoh", at)
        except KampungError:
            assert to == "merged" or to not in NEXT[stood[-1]] or not note
            continue
        assert to in NEXT[stood[-1]]
        stood.append(to)
    row, trail = book.get(row.id)
    assert [s.status for s in trail if s.status] == stood
    assert row.status == stood[-1]
    reached = level(stood[-1], row.at, kinds()["burning"], NOW + 99 * DAY)
    assert (reached == 2) == (stood[-1] in OPEN)


def test_each_end_says_why() -> None:
    """Done, rejected and opened again are read by the reporter."""
    for now, to in itertools.product(STATUSES, STATUSES):
        if to in NEXT[now]:
            needs = to in ("done", "rejected") or now not in OPEN
            for note in ("", "sudah dibersihkan"):
                if needs and not note:
                    with pytest.raises(InvalidRequest, match="note"):
                        check_step(now, to, note)
                else:
                    check_step(now, to, note)
    assert not NEXT["merged"]


@pytest.mark.parametrize("kind", kinds())
def test_clocks(book: Book, kind: str) -> None:
    """Nobody looked: taken up; not done: taken up further; each once; both sides of each mark."""
    clock, row = kinds()[kind], book.file(filed(kind), NOW)
    assert clock.look < clock.done
    for at, reached in ((clock.look - 1, 0), (clock.look, 1), (clock.done - 1, 1), (clock.done, 2)):
        assert level("received", row.at, clock, row.at + at) == reached
    assert level("checking", row.at, clock, row.at + clock.look) == 0
    book.take_up(NOW + clock.look)
    book.take_up(NOW + clock.look)
    _, trail = book.get(row.id)
    assert [s.body["level"] for s in trail if s.kind == "taken_up"] == [1]
    book.take_up(NOW + clock.done)
    assert [s.body["level"] for s in book.get(row.id)[1] if s.kind == "taken_up"] == [1, 2]


def test_filed_once_and_followed_by_word(book: Book, place: tuple[Records, Path]) -> None:
    """The same id is one report; ticket and word open it; nothing on the disk from which the word follows."""
    mine = filed(contact="0812-0000-0001")
    row = book.file(mine, NOW)
    assert book.file(mine, NOW + 1).id == row.id
    found, steps = book.follow(mine.ticket, word(mine.id).upper().replace("-", " "))
    assert found.id == row.id
    assert [s.kind for s in steps] == ["came"]
    for number, said in ((mine.ticket, "salah-kata-saja"), ("LP-0000-0000", word(mine.id))):
        with pytest.raises(NotFound, match="with this word"):
            book.follow(number, said)
    kept = b"".join(p.read_bytes() for p in place[1].glob("records.sqlite*"))
    for secret in (mine.id.encode(), word(mine.id).encode(), b"0812-0000-0001"):
        assert secret not in kept


def test_a_contact_is_read_with_a_purpose(book: Book, place: tuple[Records, Path]) -> None:
    """Who read it and what for is on the trail; it opens at no other report."""
    mine = filed(contact="0812-0000-0002")
    row = book.file(mine, NOW)
    assert book.contact(row.id, "bertanya letak pohon", "Bu Petugas", NOW) == "0812-0000-0002"
    assert [(s.by, s.note, s.public) for s in book.get(row.id)[1] if s.kind == "contact_read"] == [
        ("Bu Petugas", "bertanya letak pohon", False)
    ]
    other = book.file(filed(), NOW)
    assert book.contact(other.id, "ingin tahu", "Bu Petugas", NOW) is None
    with place[0].session() as session:
        session.get_one(CitizenReportRow, other.id).contact = session.get_one(CitizenReportRow, row.id).contact
    with pytest.raises(Unreadable, match="belongs to another row"):
        book.contact(other.id, "tertukar", "Bu Petugas", NOW)
    with place[0].session() as session:
        session.get_one(CitizenReportRow, other.id).contact = None


def test_contacts_under_a_new_key(book: Book, place: tuple[Records, Path]) -> None:
    """A change of keys goes through them, and they open as before."""
    row = book.file(filed(contact="0812-0000-0004"), NOW)
    ring = Keyring.open_at(place[1], NOW).rotated(NOW + 1)
    assert CitizenReportRow.__table__ in [getattr(each, "table", None) for each in kept()]
    assert reseal(place[0], ring, KEPT) > 0
    assert left(place[0], ring, KEPT) == 0
    assert book.contact(row.id, "masih terbaca", "Bu Petugas", NOW) == "0812-0000-0004"


def test_two_reports_of_one_thing(book: Book) -> None:
    """Near in place and time; merged, whoever follows the one follows the other; no circles."""
    at = NOW + 500 * DAY
    first, second = filed("spill", at), filed("spill", at + HOUR, east=0.0005)
    far, other = filed("spill", at, east=0.02), filed("lamp", at)
    rows = [book.file(each, at + 2 * HOUR) for each in (first, second, far, other)]
    (near,) = book.near(rows[0])
    assert near.row.id == rows[1].id
    assert near.metres == pytest.approx(55, abs=3)
    book.merge(rows[1].id, rows[0].id, "Bu Petugas", at + 3 * HOUR)
    assert book.near(rows[0]) == []
    book.step(rows[0].id, "done", "sudah diangkut", "Bu Petugas", at + 4 * HOUR)
    followed, _ = book.follow(second.ticket, word(second.id))
    assert (followed.id, followed.status) == (rows[0].id, "done")
    for number, into, says in ((rows[2].id, rows[2].id, "another report"), (rows[2].id, rows[1].id, "merge into that one")):
        with pytest.raises(KampungError, match=says):
            book.merge(number, into, "x", at)
    away = book.file(filed("spill", at, OTHER), at)
    with pytest.raises(InvalidRequest, match=OTHER):
        book.merge(rows[2].id, away.id, "x", at)


def test_places() -> None:
    """To 110 m for everybody; a place in another regency is refused, one beside the border is not."""
    assert rounded(-8.123456, 114.123456) == (-8.123, 114.123)
    assert rounded(None, None) is None
    check_inside(VILLAGE, PLACE.bounds[0] - 0.01, PLACE.longitude)
    with pytest.raises(InvalidRequest, match="km outside Tamansari"):
        check_inside(VILLAGE, -7.25, 112.75)
    assert distance((0, 0), (0, 1)) == pytest.approx(111_195, abs=1)


def test_out_of_the_events_of_a_kiosk(place: tuple[Records, Path]) -> None:
    """Each counts once; the event keeps nothing of it; one that is none keeps its reason."""
    records, folder = place
    said = CitizenReport(next(NAMES), "lamp", NOW, spot="Gang Contoh", text="Lampu mati di depan rumah Contoh")
    with records.session() as session:
        for seq, body in enumerate((event(said), event(said), event(said) | {"id": "x"}), 1):
            session.add(
                EventRow(node="kiosk-1", epoch="aa", seq=seq, position=0, village=VILLAGE, received=NOW, type=body["type"], body=body)
            )
    kiosks = Kiosks(records, folder)
    assert kiosks.take(NOW) == 1
    assert kiosks.take(NOW) == 0
    with records.session() as session:
        bodies = [session.get(EventRow, ("kiosk-1", "aa", seq, 0)).body for seq in (1, 2, 3)]  # type: ignore[union-attr]
    assert bodies[0]["taken"] == bodies[1]["taken"]
    assert bodies[2]["taken"] == "refused"
    assert "Contoh" not in str(bodies)
    assert said.id not in str(bodies)
    row, _ = Book(records, folder).follow(Filed(said.id, VILLAGE, "lamp", NOW, "kiosk-1").ticket, word(said.id))
    assert (row.origin, row.spot) == ("kiosk-1", "Gang Contoh")


def test_a_point_far_away_from_a_kiosk(place: tuple[Records, Path]) -> None:
    """Its writer has a ticket: it is taken, without the point."""
    records, folder = place
    said = CitizenReport(next(NAMES), "road", NOW, latitude=-7.25, longitude=112.75)
    with records.session() as session:
        body = event(said)
        session.add(EventRow(node="kiosk-1", epoch="bb", seq=1, position=0, village=VILLAGE, received=NOW, type=body["type"], body=body))
    assert Kiosks(records, folder).take(NOW) == 1
    row, _ = Book(records, folder).follow(Filed(said.id, VILLAGE, "road", NOW, "kiosk-1").ticket, word(said.id))
    assert (row.latitude, row.spot) == (None, "titik pada peta di luar desa")
