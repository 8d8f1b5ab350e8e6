"""A form, filled from a request, as PDF by Typst. What is not known is left empty, to be written by hand.

Not PDF/A as letters are: it is signed on paper, and a name in a script that the font lacks must not keep it from being printed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typst
from kampung_contract.errors import ConfigurationError

from kampung_cloud.modules.services.annexes.form import Choice, Copy, Field, Form, Part, Section
from kampung_cloud.modules.services.catalogue import Service
from kampung_cloud.modules.services.catalogue.placeholders import fill
from kampung_cloud.modules.services.letters.composing import values
from kampung_cloud.modules.services.letters.printing import Office
from kampung_cloud.modules.services.letters.words import day as day_text

TEMPLATES = Path(__file__).parent / "templates"
MASK = "•"
"""In a value of which only a part may be shown: such a place is left empty, so that it can be written by hand."""
UNNAMED = "…"
"""A head of the village whose name is not set is dots on a letter."""
PROVINCE = "Jawa Timur"


@dataclass(frozen=True, slots=True)
class Filing:
    """Whose form it is. ``village``: Kemendagri code; ``number`` and ``issued`` of the request's letter, once there is one."""

    service: Service
    answers: Mapping[str, Any]
    person: Mapping[str, str]
    office: Office
    village: str
    day: date
    number: str | None = None
    issued: date | None = None


def filled(form: Form, filing: Filing) -> list[dict[str, Any]]:
    """The form's pages as the template reads them, one for each copy that is needed. Pure."""
    place = {
        "desa": filing.office.village, "kecamatan": filing.office.district, "kabupaten": filing.office.regency, "provinsi": PROVINCE,
        "kode": filing.village.replace(".", ""), "nomor": filing.number or "", "jabatan": filing.office.signs,
        "kades": filing.office.signer,
    }  # fmt: skip
    known = values(filing.service, filing.answers, filing.person, place)
    return [_page(form, copy, filing, {**known, **copy.says}) for copy in form.needed(filing.answers)]


def pdf(pages: Sequence[Mapping[str, Any]]) -> bytes:
    """PDF of one or more filled forms, each from a new sheet. Raises ``ConfigurationError`` when it cannot be set."""
    try:
        return typst.compile(
            TEMPLATES / "form.typ", root=TEMPLATES, ignore_system_fonts=True, format="pdf",
            sys_inputs={"data": json.dumps(list(pages))},
        )  # fmt: skip
    except typst.TypstError as error:
        raise ConfigurationError(f"template form.typ: {str(error).splitlines()[0]}") from None


def _page(form: Form, copy: Copy, filing: Filing, known: Mapping[str, str]) -> dict[str, Any]:
    day = filing.issued or filing.day if form.office else filing.day
    return {
        "code": copy.code or form.code,
        "title": form.title,
        "copy": copy.title,
        "paper": form.paper,
        "opening": fill(form.opening, known),
        "closing": fill(form.closing, known),
        "place": f"{filing.office.village}, {day_text(day)}",
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "sections": [_section(s, copy, known, filing.service.id) for s in form.sections],
        "signatures": [{"role": fill(s.role, known), "name": _known(s.source, copy, known), "note": s.note} for s in form.signatures],
    }


def _section(section: Section, copy: Copy, known: Mapping[str, str], service: str) -> dict[str, Any]:
    return {
        "title": section.title,
        "note": section.note,
        "fields": [_line(f, copy, known, service) for f in section.fields],
        "choices": _ticked(section.choices, "", service),
        "tables": [{"columns": [{"title": c.title, "share": c.share} for c in t.columns], "rows": t.rows} for t in section.tables],
    }


def _line(field: Field, copy: Copy, known: Mapping[str, str], service: str) -> dict[str, Any]:
    place = _place(field, copy, known)
    choices = _ticked(field.choices, str(place["value"]), service)
    if choices and not any(c["ticked"] for c in choices) and place["value"]:
        choices.append({"label": place["value"], "ticked": True})  # an answer that the form has no box for is not lost
    return {**place, "choices": choices, "parts": [_place(p, copy, known) for p in field.parts]}


def _place(part: Part, copy: Copy, known: Mapping[str, str]) -> dict[str, Any]:
    value = _known(part.source, copy, known)
    boxes = part.boxes if len(value) <= part.boxes else 0  # what does not fit the boxes is written out, not cut
    return {"label": part.label, "value": value, "boxes": boxes, "small": part.boxes > 0}


def _ticked(choices: Sequence[Choice], value: str, service: str) -> list[dict[str, Any]]:
    return [{"label": c.label, "ticked": service in c.services or (bool(value) and value in (c.label, *c.answers))} for c in choices]


def _known(source: Sequence[str], copy: Copy, known: Mapping[str, str]) -> str:
    """The first that is known whole."""
    for name in source:
        head, dot, tail = name.partition(".")
        value = known.get(copy.names.get(head, head) + dot + tail, "")
        if value and MASK not in value and not value.startswith(UNNAMED):
            return value
    return ""
