"""``calc nik``: what a NIK says, and what the register would wonder about. The number itself is not told again unless asked."""

from __future__ import annotations

from datetime import date

from kampung_contract.villages import village as find_village

from kampung_cloud.calculator import Calculator, Inputs, Result, quantity
from kampung_cloud.residents import nik

SOURCE = "PP 37/2007 Ps 37; PP 40/2019 Ps 30(2)"


class NikInputs(Inputs):
    """A number, and what is on record beside it."""

    nik: str = quantity("16 digits", "", max_length=40)
    born: str | None = quantity("birth date on record", "ISO day", None, max_length=10)
    sex: str = quantity("L or P on record", "", "", max_length=1, pattern="^[LP]?$")
    village: str | None = quantity("village that keeps the record, such as 35.10.24.2008", "", None, max_length=40)
    today: str | None = quantity("day to judge by, without it today", "ISO day", None, max_length=10)
    show: bool = quantity("tell the number again", "", default=False)


def _nik(given: NikInputs) -> Result:
    number = nik.clean(given.nik)
    born = None if given.born is None else _day("born", given.born)
    today = date.today() if given.today is None else _day("today", given.today)
    village = None if given.village is None else find_village(given.village).code
    doubts = nik.judge(number, born=born, sex=given.sex, today=today)
    more: dict[str, object] = {"doubts": [{"code": each.code, "words": each.words} for each in doubts], "refused": False}
    if given.show:
        more["nik"] = number
    of = nik.temporary(number)
    if of is not None:
        more |= {"temporary_of": of, "refused": village is not None and of != village}
    elif len(number) == 16:
        found = nik.parse(number)
        more |= {
            "region": f"{number[:2]}.{number[2:4]}.{number[4:6]}",
            "births": [each.isoformat() for each in found.births(today)],
            "sex": "P" if found.female else "L",
            "synthetic": number.startswith(nik.SYNTHETIC),
        }
        if village is not None:
            more["first_registered_elsewhere"] = nik.kept_from(number, village)
    method = "PPKKCC of the first registration, DDMMYY (women DD + 40), serial; doubts, never refusals"
    return Result(len(doubts), "doubts", method, SOURCE, more)


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{name} = {value!r}: expected a day such as 1980-08-17") from None


EXAMPLE = {"nik": "3510995708800001", "born": "1980-08-17", "sex": "P"}
CALCULATORS = (Calculator("nik", "NIK: what it says and what to look at", NikInputs, _nik, EXAMPLE),)
