"""What is said of alarms: complete in every language, within an SMS whatever the names and values, and never cut in the middle."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.words import Said, Saying, render
from kampung_cloud.words.book import InvalidWords, books, parse
from kampung_cloud.words.gsm import BASIC, EXTENSION, MOST, places, plain
from kampung_cloud.words.saying import KINDS
from kampung_contract.alarm import Alarm, begun
from kampung_contract.episode import Episode
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.villages import villages

VILLAGE = "35.10.24.2008"
T0 = 1_795_280_400_000
HOUR = 3_600_000
POSKO = "0812-0000-0001"
TABLE: dict[str, Any] = {
    "id": "kali-siaga-2",
    "village": VILLAGE,
    "about": "flood",
    "quantity": "water_level",
    "unit": "m",
    "threshold": 1.875,
    "clear": 1.775,
    "severity": 2,
    "scale": "siaga",
    "place": "Kali Bomo",
    "title": {"id": "Banjir Siaga 2 di Kali Bomo"},
    "message": {"id": "Air {value} m, di atas batas {threshold} m. Siapkan tas dan ternak. Ikuti arahan petugas balai desa."},
    "source": "a test",
}


def raised(value: float = 1.9, **changes: Any) -> tuple[Alarm, Rule]:
    rule = parse_rule(TABLE | changes)
    measured = rule.leaves[0].quantity
    return begun(rule, f"k.s.{measured}", Episode(T0, None, value, f"k.s.{measured}", value, T0)), rule


def said(alarm: Alarm, rule: Rule | None = None, language: str = "id", kind: Any = "raised", **more: Any) -> Said:
    saying = Saying(kind, (alarm,), alarm.village, contact=POSKO, rules={} if rule is None else {rule.id: rule}, **more)
    return render(saying, language)


def test_a_message_says_what_where_until_when_what_to_do_and_whom_to_call() -> None:
    alarm, rule = raised(message={"id": "Air {value} m. Siapkan tas dan ternak."})
    found = said(alarm, rule, code="A7K2", until=T0 + 2 * HOUR)
    assert found.title == "Banjir Siaga 2 di Kali Bomo"
    assert found.short == (
        "Banjir Siaga 2 di Kali Bomo, Tamansari: Air 1,90 m. Pantau lagi 02.00 WIB. Siapkan tas dan ternak. Balas OK A7K2. "
        "Posko 0812-0000-0001"
    )
    assert found.text.splitlines() == [
        "Air 1,90 m. Siapkan tas dan ternak.",
        "Di Kali Bomo, Desa Tamansari, sejak 00.00 WIB.",
        "Pantau lagi 02.00 WIB.",
        "Balas OK A7K2 bila sudah tahu.",
        "Posko 0812-0000-0001",
    ]


def test_what_to_do_is_added_where_the_rule_does_not_say_it() -> None:
    alarm, rule = raised(message={"id": "Air {value} m."}, severity=3, title={"id": "Kali naik"})
    found = said(alarm, rule)
    assert "MENGUNGSI SEKARANG ke tempat tinggi." in found.text
    assert found.short.endswith("MENGUNGSI SEKARANG ke tempat tinggi. Jangan menyeberangi arus. Posko 0812-0000-0001")


def test_the_end_says_when_and_no_instruction_that_is_over() -> None:
    alarm, rule = raised()
    found = said(alarm.ended(T0 + HOUR), rule, kind="resolved", code="A7K2")
    assert found.short == (
        "AMAN: Banjir Siaga 2 di Kali Bomo, Tamansari. Selesai 01.00 WIB. Keadaan sudah aman. Terima kasih. Posko 0812-0000-0001"
    )
    assert "Siapkan" not in found.text
    assert "OK" not in found.text


def test_several_alarms_are_one_message_the_gravest_first() -> None:
    alarm, rule = raised()
    grave = replace(alarm, id="other", severity=3, title={"id": "Siaga 1"}, message={"id": "Mengungsi ke balai desa sekarang."})
    found = render(Saying("raised", (alarm, grave, alarm), VILLAGE, contact=POSKO, rules={rule.id: rule}), "id")
    assert found.title == "3 peringatan di Desa Tamansari"
    assert found.short.startswith("3 peringatan di Tamansari: Siaga 1; Banjir Siaga 2 di Kali Bomo (2): Mengungsi ke balai desa sekarang.")


words = st.text(max_size=60)
numbers = st.one_of(st.just(""), st.just(POSKO), st.text(max_size=40))


@st.composite
def sayings(draw: st.DrawFn) -> Saying:
    kind = draw(st.sampled_from(KINDS))
    code = draw(st.sampled_from(("", "A7", "A7K2", "A7K2B9XZ")))
    alarms = tuple(
        replace(
            raised()[0],
            id=draw(words),
            village=draw(st.one_of(st.sampled_from([v.code for v in villages()]), words)),
            severity=draw(st.integers(-1, 5)),
            about=draw(st.sampled_from(("flood", "landslide", "air", "farm", "device", "other"))),
            title={draw(st.sampled_from(("id", "jv"))): draw(st.text(max_size=300))},
            message={"id": draw(st.text(max_size=300))},
            value=draw(st.floats(-1e9, 1e9)),
            worst=draw(st.floats(-1e9, 1e9)),
            unit=draw(st.sampled_from(("m", "Cel", "ug/m3", "{€}"))),
            until=draw(st.one_of(st.none(), st.just(T0 + HOUR))),
            series=draw(st.sampled_from(("k.s.water_level", "k.s.soil_moisture", "k.s.unheard_of"))),
        )
        for _ in range(draw(st.integers(0 if kind in {"test", "digest"} else 1, 4)))
    )
    rule = draw(st.one_of(st.none(), words.map(lambda place: parse_rule(TABLE | {"place": place}))))
    rules = {} if rule is None else {rule.id: rule}
    return Saying(kind, alarms, draw(st.sampled_from((VILLAGE, "", "99"))), code, draw(numbers), T0 + HOUR, rules, {}, draw(st.booleans()))


@given(sayings(), st.sampled_from(("id", "jv", "osi", "mad", "en", "en-GB", "fr", "")))
def test_whatever_is_said_fits_one_sms_and_is_cut_nowhere(saying: Saying, language: str) -> None:
    found = render(saying, language)
    assert places(found.short) <= MOST
    assert "\n" not in found.short
    assert found.short
    if saying.contact in {"", POSKO}:
        assert found.short.endswith(saying.contact)
        assert not saying.code or saying.kind in {"resolved", "cancelled"} or f"OK {saying.code}" in found.short


@given(st.text(), st.text(st.characters(categories=("L", "M", "N", "S", "Z"))))
def test_every_text_can_be_said_in_the_alphabet_of_an_sms(text: str, letters: str) -> None:
    found = plain(text)
    assert places(found) >= 0
    assert found == plain(found)
    assert "?" not in plain(letters)


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert len(BASIC) == len(set(BASIC)) == 127
    assert sorted(EXTENSION) == sorted("\f^{}\\[~]|€")
    assert places("é€[]") == 7
    assert plain("“Ijen” – 37 °C … é ḍhâ µg/m³ \U0001f30a ꦧꦤ꧀ꦗꦶꦂ") == '"Ijen" - 37 C ... é dha ug/m3 bnjir'
    with pytest.raises(ValueError, match="alphabet of an SMS"):
        places("“")


def test_languages_agree_in_strings_and_placeholders() -> None:
    reference = books()["id"].strings
    for book in books().values():
        assert set(book.strings) <= set(reference)
        for key, text in book.strings.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", reference[key])), (book.language, key)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[about]\nname = 'X'\n", "reviewed"),
        ("[about]\nname = 'X'\nreviewed = false\n[do]\nnothing = 'x'\n", "do.nothing: no such string"),
        ("[about]\nname = 'X'\nreviewed = false\n[call]\nlong = '{contact} posko'\n", "the number comes last"),
        ("[about]\nname = 'X'\nreviewed = false\n[ask]\nshort = 'OK'\n", "it fills in nothing, Indonesian {code}"),
        ("[about]\nname = 'X'\nreviewed = false\n[do]\nover = ' '\n", "leave it out to fall back"),
        ("[about]\nname = 'X'\nreviewed = false\n[short]\nover = '" + "x" * 90 + "'\n", "shorten one of its parts"),
        ("[about]\nname = 'X'\nreviewed = false\n[do]\nover = 3\n", "expected a sentence in quotes"),
        ("[about]\nname = 'X'\nreviewed = false\n[reviewed]\n'do.over' = 'A, 2026'\n", "no such string"),
        ("=", "not TOML"),
    ],
)
def test_a_wrong_message_file_is_refused(text: str, named: str) -> None:
    with pytest.raises(InvalidWords, match=re.escape(named)):
        parse("xx", text, books()["id"])


@pytest.mark.parametrize(
    ("changes", "named"), [({"kind": "shout"}, "'shout'"), ({"alarms": ()}, "about no alarm"), ({"code": "A 7"}, "'A 7'")]
)
def test_what_no_message_can_be_made_of_is_refused(changes: dict[str, Any], named: str) -> None:
    given_: dict[str, Any] = {"kind": "raised", "alarms": (raised()[0],), "village": VILLAGE} | changes
    with pytest.raises(ValueError, match=named):
        Saying(**given_)
