"""A form, filled from a request, as PDF by Typst. What is not known is left empty, to be written by hand.

Not PDF/A as letters are: it is signed on paper, and a name in a script that the font lacks must not keep it from being printed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import typst
from kampung_contract.errors import ConfigurationError

from kampung_cloud.modules.services.annexes.form import Field, Form
from kampung_cloud.modules.services.catalogue import Service
from kampung_cloud.modules.services.letters.composing import values
from kampung_cloud.modules.services.letters.printing import Office
from kampung_cloud.modules.services.letters.words import day as day_text

TEMPLATES = Path(__file__).parent / "templates"
MASK = "•"
"""In a value of which only a part may be shown: such a place is left empty, so that it can be written by hand."""


def filled(  # noqa: PLR0917
    form: Form, service: Service, answers: Mapping[str, Any], person: Mapping[str, str], office: Office, village: str, day: date
) -> dict[str, Any]:
    """The form's page as the template reads it. ``village``: Kemendagri code. Pure."""
    place = {"desa": office.village, "kecamatan": office.district, "kabupaten": office.regency, "kode": village.replace(".", "")}
    known = values(service, answers, person, place)
    return {
        "code": form.code,
        "title": form.title,
        "paper": form.paper,
        "signs": form.signs,
        "name": person.get("nama", ""),
        "place": f"{office.village}, {day_text(day)}",
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "sections": [
            {
                "title": s.title,
                "fields": [_line(f, known) for f in s.fields],
                "choices": [{"label": c.label, "ticked": service.id in c.services} for c in s.choices],
            }
            for s in form.sections
        ],
    }


def pdf(pages: Sequence[Mapping[str, Any]]) -> bytes:
    """PDF of one or more filled forms, each from a new sheet. Raises ``ConfigurationError`` when it cannot be set."""
    try:
        return typst.compile(
            TEMPLATES / "form.typ", root=TEMPLATES, ignore_system_fonts=True, format="pdf",
            sys_inputs={"data": json.dumps(list(pages))},
        )  # fmt: skip
    except typst.TypstError as error:
        raise ConfigurationError(f"template form.typ: {str(error).splitlines()[0]}") from None


def _line(field: Field, known: Mapping[str, str]) -> dict[str, Any]:
    value = next((known[name] for name in field.source if known.get(name) and MASK not in known[name]), "")
    boxes = field.boxes if len(value) <= field.boxes else 0  # what does not fit the boxes is written out, not cut
    return {"label": field.label, "value": value, "boxes": boxes}
