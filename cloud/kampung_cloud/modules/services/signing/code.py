"""The code on a letter: ``SK1:`` and, in base45 (RFC 9285), a COSE_Sign1 over what the letter says of itself.

It is not deflated as health certificates are: a signature does not shrink, and a deflated stream has bits that mean nothing, so that
a changed one would go unseen. No NIK, no KK and no address: number, service, village, days, the name as printed, and a digest of the
letter's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kampung_cloud.modules.services.signing.cose import NotSigned, sign, verify
from kampung_cloud.modules.services.signing.keys import PublicKeys

PREFIX = "SK1:"
MOST = 4296
"""Characters of the largest QR code; anything longer was never one."""
EPOCH = date(2020, 1, 1)
DIGEST = 16
FIELDS = {1: "letter", 2: "village", 3: "number", 4: "service", 5: "day", 6: "until", 7: "name", 8: "digest"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a letter says of itself. ``digest``: 16 bytes of the SHA-256 of its words; ``until`` is the last day on which it holds."""

    letter: str
    village: str
    number: str
    service: str
    day: date
    until: date | None
    name: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """A claim whose signature fits, by the key ``kid`` of ``owner``."""

    claim: Claim
    kid: str
    owner: str


def encode(claim: Claim, key: Ed25519PrivateKey, kid: bytes) -> str:
    """Text of QR's alphanumeric characters."""
    plain = {
        1: claim.letter,
        2: claim.village,
        3: claim.number,
        4: claim.service,
        5: (claim.day - EPOCH).days,
        6: None if claim.until is None else (claim.until - EPOCH).days,
        7: claim.name,
        8: claim.digest,
    }
    text: str = base45.b45encode(sign(cbor2.dumps(plain, canonical=True), key, kid)).decode()
    return PREFIX + text


def decode(text: str, keys: PublicKeys) -> Verified:
    """Raises ``NotSigned`` with the reason in words for whoever holds the letter."""
    text = text.strip("\r\n\t")
    if not text.startswith(PREFIX):
        raise NotSigned(f"kode ini bukan kode surat desa; kode surat dimulai dengan {PREFIX}")
    if len(text) > MOST:
        raise NotSigned(f"kode {len(text):,} huruf, terlalu panjang untuk kode QR; pindai sekali lagi")
    try:
        signed = base45.b45decode(text[len(PREFIX) :])
        if base45.b45encode(signed).decode() != text[len(PREFIX) :]:
            raise ValueError("not as it was written")
    except ValueError:
        raise NotSigned("kode rusak atau terpotong; pindai sekali lagi, lebih dekat dan lebih terang") from None
    payload, kid = verify(signed, keys.key)
    return Verified(_claim(payload), kid.hex(), keys.owner(kid))


def _claim(payload: bytes) -> Claim:
    try:
        plain = cbor2.loads(payload)
        days = {n: None if plain[n] is None else EPOCH + timedelta(days=plain[n]) for n in (5, 6)}
        assert set(plain) == set(FIELDS) and days[5] is not None and isinstance(plain[8], bytes)
        return Claim(str(plain[1]), str(plain[2]), str(plain[3]), str(plain[4]), days[5], days[6], str(plain[7]), plain[8])
    except Exception as error:  # noqa: BLE001  # as in cose.py
        raise NotSigned(f"signed, and not a letter: {type(error).__name__}") from None
