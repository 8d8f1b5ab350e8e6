"""Complaints on the wire: what a ticket and its word open, and what of a text is kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract import complaint
from kampung_contract.complaint import MOST_TEXT, PREFIX, Complaint, ComplaintReply, Suggestion, clean, event, opening, parse_event
from kampung_contract.errors import InvalidEvent
from kampung_contract.tickets import read_ticket, ticket, word

ID = "0123456789abcdef0123456789abcdef"
TEXT = "Surat saya sudah tiga minggu belum jadi."


@given(st.integers(0, 2**128 - 1).map(lambda n: f"{n:032x}"))
def test_a_ticket_is_read_however_it_is_typed(name: str) -> None:
    """Also without its first letters, which no ticket's digits spell."""
    number = ticket(PREFIX, name)
    assert read_ticket(PREFIX, number.lower().replace("-", " ")) == number == read_ticket(PREFIX, number.removeprefix("ADU-"))


def test_ticket_and_word_together_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complaint, "COST", 4)
    number, said = ticket(PREFIX, ID), word(ID)
    found = opening(number, said)
    assert (len(found.name), len(found.key), len(found.proof)) == (24, 32, 32)
    assert opening(number, said.upper().replace("-", " ")) == found
    assert opening(number, "buka-timo-sagu") != found


@settings(max_examples=40)
@given(st.text(st.sampled_from("ab \n\r\t\x00\x1b\u200b\u202e\u2028é\U0001f333\ud800"), max_size=40))
def test_what_steers_a_screen_is_left_out(text: str) -> None:
    """Nothing but letters, blanks and ends of line; once clean it stays as it is."""
    found = clean(text)
    assert all(c == "\n" or c == " " or unicodedata.category(c)[0] not in "CZ" for c in found)
    assert "\n\n\n" not in found
    assert clean(found) == found


def test_an_event_comes_back_as_it_was() -> None:
    for said in (
        Complaint(ID, "fee", 1, TEXT, "inspectorate", asked=50_000, name="Contoh Warga", contact="0812-0000-0001"),
        ComplaintReply(ID, "0" * 24, "1" * 32, "accept", 1),
        Suggestion(ID, 1, "Sediakan kursi di ruang tunggu."),
    ):
        assert parse_event(event(said)) == said
    assert parse_event({"type": "citizen-report"}) is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"text": "x" * (MOST_TEXT + 1)}, "length"),
        ({"text": "\x00\x07 \u202e"}, "paling sedikit"),
        ({"name": "Contoh Warga"}, "tanpa nama"),
        ({"contact": "0812-0000-0001"}, "tanpa nama"),
        ({"known": "office"}, "nama belum ditulis"),
        ({"known": "office", "name": "\u200b"}, "nama belum ditulis"),
        ({"reference": "K7M3-9QXA"}, "huruf yang salah"),
        ({"about": "tax"}, "about"),
        ({"asked": -1}, "asked"),
        ({"day": "2026-02-30"}, "day"),
    ],
)
def test_what_is_no_complaint(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidEvent, match=says):
        parse_event(event(Complaint(ID, "service", 1, TEXT)) | wrong)
