"""What is advised, in every language: the same numbers, room in an SMS, and Indonesian for what a language lacks."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.main import cli
from kampung_cloud.modules.farming.advice.action import Action
from kampung_cloud.modules.farming.advice.engine import advise
from kampung_cloud.modules.farming.advice.words import FIELD, Titled, check, instructs, listed, said, say, sentences, templates
from kampung_cloud.words import Saying, render
from kampung_cloud.words.book import InvalidWords, parse, placeholders
from kampung_cloud.words.gsm import MOST, places, plain
from kampung_contract.villages import villages
from typer.testing import CliRunner

from tests.cloud.modules.farming.test_advice import CASES, morning

LANGUAGES = ("id", "en", "jv", "mad", "osi")
VILLAGES = [village.code for village in villages()]
ACTIONS = [key for key in sentences()["id"].strings if instructs(key)]


@pytest.fixture(scope="module")
def advised() -> list[Action]:
    """All actions of all cases."""
    found = (morning(json.loads((Path(case) / "readings.json").read_text(encoding="utf-8"))) for case in CASES)
    return [action for each in found for action in advise(each)]


def numbers(text: str) -> Counter[str]:
    return Counter(n.replace(",", ".") for n in re.findall(r"\d+(?:[.,]\d+)?", text))


def test_every_language_says_every_case_with_the_same_numbers(advised: list[Action]) -> None:
    """Sentence and reason; nothing is left unfilled; English has its decimal point."""
    assert tuple(sorted(sentences(), key=LANGUAGES.index)) == LANGUAGES
    assert len({a.sentence.name for a in advised}) >= 15
    for phrase in (p for a in advised for p in (a.sentence, a.reason.sentence)):
        for language in LANGUAGES:
            text = said(phrase.shown(), language)
            assert "{" not in text
            assert numbers(text) == numbers(str(phrase)), (language, text)
            assert text == str(phrase) or language != "id"
        assert not re.search(r"\d,\d", said(phrase.shown(), "en"))


def test_a_document_has_what_its_lists_need_and_no_more(advised: list[Action]) -> None:
    """Filled in as a phone does it, its templates say what the regency says; each stands there once."""
    shown = [p.shown() for a in advised for p in (a.sentence, a.reason.sentence)]
    words = templates([json.loads(json.dumps(each)) for each in shown])
    assert set(words) == set(LANGUAGES) - {"id"}  # none of the four lacks one of them
    assert "water.now" in words["jv"]
    assert "paddy.keep" not in words["jv"]  # never said
    few = templates(shown[:1])
    assert set(few["mad"]) < set(words["mad"])
    assert templates([]) == {}


names = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
values = st.one_of(st.floats(-1e4, 1e4), st.integers(0, 9999), names, st.just(Titled({"id": "padi sawah", "en": "rice"})))


@given(st.sampled_from(ACTIONS), st.sampled_from((*LANGUAGES, "fr")), st.data())
def test_a_digest_of_whatever_is_advised_is_one_sms(key: str, language: str, data: st.DataObject) -> None:
    """Whatever the names and numbers."""
    phrase = say(key, **{name: data.draw(values) for name in placeholders(sentences()["id"].strings[key])})
    line = said(json.loads(json.dumps(phrase.shown())), language)
    found = render(Saying("digest", (), data.draw(st.sampled_from(VILLAGES)), contact="0812-0000-0001", lines=(line, line)), language)
    assert places(found.short) <= MOST
    assert found.short.endswith("0812-0000-0001")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_action_is_in_the_sms_whole(language: str, advised: list[Action]) -> None:
    """With a field's name of 20 letters and any village."""
    for action in advised:
        if action.kind == "look":  # several diseases may be too long: then it says how many actions there are
            continue
        line = said({**action.sentence.shown(), "with": {**action.sentence.shown()["with"], "field": "n" * FIELD}}, language)
        for village in VILLAGES[::40]:
            found = render(Saying("digest", (), village, lines=(line,)), language).short
            assert plain(line).rstrip(".") in found, found


def test_names_are_listed_and_said_by_language() -> None:
    """Two and three diseases; a value that looks like a name stays what it is."""
    blast, spot, tungro = (Titled({"id": i, "en": e}) for i, e in (("blas", "blast"), ("bercak", "spot"), ("tungro", "tungro")))
    for found, language, text in (
        ([blast], "id", "blas"), ([blast, spot], "en", "blast and spot"), ([blast, spot, tungro], "id", "blas, bercak dan tungro"),
        ([blast, spot, tungro], "jv", "blas, bercak lan tungro"),
    ):  # fmt: skip
        assert text in said(say("health.look", field="{disease}", disease=listed(found)).shown(), language)
    assert "{disease}" in str(say("health.look", field="{disease}", disease="x"))


def test_what_a_language_lacks_is_said_in_indonesian() -> None:
    """String by string; every string of the four is marked for review."""
    reference = sentences()["id"]
    few = parse("xx", "[about]\nname = 'X'\nreviewed = false\n[paddy]\nmeasure = 'Isi {field}'\n", reference, check, "here")
    assert set(few.strings) == {"paddy.measure"}
    assert said(say("paddy.keep", field="A").shown(), "fr") == "Air A masih aman, belum perlu diisi."
    assert not any(book.reviewed(key) for tag, book in sentences().items() if tag != "id" for key in book.strings)
    shown = CliRunner().invoke(cli, ["words", "list", "jv", "--unread"]).output
    assert "farming.water.now   (needs review)\n    id  Siram {field} pagi ini: {mm} mm{pump}." in shown


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[water]\nnothing = 'x'\n", "water.nothing: no such string"),
        ("[water]\nsoon = 'x'\n", "it fills in [], Indonesian ['field']"),
        ("[water]\nsoon = ' '\n", "leave it out to fall back"),
        ("[water]\nsoon = '{field} " + "x" * 110 + "'\n", "water.soon takes 131 of 122 places"),
    ],
)
def test_a_wrong_message_file_is_refused(text: str, named: str) -> None:
    """With file, key, value and remedy."""
    with pytest.raises(InvalidWords, match=re.escape(named)):
        parse("xx", f"[about]\nname = 'X'\nreviewed = false\n{text}", sentences()["id"], check, "modules/farming/messages")
