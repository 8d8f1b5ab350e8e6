"""A letter as PDF/A, by Typst. What it says is decided elsewhere; this sets it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import segno
import typst
from kampung_cloud.modules.services.letters.words import day as day_text
from kampung_contract.errors import ConfigurationError

TEMPLATES = Path(__file__).parent / "templates"
STANDARD: Literal["a-2b"] = "a-2b"
LARGEST_QR = 20
"""Version of the QR code that a letter's code must fit, at error correction M: what a cheap phone reads off paper."""
FOOTER = (
    "Tanda tangan pada kode QR adalah tanda tangan Smart Kampung: membuktikan desa mana yang menerbitkan surat ini "
    "dan bahwa isinya tidak diubah. "
    "Tanda tangan ini bukan tanda tangan elektronik tersertifikasi."
)
CERTIFIED_FOOTER = (
    "Surat ini ditandatangani secara elektronik dengan sertifikat elektronik dari BSrE, Badan Siber dan Sandi Negara; "
    "tanda tangan itu ada dalam berkas PDF, bukan pada cetakannya."
)
SIMULATED_FOOTER = "SIMULASI: tanda tangan pada berkas ini dibuat simulator, bukan BSrE, dan tidak berkekuatan hukum."
OURS_BESIDE = " Kode QR adalah tanda tangan Smart Kampung, yang tidak tersertifikasi."


@dataclass(frozen=True, slots=True)
class Office:
    """Letterhead and signature. ``kind``: Desa or Kelurahan; ``signs``: as 'Kepala Desa Tamansari'; ``signer``: the name."""

    village: str
    district: str
    regency: str
    address: str
    signs: str
    signer: str
    kind: str = "DESA"


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a letter. ``number`` is None on a draft, whose place says ``draft``; ``code`` is the text in the QR code."""

    title: str
    office: Office
    day: date
    number: str | None
    opening: str
    identity: tuple[tuple[str, str], ...]
    body: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    closing: str
    paper: str = "F4"
    code: str | None = None
    codeword: str = ""
    signed: str | None = None
    others: tuple[tuple[str, str], ...] = ()
    footer: str = FOOTER
    draft: str = "KONSEP, belum bernomor"
    template: str = "letter"
    label: str = ""
    """Across the top of what is no real letter."""


def pdf(page: Page) -> bytes:
    """PDF/A-2b. Raises ``ConfigurationError`` for a template that cannot be set."""
    with _told(page):
        return typst.compile(
            _template(page), root=TEMPLATES, ignore_system_fonts=True, format="pdf", pdf_standards=STANDARD, sys_inputs=_inputs(page)
        )


def image(page: Page, ppi: float = 110) -> bytes:
    """The first page as PNG, for a preview. Raises as ``pdf``."""
    with _told(page):
        out = typst.compile(_template(page), root=TEMPLATES, ignore_system_fonts=True, format="png", ppi=ppi, sys_inputs=_inputs(page))
    return out[0] if isinstance(out, list) else out


def templates() -> tuple[str, ...]:
    """Names of the templates there are."""
    return tuple(sorted(p.stem for p in TEMPLATES.glob("*.typ")))


def _template(page: Page) -> Path:
    if page.template not in templates():
        raise ConfigurationError(f"letter.template = {page.template!r}: no such template; there are {', '.join(templates())}")
    return TEMPLATES / f"{page.template}.typ"


@contextmanager
def _told(page: Page) -> Iterator[None]:
    try:
        yield
    except typst.TypstError as error:
        raise ConfigurationError(f"template {page.template}.typ: {str(error).splitlines()[0]}") from None


def _inputs(page: Page) -> dict[str, str]:
    return {"data": json.dumps(_data(page))}


def _data(page: Page) -> Mapping[str, Any]:
    return {
        **asdict(page),
        "date": {"year": page.day.year, "month": page.day.month, "day": page.day.day, "text": day_text(page.day)},
        "day": None,
        "code": None if page.code is None else qr(page.code),
        "mark": (TEMPLATES / "mark.svg").read_text(encoding="utf-8"),
        "others": [{"role": role, "name": name} for role, name in page.others],
    }


def fits(text: str) -> segno.QRCode:
    """The code, before it is drawn. Raises ``ConfigurationError`` for a text that does not fit version 20 at level M."""
    try:
        code = segno.make(text, error="m", boost_error=False, micro=False)
    except segno.DataOverflowError:
        code = None
    if code is None or int(code.version) > LARGEST_QR:
        raise ConfigurationError(
            f"a code of {len(text):,} characters does not fit a QR code of version {LARGEST_QR}; shorten names or number format"
        )
    return code


def qr(text: str) -> str:
    """As SVG. Raises as ``fits``."""
    out = io.BytesIO()
    fits(text).save(out, kind="svg", border=2, dark="#16211B", xmldecl=False)
    return out.getvalue().decode()
