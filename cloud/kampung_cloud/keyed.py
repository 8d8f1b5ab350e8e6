"""Telephone numbers and people, kept only as keyed hashes, enough to know somebody again and not to call him."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from kampung_contract.errors import StorageUnavailable

from kampung_cloud.lasting import first
from kampung_cloud.messages.phone import phone as read_phone

KEY_FILE = "hash.key"


class Hashes:
    """By a key in the data folder, made when it is first needed."""

    def __init__(self, data: Path) -> None:
        self._file = data / KEY_FILE

    def phone(self, said: str) -> str:
        """Empty for none. Raises ``InvalidRequest`` for what is no number, and ``StorageUnavailable``."""
        return self.of(read_phone(said)) if said.strip() else ""

    def of(self, text: str) -> str:
        """64 hexadecimal digits."""
        return hmac.new(self._key(), text.encode(), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        try:
            first(self._file, secrets.token_hex(32).encode())
            return bytes.fromhex(self._file.read_text(encoding="ascii"))
        except OSError as error:
            raise StorageUnavailable(f"{self._file}: {error.strerror}; telephone numbers cannot be hashed now") from None
