"""Somebody who is known to the system while he does something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from kampung_contract.errors import Forbidden

Role = Literal["operator", "petugas", "kades", "verifikator", "officer", "inspektur", "teknisi", "petani"]

ROLES: dict[Role, str] = {
    "operator": "mengelola akun dan sistem",
    "petugas": "petugas desa: menerima dan mengurus permohonan",
    "kades": "kepala desa: menandatangani",
    "verifikator": "memeriksa pohon yang ditanam",
    "officer": "pegawai kabupaten",
    "inspektur": "inspektorat kabupaten: pengaduan tentang pungutan dan kepala desa, dan yang dirahasiakan",
    "teknisi": "memasang dan merawat alat",
    "petani": "petani: melihat lahannya sendiri",
}
"""Role and what it is for, in the words of the pages."""

assert set(ROLES) == set(get_args(Role))


@dataclass(frozen=True, slots=True)
class Actor:
    """``village``: a Kemendagri code (35.10.24.2008), or None for the whole regency. ``session`` is None for the token of a program."""

    id: str
    name: str
    roles: frozenset[Role]
    village: str | None
    session: str | None = None
    temporary: bool = False
    """Whether his password was given him by somebody else and is to be changed before anything else."""

    def may(self, role: Role, village: str | None) -> bool:
        """Whether he may do in ``village`` what ``role`` does; None asks for the whole regency."""
        return role in self.roles and self.covers(village)

    def covers(self, village: str | None) -> bool:
        """Whether the village is his to work for."""
        return self.village is None or self.village == village

    def require(self, village: str | None, *roles: Role) -> None:
        """Raise ``Forbidden`` unless he has one of the roles (none named: any) and the village is his."""
        if roles and self.roles.isdisjoint(roles):
            raise Forbidden(f"{self.id} is {', '.join(sorted(self.roles)) or 'nothing'}; this needs {' or '.join(roles)}")
        if not self.covers(village):
            raise Forbidden(f"{self.id} works for village {self.village}; this concerns {village or 'the whole regency'}")


PROGRAM = Actor("token", "Token", frozenset(ROLES), None)
"""Who bears the token of the data folder."""
