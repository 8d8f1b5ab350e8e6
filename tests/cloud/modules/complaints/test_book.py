"""The book of complaints: states and clocks, what is late, what is sealed, and that each counts once however it comes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.calendar import national
from kampung_cloud.content import Contents
from kampung_cloud.modules import kept
from kampung_cloud.modules.complaints.book import Book
from kampung_cloud.modules.complaints.clocks import AGAIN, Running, after, begins, clocks, days_between, due, level
from kampung_cloud.modules.complaints.kiosks import publish, take_in
from kampung_cloud.modules.complaints.models import ComplaintRow, ComplaintStepRow
from kampung_cloud.modules.complaints.statistics import LEAST, Counted, public
from kampung_cloud.modules.complaints.status import NEXT, OPEN, SAYS, Conflict, next_state, possible
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.duty_models import DutyRow
from kampung_cloud.records.models import EventRow
from kampung_cloud.resealing import left, reseal
from kampung_cloud.sealing import Keyring
from kampung_contract import complaint as contract
from kampung_contract.complaint import PREFIX, REPLY, Complaint, ComplaintReply, Suggestion, event, opening
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.tickets import ticket, word
from sqlalchemy import select

VILLAGE = "35.10.24.2008"
TEXT = "Surat saya sudah tiga minggu belum jadi."
MONDAY = date(2026, 11, 30)
NOW = begins(MONDAY) + 10 * 3_600_000
DAY = 86_400_000
NAMES = count(1)
CALENDAR = national()


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Words are tried out at once here."""
    cost, contract.COST = contract.COST, 2
    yield
    contract.COST = cost


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("complaints")


@pytest.fixture(scope="module")
def records(folder: Path) -> Iterator[Records]:
    records = open_records("sqlite:records.db", folder)
    yield records
    records.close()


@pytest.fixture(scope="module")
def book(records: Records, folder: Path) -> Book:
    return Book(records, CALENDAR, Keyring.open_at(folder, 1))


def said(**more: Any) -> Complaint:
    return Complaint(**({"id": f"{next(NAMES) * 2**96:032x}", "about": "service", "at": NOW, "text": TEXT} | more))


def reply(one: Complaint, act: Any, text: str = "", at: int = NOW) -> ComplaintReply:
    opened = opening(ticket(PREFIX, one.id), word(one.id))
    return ComplaintReply(f"{next(NAMES):032x}", opened.name, opened.proof, act, at, text)


def read(row: ComplaintRow, one: Complaint) -> dict[str, Any]:
    """What its writer reads with ticket and word."""
    opened = opening(ticket(PREFIX, one.id), word(one.id))
    sealed = base64.b64decode(row.told)
    return dict(json.loads(AESGCM(opened.key).decrypt(sealed[:12], sealed[12:], opened.name.encode())))


ACTS = sorted({act for acts in NEXT.values() for act in acts})


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(["office", "writer", "system"])), max_size=20))
def test_whatever_is_tried_a_complaint_is_objected_to_once_and_ends(tried: list[Any]) -> None:
    """Nobody does what is another's, nothing comes out of what is over, the writer objects once, and no act without its words."""
    state, office, objected = "received", "village", False
    for act, who in tried:
        may = possible(state, who, office=office, objected=objected)  # type: ignore[arg-type]
        if act not in may:
            with pytest.raises(Conflict):
                next_state(state, act, who, TEXT, office=office, objected=objected)  # type: ignore[arg-type]
            continue
        assert state in OPEN
        if act in SAYS:
            with pytest.raises(InvalidRequest):
                next_state(state, act, who, "singkat", office=office, objected=objected)  # type: ignore[arg-type]
        state = next_state(state, act, who, TEXT, office=office, objected=objected)  # type: ignore[arg-type]
        office = "inspectorate" if act == "forward" else office
        assert not (act == "object" and objected)
        objected = objected or act == "object"
    assert state in OPEN or not any(possible(state, who, office=office, objected=objected) for who in ("office", "writer", "system"))  # type: ignore[arg-type]


@settings(max_examples=40)
@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.sampled_from(["village", "inspectorate"]))
def test_clocks_end_with_working_days(day: date, office: Any) -> None:
    """Each rung is later than the one before, none falls on a day without work, and a day earlier nothing is late."""
    at = Running("checking", office, day, begins(day))
    ends = due(at, CALENDAR)
    assert ends is not None
    last = date(1970, 1, 1) + timedelta(days=(ends - 1 + 7 * 3_600_000) // DAY)
    assert CALENDAR.works(last) and days_between(day, last, CALENDAR) == clocks().answer(office).workdays
    assert [level(at, t, CALENDAR) for t in (ends - 1, ends)] == [0, 2]
    assert level(at, after(CALENDAR.workdays_after(last, AGAIN)), CALENDAR) == 3
    looked = due(Running("received", office, day, begins(day)), CALENDAR)
    assert looked is not None and looked < ends


def test_a_twin_is_one_and_nobody_stands_in_the_clear(book: Book, records: Records) -> None:
    """Of when it was written the day alone is kept; a kiosk's clock that is wrong moves nothing."""
    one = said(about="conduct", known="office", name="Contoh Warga", contact="0812-0000-0001", at=NOW + 400 * DAY)
    number = book.take_in(one, VILLAGE, NOW)
    assert book.take_in(one, VILLAGE, NOW + DAY) == number
    row, words, steps = book.get(number)
    assert (row.opened, row.written, row.since, words.text) == ("2026-11-30", "2026-11-30", begins(MONDAY), TEXT)
    assert [(s.act, s.at) for s in steps] == [("came", begins(MONDAY))]
    assert book.take_in(said(at=2**62), VILLAGE, NOW)
    with records.session() as session:
        plain = repr([vars(r) for r in session.scalars(select(ComplaintRow))])
    assert not any(secret in plain for secret in ("Contoh", "0812", "minggu", one.id, word(one.id)))
    assert book.writer(number, "rini", NOW).name == "Contoh Warga"  # type: ignore[union-attr]
    assert book.get(number)[2][-1].act == "read"
    nobody = book.take_in(said(), VILLAGE, NOW)
    assert book.writer(nobody, "rini", NOW) is None


def test_it_is_answered_objected_to_once_and_closed(book: Book) -> None:
    one = said()
    number = book.take_in(one, VILLAGE, NOW)
    waits = read(book.row(number), one)
    assert waits["may"] == ["withdraw"] and waits["due"].startswith("2026-12-19T00:00")  # 14 working days, the last at its end
    book.act(number, "ask", "Surat apa yang Anda maksud?", "siti", NOW)
    assert read(book.row(number), one)["note"] == "Surat apa yang Anda maksud?"
    book.reply(reply(one, "supply", "Surat keterangan usaha, tanggal 9 November."), VILLAGE, NOW + DAY)
    assert book.row(number).counted == "2026-12-01"
    book.act(number, "answer", "Suratnya sudah jadi, silakan diambil.", "siti", NOW + 2 * DAY)
    assert read(book.row(number), one)["may"] == ["object", "accept"]
    book.reply(reply(one, "object", "Suratnya salah nama."), VILLAGE, NOW + 2 * DAY)
    book.act(number, "answer", "Suratnya sudah dibetulkan.", "siti", NOW + 3 * DAY)
    with pytest.raises(Conflict):
        book.reply(reply(one, "object", "Masih salah juga namanya."), VILLAGE, NOW + 3 * DAY)
    row = book.row(number)
    assert (row.first, row.days, row.in_time) == ("2026-12-02", 2, True)
    assert row.due is not None
    book.tend(row.due - 1)
    assert book.row(number).state == "answered"
    book.tend(row.due)
    assert book.row(number).state == "closed"
    with pytest.raises(Conflict, match="selesai"):
        book.act(number, "answer", "Jawaban yang terlambat datangnya.", "siti", NOW + 60 * DAY)


def test_an_objection_written_in_time_at_a_kiosk_without_a_line(book: Book) -> None:
    """Comes after the complaint was closed, and opens it; one written later does not, nor one after its writer was content."""
    for at, content, opens in ((NOW, False, True), (NOW + 300 * DAY, False, False), (NOW, True, False)):
        one = said()
        number = book.take_in(one, VILLAGE, NOW)
        ends = book.act(number, "dismiss", "Ini bukan layanan kantor desa.", "siti", NOW).due
        assert ends is not None
        if content:
            book.reply(reply(one, "accept"), VILLAGE, NOW)
        else:
            book.tend(ends)
        try:
            book.reply(reply(one, "object", "Ini layanan kantor desa juga.", at), VILLAGE, ends + DAY)
        except Conflict:
            assert not opens
        assert book.row(number).state == ("checking" if opens else "closed")


def test_what_is_late_is_told_to_whoever_has_to_see_to_it(book: Book, records: Records) -> None:
    """The village's own, one after another; of what goes past it nobody in the village hears. What is not completed lapses."""
    mine, past, asked = (book.take_in(one, VILLAGE, NOW) for one in (said(), said(about="fee", asked=50_000), said()))
    book.act(asked, "ask", "Surat apa yang Anda maksud?", "siti", NOW)
    for _ in range(2):
        book.tend(NOW + 200 * DAY)
    with records.session() as session:
        found = {(d.subject, d.village, d.role, d.rung) for d in session.scalars(select(DutyRow).where(DutyRow.kind == "complaint"))}
    assert {f for f in found if f[0] in {str(mine), str(past)}} == {
        (str(mine), VILLAGE, "desa", 3), (str(past), "", "inspektorat", 3)
    }  # fmt: skip
    assert book.row(asked).state == "lapsed"
    book.act(mine, "answer", "Mohon maaf, sekarang sudah selesai.", "siti", NOW + 201 * DAY)
    assert book.row(mine).in_time is False
    with records.session() as session:
        assert session.scalars(select(DutyRow.ended).where(DutyRow.subject == str(mine))).all() == [NOW + 201 * DAY]


def test_out_of_events_once_and_out_to_the_kiosks(book: Book, records: Records, folder: Path) -> None:
    """Packs that come twice, replies with a wrong proof or to nobody; the document has neither ticket nor words."""
    ring, one = Keyring.open_at(folder, 1), said(about="letter")
    wrong = event(reply(one, "withdraw")) | {"proof": "0" * 32}
    bodies = [event(one), event(one), wrong, {"type": REPLY}, event(Suggestion("a" * 32, NOW, "Sediakan kursi."))]
    with records.session() as session:
        for seq, body in enumerate(bodies):
            place = {"node": "kiosk-9", "epoch": "aa", "seq": seq, "position": 0, "village": VILLAGE, "received": NOW + seq}
            session.add(EventRow(**place, type=body["type"], body=body))
    assert take_in(records, book, ring, NOW) == 3 and take_in(records, book, ring, NOW) == 0
    with records.session() as session:
        left_behind = [e.body for e in session.scalars(select(EventRow).where(EventRow.epoch == "aa").order_by(EventRow.seq))]
    assert [b["taken"] for b in left_behind] == ["complaint", "complaint", "refused", "refused", "suggestion"]
    assert TEXT not in json.dumps(left_behind) and one.id not in json.dumps(left_behind)
    assert [text for _, text in book.suggestions(VILLAGE)] == ["Sediakan kursi."]
    contents = Contents(records, lambda topic, body: None)
    publish(records, contents, NOW)
    document = contents.get(VILLAGE, "complaints")
    assert document is not None
    opened = opening(ticket(PREFIX, one.id), word(one.id))
    mine = [c for c in document.document["complaints"] if c["complaint"] == opened.name]
    assert [c["state"] for c in mine] == ["received"] and ticket(PREFIX, one.id) not in json.dumps(document.document)
    publish(records, contents, NOW + 1)
    again = contents.get(VILLAGE, "complaints")
    assert again is not None and again.version == document.version  # nothing goes out that says nothing new
    with pytest.raises(NotFound):
        book.reply(reply(said(), "accept"), VILLAGE, NOW)
    with pytest.raises(KampungError):
        book.reply(reply(one, "withdraw"), "35.10.24.2001", NOW)


def test_under_the_new_key_alone(book: Book, records: Records, folder: Path) -> None:
    """After a change of keys everything sealed here opens with the new one."""
    newest = Keyring.open_at(folder, 1).rotated(2)
    mine = [k for k in kept() if getattr(k, "table", None) in (ComplaintRow.__table__, ComplaintStepRow.__table__)]
    assert reseal(records, newest, kept()) and left(records, newest, mine) == 0
    fresh = Book(records, CALENDAR, newest.without_old())
    for row in fresh.listed(VILLAGE, OPEN, past=True):
        assert fresh.get(row.id)[1].text == TEXT


@settings(max_examples=60)
@given(st.lists(st.builds(Counted, st.just(VILLAGE), st.sampled_from(["2026-Q2", "2026-Q3", "2026-Q4"]), st.just("fee"), st.booleans(), st.none() | st.integers(0, 60), st.booleans(), st.booleans()), max_size=30))  # fmt: skip  # noqa: E501
def test_everybody_is_told_of_five_at_least(found: list[Counted]) -> None:
    """No figure on fewer; none of a quarter that runs; what goes past the village is in no village's figure."""
    shown = public(found, NOW)
    for each in [*shown["villages"], *shown["inspectorate"]]:
        assert each["n"] >= LEAST and each["quarter"] < "2026-Q4"
        assert (each["answered"] or LEAST) >= LEAST and (each["median_days"] is None) == (each["answered"] is None)
    for each in shown["villages"]:
        assert each["n"] == sum(c.quarter == each["quarter"] and not c.past for c in found)
