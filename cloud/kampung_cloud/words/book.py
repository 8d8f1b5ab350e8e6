"""Message files: one a language, checked when they are read, each string with Indonesian to fall back to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kampung_contract.errors import ConfigurationError

from kampung_cloud.words import schema

FALLBACK = "id"
Check = Callable[[Mapping[str, str], Mapping[str, str] | None], None]
"""Of strings, and Indonesian's (None for itself); raises ``ValueError`` naming key, value and remedy."""
_NAME = re.compile(r"\{(\w+)\}")


class InvalidWords(ConfigurationError):
    """A message file that cannot be used; the message names file, key, value and remedy."""

    code = "invalid_words"


@dataclass(frozen=True, slots=True)
class Book:
    """A language's strings by ``table.key``. ``checked`` are those that a native speaker has read; ``whole``: every one of them.

    ``begins`` and ``anywhere`` are the words by which a sentence is known to say what to do.
    """

    language: str
    name: str
    speech: str
    whole: bool
    strings: Mapping[str, str]
    checked: Mapping[str, str]
    begins: frozenset[str]
    anywhere: frozenset[str]

    def reviewed(self, key: str) -> bool:
        """Whether somebody who speaks it has read that string."""
        return self.whole or key in self.checked


def placeholders(text: str) -> set[str]:
    """The names that ``text`` has in braces."""
    return set(_NAME.findall(text))


def filled(text: str, values: Mapping[str, object]) -> str:
    """``text`` with its names filled in, all at once: a value that looks like a name stays what it is."""
    return _NAME.sub(lambda found: str(values.get(found[1], found[0])), text)


def books() -> Mapping[str, Book]:
    """What is said of alarms: all languages, Indonesian first. Raises ``InvalidWords``."""
    return shelf("kampung_cloud.words", schema.check)


@cache
def shelf(package: str, check: Check) -> Mapping[str, Book]:
    """The message files in ``package``'s folder ``messages``: all languages, Indonesian first. Raises ``InvalidWords``."""
    folder = files(package).joinpath("messages")
    texts = {entry.name.removesuffix(".toml"): entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    place = f"{package.removeprefix('kampung_cloud.').replace('.', '/')}/messages"
    reference = parse(FALLBACK, texts.pop(FALLBACK), None, check, place)
    return {FALLBACK: reference} | {language: parse(language, texts[language], reference, check, place) for language in sorted(texts)}


def parse(language: str, text: str, reference: Book | None, check: Check = schema.check, place: str = "words/messages") -> Book:
    """The file of ``language`` in ``place``; ``reference`` is the Indonesian one, None for itself. Raises ``InvalidWords``."""
    source = f"{place}/{language}.toml"
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidWords(f"{source}: not TOML: {error}") from None
    try:
        book = _book(language, tables)
        check(book.strings, None if reference is None else reference.strings)
    except ValueError as error:
        raise InvalidWords(f"{source}: {error}") from None
    return book


def _book(language: str, tables: dict[str, Any]) -> Book:
    about, reviewed = tables.pop("about", {}), tables.pop("reviewed", {})
    instruction = tables.pop("instruction", {})
    if not (isinstance(about.get("name"), str) and isinstance(about.get("reviewed"), bool)):
        raise ValueError("about needs name (as its speakers call the language) and reviewed (true once a native speaker has read it all)")  # noqa: TRY004
    strings = {f"{table}.{key}": said for table, own in tables.items() for key, said in _table(table, own).items()}
    lost = sorted(set(reviewed) - set(strings))
    if lost:
        raise ValueError(f"reviewed names {lost[0]!r}, and there is no such string; correct it or remove it")
    return Book(
        language=language,
        name=about["name"],
        speech=str(about.get("speech", "")),
        whole=about["reviewed"],
        strings=strings,
        checked=dict(reviewed),
        begins=frozenset(instruction.get("begins", ())),
        anywhere=frozenset(instruction.get("anywhere", ())),
    )


def _table(table: str, own: Any) -> dict[str, str]:
    if not isinstance(own, dict):
        raise ValueError(f"{table} = {own!r}: expected a table")  # noqa: TRY004 - one kind of error for a wrong file
    for key, said in own.items():
        if not isinstance(said, str):
            raise ValueError(f"{table}.{key} = {said!r}: expected a sentence in quotes")  # noqa: TRY004
    return own


class Voice:
    """Says strings in a language, and remembers whether all it said has been reviewed; of ``known`` message files, else those of alarms."""

    def __init__(self, language: str, known: Mapping[str, Book] | None = None) -> None:
        known = known or books()
        self._fallback = known[FALLBACK]
        self.book = known.get(language) or known.get(language.partition("-")[0]) or self._fallback
        self.language = self.book.language
        self.reviewed = True

    def __call__(self, key: str, **values: object) -> str:
        """The string, in Indonesian where the language lacks it."""
        book = self.book if key in self.book.strings else self._fallback
        self.reviewed &= book.reviewed(key)
        return filled(book.strings[key], values)

    def knows(self, key: str) -> bool:
        """Whether there is such a string."""
        return key in self._fallback.strings

    def own(self, text: Mapping[str, str]) -> str:
        """A rule's text in this language, else in Indonesian, else in whatever it has."""
        return text.get(self.language) or text.get(FALLBACK) or next(iter(text.values()), "")

    def written(self, text: Mapping[str, str]) -> str:
        """The language that ``own`` takes the text from."""
        return self.language if text.get(self.language) else FALLBACK
