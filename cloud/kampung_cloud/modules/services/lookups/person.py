"""Whom a register is asked about: what the request says of its applicant, and what the village's register adds where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kampung_contract.errors import InvalidRequest

from kampung_cloud.registers.population import Known
from kampung_cloud.residents import nik
from kampung_cloud.residents.files.days import day
from kampung_cloud.residents.person import Person

SEXES = {"laki-laki": "L", "perempuan": "P"}


def number(said: str) -> str:
    """A NIK as it was typed or kept. Raises ``InvalidRequest`` for what none can be; an odd one is asked about all the same."""
    clean = nik.clean(said)
    if len(clean) != 16:
        raise InvalidRequest(f"NIK: {len(clean)} angka; tulis 16 angka seperti di KTP atau KK")
    if nik.temporary(clean) is not None:
        raise InvalidRequest("NIK ini nomor sementara buatan desa (diawali 0); Dukcapil dan DTSEN tidak mengenalnya")
    return clean


def known(said: Mapping[str, str], register: Person | None, typed: str, today: date) -> Known:
    """``said``: of the person, by the catalogue's names. Raises ``InvalidRequest`` without a NIK."""
    mine = typed or said.get("nik", "") or (register.nik if register else "")
    if not mine:
        raise InvalidRequest("NIK belum diketahui; ketik dari KTP atau KK pemohon")
    place, born = born_at(said.get("lahir", ""), today)
    kk = nik.clean(said.get("kk", "") or (register.kk if register else ""))
    return Known(
        nik=number(mine),
        name=said.get("nama", "") or (register.name if register else ""),
        birthplace=place or (register.birthplace if register else ""),
        born=born or (register.born if register else None),
        sex=SEXES.get(said.get("kelamin", "").strip().lower(), "") or (register.sex if register else ""),
        kk=kk if len(kk) == 16 else "",
    )


def born_at(text: str, today: date) -> tuple[str, date | None]:
    """``Banyuwangi, 17 Agustus 1990`` in its parts; what cannot be read is not asked about."""
    place, comma, rest = text.rpartition(",")
    try:
        return place.strip(), day(rest, today)
    except ValueError:
        return (place if comma else "").strip(), None
