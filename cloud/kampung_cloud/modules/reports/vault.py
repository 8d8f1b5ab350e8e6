"""A reporter's contact, encrypted: the database alone does not tell who wrote. The key is a file beside it, not in it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kampung_contract.errors import ConfigurationError, KampungError

FILE = "reports.key"
NONCE = 12


class Vault:
    """AES-256-GCM; the report's digest is bound in, so that a contact cannot be moved to another report."""

    def __init__(self, folder: Path) -> None:
        """Reads the key, made at first use. Raises ``ConfigurationError`` for a file that holds none."""
        path = folder / FILE
        if not path.exists():
            _make(path)
        key = path.read_bytes()
        if len(key) != 32:
            raise ConfigurationError(f"{path} holds {len(key)} bytes, a key has 32; put the file back from a safe place")
        self._cipher = AESGCM(key)

    def lock(self, text: str, bound: str) -> bytes:
        """Encrypted, with its nonce before it."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), bound.encode())

    def open(self, sealed: bytes, bound: str) -> str:
        """What was locked. Raises ``KampungError`` with another key or for bytes that were changed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound.encode()).decode()
        except InvalidTag:
            raise KampungError(f"the contact was locked with another key than {FILE} holds, or was changed", code="conflict") from None


def _make(path: Path) -> None:
    """Whole or not at all, for its owner alone; two processes agree on the first."""
    part = path.with_name(f".{FILE}.{os.getpid()}")
    part.touch(mode=0o600)
    part.write_bytes(AESGCM.generate_key(256))
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
