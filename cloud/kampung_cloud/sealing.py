"""Fields that name people, sealed: AES-256-GCM with keys that stand beside the database, never in it, and keyed hashes to look them up by.

``keys/records.json`` in the data folder (mode 0600) holds the keys; a backup of the database without it tells nobody's NIK. A sealed field
says which key it needs, so that a new key is taken at once and old fields are sealed anew while everything runs (invariant 8).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kampung_contract.errors import ConfigurationError, KampungError

from kampung_cloud import lasting

FORM, ID, NONCE, BITS = 1, 4, 12, 256


class Unreadable(KampungError):
    """A sealed field that was changed, was moved from another row, or needs a key that is not in the ring."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class Key:
    """``id``: 4 bytes; ``since``: ms UTC."""

    id: bytes
    secret: bytes
    since: int


class Keyring:
    """Keys of one installation. ``seal`` takes the newest; methods may be called by any thread."""

    def __init__(self, file: Path, keys: tuple[Key, ...], lookup: bytes) -> None:
        self._file = file
        self._lookup = lookup
        self._seen = _state(file)
        self._hold(keys)

    @classmethod
    def open_at(cls, folder: Path, now: int) -> Keyring:
        """The ring in ``folder``/keys, made at first use; two processes agree on the first. Raises ``ConfigurationError``."""
        file = folder / "keys" / "records.json"
        if not file.exists():
            lasting.folder(file.parent, 0o700)
            lasting.first(file, _text((_key(now),), secrets.token_bytes(32)))
        return cls(file, *_read(file))

    def seal(self, plain: bytes, context: str) -> bytes:
        """``context`` names table and row: a sealed field that is put elsewhere does not open."""
        self._follow()
        nonce = secrets.token_bytes(NONCE)
        head = bytes([FORM]) + self._newest.id
        return head + nonce + AESGCM(self._newest.secret).encrypt(nonce, plain, head + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises ``Unreadable``."""
        head, nonce, rest = sealed[: 1 + ID], sealed[1 + ID : 1 + ID + NONCE], sealed[1 + ID + NONCE :]
        key = self._keys.get(head[1:]) or self._follow().get(head[1:])
        if head[:1] != bytes([FORM]) or key is None:
            raise Unreadable(
                f"{context}: sealed with key {head[1:].hex()}, which {self._file.name} does not hold; put the file back from its safe place"
            )
        try:
            return AESGCM(key.secret).decrypt(nonce, rest, head + context.encode())
        except (InvalidTag, ValueError):
            raise Unreadable(f"{context}: the sealed field was changed, or belongs to another row; restore it from a backup") from None

    def stale(self, sealed: bytes) -> bool:
        """Whether it is sealed with an older key than the newest."""
        self._follow()
        return sealed[1 : 1 + ID] != self._newest.id

    def holds(self, sealed: bytes) -> bool:
        """Whether the key that sealed it is here."""
        return sealed[1 : 1 + ID] in self._follow()

    @property
    def head(self) -> bytes:
        """What everything begins with that is sealed now."""
        self._follow()
        return bytes([FORM]) + self._newest.id

    @property
    def since(self) -> int:
        """When the newest key was made, ms UTC."""
        return self._newest.since

    @property
    def count(self) -> int:
        """How many keys there are."""
        return len(self._follow())

    def lookup(self, kind: str, value: str) -> bytes:
        """A keyed hash, 16 bytes: equal values of one kind, as ``nik``, are found without being readable."""
        return hmac.digest(self._lookup, f"{kind}\0{value}".encode(), hashlib.sha256)[:16]

    def rotated(self, now: int) -> Keyring:
        """The ring with a new key, already on disk; fields sealed before still open. Raises ``ConfigurationError``."""
        keys, lookup = _read(self._file)
        ring = (*keys, _key(max(now, *(k.since + 1 for k in keys))))
        lasting.put(self._file, _text(ring, lookup), mode=0o600)
        return Keyring(self._file, ring, lookup)

    def without_old(self) -> Keyring:
        """The ring with its newest key alone, on disk too: only once nothing is stale any more."""
        lasting.put(self._file, _text((self._newest,), self._lookup), mode=0o600)
        return Keyring(self._file, (self._newest,), self._lookup)

    def _follow(self) -> Mapping[bytes, Key]:
        """Another process may have made a key: this one seals with it from then on, and opens what is sealed with it."""
        state = _state(self._file)
        if state != self._seen:
            keys, _ = _read(self._file)
            self._hold(keys)
            self._seen = state
        return self._keys

    def _hold(self, keys: tuple[Key, ...]) -> None:
        self._keys: Mapping[bytes, Key] = {k.id: k for k in keys}
        self._newest = max(keys, key=lambda k: k.since)


def _state(file: Path) -> tuple[int, int, int]:
    """What tells that a file was replaced; zeros where it is gone for now."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def _key(now: int) -> Key:
    return Key(secrets.token_bytes(ID), AESGCM.generate_key(BITS), now)


def _text(keys: tuple[Key, ...], lookup: bytes) -> bytes:
    rows = [{"id": k.id.hex(), "key": base64.b64encode(k.secret).decode(), "since": k.since} for k in keys]
    return json.dumps({"keys": rows, "lookup": base64.b64encode(lookup).decode()}, indent=1).encode()


def _read(file: Path) -> tuple[tuple[Key, ...], bytes]:
    try:
        found = json.loads(file.read_text())
        keys = tuple(Key(bytes.fromhex(k["id"]), base64.b64decode(k["key"], validate=True), int(k["since"])) for k in found["keys"])
        lookup = base64.b64decode(found["lookup"], validate=True)
        if not keys or len(lookup) != 32 or any(len(k.id) != ID or len(k.secret) * 8 != BITS for k in keys):
            raise ValueError("a key has another length")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{file}: {error}; put the file back from its safe place, without it nobody's data can be read") from None
    return keys, lookup
