"""A request's answers and what is known of the person, into the words of the letter. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from kampung_cloud.modules.services.catalogue.definition import Letter, Service
from kampung_cloud.modules.services.catalogue.placeholders import fill
from kampung_cloud.modules.services.letters.printing import Office, Page
from kampung_cloud.modules.services.letters.words import day as day_text
from kampung_cloud.modules.services.letters.words import grouped, rupiah, terbilang
from kampung_contract.questions import Question

IDENTITY = (
    ("nama", "Nama"),
    ("nik", "NIK"),
    ("lahir", "Tempat, tanggal lahir"),
    ("kelamin", "Jenis kelamin"),
    ("agama", "Agama"),
    ("status", "Status perkawinan"),
    ("pekerjaan", "Pekerjaan"),
    ("alamat", "Alamat"),
)
OPENING = (
    "Yang bertanda tangan di bawah ini, {jabatan} {desa}, Kecamatan {kecamatan}, Kabupaten {kabupaten}, menerangkan dengan sebenarnya:"
)
OPENING_PLAIN = "Yang bertanda tangan di bawah ini, {jabatan} {desa}, Kecamatan {kecamatan}, Kabupaten {kabupaten}:"
OPENING_OWN = "Saya yang bertanda tangan di bawah ini:"
REDUNDANT = "Yang bertanda tangan di bawah ini menerangkan bahwa orang tersebut adalah"


def spoken(field: Question, answer: Any) -> str:
    """An answer as it is printed."""
    if answer is None or answer == "":
        return ""
    match field.kind:
        case "money":
            return rupiah(int(answer))
        case "number":
            return str(int(answer)) if field.id.startswith("tahun") else grouped(int(answer))
        case "date":
            return day_text(date.fromisoformat(str(answer)))
        case "yes":
            return "Ya" if answer else "Tidak"
        case "person":
            return str(answer.get("nama", ""))
        case _:
            return str(answer)


def values(service: Service, answers: Mapping[str, Any], person: Mapping[str, str], letter: Mapping[str, str]) -> dict[str, str]:
    """By the names that a letter's text may hold."""
    out = {**letter, **{f"pemohon.{name}": value for name, value in person.items()}, "pemohon": person.get("nama", "")}
    for field in service.fields:
        answer = answers.get(field.id)
        if answer is not None:
            out[field.id] = spoken(field, answer)
        elif field.only is not None:
            out[field.id] = ""  # was not asked; what was asked and not answered is dots, to be written by hand
        if field.kind == "money" and answer is not None:
            out[f"{field.id}_terbilang"] = f"{terbilang(int(answer))} rupiah"
        if field.kind == "person" and isinstance(answer, Mapping):
            out |= {f"{field.id}.{name}": str(value) for name, value in answer.items()}
    return out


def until(letter: Letter, day: date) -> date | None:
    """The last day on which the letter holds."""
    return None if letter.validity is None else day + timedelta(days=letter.validity)


def compose(  # noqa: PLR0917
    service: Service, answers: Mapping[str, Any], person: Mapping[str, str], office: Office, day: date, number: str | None
) -> Page:
    """The page, without its code. ``number`` is None for a draft. Raises ``ValueError`` for a service that prints no letter."""
    letter = service.letter
    if letter is None:
        raise ValueError(f"{service.id} prints no letter; it goes on to {service.forward_to}")
    last = until(letter, day)
    known = values(
        service,
        answers,
        person,
        {
            "nomor": number or "",
            "tanggal": day_text(day),
            "desa": office.village,
            "kecamatan": office.district,
            "kabupaten": office.regency,
            "berlaku": "" if last is None else day_text(last),
            "kades": office.signer,
            "jabatan": office.signs.removesuffix(f" {office.village}"),
            "layanan": service.title,
        },
    )
    own = letter.signatures[0] == "pemohon"
    fields = {f.id: f for f in service.fields}
    body = [tidy(fill(text.replace(REDUNDANT, "Orang tersebut adalah"), known)) for text in letter.body]
    if last is not None:
        body.append(f"Surat ini berlaku sampai dengan {day_text(last)}.")
    return Page(
        title=letter.title,
        office=office,
        day=day,
        number=number,
        opening=fill(OPENING_OWN if own else OPENING if letter.identity else OPENING_PLAIN, known),
        identity=tuple((label, person[name]) for name, label in IDENTITY if person.get(name)) if letter.identity else (),
        body=tuple(body),
        rows=tuple((label(fields[name]), known[name]) for name in letter.rows if known.get(name)),
        closing=fill(letter.closing, known),
        paper=letter.paper,
        template=letter.template,
        others=tuple(_other(role, person) for role in letter.signatures if role != "kades"),
    )


def label(field: Question) -> str:
    """A field's short name in a list: its id in words."""
    text = field.id.replace("_", " ")
    return text[:1].upper() + text[1:]


def digest(page: Page) -> bytes:
    """16 bytes over everything the letter says: number, names, words. What is set, in which type, does not count."""
    said = [
        page.title,
        page.number or "",
        page.day.isoformat(),
        page.opening,
        *(f"{a}: {b}" for a, b in page.identity + page.rows),
        *page.body,
        page.closing,
    ]
    return hashlib.sha256("\n".join(said).encode()).digest()[:16]


def tidy(text: str) -> str:
    """Without the double spaces and spaces before a stop that an empty answer leaves."""
    out = " ".join(text.split())
    for mark in ".,;:":
        out = out.replace(f" {mark}", mark)
    return out


def _other(role: str, person: Mapping[str, str]) -> tuple[str, str]:
    return ("Yang membuat pernyataan", person.get("nama", "")) if role == "pemohon" else ("Saksi", "……………………………")
