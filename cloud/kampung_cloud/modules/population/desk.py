"""What the routes of residents share: whose register, who asks, and in what form a resident is told."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path as Folder
from typing import Annotated, Any

from fastapi import Depends, Path
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import WIB, text
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services
from kampung_cloud.records.resident_models import ResidentEventRow, ResidentRow
from kampung_cloud.residents import access_log, nik
from kampung_cloud.residents.doubt import WORDS
from kampung_cloud.residents.law import purpose
from kampung_cloud.residents.registry import Registry
from kampung_cloud.residents.sealed import Sealed
from kampung_cloud.sealing import Keyring

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""A row's, as wide as the databases keep it."""
StaffDep = Annotated[Actor, Depends(needs("petugas", "kades"))]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "Nobody is logged in"},
    403: {"model": Error, "description": "Another role, or another village's"},
    409: {"model": Error, "description": "It is over, or somebody else was sooner"},
}


@lru_cache(8)
def _ring(folder: Folder) -> Keyring:
    return Keyring.open_at(folder, 1)


def registry(services: Services) -> Registry:
    """Over the process's records, with the installation's keys. Raises ``ConfigurationError``."""
    return Registry(services.records, _ring(services.config.data))


def village_of(actor: Actor, code: str | None) -> str:
    """One's own, or the one that is named. Raises ``InvalidRequest``, ``UnknownVillage``, ``Forbidden``."""
    if code is None:
        if actor.village is None:
            raise InvalidRequest("village is missing; you work for the whole regency, so name one, such as 35.10.24.2008")
        return actor.village
    found = find_village(code).code
    actor.require(found)
    return found


def note(services: Services, actor: Actor, why: str, what: str, rows: list[tuple[str, int | None]], now: int, detail: str = "") -> None:  # noqa: PLR0917
    """Put on record that data of these residents (village, number) are read. Raises ``InvalidRequest`` for what is no purpose."""
    by_village: dict[str, list[int | None]] = {}
    for village, number in rows:
        by_village.setdefault(village, []).append(number)
    readings = [access_log.Reading(village, purpose(why), what, tuple(numbers), detail) for village, numbers in by_village.items()]
    if readings:
        access_log.note(services.records, actor, readings, now)


def line(sealed: Sealed, row: ResidentRow) -> dict[str, Any]:
    """A resident in a list."""
    return {
        "id": row.id, "village": row.village, "village_name": find_village(row.village).name, "name": row.name, "sex": row.sex,
        "born": row.born, "birthplace": row.birthplace, "hamlet": row.hamlet, "rt": row.rt, "rw": row.rw, "relation": row.relation,
        "state": row.state, "nik": nik.masked(sealed.open("nik", row.id, row.nik_sealed)), "doubts": row.doubts,
    }  # fmt: skip


def wondered(codes: list[Any] | tuple[str, ...]) -> list[dict[str, str]]:
    """Doubts in words."""
    return [{"code": code, "words": WORDS[code]} for code in codes]


def event(row: ResidentEventRow) -> dict[str, Any]:
    """What happened."""
    body = row.body
    note = str(body.get("note", "")) or (f"berkas impor, baris {body['line']}" if "line" in body else "")
    return {"kind": row.kind, "day": row.day, "note": note, "fields": body.get("fields", []), "by": row.by, "at": text(row.at)}


def today(now: int) -> str:
    """ISO day of the villages' calendar."""
    return datetime.fromtimestamp(now / 1000, WIB).date().isoformat()
