"""What differs by village: letterhead, head of the village, office code, number format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kampung_contract.villages import village as find_village

from kampung_cloud.modules.services.letters.printing import Office
from kampung_cloud.modules.services.numbering import Scope
from kampung_cloud.service_settings import OfficeIn

KNOWN_OFFICES: Mapping[str, str] = {
    "35.10.24.2008": "429.523.03",
    "35.10.12.2003": "429.508.03",
    "35.10.03.2003": "429.513.03",
    "35.10.07.2009": "429.517.06",
    "35.10.05.2008": "429.511.08",
}
"""The office's own code in letter numbers, as decrees of five villages show it.

It follows the regency's order of kecamatan and not Kemendagri's code, so that no other village's can be computed; it is set by hand."""


@dataclass(frozen=True, slots=True)
class VillageOffice:
    """Of one village. ``office_code`` stands in letter numbers; without one it is Kemendagri's code, which is never another village's."""

    office: Office
    office_code: str
    number: str
    scope: Scope
    signer: str


@dataclass(frozen=True, slots=True)
class Settings:
    """By village."""

    offices: Mapping[str, OfficeIn] = field(default_factory=dict)

    def of(self, code: str) -> VillageOffice:
        """Raises ``UnknownVillage``."""
        place = find_village(code)
        given = self.offices.get(code, OfficeIn())
        kind = "KELURAHAN" if place.type == "kelurahan" else "DESA"
        head = "Lurah" if kind == "KELURAHAN" else "Kepala Desa"
        signer = given.kades or "……………………………"
        office = Office(
            village=place.name,
            district=place.kecamatan,
            regency="Banyuwangi",
            address=given.address or f"{place.name}, {place.kecamatan}, Banyuwangi",
            signs=f"{head} {place.name}",
            signer=signer,
            kind=kind,
        )
        return VillageOffice(office, given.code or KNOWN_OFFICES.get(code, code), given.number, given.scope, signer)
