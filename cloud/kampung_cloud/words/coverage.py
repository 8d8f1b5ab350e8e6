"""How far each language is: what it says itself, and what a native speaker has read."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_cloud.words.book import FALLBACK, Book, books
from kampung_cloud.words.gsm import places
from kampung_cloud.words.schema import shortest


@dataclass(frozen=True, slots=True)
class Coverage:
    """``strings`` there are, ``own`` of them said in the language (the rest in Indonesian), ``reviewed`` read by a native speaker.

    ``places`` of an SMS are taken by the longest message when all that may go has gone.
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


def coverage() -> tuple[Coverage, ...]:
    """Every language, Indonesian first."""
    reference = books()[FALLBACK].strings
    return tuple(
        Coverage(
            language=book.language,
            name=book.name,
            speech=book.speech,
            strings=len(reference),
            own=len(book.strings),
            reviewed=sum(map(book.reviewed, book.strings)),
            places=places(shortest(book.strings, None if book.language == FALLBACK else reference)),
        )
        for book in books().values()
    )


def sentences(book: Book) -> tuple[Sentence, ...]:
    """Every string of a language, as a reviewer reads it."""
    reference = books()[FALLBACK].strings
    return tuple(
        Sentence(key, said, book.strings.get(key), key in book.strings and book.reviewed(key), book.checked.get(key, ""))
        for key, said in reference.items()
    )
