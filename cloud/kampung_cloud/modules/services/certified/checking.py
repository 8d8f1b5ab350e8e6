"""Whether what came back is the letter that was sent, with one good signature added over the whole of it.

A PDF is signed by adding to its end (ISO 32000 12.8, PAdES ETSI EN 319 142-1): what was sent is then the beginning of what comes back, byte
for byte. The certificate is not followed to a root: BSrE's is not shipped here, and pages say so.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Signature:
    """``signer``: the name in its certificate; ``issuer``: who gave him that; ``until``: the certificate's last day, ISO."""

    signer: str
    issuer: str
    until: str


def check(sent: bytes, back: bytes) -> Signature | str:
    """The signature, or what is wrong, for operators."""
    if not back.startswith(sent):
        return "the bytes that were sent are not the beginning of what came back"
    try:
        return _signature(back)
    except Exception as error:  # noqa: BLE001 - a parser of hostile files has many ways to stumble, and all mean the same
        return f"cannot be read as a signed PDF: {type(error).__name__}"


def _signature(back: bytes) -> Signature | str:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    found = PdfFileReader(io.BytesIO(back)).embedded_regular_signatures
    if len(found) != 1:
        return f"holds {len(found)} signatures; expected one"
    one = found[0]
    one.compute_integrity_info()
    if one.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        return "the signature does not cover the whole file"
    intact, valid = validate_sig_integrity(one.signer_info, one.signer_cert, "data", one.compute_digest())
    if not (intact and valid):
        return "the signature does not fit the file"
    held = one.signer_cert
    until = held.not_valid_after.date().isoformat()
    return Signature(_name(held.subject), _name(held.issuer), until)


def _name(subject: object) -> str:
    native = getattr(subject, "native", {})
    return str(native.get("common_name") or getattr(subject, "human_friendly", ""))[:LONGEST]
