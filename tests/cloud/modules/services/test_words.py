"""Numbers in words, working time and letter numbers."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.calendar import Calendar, national
from kampung_cloud.calendar.workdays import WEEK
from kampung_cloud.modules.services.letters.words import day, rupiah, terbilang
from kampung_cloud.modules.services.numbering import DEFAULT, check, number
from kampung_contract import service_request as reference
from kampung_contract.errors import ConfigurationError, InvalidRequest

WIB = timezone(timedelta(hours=7))


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=WIB).timestamp() * 1000)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "nol"), (11, "sebelas"), (19, "sembilan belas"), (20, "dua puluh"), (100, "seratus"), (111, "seratus sebelas"),
        (1000, "seribu"),
        (1250, "seribu dua ratus lima puluh"), (2001, "dua ribu satu"), (1_000_000, "satu juta"),
        (12_500_000, "dua belas juta lima ratus ribu"),
        (10**9, "satu miliar"), (1_000_100_000, "satu miliar seratus ribu"), (-5, "minus lima"),
    ],
)  # fmt: skip
def test_terbilang(value, words):
    assert terbilang(value) == words


WORDS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"]
UNITS = {word: n for n, word in enumerate(WORDS)}
GREAT = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "triliun": 10**12, "kuadriliun": 10**15}


def parsed(text):
    """An independent reading of the words."""
    total = part = last = 0
    for word in text.replace("seribu", "satu ribu").replace("seratus", "satu ratus").split():
        if word == "belas":
            part += 10
        elif word == "puluh":
            part += last * 9
        elif word == "ratus":
            part += last * 99
        elif word in GREAT:
            total, part = total + part * GREAT[word], 0
        else:
            last = UNITS[word]
            part += last
    return total + part


@given(st.integers(0, 10**18 - 1))
def test_terbilang_says_the_number(value):
    assert parsed(terbilang(value)) == value


def test_days_and_rupiah():
    assert (day(date(2026, 8, 17)), rupiah(10_000), rupiah(-1_500)) == ("17 Agustus 2026", "Rp10.000", "-Rp1.500")


def test_numbers_of_letters():
    assert number(DEFAULT, 7, "470", "429.523.03", date(2026, 11, 30)) == "470/007/429.523.03/XI/2026"
    assert number(DEFAULT, 1234, "470", "429.523.03", date(2027, 1, 2)) == "470/1234/429.523.03/I/2027"
    check("[nomor_surat]/[kode_desa]/[tahun]")
    for pattern, said in (
        ("[nomor_surat]/X", "lacks [tahun]"),
        ("[tahun]", "lacks [nomor_surat]"),
        ("[nomer]/[tahun]", "unknown part"),
        ("[nomor_surat, 9]/[tahun]", "1 to 8 digits"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            check(pattern)
        assert said in caught.value.message


def test_working_minutes_of_a_night_a_holiday_and_a_weekend():
    c = national()
    assert c.minutes(ms("2026-11-30T08:00"), ms("2026-11-30T08:10")) == 10
    assert c.minutes(ms("2026-11-30T15:25"), ms("2026-12-01T08:05")) == 10
    assert c.minutes(ms("2026-11-30T11:55"), ms("2026-11-30T13:05")) == 10
    assert c.minutes(ms("2026-12-04T14:30"), ms("2026-12-07T08:00")) == 0  # Friday afternoon to Monday morning
    assert c.minutes(ms("2026-08-17T08:00"), ms("2026-08-17T15:00")) == 0
    assert c.workdays_after(date(2026, 12, 23), 1) == date(2026, 12, 28)  # cuti bersama, Christmas, weekend


starts = st.integers(ms("2025-01-02T00:00"), ms("2027-06-01T00:00"))


@given(starts, st.integers(1, 4000))
def test_what_is_due_is_due_after_just_so_many_working_minutes(start, minutes):
    c = national()
    due = c.after(start, minutes)
    assert c.minutes(start, due) == minutes
    assert c.minutes(start, due - 1) == minutes - 1


@given(starts, st.integers(0, 10**9), st.integers(0, 10**9))
def test_working_time_adds_up(start, a, b):
    c = national()
    whole, parts = c.minutes(start, start + a + b), c.minutes(start, start + a) + c.minutes(start + a, start + a + b)
    assert 0 <= whole - parts <= 1


def test_an_office_that_never_opens_is_told():
    with pytest.raises(ConfigurationError, match="open on no day"):
        Calendar({}, ((),) * 7).workdays_after(date(2026, 1, 1), 1)
    with pytest.raises(ConfigurationError, match="open on no day"):
        Calendar({}, ((),) * 7).after(0, 1)
    assert len(WEEK) == 7


references = st.builds(reference.new_reference)


@given(references, st.integers(0, 7), st.integers(1, 31))
def test_a_slip_of_the_pen_is_seen(text, at, by):
    plain = text.replace("-", "")
    assert reference.parse_reference(f" {plain[:3].lower()} {plain[3:]}") == text
    changed = reference.ALPHABET[(reference.ALPHABET.index(plain[at]) + by) % 32]
    if changed != plain[at] and {changed, plain[at]} != {reference.ALPHABET[0], reference.ALPHABET[31]}:
        with pytest.raises(InvalidRequest):
            reference.parse_reference(plain[:at] + changed + plain[at + 1 :])
