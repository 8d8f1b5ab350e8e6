"""Which sentences of a rule's message say what is, and which say what to do."""

from __future__ import annotations

import re

from kampung_cloud.words.book import FALLBACK, Book, books

_END = re.compile(r"(?<=[.!?;])\s+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def sentences(text: str) -> tuple[str, ...]:
    """``text`` at the ends of its sentences; a number such as 09.41 is none."""
    return tuple(part.strip() for part in _END.split(text) if part.strip())


def instructs(sentence: str, language: str) -> bool:
    """Whether it says what to do: it begins with such a word, or has one of the few that always mean it."""
    words = [word.casefold() for word in _WORD.findall(sentence)]
    return any(bool(words) and (words[0] in book.begins or not book.anywhere.isdisjoint(words)) for book in _of(language))


def parted(text: str, language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is, and what to do."""
    said = sentences(text)
    return tuple(s for s in said if not instructs(s, language)), tuple(s for s in said if instructs(s, language))


def _of(language: str) -> tuple[Book, ...]:
    """Indonesian words count in every language: people mix them."""
    known = books()
    return (known[language], known[FALLBACK]) if language in known and language != FALLBACK else (known[FALLBACK],)
