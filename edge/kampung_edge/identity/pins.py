"""argon2id of a PIN, as the roll holds it; one at a time, since each takes 19 MiB."""

from __future__ import annotations

import secrets
import threading

from argon2.low_level import Type, hash_secret_raw
from kampung_contract.roll import DIGEST, LANES, MEMORY_KIB, PASSES, SALT

_memory = threading.BoundedSemaphore(1)
NOBODY = bytes(SALT)


def digest(pin: str, salt: bytes) -> bytes:
    """32 bytes."""
    with _memory:
        return hash_secret_raw(pin.encode(), salt, PASSES, MEMORY_KIB, LANES, DIGEST, Type.ID)


def fits(pin: str, salt: bytes, kept: bytes) -> bool:
    """Whether it is the PIN."""
    return secrets.compare_digest(digest(pin, salt), kept)


def new_salt() -> bytes:
    """Random."""
    return secrets.token_bytes(SALT)
