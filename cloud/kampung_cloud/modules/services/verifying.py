"""Whether a letter is what it says: by the signature alone, and with what the register knows where it is at hand."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Any

from kampung_contract.errors import UnknownVillage
from kampung_contract.villages import village as find_village

from kampung_cloud.modules.services.letters.words import day as day_text
from kampung_cloud.modules.services.signing import NotSigned, PublicKeys, decode


def verdict(code: str, keys: PublicKeys, revoked: Container[str], today: date) -> dict[str, Any]:
    """``{verdict, reason, number, …}``. ``revoked`` holds ids of letters that were withdrawn, as far as they are known here."""
    try:
        found = decode(code, keys)
    except NotSigned as error:
        return {"verdict": "refused", "reason": f"Surat ini tidak dapat dipastikan: {error}."}
    claim = found.claim
    if found.owner != claim.village:
        return {"verdict": "refused", "reason": "Surat ini ditandatangani dengan kunci desa lain; jangan diterima."}
    try:
        place = find_village(claim.village).name
    except UnknownVillage:
        place = claim.village
    said = {
        "number": claim.number,
        "service": claim.service,
        "village": claim.village,
        "village_name": place,
        "day": claim.day.isoformat(),
        "until": None if claim.until is None else claim.until.isoformat(),
        "name": claim.name,
    }
    if claim.letter in revoked:
        return {"verdict": "revoked", "reason": "Surat ini sudah dicabut oleh desa; jangan diterima.", **said}
    if claim.until is not None and today > claim.until:
        return {"verdict": "expired", "reason": f"Surat ini asli, tetapi masa berlakunya habis pada {day_text(claim.until)}.", **said}
    return {
        "verdict": "good",
        "reason": f"Surat ini asli, diterbitkan Desa {place}. Cocokkan nama dan nomornya dengan yang tercetak.",
        **said,
    }
