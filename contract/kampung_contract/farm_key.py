"""The key that lets a farmer's phone speak for his field. Whoever makes it shows it once and keeps its digest."""

from __future__ import annotations

import hashlib
import secrets

from kampung_contract.errors import InvalidRequest

ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
"""Without what is read one for another: B and 8, I and 1, O and 0, S and 5, Z and 2."""
LENGTH = 16
"""25 to the 16th is 74 bits: nobody guesses it, and it can still be typed."""
GROUP = 4


def new_key() -> str:
    """As it is shown: ``ACDE-FGHJ-KMNP-QRTU``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def digest(key: str) -> str:
    """SHA-256 in hexadecimal of a key as somebody typed it. Raises ``InvalidRequest``, which does not repeat it, for what is no key."""
    letters = "".join(c for c in key.upper() if c not in "- \t\u00a0")
    if len(letters) != LENGTH or any(c not in ALPHABET for c in letters):
        raise InvalidRequest(f"key: expected {LENGTH} letters and digits of {ALPHABET}, as they stand on the farmer's paper")
    return hashlib.sha256(letters.encode()).hexdigest()
