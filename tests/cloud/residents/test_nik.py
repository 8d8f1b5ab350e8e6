"""What a NIK says: whatever is legal is taken without a word, whatever is odd is wondered about, and nothing is refused."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.residents import kk, nik
from kampung_contract.villages import villages

TODAY = date(2026, 11, 30)
BLIMBINGSARI = "35.10.25.2001"
DAYS = st.dates(date(1917, 1, 1), TODAY)


def number(region: str, born: date, *, female: bool, serial: int) -> str:
    return f"{region}{born.day + 40 * female:02}{born:%m%y}{serial:04}"


@given(st.integers(110101, 979999), DAYS, st.booleans(), st.integers(0, 9999))
def test_parse_and_format_are_each_others_opposite(region: int, born: date, female: bool, serial: int) -> None:
    text = number(str(region), born, female=female, serial=serial)
    found = nik.parse(text)
    assert str(found) == text
    assert (found.female, found.day) == (female, born.day)
    assert 41 <= int(text[6:8]) <= 71 or not female
    assert born in found.births(TODAY)


def test_100_000_legal_oddities_are_wondered_about_by_nobody() -> None:
    """Old prefixes of villages that moved, other provinces (54 too), both centuries, women, leap days, every serial: no refusal."""
    dice = random.Random(10)
    own = [v.code for v in villages()]
    prefixes = ["351013", "351014", "540101", "110101", "979999", *(code[:8].replace(".", "") for code in own)]
    leap = [date(year, 2, 29) for year in range(1920, 2025, 4)]
    for n in range(100_000):
        born = dice.choice(leap) if n % 10 == 0 else TODAY - timedelta(dice.randrange(109 * 365))
        female = dice.random() < 0.5
        text = number(dice.choice(prefixes), born, female=female, serial=dice.randint(1, 9999))
        village = dice.choice(own)
        sex = ("P" if female else "L") if n % 3 else ""
        assert nik.judge(text, born=born, sex=sex, today=TODAY) == ()
        assert not nik.foreign(text, village)
        assert {each.code for each in nik.judge(text, born=None, sex=sex, today=TODAY)} <= {"century"}


@pytest.mark.parametrize(
    ("text", "born", "sex", "codes"),
    [
        ("3510135708800001", date(1980, 8, 17), "P", []),
        ("3510135708800001", date(1980, 8, 17), "L", ["sex"]),
        ("3510135708800001", date(1981, 8, 17), "P", ["born"]),
        ("3510131708800000", date(1980, 8, 17), "L", ["serial"]),
        ("0010131708800001", date(1980, 8, 17), "L", ["temporary"]),
        ("9910131708800001", date(1980, 8, 17), "L", ["province"]),
        ("3510133202800001", date(1980, 2, 2), "L", ["date"]),
        ("3510132902810001", None, "L", ["date"]),
        ("3510131708200001", None, "L", ["century"]),
        ("3510131708200001", date(1920, 8, 17), "L", []),
        ("3510131708200001", date(2020, 8, 17), "L", []),
        ("351013170880001", None, "", ["length"]),
        ("", None, "", ["length"]),
        ("35101317088000012", None, "", ["length"]),
    ],
)
def test_what_is_wondered_about(text: str, born: date | None, sex: str, codes: list[str]) -> None:
    found = nik.judge(text, born=born, sex=sex, today=TODAY)
    assert [each.code for each in found] == codes
    assert all(text not in each.words or not text for each in found), "the words never hold the number"


def test_who_lives_in_a_village_that_moved_keeps_his_prefix() -> None:
    """Blimbingsari was of Rogojampi: a remark, not a doubt."""
    text = number("351013", date(1980, 8, 17), female=True, serial=1)
    assert nik.judge(text, born=date(1980, 8, 17), sex="P", today=TODAY) == ()
    assert nik.kept_from(text, BLIMBINGSARI) == "35.10.13"
    assert nik.kept_from("351025" + text[6:], BLIMBINGSARI) is None


def test_a_temporary_number_means_somebody_in_its_own_village_alone() -> None:
    made = "0351024200800001"
    assert nik.temporary(made) == "35.10.24.2008"
    assert not nik.foreign(made, "35.10.24.2008")
    assert nik.foreign(made, "35.10.24.2007")


@given(st.text(max_size=40), st.one_of(st.none(), DAYS), st.sampled_from(["", "L", "P"]))
def test_anything_is_judged(text: str, born: date | None, sex: str) -> None:
    """No text raises, and a masked one shows eight digits at most."""
    nik.judge(text, born=born, sex=sex, today=TODAY)
    kk.judge(text, TODAY)
    assert sum(sign != "•" for sign in nik.masked(text)) <= 8
    assert nik.clean(text).isdigit() or not nik.clean(text)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("3510242405190002", []),
        ("3510242405990002", []),
        ("3510246405190002", ["date"]),
        ("3510240112260002", ["future"]),
        ("3510242405190000", ["serial"]),
        ("351024", ["length"]),
    ],
)
def test_a_familys_card_bears_the_day_of_its_recording(text: str, codes: list[str]) -> None:
    """Nobody's day has 40 added."""
    assert [each.code for each in kk.judge(text, TODAY)] == codes
