"""People who hear of alarms. Everything here needs the token: these are personal data."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from kampung_contract.errors import InvalidRequest, KampungError
from kampung_contract.villages import village as find_village

from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas_messages import ImportedOut, PeopleIn, PersonIn, PersonNamedIn, PersonOut
from kampung_cloud.api.services import Services, ServicesDep, authorised
from kampung_cloud.health import now_ms
from kampung_cloud.messages import people
from kampung_cloud.messages.person import Person, person, quiet_hours

router = APIRouter(
    prefix="/people",
    tags=["people"],
    dependencies=[Depends(authorised)],
    responses={401: {"model": Error, "description": "The token is missing or wrong"}},
)

PersonId = Annotated[str, Path(max_length=63)]
SHOWN = 20
"""So many wrong entries of an import are told."""


@router.get("", response_model=list[PersonOut])
def listed(
    services: ServicesDep,
    village: Annotated[str | None, Query(description="Kemendagri code; empty for the regency's own", max_length=40)] = None,
    role: str | None = None,
    addresses: Annotated[bool, Query(description="Whole addresses; masked without")] = False,
) -> list[dict[str, Any]]:
    """Everybody, by village and name."""
    code = find_village(village).code if village else village
    return [_shown(each, whole=addresses) for each in people.listed(services.records, code, role)]


@router.post("", response_model=ImportedOut)
def put_all(services: ServicesDep, wanted: PeopleIn) -> dict[str, int]:
    """Add or replace several people: all of them, or none and what is wrong with each."""
    found, wrong = [], []
    for number, each in enumerate(wanted.people, 1):
        try:
            found.append(_read(services, each.id, each))
        except KampungError as error:
            wrong.append(f"person {number} ({each.id[:40]}): {error.message}")
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise InvalidRequest("\n".join([*wrong[:SHOWN], *more]))
    new = people.put(services.records, found, now_ms())
    return {"new": len(new), "changed": len(found) - len(new)}


@router.get("/{name}", response_model=PersonOut)
def one(services: ServicesDep, name: PersonId) -> dict[str, Any]:
    """One person, with whole addresses."""
    return _shown(people.find(services.records, name), whole=True)


@router.put("/{name}", response_model=PersonOut)
def put(services: ServicesDep, name: PersonId, wanted: PersonIn) -> dict[str, Any]:
    """Add somebody, or replace what is known of him."""
    found = _read(services, name, wanted)
    people.put(services.records, [found], now_ms())
    return _shown(found, whole=True)


@router.delete("/{name}", status_code=204)
def remove(services: ServicesDep, name: PersonId) -> None:
    """Forget somebody; what waits to be sent to him does not go."""
    people.remove(services.records, name, now_ms())


def _read(services: Services, name: str, wanted: PersonIn | PersonNamedIn) -> Person:
    """Raises ``InvalidRequest`` and ``UnknownVillage``."""
    config = services.config
    return person(
        id=name,
        name=wanted.name,
        role=wanted.role,
        channels={channel.name: channel.kind for channel in config.channel},
        known_fields=[field.id for field in config.field if field.village == wanted.village or not wanted.village],
        village_code=wanted.village,
        language=wanted.language,
        addresses=[(each.channel, each.address) for each in wanted.addresses],
        fields=wanted.fields,
        about=wanted.about,
        least=wanted.least,
        quiet=None if wanted.quiet is None else (wanted.quiet.begin, wanted.quiet.end),
        active=wanted.active,
    )


def _shown(each: Person, *, whole: bool) -> dict[str, Any]:
    addresses = each.addresses if whole else [address.masked for address in each.addresses]
    return {
        "id": each.id,
        "village": each.village,
        "name": each.name,
        "role": each.role,
        "language": each.language,
        "addresses": [{"channel": a.channel, "address": a.address} for a in addresses],
        "fields": list(each.fields),
        "about": sorted(each.about),
        "hears": sorted(each.hears),
        "least": each.least,
        "quiet": quiet_hours(each.quiet),
        "active": each.active,
    }
