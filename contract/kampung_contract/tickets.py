"""Tickets of what people write without an account: a number to name it by, and a word that only its writer was shown.

Both follow from 128 random bits that the writer's device makes, so they are known at once, link or no link. The regency keeps neither the
bits nor the word, only what the word can be checked by.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from msgspec import Meta

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""
CONSONANTS, VOWELS = "bcdghjklmnprstwy", "aiou"

Id = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


def ticket(prefix: str, name: str) -> str:
    """``LP-7K3M-Q2XA``: the first 40 bits of an id."""
    bits = int(name[:10], 16)
    said = "".join(DIGITS[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"{prefix}-{said[:4]}-{said[4:]}"


def word(name: str) -> str:
    """``buka-timo-sagu``: the next 36 bits, as six syllables that can be said aloud."""
    bits = int(name[10:19], 16)
    said = [CONSONANTS[bits >> shift + 2 & 15] + VOWELS[bits >> shift & 3] for shift in range(30, -1, -6)]
    return "-".join("".join(said[n : n + 2]) for n in (0, 2, 4))


def read_ticket(prefix: str, text: str) -> str | None:
    """A ticket as people type it (``lp 7k3m q2xa``), None where it is none. O is read as 0, I and L as 1."""
    plain = re.sub(r"[^0-9A-Z]", "", text.upper()).removeprefix(prefix).translate(str.maketrans("OIL", "011"))
    return f"{prefix}-{plain[:4]}-{plain[4:]}" if re.fullmatch(f"[{DIGITS}]{{8}}", plain) else None


def read_word(text: str) -> str:
    """A word as people type it, without case, spaces or strokes."""
    return re.sub(r"[^a-z]", "", text.lower())


def shadow(number: str) -> str:
    """What a ticket is called in the village's document, which more than its writer could read: the ticket does not follow from it."""
    return hashlib.sha256(number.encode()).hexdigest()[:24]


def secret(number: str, said: str, *, cost: int = 2**12, length: int = 32) -> bytes:
    """What a ticket's word can be checked by: 36 bits, made slow to try out (scrypt, RFC 7914, r = 8, p = 1, ``cost`` is its N)."""
    return hashlib.scrypt(read_word(said).encode(), salt=number.encode(), n=cost, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=length)
