"""Whether what came back is the letter that was sent, with one good signature added over the whole of it.

A PDF is signed by adding to its end (ISO 32000 12.8, PAdES ETSI EN 319 142-1): what was sent is then the beginning of what comes back, byte
for byte. BSrE's root is not shipped here: where an office has put one, the certificate must come from it, else it is followed to none.
Whether it was revoked is not asked: that is for whoever relies on the letter, at the time when he does.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LONGEST = 200
UNTRACED = "the certificate does not come from a root in roots_file"


@dataclass(frozen=True, slots=True)
class Signature:
    """``signer``: the name in its certificate; ``issuer``: who gave him that; ``until``: the certificate's last day, ISO.

    ``traced``: whether it comes from a root that was given.
    """

    signer: str
    issuer: str
    until: str
    traced: bool = False


def check(sent: bytes, back: bytes, roots: bytes = b"") -> Signature | str:
    """The signature, or what is wrong, for operators. ``roots``: PEM; without any the certificate is followed to none."""
    if not back.startswith(sent):
        return "the bytes that were sent are not the beginning of what came back"
    try:
        return _signature(back, roots)
    except Exception as error:  # noqa: BLE001 - a parser of hostile files has many ways to stumble, and all mean the same
        return f"cannot be read as a signed PDF: {type(error).__name__}"


def _signature(back: bytes, roots: bytes) -> Signature | str:
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
    if roots and not _traced(held, one.other_embedded_certs, roots):
        return UNTRACED
    until = held.not_valid_after.date().isoformat()
    return Signature(_name(held.subject), _name(held.issuer), until, bool(roots))


def _traced(held: Any, others: Iterable[Any], roots: bytes) -> bool:
    from asn1crypto import pem, x509
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, ValidationError

    trusted = [x509.Certificate.load(der) for _, _, der in pem.unarmor(roots, multiple=True)]
    if any(root.dump() == held.dump() for root in trusted):
        return True
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, revocation_mode="soft-fail")
    try:
        asyncio.run(CertificateValidator(held, list(others), validation_context=context).async_validate_path())
    except (PathBuildingError, PathValidationError, ValidationError):
        return False
    return True


def _name(subject: object) -> str:
    native = getattr(subject, "native", {})
    return str(native.get("common_name") or getattr(subject, "human_friendly", ""))[:LONGEST]
