"""The key by which push services know who sends (VAPID, RFC 8292): made once, kept in the data folder, never shown."""

from __future__ import annotations

import base64
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from kampung_contract.errors import ConfigurationError
from py_vapid import Vapid02

from kampung_cloud.lasting import first

FILE = "vapid.pem"
LIFE_S = 12 * 3_600
"""A day at most (RFC 8292, 2)."""


class Vapid:
    """Raises ``ConfigurationError`` for a key file that cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        file = folder / FILE
        try:
            first(file, _new())
            self._key = Vapid02.from_pem(file.read_bytes())
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no private key"
            raise ConfigurationError(f"{file}: {why}; remove it to make a new key, every browser must then subscribe anew") from None

    @property
    def public(self) -> str:
        """As browsers take it: the point, unpadded base64url."""
        point = self._key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def headers(self, origin: str, contact: str) -> dict[str, str]:
        """For a push service at ``origin``."""
        return {"Authorization": self._key.sign({"aud": origin, "sub": contact, "exp": int(time.time()) + LIFE_S})["Authorization"]}


def _new() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
