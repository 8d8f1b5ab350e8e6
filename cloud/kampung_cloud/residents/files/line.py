"""A line of a spreadsheet as a person, or what is wrong with it. Words are Indonesian: whoever keeps the register reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kampung_contract.errors import InvalidRequest

from kampung_cloud.residents import names, nik
from kampung_cloud.residents.files.columns import columns, plain
from kampung_cloud.residents.files.days import day
from kampung_cloud.residents.files.sheet import Cell, Line
from kampung_cloud.residents.person import Person

EMPTY = frozenset({"", "-", "--", "0", "null", "none", "n/a"})
LENGTHS = {"birthplace": 100, "hamlet": 60, "rt": 5, "rw": 5, "address": 300}


@dataclass(frozen=True, slots=True)
class Problem:
    """``grave``: the line cannot be taken as it is. ``words`` hold no number of a person."""

    line: int
    column: str
    words: str
    grave: bool


@dataclass(frozen=True, slots=True)
class Read:
    """``person`` is None where a problem is grave."""

    line: int
    person: Person | None
    problems: tuple[Problem, ...]


def person(line: Line, mapping: Mapping[int, str], village: str, today: date) -> Read:
    """What the line says, by ``mapping`` from the column's place to ours."""
    told: dict[str, Any] = {"contacts": {}, "details": {}}
    wrong: list[Problem] = []
    for place, name in mapping.items():
        cell = line.cells[place] if place < len(line.cells) else Cell("")
        if cell.text.lower() in EMPTY:
            continue
        try:
            _keep(told, name, cell, today)
        except ValueError as error:
            wrong.append(Problem(line.at, columns()[name].title, str(error), grave=True))
    if not told.get("name"):
        wrong.append(Problem(line.at, columns()["nama"].title, "kosong; isi nama, satu kata pun cukup", grave=True))
    if nik.foreign(told.get("nik", ""), village):
        wrong.append(
            Problem(line.at, "NIK", f"NIK sementara buatan desa {nik.temporary(told['nik'])}; di sini tidak berarti siapa pun", grave=True)
        )
    if any(problem.grave for problem in wrong):
        return Read(line.at, None, tuple(wrong))
    return Read(line.at, Person(village=village, **told), tuple(wrong))


def _keep(told: dict[str, Any], name: str, cell: Cell, today: date) -> None:
    """Raises ``ValueError`` with Indonesian words."""
    column = columns()[name]
    match column.kept:
        case "name":
            try:
                told["name"] = names.name(cell.text)
            except InvalidRequest:
                raise ValueError("bukan nama: 1 sampai 100 huruf") from None
        case "nik" | "kk" as field:
            told[field] = nik.clean(cell.text)
            if not told[field]:
                raise ValueError("tidak berisi angka")
            if len(told[field]) > 32:
                raise ValueError(f"{len(told[field])} angka; NIK dan nomor KK berisi 16")
            if cell.number and field == "nik":
                told["found"] = ("number_cell",)
        case "born":
            try:
                told["born"] = day(cell.text, today)
            except ValueError:
                raise ValueError(f"{cell.text[:20]!r} bukan tanggal; tulis 17-08-1980") from None
        case kept if column.values and not kept.startswith("details."):
            value = column.values.get(plain(cell.text))
            if value is None:
                expected = ", ".join(dict.fromkeys(column.values.values()))
                raise ValueError(f"{cell.text[:20]!r} tidak dikenal; tulis salah satu dari {expected}")
            told[kept] = value
        case kept if "." in kept:
            group, _, key = kept.partition(".")
            told[group][key] = column.values.get(plain(cell.text), cell.text)[:200]
        case kept:
            if len(cell.text) > LENGTHS[kept]:
                raise ValueError(f"{len(cell.text)} huruf; paling banyak {LENGTHS[kept]}")
            told[kept] = cell.text
