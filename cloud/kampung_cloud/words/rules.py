"""What is wrong with the texts of rules, for the one who writes them: they are used all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kampung_contract.alarm import fill, words_for
from kampung_contract.episode import Episode
from kampung_contract.quantities import quantity
from kampung_contract.rules import Rule

from kampung_cloud.words.book import books
from kampung_cloud.words.gsm import MOST, places, plain
from kampung_cloud.words.sentences import parted


def doubts(rules: Iterable[Rule]) -> tuple[str, ...]:
    """A sentence for each, with rule, key, what is wrong and the remedy."""
    return tuple(f"rule {rule.id!r}: {doubt}" for rule in rules for doubt in (*_languages(rule), *_messages(rule)))


def _languages(rule: Rule) -> Iterator[str]:
    for language in sorted({*rule.title, *rule.message}):
        if language not in books():
            yield f"language {language!r} has no message file and nobody can choose it; use one of {', '.join(books())}"
        elif language not in rule.title or language not in rule.message:
            has, lacks = ("title", "message") if language in rule.title else ("message", "title")
            yield f"{has}.{language} stands without {lacks}.{language}, which is then said in Indonesian; add it"


def _messages(rule: Rule) -> Iterator[str]:
    for language, message in sorted(rule.message.items()):
        if language not in books():
            continue
        if not parted(message, language)[1]:
            yield f"message.{language} does not say what to do; add a sentence such as 'Jauhi tepi kali.', else a general one is added"
        taken, said = longest(rule, message, language)
        if taken > MOST:
            yield (
                f"message.{language} takes {taken} places once filled in, an SMS has {MOST}; shorten it, else an SMS leaves some of it "
                f"out: {said!r}"
            )


def longest(rule: Rule, message: str, language: str) -> tuple[int, str]:
    """Places that ``message`` takes with the longest value its quantity can have, and how it then reads."""
    filled = []
    for leaf in rule.leaves:
        known = quantity(leaf.quantity)
        for value in (known.low, known.high) if known else (0.0,):
            episode = Episode(0, None, value, f"-.-.{leaf.quantity}", value, 0)
            filled.append(plain(fill(message, words_for(rule, leaf.quantity, episode, language))))
    return max((places(said), said) for said in filled)
