"""What the simulated registers have: the village's residents, some of them otherwise than the village wrote them down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from kampung_sim.demo_residents import DAY, residents

State = Literal["found", "deceased", "inactive", "several"]
CODES: dict[State, str] = {"found": "01", "deceased": "11", "several": "12", "inactive": "14"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as the register has him; ``decile`` is that of his family, None where it is not in DTSEN."""

    nik: str
    name: str
    birthplace: str
    born: date
    sex: str
    kk: str
    state: State
    decile: int | None


def entries(people: Sequence[Mapping[str, str]] | None = None) -> dict[str, Entry]:
    """By NIK. About one in twelve differs in something, one in forty is not there: the office is to see what that looks like."""
    out = {}
    for row in residents() if people is None else people:
        entry = _entry(row)
        if entry is not None:
            out[entry.nik] = entry
    return out


def as_of() -> date:
    """For which day deciles were computed: the last of the quarter before."""
    first = date(DAY.year, (DAY.month - 1) // 3 * 3 + 1, 1)
    return first - timedelta(days=1)


def _entry(row: Mapping[str, str]) -> Entry | None:
    dice = _dice(row["nik"])
    if dice % 40 == 7:
        return None
    decile = _dice(row["no_kk"]) % 11
    entry = Entry(
        row["nik"], row["nama"], row["tempatlahir"], datetime.strptime(row["tanggallahir"], "%d-%m-%Y").date(),
        row["sex"], row["no_kk"], "found", decile or None,
    )  # fmt: skip
    match dice % 48:
        case 1:
            return replace(entry, name=f"{entry.name} BIN SABAR")
        case 2:
            return replace(entry, born=entry.born + timedelta(days=1))
        case 3:
            return replace(entry, birthplace="Jember")
        case 4:
            return replace(entry, kk=f"{entry.kk[:-4]}{int(entry.kk[-4:]) % 9_999 + 1:04}")
        case 5:
            return replace(entry, state="inactive")
        case 6 if dice % 5 == 0:
            return replace(entry, state="deceased")
        case _:
            return entry


def _dice(number: str) -> int:
    return int.from_bytes(hashlib.sha256(number.encode()).digest()[:4])
