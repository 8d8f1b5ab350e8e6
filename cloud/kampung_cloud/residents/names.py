"""Names as people write them and as they are found again.

A name is one text: many have one word, and there is no first or last. For search its words are folded, so that Soetomo is found as Sutomo
and Mochammad as Muhamad: the spelling before 1947 (oe) and 1972 (dj, tj, sj, ch) as today's (EYD), letters that are written either way as
one, double letters once.
"""

from __future__ import annotations

import re

from anyascii import anyascii
from kampung_contract.errors import InvalidRequest

MOST = 100
TOKEN = 40
FOLDS = (
    ("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "s"), ("sy", "s"), ("sh", "s"), ("kh", "h"), ("ch", "h"), ("gh", "g"), ("dh", "d"),
    ("th", "t"), ("bh", "b"), ("ph", "f"), ("v", "f"), ("q", "k"), ("x", "ks"), ("z", "s"), ("y", "i"), ("j", "i"), ("o", "u"), ("w", "u"),
)  # fmt: skip
"""In this order. Sources: Ejaan Republik 1947 and EYD 1972 for the first four and ch; the rest are pairs that registers mix."""


def name(text: str) -> str:
    """A name for the register. Raises ``InvalidRequest`` for one that is empty, too long or holds signs that cannot be printed."""
    found = " ".join(text.split())
    if not found or len(found) > MOST or not found.isprintable() or not any(sign.isalpha() for sign in found):
        raise InvalidRequest(f"name = {text[:40]!r}: expected 1 to {MOST} characters with a letter among them; one word is a name, too")
    return found


def tokens(text: str) -> list[str]:
    """Folded words, each once; a single letter only where there is nothing else."""
    found = list(dict.fromkeys(fold(word) for word in re.findall(r"[a-z]+", anyascii(text).lower().replace("'", "").replace("`", ""))))
    longer = [token for token in found if len(token) > 1]
    return longer or found


def fold(word: str) -> str:
    """One word in small letters a to z."""
    for old, new in FOLDS:
        word = word.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", word)[:TOKEN]
