"""What the village's document says of a complaint: sealed for whoever has its ticket and word, so that no broker and no kiosk reads it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kampung_contract.complaint import Opening
from kampung_contract.times import text

from kampung_cloud.modules.complaints.status import OFFICES, Act, Office

NONCE = 12


def sealed(opening: Opening, *, note: str, may: Sequence[Act], due: int | None, office: Office) -> str:
    """Base64 of nonce and AES-256-GCM of what its writer reads, bound to the complaint's name."""
    plain = {"note": note, "may": list(may), "due": None if due is None else text(due), "office": OFFICES[office]}
    nonce = secrets.token_bytes(NONCE)
    return base64.b64encode(nonce + AESGCM(opening.key).encrypt(nonce, msgspec.json.encode(plain), opening.name.encode())).decode()
