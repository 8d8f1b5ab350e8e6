"""Sentences to a farmer, by name, with what is filled into them: said in the language of whoever reads them (``messages/``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kampung_cloud.words.book import FALLBACK, Book, Voice, shelf
from kampung_cloud.words.gsm import places, plain

PACKAGE = "kampung_cloud.modules.farming"
FIELD = 20
"""Places of a field's name up to which a sentence of what to do has room in an SMS beside its head."""
ROOM = 122
"""Places of such a sentence at most: an SMS of 160 less ``Kabar pagi``, a village of 20 places and a colon in the longest language."""
REASONS = ("reason", "_reason")
PARTS = frozenset(
    {
        "water.pump", "water.pump_long", "water.probe", "water.strange", "water.none", "feeding.never", "feeding.ago", "record.weak",
        "paddy.establishing", "paddy.flowering", "paddy.drying", "paddy.draining", "list.more", "list.last", "list.then",
    }
)  # fmt: skip
"""What is said within another sentence, or behind it."""
LONGEST = {
    "field": "n" * FIELD, "pump": ", pompa kira-kira 12 jam 45 menit", "disease": "n" * FIELD, "crop": "padi sawah", "date": "11-11-2026",
    "since": "11-11",
}  # fmt: skip
"""What stands in for a name when a sentence is measured; a number has four places."""


@dataclass(frozen=True, slots=True)
class Titled:
    """A name that a row of data has by language."""

    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """The sentence ``name`` with its ``values``: numbers, texts, names by language, or phrases again."""

    name: str
    values: Mapping[str, float | str | Titled | Phrase]

    def __str__(self) -> str:
        """In Indonesian."""
        return said(self.shown(), FALLBACK)

    def shown(self) -> dict[str, Any]:
        """As an object: ``{say, with}``, in which a name by language is ``{text}``; numbers are rounded as people read them."""
        return {"say": self.name, "with": {name: _shown(value) for name, value in self.values.items()}}


def say(name: str, **values: float | str | Titled | Phrase) -> Phrase:
    """``water.now`` with its values."""
    return Phrase(name, values)


def listed(names: list[Titled]) -> Titled | Phrase:
    """``a``, ``a dan b``, ``a, b dan c``."""
    if len(names) == 1:
        return names[0]
    first: Titled | Phrase = names[0]
    for name in names[1:-1]:
        first = say("list.more", first=first, next=name)
    return say("list.last", first=first, next=names[-1])


def said(shown: Mapping[str, Any], language: str) -> str:
    """A phrase's object in ``language``, each string that it lacks in Indonesian; an unknown language is Indonesian."""
    voice = Voice(language, sentences())
    return _said(shown, voice)


def templates(shown: list[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The sentences of these phrases, by language and name, as they stand in the message files; in Indonesian, which stands with every
    action as it is said, only what one of the languages lacks.
    """
    books, names = sentences(), sorted({name for each in shown for name in _names(each)})
    found = {language: {name: book.strings[name] for name in names if name in book.strings} for language, book in books.items()}
    found[FALLBACK] = {name: text for name, text in found[FALLBACK].items() if any(name not in own for own in found.values())}
    return {language: own for language, own in found.items() if own}


def sentences() -> Mapping[str, Book]:
    """The message files, Indonesian first. Raises ``InvalidWords``."""
    return shelf(PACKAGE, check)


def check(strings: Mapping[str, str], reference: Mapping[str, str] | None) -> None:
    """Raises ``ValueError`` for a string that Indonesian lacks, other names in it, or one that leaves an SMS no room for itself."""
    known = reference or strings
    for key, text in strings.items():
        if key not in known:
            raise ValueError(f"{key}: no such string; Indonesian (id.toml) has all there are")
        if not text.strip() or (text != " ".join(text.split()) and not text.startswith(",")):
            raise ValueError(f"{key} = {text!r}: expected a sentence on one line without blanks around it; leave it out to fall back")
        own, other = _holes(text), _holes(known[key])
        if own != other:
            raise ValueError(f"{key} = {text!r}: it fills in {sorted(own)}, Indonesian {sorted(other)}; use the same names")
        if instructs(key) and (taken := places(longest(text))) > ROOM:
            raise ValueError(f"{key} takes {taken} of {ROOM} places of an SMS: {text!r}; shorten it")


def instructs(key: str) -> bool:
    """Whether it is a sentence of what to do, as a digest says it."""
    return key not in PARTS and not key.endswith(REASONS)


def longest(text: str) -> str:
    """A sentence in an SMS's alphabet with the longest that is usually filled in."""
    return plain(re.sub(r"\{(\w+)\}", lambda found: LONGEST.get(found[1], "1234"), text))


def _holes(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def _names(shown: Mapping[str, Any]) -> Iterator[str]:
    yield shown["say"]
    for value in shown["with"].values():
        if isinstance(value, dict) and "say" in value:
            yield from _names(value)


def _said(shown: Mapping[str, Any], voice: Voice) -> str:
    return voice(shown["say"], **{name: _filled(value, voice) for name, value in shown["with"].items()})


def _filled(value: Any, voice: Voice) -> str:
    if isinstance(value, dict):
        return voice.own(value["text"]) if "text" in value else _said(value, voice)
    text = str(value)
    return text if isinstance(value, str) or voice.language == "en" else text.replace(".", ",")


def _shown(value: float | str | Titled | Phrase) -> Any:
    """Numbers as people read them: whole, unless they are small."""
    match value:
        case Phrase():
            return value.shown()
        case Titled():
            return {"text": dict(value.text)}
        case float():
            number = round(value) if abs(value) >= 10 else round(value, 1)
            return int(number) if number == int(number) else number
    return value
