"""Passwords: argon2id with 19 MiB, two passes, one lane (OWASP's Password Storage Cheat Sheet), and which are taken at all."""

from __future__ import annotations

import threading
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from kampung_contract.errors import KampungError

SHORTEST, LONGEST = 10, 200
"""Characters. Length is what counts (NIST SP 800-63B, 5.1.1.2): no rules about digits or signs."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
MEMORY = threading.BoundedSemaphore(2)
"""Many that log in at once wait their turn instead of taking the machine's memory and both of its cores."""


class WeakPassword(KampungError):
    """A password that is not taken; the message never holds it."""

    code = "weak_password"


def check(password: str, account: str) -> None:
    """Raise ``WeakPassword``."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"a password of {len(password)} characters; choose one of {SHORTEST} to {LONGEST}, such as four words")
    plain = password.casefold()
    if plain in _common() or plain.replace(account, "").strip("0123456789!.-_ ") == "" or len(set(plain)) < 4:
        raise WeakPassword("this password is among the first that anybody would try; choose another, such as four words")


def hashed(password: str) -> str:
    """For the records."""
    with MEMORY:
        return _hasher.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password. Without an account it takes as long, so that nobody learns from it which accounts there are."""
    with MEMORY:
        try:
            return _hasher.verify(kept or _nobody(), password[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """Whether today's parameters are others than those it was hashed with."""
    return _hasher.check_needs_rehash(kept)


@cache
def _common() -> frozenset[str]:
    """Refused whatever their length: what is tried first here."""
    return frozenset(files("kampung_cloud").joinpath("access", "common_passwords.txt").read_text(encoding="utf-8").split())


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
