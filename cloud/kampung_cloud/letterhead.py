"""Whose office writes, and when, as papers say it."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_contract.times import text
from kampung_contract.villages import village as find_village

from kampung_cloud.local_day import day_of, said


@dataclass(frozen=True, slots=True)
class Place:
    """An office of a village. ``kind``: Desa or Kelurahan."""

    kind: str
    village: str
    district: str


def place(code: str) -> Place:
    """By Kemendagri code. Raises ``UnknownVillage``."""
    found = find_village(code)
    return Place("Kelurahan" if found.type == "kelurahan" else "Desa", found.name, found.kecamatan)


def day(ms: int) -> str:
    """30 November 2026, of ms UTC."""
    return said(day_of(ms))


def moment(ms: int) -> str:
    """30 November 2026 pukul 16.05 WIB, of ms UTC."""
    return f"{day(ms)} pukul {text(ms)[11:16].replace(':', '.')} WIB"
