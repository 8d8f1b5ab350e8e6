"""How far each language is: what it says itself, and what a native speaker has read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kampung_cloud.words.book import FALLBACK, Book, books
from kampung_cloud.words.gsm import places
from kampung_cloud.words.schema import shortest


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of what is said of alarms and by modules. ``strings`` there are, ``own`` of them said in the language (the rest in Indonesian),
    ``reviewed`` read by a native speaker.

    ``places`` of an SMS are taken by the longest message of an alarm when all that may go has gone.
    """

    language: str
    name: str
    speech: str
    strings: int
    own: int
    reviewed: int
    places: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A string with the Indonesian it stands for; ``text`` is None where Indonesian is said. ``by``: who read it, and when."""

    key: str
    indonesian: str
    text: str | None
    reviewed: bool
    by: str


Shelves = Mapping[str, Mapping[str, Book]]
"""Message files of modules, by module and language."""


def coverage(shelves: Shelves) -> tuple[Coverage, ...]:
    """Every language, Indonesian first."""
    reference = books()[FALLBACK].strings
    return tuple(
        _coverage(book, [own[book.language] for own in shelves.values() if book.language in own], reference, shelves)
        for book in books().values()
    )


def _coverage(book: Book, more: list[Book], reference: Mapping[str, str], shelves: Shelves) -> Coverage:
    every = [book, *more]
    return Coverage(
        language=book.language,
        name=book.name,
        speech=book.speech,
        strings=len(reference) + sum(len(own[FALLBACK].strings) for own in shelves.values()),
        own=sum(len(each.strings) for each in every),
        reviewed=sum(sum(map(each.reviewed, each.strings)) for each in every),
        places=places(shortest(book.strings, None if book.language == FALLBACK else reference)),
    )


def sentences(book: Book, shelves: Shelves) -> tuple[Sentence, ...]:
    """Every string of a language, as a reviewer reads it; those of a module under its name: ``farming.water.now``."""
    found = list(_sentences(book, books()[FALLBACK], ""))
    for module, own in shelves.items():
        empty = Book(book.language, book.name, book.speech, False, {}, {}, frozenset(), frozenset())
        found += _sentences(own.get(book.language, empty), own[FALLBACK], f"{module}.")
    return tuple(found)


def _sentences(book: Book, reference: Book, before: str) -> Iterator[Sentence]:
    for key, said in reference.strings.items():
        known = key in book.strings and book.reviewed(key)
        yield Sentence(before + key, said, book.strings.get(key), known, book.checked.get(key, ""))
