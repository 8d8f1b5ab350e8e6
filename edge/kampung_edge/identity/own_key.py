"""The kiosk's own key: what the regency seals for this kiosk, nobody else opens."""

from __future__ import annotations

from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from kampung_contract.errors import KampungError

from kampung_edge import whole_file

log = structlog.get_logger("identity")

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
"""HPKE (RFC 9180), base mode."""


class NotForUs(KampungError):
    """What was sealed for another kiosk, or for a key that this one no longer has."""

    code = "not_for_us"


class OwnKey:
    """In a file of the data folder, made at first use. A damaged one is replaced: the regency then seals anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = self._read()

    @property
    def public(self) -> bytes:
        """X25519, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def open(self, sealed: bytes, info: str) -> bytes:
        """Raises ``NotForUs``."""
        try:
            return SUITE.decrypt(sealed, self._key, info=info.encode())
        except (InvalidTag, ValueError):
            raise NotForUs(f"{info}: sealed for another key than this kiosk's") from None

    def _read(self) -> X25519PrivateKey:
        try:
            return X25519PrivateKey.from_private_bytes(self._path.read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            log.warning("kiosk_key.unread", file=self._path.name, reason=str(error))
        key = X25519PrivateKey.generate()
        try:
            whole_file.replace(self._path, key.private_bytes_raw(), mode=0o600)
        except OSError as error:
            log.warning("kiosk_key.unwritten", reason=str(error))  # it holds until the program ends; then another is told
        return key
