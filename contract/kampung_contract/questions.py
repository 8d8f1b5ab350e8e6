"""Questions of a public service, and what a resident answered. Both ends check alike: what a kiosk takes without a line, the office takes.

Wrong answers are told all at once, each beside its question, in words for the resident.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal

from msgspec import Struct

Kind = Literal["text", "long", "number", "money", "date", "time", "choice", "yes", "person", "phone", "place"]
"""``person`` is somebody of the village's registry, or typed as name and address where he is of elsewhere."""

LONGEST = {"text": 200, "long": 2000, "phone": 20, "place": 200}
PERSON = ("nama", "alamat", "lahir", "nik", "id", "kelamin", "agama", "pekerjaan", "status")
FURTHEST = 10**15
"""From nothing, of a number without bounds of its own: what can still be said in words."""
TIME = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)")


class Only(Struct, frozen=True):
    """A question is asked only when an earlier one was answered so."""

    field: str
    equals: str | bool


class Question(Struct, frozen=True, kw_only=True):
    """One question on one page. ``question`` is what the resident reads, ``example`` stands under the input.

    ``least`` and ``most``: of a number, of rupiah, of a text's characters, of a date in days from today.
    """

    id: str
    kind: Kind
    question: str
    example: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    only: Only | None = None


def asked(questions: Iterable[Question], answers: Mapping[str, Any]) -> list[Question]:
    """Those whose condition holds, in their order. A condition on one that was not asked itself does not hold."""
    out: list[Question] = []
    names: set[str] = set()
    for field in questions:
        if field.only is None or (field.only.field in names and answers.get(field.only.field) == field.only.equals):
            out.append(field)
            names.add(field.id)
    return out


def check(
    questions: Iterable[Question], answers: Mapping[str, Any], today: date, until: date | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """``(clean, wrong)``: answers as they are kept, and by field what is wrong with the others.

    ``today`` is the day on which they were given by the clock of whoever took them, ``until`` the day on which they came in: a day is not
    refused for lying between the two, since the clock of a kiosk may be behind.
    """
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    questions = tuple(questions)
    known = {q.id for q in questions}
    fields = asked(questions, answers)
    for name in answers:
        if name not in known:
            wrong[name] = "pertanyaan ini tidak ada pada layanan ini"
    for field in fields:
        given = answers.get(field.id)
        if isinstance(given, str):
            given = " ".join(given.split()) if field.kind != "long" else given.strip()
        if given is None or given in ("", {}):
            if field.required:
                wrong[field.id] = "belum dijawab"
            continue
        try:
            clean[field.id] = _clean(field, given, today, until or today)
        except ValueError as error:
            wrong[field.id] = str(error)
    return clean, wrong


def _clean(field: Question, given: Any, today: date, until: date) -> Any:
    match field.kind:
        case "text" | "long" | "phone" | "place":
            return _text(field, given)
        case "number" | "money":
            return _number(field, given)
        case "date":
            return _date(field, given, today, until)
        case "time":
            found = TIME.fullmatch(str(given))
            if found is None:
                raise ValueError(f"{str(given)[:20]!r} bukan jam; tulis seperti 09.30")
            return f"{int(found[1]):02}.{found[2]}"
        case "choice":
            if given not in field.choices:
                raise ValueError(f"pilih salah satu: {', '.join(field.choices)}")
            return given
        case "yes":
            if not isinstance(given, bool):
                raise ValueError("jawab ya atau tidak")  # noqa: TRY004
            return given
        case "person":
            return _person(given)


def _text(field: Question, given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("tulis dengan kata-kata")  # noqa: TRY004
    most = field.most or LONGEST[field.kind]
    if len(given) > most:
        raise ValueError(f"{len(given)} huruf; paling banyak {most}")
    if any(ord(c) < 32 and c not in "\n\t" for c in given):
        raise ValueError("ada huruf yang tidak dapat dicetak; tulis ulang")
    if field.kind == "phone" and not re.fullmatch(r"\+?[\d -]{6,18}", given):
        raise ValueError(f"{given[:20]!r} bukan nomor telepon; tulis seperti 0812-0000-1234")
    return given


def _number(field: Question, given: Any) -> int:
    if isinstance(given, str):
        plain = given.removeprefix("Rp").strip().replace(".", "")
        if not re.fullmatch(r"-?\d{1,15}", plain):
            raise ValueError(f"{given[:20]!r} bukan bilangan bulat; tulis seperti 1.250")
        given = int(plain)
    if isinstance(given, bool) or not isinstance(given, int):
        raise ValueError("tulis bilangan bulat, seperti 1.250")  # noqa: TRY004
    least, most = -FURTHEST if field.least is None else field.least, FURTHEST if field.most is None else field.most
    if given < least:
        raise ValueError(f"{str(given)[:20]} terlalu kecil; paling sedikit {least}")
    if given > most:
        raise ValueError(f"{str(given)[:20]} terlalu besar; paling banyak {most}")
    return given


def _date(field: Question, given: Any, today: date, until: date) -> str:
    try:
        day = date.fromisoformat(str(given))
    except ValueError:
        raise ValueError(f"{str(given)[:20]!r} bukan tanggal; pilih dari kalender atau tulis 2026-11-30") from None
    if not 1900 <= day.year <= 2200:
        raise ValueError(f"tahun {day.year}: periksa tahunnya")
    if field.most is not None and day > max(today, until) + timedelta(days=field.most):
        raise ValueError("tanggal ini belum terjadi; periksa hari, bulan dan tahunnya")
    if field.least is not None and day < min(today, until) + timedelta(days=field.least):
        raise ValueError("tanggal ini sudah lewat; periksa hari, bulan dan tahunnya")
    return day.isoformat()


def _person(given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping) or not isinstance(given.get("nama"), str) or not given["nama"].strip():
        raise ValueError("tulis namanya; nama satu kata boleh")
    unknown = [name for name in given if name not in PERSON]
    if unknown:
        raise ValueError(f"{', '.join(map(str, unknown))}: tidak ditanyakan; yang ditanyakan: {', '.join(PERSON)}")
    out = {}
    for name, value in given.items():
        if not isinstance(value, str) or len(value) > 200:
            raise ValueError(f"{name}: paling banyak 200 huruf")
        if value.strip():
            out[name] = " ".join(value.split())
    return out
