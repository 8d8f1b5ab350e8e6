"""Signing keys of villages: Ed25519, one in use and the older ones for what they signed. Private ones never leave the data folder.

``keys/letters/VILLAGE/KID.pem`` (mode 0600, PKCS 8) is the key; ``KID.json`` says since when it signs and until when it did.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from kampung_contract.errors import ConfigurationError

KID = 8


@dataclass(frozen=True, slots=True)
class PublicKey:
    """``since`` and ``until`` in ms UTC; ``until`` is None for the key in use."""

    kid: bytes
    village: str
    raw: bytes
    since: int
    until: int | None

    def shown(self) -> dict[str, object]:
        """As it is published."""
        return {"kid": self.kid.hex(), "village": self.village, "key": self.raw.hex(), "since": self.since, "until": self.until}


class PublicKeys:
    """What is needed to check codes: nothing secret."""

    def __init__(self, keys: Mapping[bytes, PublicKey]) -> None:
        self._keys = dict(keys)

    @classmethod
    def read(cls, rows: list[dict[str, object]]) -> PublicKeys:
        """Out of what was published. Raises ``ValueError``."""
        found = [
            PublicKey(
                bytes.fromhex(str(r["kid"])),
                str(r["village"]),
                bytes.fromhex(str(r["key"])),
                int(str(r["since"])),
                None if r["until"] is None else int(str(r["until"])),
            )
            for r in rows
        ]
        return cls({k.kid: k for k in found})

    def key(self, kid: bytes) -> Ed25519PublicKey | None:
        """None for a key nobody has published."""
        found = self._keys.get(kid)
        return None if found is None else Ed25519PublicKey.from_public_bytes(found.raw)

    def owner(self, kid: bytes) -> str:
        """The village's code."""
        return self._keys[kid].village

    def rows(self) -> list[dict[str, object]]:
        """As they are published, the newest first."""
        return [k.shown() for k in sorted(self._keys.values(), key=lambda k: (-k.since, k.kid))]


class SigningKeys:
    """Of one installation. ``now`` in ms UTC is given with each change; methods may be called by any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def signing(self, village: str, now: int) -> tuple[Ed25519PrivateKey, bytes]:
        """The key in use, made when there is none. Raises ``ConfigurationError``."""
        used = [k for k in self._of(village) if k.until is None]
        kid = max(used, key=lambda k: k.since).kid if used else self.rotate(village, now).kid
        return self._private(village, kid), kid

    def rotate(self, village: str, now: int) -> PublicKey:
        """A new key, from now on; the one before goes on proving what it signed."""
        at = self._folder / village
        at.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        kid = hashlib.sha256(raw).digest()[:KID]
        before = [k for k in self._of(village) if k.until is None]
        pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _write(at / f"{kid.hex()}.pem", pem)
        new = PublicKey(kid, village, raw, now, None)
        _write(at / f"{kid.hex()}.json", json.dumps(new.shown()).encode())  # from here on the new one signs
        for old in before:
            _write(at / f"{old.kid.hex()}.json", json.dumps({**old.shown(), "until": now}).encode())
        return new

    def public(self) -> PublicKeys:
        """Those of all villages."""
        villages = [p.name for p in self._folder.iterdir() if p.is_dir()] if self._folder.is_dir() else []
        return PublicKeys({k.kid: k for v in villages for k in self._of(v)})

    def _of(self, village: str) -> list[PublicKey]:
        at = self._folder / village
        try:
            rows = [json.loads(p.read_text()) for p in sorted(at.glob("*.json"))]
            return [k for k in (PublicKeys.read(rows)._keys.values()) if k.village == village]
        except (OSError, ValueError, KeyError) as error:
            raise ConfigurationError(f"signing keys of {village} in {at}: {error}; restore the folder from the backup") from None

    def _private(self, village: str, kid: bytes) -> Ed25519PrivateKey:
        path = self._folder / village / f"{kid.hex()}.pem"
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"signing key {path.name} of {village}: {error}; restore it from the backup, or rotate the village's keys"
            ) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigurationError(f"signing key {path.name} of {village} is no Ed25519 key; rotate the village's keys")
        return key


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, mode 0600."""
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
