"""The short code of a tree: eight letters and figures on its tag, of which the last is a check. It says nothing about a person.

The alphabet is Crockford's base 32 (no I, L, O, U), since the code is read aloud and written by hand; the check is Luhn's for 32
letters (ISO/IEC 7812-1 generalised), which finds every single wrong letter and nearly every swap of two.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from kampung_contract.errors import InvalidRequest

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code(pick: Callable[[int], int] = secrets.randbelow) -> str:
    """A code that nobody has chosen: 2^35 of them."""
    body = "".join(ALPHABET[pick(32)] for _ in range(LENGTH - 1))
    return body + _check(body)


def parse_code(text: str) -> str:
    """The code in what somebody typed: small letters, spaces and dashes are let pass, O is 0, I and L are 1. Raises ``InvalidRequest``."""
    found = "".join(c for c in text.upper() if c not in " -\u00a0").translate(_ALIKE)
    if len(found) != LENGTH or any(c not in ALPHABET for c in found):
        raise InvalidRequest(f"code {text[:40]!r}: expected the {LENGTH} letters and figures on the tree's tag, as {example()}")
    if _check(found[:-1]) != found[-1]:
        raise InvalidRequest(f"code {text[:40]!r}: one letter of it is wrong; read the tree's tag again")
    return found


def shown(code: str) -> str:
    """In two halves, as it is printed."""
    return f"{code[:4]}-{code[4:]}"


def example() -> str:
    """One that is right."""
    return shown("K7QM2X9" + _check("K7QM2X9"))


def _check(body: str) -> str:
    total = 0
    for place, letter in enumerate(reversed(body)):
        value = ALPHABET.index(letter) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]
