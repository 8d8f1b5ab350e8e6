"""What is said of alarms: complete in every language, within an SMS whatever the names and values, and never cut in the middle."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.main import cli
from kampung_cloud.words import Said, Saying, render
from kampung_cloud.words.book import InvalidWords, books, parse
from kampung_cloud.words.fitting import PARTS, fitted
from kampung_cloud.words.gsm import BASIC, EXTENSION, MOST, places, plain
from kampung_cloud.words.rules import doubts
from kampung_cloud.words.saying import KINDS
from kampung_cloud.words.sentences import parted
from kampung_contract.alarm import Alarm, begun
from kampung_contract.episode import Episode
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.villages import villages
from typer.testing import CliRunner

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
LEAF: dict[str, Any] = {"type": "threshold", "quantity": "water_level", "unit": "m", "threshold": 1.875, "clear": 1.775}


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


@pytest.mark.parametrize(
    ("message", "language", "facts", "dos"),
    [
        ("Water at {value} m, above the mark. Pack a bag, ready the animals. Follow the village staff.", "en", 1, 2),
        ("Air segera tinggi. Pasang naik. Tetap di atas batas 1,5 m. Jauhi tepi kali.", "id", 3, 1),
        ("Air tinggi, jangan menyeberang. Kali 2,5 m pukul 09.41 WIB.", "id", 1, 1),
        ("Toya 1,5 m. Nebih saking kali. Siapkan tas.", "jv", 1, 2),
        ("Sabâ parlo aèng. Aèngngè arè ka'dinto.", "mad", 1, 1),
    ],
)
def test_facts_and_instructions_are_told_apart(message: str, language: str, facts: int, dos: int) -> None:
    """When in doubt it is a fact: then a general instruction is added, and none is missing."""
    assert tuple(map(len, parted(message, language))) == (facts, dos)


@pytest.mark.parametrize(
    ("title", "village", "what"),
    [
        ("Songay Bomo ongghâ", VILLAGE, "Songay Bomo onggha, Tamansari"),
        ("Air naik", VILLAGE, "Air naik, Kali Bomo, Tamansari"),
        ("Kali Bomo naik di Tamansari", VILLAGE, "Kali Bomo naik di Tamansari"),
        ("Kali Bomo naik", "35.10.25.2005", "Kali Bomo naik, Bomo"),
    ],
)
def test_place_and_village_are_said_once(title: str, village: str, what: str) -> None:
    alarm, rule = raised(title={"id": title}, village=village)
    assert said(alarm, rule).short.startswith(f"{what}: ")


def test_several_alarms_are_one_message_the_gravest_first() -> None:
    alarm, rule = raised()
    grave = replace(alarm, id="other", severity=3, title={"id": "Siaga 1"}, message={"id": "Mengungsi ke balai desa sekarang."})
    found = render(Saying("raised", (alarm, grave, alarm), VILLAGE, contact=POSKO, rules={rule.id: rule}), "id")
    assert found.title == "3 peringatan di Desa Tamansari"
    assert found.short.startswith("3 peringatan di Tamansari: Siaga 1; Banjir Siaga 2 di Kali Bomo (2): Mengungsi ke balai desa sekarang.")


def test_a_digest_says_what_to_do_what_is_advised_and_what_is_over() -> None:
    """The number stays last, and what has no room is counted."""
    alarm, rule = raised(title={"id": "Kebun cabai kering"}, message={"id": "Tanah {value} %. Siram sore ini. Cek selang."}, about="farm")
    ended = replace(alarm, id="b", title={"id": "Sawah kering"}).ended(T0 + HOUR)
    saying = Saying("digest", (ended, alarm), VILLAGE, contact=POSKO, rules={rule.id: rule}, lines=("Hujan besok 80 %.",))
    found = render(saying, "id")
    assert found.text.splitlines() == [
        "- Kebun cabai kering: Tanah 1,90 %. Siram sore ini. Cek selang.",
        "- Hujan besok 80 %.",
        "- AMAN: Sawah kering",
        "Rinciannya ada di halaman Tani.",
        f"Posko {POSKO}",
    ]
    assert found.short == (
        "Kabar pagi Tamansari: Kebun cabai kering: Siram sore ini; Hujan besok 80 %; AMAN: Sawah kering. Rinciannya ada di halaman Tani. "
        "Posko 0812-0000-0001"
    )
    many = render(replace(saying, lines=tuple(f"Petak {n}: aliri sampai 5 cm." for n in range(9))), "id")
    assert " dan 7 lagi. " in many.short
    assert many.short.endswith(POSKO)
    assert "Tidak ada peringatan" in render(Saying("digest", (), VILLAGE), "id").text


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
    return Saying(
        kind,
        alarms,
        draw(st.sampled_from((VILLAGE, "", "99"))),
        code,
        draw(numbers),
        T0 + HOUR,
        rules,
        {},
        draw(st.booleans()),
        lines=tuple(draw(st.lists(words, max_size=3))),
    )


@given(sayings(), st.sampled_from(("id", "jv", "osi", "mad", "en", "en-GB", "fr", "")))
def test_whatever_is_said_fits_one_sms_and_is_cut_nowhere(saying: Saying, language: str) -> None:
    found = render(saying, language)
    assert places(found.short) <= MOST
    assert "\n" not in found.short
    assert found.short
    if saying.contact in {"", POSKO}:
        assert found.short.endswith(saying.contact)
        assert not saying.code or saying.kind in {"resolved", "cancelled"} or f"OK {saying.code}" in found.short


FORMS = st.lists(st.text("abc 019", max_size=90), min_size=1, max_size=4).map(tuple)


@given(st.fixed_dictionaries(dict.fromkeys(PARTS, FORMS)))
def test_a_message_is_shortened_by_whole_parts_in_reading_order(parts: dict[str, tuple[str, ...]]) -> None:
    """One form of each part, whole; as short as it must be, and nothing is left out that there is room for."""
    found = fitted(parts)
    choices = [" ".join(filter(None, forms)) for forms in product(*(parts[name] for name in PARTS))]
    assert found in choices
    least = " ".join(filter(None, (parts[name][-1] for name in PARTS)))
    assert places(found) <= max(MOST, places(least))
    full = " ".join(filter(None, (parts[name][0] for name in PARTS)))
    assert places(full) > MOST or found == full


@given(st.text(), st.text(st.characters(categories=("L", "M", "N", "Sc", "Z"))))
def test_every_text_can_be_said_in_the_alphabet_of_an_sms(text: str, letters: str) -> None:
    found = plain(text)
    assert places(found) >= 0
    assert found == plain(found)
    assert "?" not in plain(letters)
    assert "?" not in plain("\U00018769")  # Tangut, which the transliteration does not know


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


def test_what_a_language_lacks_is_said_in_indonesian_sentence_by_sentence() -> None:
    assert "until.never" not in books()["mad"].strings
    alarm, rule = raised()
    found = said(alarm, rule, "mad", "cancelled")
    assert found.text.splitlines()[-3:] == [books()["id"].strings["until.never"], books()["mad"].strings["do.never"], f"Posko {POSKO}"]
    assert found.reviewed is False
    assert said(alarm, rule, "fr") == said(alarm, rule, "id")
    assert said(alarm, rule, "id").reviewed is True


def test_a_sentence_that_lives_hang_on_is_said_in_indonesian_too_until_it_is_reviewed() -> None:
    alarm, rule = raised(message={"id": "Air {value} m."}, severity=3)
    found = said(alarm, rule, "jv")
    assert "NGUNGSI SAKNIKI" in found.short
    assert "MENGUNGSI SEKARANG" in found.short
    assert said(alarm, rule, "id").text.count("MENGUNGSI") == 1


@pytest.mark.parametrize(
    ("changes", "head", "fact"),
    [
        ({"severity": 1}, "BANJIR SIAGA 3", "Tinggi muka air 1,90 m, batas 1,88 m."),
        ({"severity": 3, "scale": "waspada"}, "BANJIR AWAS", "Tinggi muka air 1,90 m, batas 1,88 m."),
        (
            {"when": {"type": "rise", "quantity": "water_level", "unit": "m", "change": 0.3, "within": "30m", "clear": 0.05}},
            "AIR NAIK CEPAT",
            "Naik 30 cm dalam 30 menit, kini 1,90 m.",
        ),
        (
            {
                "when": {
                    "type": "reach",
                    "quantity": "water_level",
                    "unit": "m",
                    "level": 2.25,
                    "within": "60m",
                    "over": "30m",
                    "clear": "90m",
                }
            },
            "AIR SEGERA TINGGI",
            "Kini 1,90 m, bisa mencapai 2,25 m dalam 1 jam.",
        ),
        (
            {"about": "farm", "quantity": "soil_moisture", "unit": "%", "threshold": 20, "clear": 25, "direction": "below"},
            "LAHAN KERING",
            "Kelembapan tanah 1,9 %, batas 20,0 %.",
        ),
        ({"about": "farm"}, "SAWAH PERLU AIR", "Tinggi muka air 1,90 m, batas 1,88 m."),
        (
            {"about": "device", "when": {"type": "silence", "quantity": "water_level", "unit": "m", "after": "3h"}},
            "ALAT DIAM",
            "Tidak ada data sejak 00.00 WIB.",
        ),
        ({"about": "device"}, "ALAT MERAGUKAN", "Tinggi muka air 1,90 m, batas 1,88 m."),
        (
            {"when": {"type": "all", "parts": [LEAF, {**LEAF, "device": "other"}]}},
            "BANJIR SIAGA 2",
            "Beberapa alat sepakat. Tinggi muka air 1,90 m.",
        ),
        (
            {"about": "heat", "quantity": "air_temperature", "unit": "Cel", "threshold": 38, "clear": 36},
            "PANAS BERBAHAYA",
            "Suhu udara 1,9 °C, batas 38,0 °C.",
        ),
    ],
)
def test_a_rule_that_says_little_gets_the_words_of_its_class(changes: dict[str, Any], head: str, fact: str) -> None:
    table = {k: v for k, v in TABLE.items() if k not in LEAF} if "when" in changes else TABLE
    rule = parse_rule(table | {"title": {"id": ""}, "message": {"id": ""}} | changes)
    series = f"k.s.{rule.leaves[0].quantity}"
    found = said(begun(rule, series, Episode(T0, None, 1.9, series, 1.9, T0)), rule)
    assert found.short.startswith(f"{head}, Kali Bomo, Tamansari: ")
    assert found.text.splitlines()[0] == fact


@pytest.mark.parametrize(
    ("ispu", "head", "do"), [(101, "TIDAK SEHAT", "Kurangi"), (201, "SANGAT TIDAK SEHAT", "Hindari"), (301, "BERBAHAYA", "Tetap")]
)
def test_air_is_named_by_the_official_step_the_rule_stands_for(ispu: int, head: str, do: str) -> None:
    alarm, rule = raised(about="air", quantity="pm25", unit="ug/m3", title={"id": ""}, message={"id": ""})
    found = said(alarm, rule, ispu={rule.id: ispu})
    assert found.short.startswith(f"UDARA {head}, Kali Bomo, Tamansari: ")
    assert do in found.short
    assert "µg/m³" in found.text
    assert "ug/m3" in found.short


def test_a_value_that_looks_like_a_name_stays_what_it_is() -> None:
    alarm, rule = raised(place="{code} {contact}")
    assert "{code} {contact}" in said(alarm, rule, code="A7K2").text


def test_a_time_of_another_day_says_so() -> None:
    alarm, rule = raised()
    assert "Pantau lagi 23/11 00.00 WIB." in said(alarm, rule, until=T0 + 24 * HOUR).text
    assert "Pantau lagi 00.00 WIB." in said(alarm, rule, until=T0 + 24 * HOUR, at=T0 + 25 * HOUR - HOUR).text


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"message": {"id": "Air {value} m."}}, "message.id does not say what to do"),
        ({"message": {"id": "Air {value} m. Siapkan tas. " + "Jauhi kali. " * 12}}, "an SMS has 160; shorten it"),
        ({"title": {"id": "x", "jv": "x"}}, "title.jv stands without message.jv"),
        ({"title": {"id": "x", "osing": "x"}}, "language 'osing' has no message file"),
    ],
)
def test_texts_of_rules_are_looked_at(changes: dict[str, Any], doubt: str) -> None:
    assert doubts((parse_rule(TABLE),)) == ()
    found = doubts((parse_rule(TABLE | changes),))
    assert len(found) == 1
    assert found[0].startswith("rule 'kali-siaga-2': ")
    assert doubt in found[0]


def test_staff_see_what_needs_review(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["words", "check"]).output
    for language in ("en", "jv", "osi", "mad"):
        assert f"needs review: all of it; kampung-cloud words list {language}" in shown
    assert "in Indonesian: what.stuck" in shown
    listed = CliRunner().invoke(cli, ["words", "list", "osi", "--unread"]).output
    assert "do.flood_3   (needs review)" in listed
    assert CliRunner().invoke(cli, ["words", "list", "tlh"]).exit_code == 1
    config = tmp_path / "cloud.toml"
    config.write_text(
        f'[[rule]]\nid = "r"\nvillage = "{VILLAGE}"\nquantity = "water_level"\nunit = "m"\nthreshold = 1\nclear = 1\nseverity = 1\n'
        'source = "a test"\ntitle = {id = "Kali naik"}\nmessage = {id = "Air {value} m."}\n'
    )
    assert "warning    rule 'r': message.id does not say what to do" in CliRunner().invoke(cli, ["check", "--config", str(config)]).output


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
