"""The reference of a request: what the receipt shows and the resident reads out. Not a letter's number, and no secret.

A kiosk makes it without a line, so it is random: ``K7M3-9QXR`` has 35 bits and a letter that finds most slips of the pen.
"""

from __future__ import annotations

import secrets

from kampung_contract.errors import InvalidRequest

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which people read for one another."""
LENGTH = 8


def new() -> str:
    """A reference that was never given, but for a chance in 34 thousand million."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return shown(body + check_letter(body))


def parse(text: str) -> str:
    """As it is kept. Small letters, spaces and a missing dash are forgiven. Raises ``InvalidRequest``."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    if len(plain) != LENGTH or any(c not in ALPHABET for c in plain):
        raise InvalidRequest(f"{text[:24]!r} bukan nomor permohonan; tulis delapan huruf pada tanda terima, seperti K7M3-9QXR")
    if check_letter(plain[:-1]) != plain[-1]:
        raise InvalidRequest(f"{text[:24]!r}: ada huruf yang salah; lihat lagi tanda terima")
    return shown(plain)


def shown(plain: str) -> str:
    """In two groups of four."""
    return f"{plain[:4]}-{plain[4:]}"


def check_letter(body: str) -> str:
    """By weighted sum modulo 31: one changed letter (but for 2 read as Z), or two neighbours changed about, change it."""
    total = sum((at + 2) * ALPHABET.index(c) for at, c in enumerate(body))
    return ALPHABET[total % 31]
