"""Whose data are over their time: a village's, or those of the regency's inspectorate, which alone knows of what went past a village."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_contract.errors import Forbidden
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor, Role
from kampung_cloud.letterhead import place

REGENCY = "35.10"


@dataclass(frozen=True, slots=True)
class Office:
    """As its certificates say it. ``head``: lines below the regency's name; ``of``: whom it serves; ``seat``: where it is.
    ``chief`` signs.
    """

    head: tuple[str, ...]
    name: str
    of: str
    seat: str
    chief: str


def office(code: str) -> Office:
    """Of a Kemendagri code. Raises ``UnknownVillage``."""
    if code == REGENCY:
        return Office(("Inspektorat",), "Inspektorat Kabupaten Banyuwangi", "Kabupaten Banyuwangi", "Banyuwangi", "Inspektur Kabupaten")
    where = place(code)
    full = f"{where.kind} {where.village}"
    return Office((f"Kecamatan {where.district}", full), f"{where.kind.lower()} {where.village}", full, where.village, f"Kepala {full}")


def theirs(actor: Actor, code: str, *roles: Role) -> str:
    """The code of an office in which he may do what ``roles`` do in a village, and inspectors at theirs.

    Raises ``Forbidden``, ``UnknownVillage``.
    """
    if code == REGENCY:
        if not actor.may("inspektur", None):
            raise Forbidden(f"{actor.id} is no inspector; what is at the inspectorate is theirs to see and to destroy")
        return REGENCY
    found = find_village(code).code
    actor.require(found, *roles)
    return found
