"""Whether what came back is the letter that was sent, with one good signature added over the whole of it.

A PDF is signed by adding to its end (ISO 32000 12.8, PAdES ETSI EN 319 142-1): what was sent is then the beginning of what comes back, byte
for byte. What is added could still put another page in the place of ours (a "shadow attack"): so each object that was sent must be there as
it was, and nothing may be seen that was not.

BSrE's root is not shipped here: where an office has put one, the certificate must come from it, else it is followed to none.
Whether it was revoked is not asked: that is for whoever relies on the letter, at the time when he does.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

LONGEST = 200
MAY_CHANGE = frozenset({"/AcroForm", "/Annots", "/DSS", "/Extensions", "/Metadata", "/Version"})
"""Of the catalogue and of pages: where a signature and its field are entered, and what is said about the file."""
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
        return _other_letter(sent, back) or _signature(back, roots)
    except Exception as error:  # noqa: BLE001 - a parser of hostile files has many ways to stumble, and all mean the same
        return f"cannot be read as a signed PDF: {type(error).__name__}"


def _other_letter(sent: bytes, back: bytes) -> str:
    """What a reader of ``back`` would see otherwise than in ``sent``; empty where it is the same letter. Raises for what is no PDF."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    before, after = (PdfFileReader(io.BytesIO(some)) for some in (sent, back))
    if before.root_ref != after.root_ref:
        return "it has another catalogue than what was sent"
    about = {_raw(before.trailer, "/Info"), _raw(before.root, "/Metadata")}
    for at in {ref for n in range(before.xrefs.total_revisions) for ref in before.xrefs.explicit_refs_in_revision(n)}:
        if (at.idnum, at.generation) not in about and _lasting(before, at) != _lasting(after, at):
            return f"object {at.idnum} of what was sent is another one now"
    form = _held(after.root, "/AcroForm", {})
    if "/XFA" in form or len(_held(form, "/Fields", ())) != 1:
        return "it holds a form, and not the field of one signature alone"
    old = {_written(raw) for raw, _ in _annotations(before.root["/Pages"])}
    for raw, annotation in _annotations(after.root["/Pages"]):
        if _written(raw) not in old and (annotation["/Subtype"] != "/Widget" or _area(annotation["/Rect"])):
            return "something lies on a page that was not there"
    return ""


def _lasting(file: Any, at: Any) -> object:
    """Of an object, what a signature does not change, as it is written: pyHanko holds two streams for equal whatever is in them."""
    given = file.get_object(at)
    if hasattr(given, "raw_get") and hasattr(given, "keys") and _held(given, "/Type", "") in {"/Catalog", "/Page"}:
        return {name: _written(given.raw_get(name)) for name in given if name not in MAY_CHANGE}
    return _written(given)


def _written(given: Any) -> bytes:
    out = io.BytesIO()
    given.write_to_stream(out)
    return out.getvalue()


def _annotations(node: Any) -> Iterator[tuple[Any, Any]]:
    """What lies on the pages below: as it stands there, and what that is."""
    if "/Kids" not in node:
        some = _held(node, "/Annots", ())
        yield from ((some.raw_get(n), some[n]) for n in range(len(some)))
        return
    for n in range(len(node["/Kids"])):
        yield from _annotations(node["/Kids"][n])


def _area(rect: Any) -> float:
    left, bottom, right, top = (float(each) for each in rect)
    return abs((right - left) * (top - bottom))


def _held(holder: Any, key: str, without: Any) -> Any:
    return holder[key] if key in holder else without  # noqa: SIM401 - its ``get`` follows no reference


def _raw(holder: Any, key: Any) -> tuple[int, int] | None:
    """Of which object ``holder`` has it; None where it has none, or holds it itself."""
    try:
        found = holder.raw_get(key)
    except KeyError:
        return None
    return (found.idnum, found.generation) if hasattr(found, "idnum") else None


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
