"""Whether a letter is what it says: by the signature alone, and with what the register knows where it is at hand."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import date, datetime
from typing import Any

from kampung_contract.errors import UnknownVillage
from kampung_contract.times import WIB
from kampung_contract.villages import village as find_village

from kampung_cloud.modules.services.letters.words import day as day_text
from kampung_cloud.modules.services.signing import NotSigned, PublicKeys, decode

CAUTION = (
    "Kunci tanda tangannya kemudian diketahui orang lain, dan surat palsu dapat diberi tanggal lama: "
    "pastikan nomornya di kantor desa sebelum diterima."
)


def verdict(
    code: str, keys: PublicKeys, revoked: Container[str], today: date, issued: Callable[[str, str], bool] | None = None
) -> dict[str, Any]:
    """``{verdict, reason, number, …}``. ``revoked`` holds ids of letters that were withdrawn, as far as they are known here.

    ``issued(letter, code)``: whether the register has this letter with this code; asked where a key got out, None without a register.
    """
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
    lost = keys.compromised(bytes.fromhex(found.kid))
    if lost is not None:
        first = datetime.fromtimestamp(lost / 1000, WIB).date()
        registered = issued is not None and issued(claim.letter, code.strip("\r\n\t"))
        if not registered and (claim.day >= first or issued is not None):
            why = f"kunci tanda tangannya tidak dipercaya lagi sejak {day_text(first)}; tanyakan surat ini ke kantor desa"
            return {"verdict": "refused", "reason": f"Surat ini tidak dapat dipastikan: {why}.", **said}
        lost = None if registered else lost
    if claim.letter in revoked:
        return {"verdict": "revoked", "reason": "Surat ini sudah dicabut oleh desa; jangan diterima.", **said}
    if claim.until is not None and today > claim.until:
        return {"verdict": "expired", "reason": f"Surat ini asli, tetapi masa berlakunya habis pada {day_text(claim.until)}.", **said}
    return {
        "verdict": "good",
        "reason": f"Surat ini asli, diterbitkan Desa {place}. Cocokkan nama dan nomornya dengan yang tercetak."
        if lost is None
        else f"Tanda tangan Desa {place} cocok. {CAUTION}",
        **said,
    }
