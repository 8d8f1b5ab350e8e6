"""A resident of the register as the applicant of a request: what letters and annexes say of him, by the names of the catalogue."""

from __future__ import annotations

import structlog
from kampung_contract.errors import NotFound

from kampung_cloud.access.actor import Actor
from kampung_cloud.modules.services.letters.words import day as spoken_day
from kampung_cloud.records import Records
from kampung_cloud.residents import access_log
from kampung_cloud.residents.person import Person
from kampung_cloud.residents.registry import Registry
from kampung_cloud.roll.pins import Pins
from kampung_cloud.sealing import Keyring

log = structlog.get_logger("services")

SEX = {"L": "Laki-laki", "P": "Perempuan"}
ALIKE = ("agama", "pekerjaan", "pendidikan", "kewarganegaraan", "ayah", "ibu")


def applicant(person: Person) -> dict[str, str]:
    """Without what the register does not know."""
    hamlet = f"Dusun {person.hamlet}" if person.hamlet else ""
    place = " ".join(part for part in (hamlet, person.rt and f"RT {person.rt}", person.rw and f"RW {person.rw}") if part)
    told = {
        "nama": person.name,
        "nik": person.nik,
        "kk": person.kk,
        "lahir": ", ".join(part for part in (person.birthplace, spoken_day(person.born) if person.born else "") if part),
        "kelamin": SEX.get(person.sex, ""),
        "alamat": ", ".join(part for part in (person.address, place) if part),
        "status": person.details.get("status_kawin") or person.details.get("status", ""),
        **{name: person.details.get(name, "") for name in ALIKE},
    }
    return {name: value for name, value in told.items() if value}


def identified(  # noqa: PLR0917
    records: Records, ring: Keyring, village: str, name: str, node: str, now: int
) -> tuple[int, dict[str, str]] | None:
    """Number and applicant of whom a kiosk's roll calls so; that he was read of goes on record before. None: his PIN was taken since."""
    number = Pins(records, ring).resident(village, name)
    if number is None:
        log.warning("request.person_unknown", village=village, node=node)
        return None
    try:
        found = Registry(records, ring).get(number)
    except NotFound:
        return None
    kiosk = Actor(f"kios {node}"[:63], f"Kios {node}", frozenset(), village)
    access_log.note(records, kiosk, [access_log.Reading(village, "permohonan", "view", (number,), "permohonan dari kios")], now)
    return number, applicant(found.person)
