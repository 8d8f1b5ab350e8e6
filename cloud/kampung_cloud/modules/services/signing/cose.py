"""COSE_Sign1 with Ed25519 (RFC 9052, RFC 9053): the form in which the EU's health certificates carry a signature in a QR code.

Thirty lines over cbor2 and cryptography, since the libraries for COSE ask for an older cbor2 than the wire uses.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TAG, ALGORITHM, KEY_ID, EDDSA = 18, 1, 4, -8


class NotSigned(ValueError):
    """Bytes that are no COSE_Sign1 of ours, or whose signature does not fit."""


def sign(payload: bytes, key: Ed25519PrivateKey, kid: bytes) -> bytes:
    """The tagged structure, canonical."""
    protected = cbor2.dumps({ALGORITHM: EDDSA, KEY_ID: kid}, canonical=True)
    return cbor2.dumps(cbor2.CBORTag(TAG, [protected, {}, payload, key.sign(_signed(protected, payload))]), canonical=True)


def verify(data: bytes, key_of: Callable[[bytes], Ed25519PublicKey | None]) -> tuple[bytes, bytes]:
    """``(payload, kid)``. Raises ``NotSigned``; every bit is covered, since only the canonical bytes of a structure are accepted."""
    try:
        stream = io.BytesIO(data)
        tagged = cbor2.load(stream)
        if stream.read(1) or not isinstance(tagged, cbor2.CBORTag) or tagged.tag != TAG:
            raise NotSigned("no signed structure")
        protected, unprotected, payload, signature = tagged.value
        header = cbor2.loads(protected)
        if unprotected != {} or header.get(ALGORITHM) != EDDSA or set(header) != {ALGORITHM, KEY_ID}:
            raise NotSigned("an unknown way of signing")
        kid = header[KEY_ID]
        if cbor2.dumps(tagged, canonical=True) != data or cbor2.dumps(header, canonical=True) != protected:
            raise NotSigned("not in its canonical form")
        key = key_of(kid)
        if key is None:
            raise NotSigned("signed with a key that is not known here")
        key.verify(signature, _signed(protected, payload))
    except NotSigned:
        raise
    except InvalidSignature:
        raise NotSigned("the signature does not fit") from None
    except Exception as error:  # noqa: BLE001  # whatever a hostile structure makes the decoder do
        raise NotSigned(f"no signed structure: {type(error).__name__}") from None
    return bytes(payload), bytes(kid)


def _signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
