"""The national identity number (NIK): 16 digits, PPKKCC DDMMYY SSSS, without a check digit.

PP KK CC is where its bearer was *first* registered and never changes (PP 37/2007 Ps 37; PP 40/2019 Ps 30(2)): people who moved, and
whole villages that came to another kecamatan, keep old prefixes. A woman's DD is her day of birth + 40. The date is that of the first
record: when a birth date is corrected, the NIK stays. So whatever a NIK says against the record is a doubt and no refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kampung_contract.villages import village as find_village

from kampung_cloud.residents.doubt import Doubt, doubt

OLDEST = 110
"""Years: of two centuries, the one in which the bearer is at most so old."""

PROVINCES = frozenset([*range(11, 22), *range(31, 37), *range(51, 55), *range(61, 66), *range(71, 77), 81, 82, *range(91, 98)])
"""Kemendagri's province codes (Kepmendagri 100.1.1-6117/2022), and 54 of Timor Timur, whose NIK are still borne. Mark K."""

SYNTHETIC = "351099"
"""Banyuwangi has no kecamatan 99: a NIK that begins so was made for a trial, and can never be issued."""


@dataclass(frozen=True, slots=True)
class Nik:
    """``day`` is that of the month, without the 40; ``year`` has two digits."""

    region: str
    day: int
    month: int
    year: int
    female: bool
    serial: int

    def __str__(self) -> str:
        return f"{self.region}{self.day + 40 * self.female:02}{self.month:02}{self.year:02}{self.serial:04}"

    def births(self, today: date) -> tuple[date, ...]:
        """Dates that it may mean, the earlier first: none, one, or two centuries."""
        return tuple(_dates(self.year, self.month, self.day, today))


def clean(text: str) -> str:
    """Digits alone: copies bring spaces, dots, quotes and invisible signs with them."""
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def parse(text: str) -> Nik:
    """Raises ``ValueError`` for what is not 16 digits; a date that does not exist is not looked at here."""
    if re.fullmatch(r"[0-9]{16}", text) is None:
        raise ValueError(f"{len(text)} signs; expected 16 digits")
    day = int(text[6:8])
    return Nik(text[:6], day - 40 * (day > 40), int(text[8:10]), int(text[10:12]), day > 40, int(text[12:]))


def masked(text: str) -> str:
    """``3510••••••••0001``: enough to tell two people apart at a desk."""
    return f"{text[:4]}{'•' * (len(text) - 8)}{text[-4:]}" if len(text) > 8 else "•" * len(text)


def temporary(text: str) -> str | None:
    """The village that made it, where it is a temporary one as OpenSID makes them: 0, the village's ten digits, five of a serial."""
    if re.fullmatch(r"0[0-9]{15}", text) is None:
        return None
    return f"{text[1:3]}.{text[3:5]}.{text[5:7]}.{text[7:11]}"


def foreign(text: str, village: str) -> bool:
    """Whether it is another village's temporary number, which means nobody here."""
    of = temporary(text)
    return of is not None and of != village


def judge(text: str, *, born: date | None, sex: str, today: date) -> tuple[Doubt, ...]:
    """What to look at; ``sex`` is L, P or empty. Nothing is ever refused here."""
    return tuple(doubt(code) for code in _codes(text, born, sex, today))


def _codes(text: str, born: date | None, sex: str, today: date) -> Iterator[str]:
    try:
        nik = parse(text)
    except ValueError:
        yield "length"
        return
    if temporary(text) is not None:
        yield "temporary"
        return
    if int(text[:2]) not in PROVINCES:
        yield "province"
    births = nik.births(today)
    if not births:
        yield "date"
    elif born is None and len(births) > 1:
        yield "century"
    elif born is not None and born not in births:
        yield "born"
    if sex and births and nik.female != (sex == "P"):
        yield "sex"
    if nik.serial == 0:
        yield "serial"


def kept_from(text: str, village: str) -> str | None:
    """Where the bearer was first registered, where that is another place than the village's kecamatan today: a remark, not a doubt."""
    region = f"{text[:2]}.{text[2:4]}.{text[4:6]}"
    return None if find_village(village).code.startswith(region) else region


def _dates(year: int, month: int, day: int, today: date) -> Iterator[date]:
    for century in (1800, 1900, 2000, 2100):
        try:
            found = date(century + year, month, day)
        except ValueError:
            continue
        if found <= today and today.year - found.year <= OLDEST:
            yield found
