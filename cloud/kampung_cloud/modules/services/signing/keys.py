"""Signing keys of villages: Ed25519, one in use and the older ones for what they signed. Private ones never leave the data folder.

``keys/letters/VILLAGE/KID.pem`` (mode 0600, PKCS 8) is the key; ``KID.json`` says since when it signs, and from when on it is not trusted.
The newest key signs; each older one did until the next began. So there is one key in use wherever a change of keys was cut off.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from kampung_contract.errors import ConfigurationError, InvalidRequest, NotFound

from kampung_cloud.lasting import put

KID = 8


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Times in ms UTC. ``until`` is None for the key in use. ``compromised``: from then on somebody else may have signed with it."""

    kid: bytes
    village: str
    raw: bytes
    since: int
    until: int | None
    compromised: int | None = None

    def shown(self) -> dict[str, object]:
        """As it is published."""
        return {
            "kid": self.kid.hex(), "village": self.village, "key": self.raw.hex(), "since": self.since, "until": self.until,
            "compromised": self.compromised,
        }  # fmt: skip


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
                None if r.get("compromised") is None else int(str(r["compromised"])),
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

    def compromised(self, kid: bytes) -> int | None:
        """From when on (ms UTC) what it signed is not trusted; None for a key that was kept well."""
        return self._keys[kid].compromised

    def rows(self) -> list[dict[str, object]]:
        """As they are published, the newest first."""
        return [k.shown() for k in sorted(self._keys.values(), key=lambda k: (-k.since, k.kid))]


class SigningKeys:
    """Of one installation. ``now`` in ms UTC is given with each change; methods may be called by any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def signing(self, village: str, now: int) -> tuple[Ed25519PrivateKey, bytes]:
        """The key in use, made when there is none. Raises ``ConfigurationError``."""
        used = self._used(village)
        if used is None:
            with self._held(village):
                used = self._used(village) or self._fresh(village, now)
        return self._private(village, used.kid), used.kid

    def rotate(self, village: str, now: int) -> PublicKey:
        """A new key, from now on; the one before goes on proving what it signed."""
        with self._held(village):
            return self._fresh(village, now)

    def compromise(self, village: str, kid: bytes, since: int, now: int) -> PublicKey:
        """What ``kid`` signs from ``since`` on (ms UTC) is not trusted any more; where it is in use, a new key signs first.

        Called again after it was cut off, it goes on. An earlier time stays. Raises ``NotFound``, ``InvalidRequest`` for a time to come.
        """
        if since > now:
            raise InvalidRequest(
                "the time from which the key is not trusted is still to come; name when it got out, or leave it out for now"
            )
        with self._held(village):
            found = next((k for k in self._of(village) if k.kid == kid), None)
            if found is None:
                raise NotFound(f"{village} has no signing key {kid.hex()}; 'kampung-cloud letters keys list' names them")
            if found.until is None:
                self._fresh(village, now)
            marked = replace(found, compromised=since if found.compromised is None else min(found.compromised, since))
            put(self._folder / village / f"{kid.hex()}.json", json.dumps(marked.shown()).encode(), mode=0o600)
        return next(k for k in self._of(village) if k.kid == kid)

    def of(self, village: str) -> list[PublicKey]:
        """A village's, the newest first."""
        return self._of(village)[::-1]

    def public(self) -> PublicKeys:
        """Those of all villages."""
        villages = [p.name for p in self._folder.iterdir() if p.is_dir()] if self._folder.is_dir() else []
        return PublicKeys({k.kid: k for v in villages for k in self._of(v)})

    def _used(self, village: str) -> PublicKey | None:
        return next((k for k in self._of(village) if k.until is None), None)

    def _fresh(self, village: str, now: int) -> PublicKey:
        at = self._folder / village
        before = self._of(village)
        private = Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        new = PublicKey(hashlib.sha256(raw).digest()[:KID], village, raw, max(now, before[-1].since + 1) if before else now, None)
        pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        put(at / f"{new.kid.hex()}.pem", pem, mode=0o600)
        put(at / f"{new.kid.hex()}.json", json.dumps(new.shown()).encode(), mode=0o600)  # from here on the new one signs
        return new

    @contextmanager
    def _held(self, village: str) -> Iterator[None]:
        """One change of a village's keys at a time, whatever process makes it."""
        at = self._folder / village
        at.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(at / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _of(self, village: str) -> list[PublicKey]:
        """The oldest first; each signed until the next one began, whatever its file says."""
        at = self._folder / village
        try:
            rows = [json.loads(p.read_text()) for p in sorted(at.glob("*.json"))]
            found = sorted((k for k in PublicKeys.read(rows)._keys.values() if k.village == village), key=lambda k: (k.since, k.kid))
        except (OSError, ValueError, KeyError) as error:
            raise ConfigurationError(f"signing keys of {village} in {at}: {error}; restore the folder from the backup") from None
        return [replace(k, until=found[n + 1].since if n + 1 < len(found) else None) for n, k in enumerate(found)]

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
