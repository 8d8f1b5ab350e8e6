"""``/api/v1/services/definitions``: a village's own definitions of services, tried, put in force, taken back; for operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from kampung_contract.errors import ConfigurationError, InvalidRequest, NotFound
from kampung_contract.times import text
from kampung_contract.villages import village as find_village
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.services import showing
from kampung_cloud.modules.services.catalogue import Service
from kampung_cloud.modules.services.catalogue.loading import ours
from kampung_cloud.modules.services.kiosks import offered
from kampung_cloud.modules.services.models import ServiceDefinitionRow
from kampung_cloud.modules.services.office import Office, office
from kampung_cloud.modules.services.own.trying import Tried, look

router = APIRouter()

Operator = Annotated[Actor, Depends(needs("operator"))]
Village = Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008", max_length=13)]
LONGEST = 64_000
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such service or version"},
    422: {"model": Error, "description": "The definition cannot be used"},
}
Kind = Literal["pdf", "image"]
LETTER: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}, "image/png": {}}, "description": "The letter"}}


class InvalidDefinition(InvalidRequest):
    """A definition that cannot be used. ``fields``: by place in the file, what is wrong and what to do."""

    code = "invalid_definition"

    def __init__(self, tried: Tried) -> None:
        super().__init__("; ".join(map(str, tried.faults)))
        self.fields = {fault.at or "berkas": fault.said for fault in tried.faults}


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    village: Annotated[str, Field(max_length=13)]


class TryIn(_Given):
    """A definition as it is written."""

    text: Annotated[str, Field(max_length=LONGEST)]


class SampleIn(TryIn):
    """``answers``: those to print; made-up ones stand for the others."""

    answers: dict[str, Any] = {}


class PutIn(TryIn):
    """``note``: why, for the record."""

    note: Annotated[str, Field(min_length=3, max_length=400)]


class FormerIn(_Given):
    """``version``: the one that is to hold again; None takes the village's own back."""

    version: Annotated[int, Field(ge=1, le=2**53)] | None = None
    note: Annotated[str, Field(min_length=3, max_length=400)]


class FaultOut(BaseModel):
    """What is wrong, where, and what to do."""

    at: str
    said: str


class TriedOut(BaseModel):
    """``kiosk`` is what a kiosk is given of it. ``replaces``: whose definition is in force now (``desa``, ``berkas``, ``bawaan``), None for
    a service that is new; ``open``: requests for it that are under way."""

    faults: list[FaultOut]
    id: str | None = None
    kiosk: dict[str, Any] | None = None
    definition: dict[str, Any] | None = None
    replaces: str | None = None
    changes: list[str] = []
    notes: list[str] = []
    open: int = 0


class VersionOut(BaseModel):
    """One change. ``text`` is None where the village's own was taken back."""

    version: int
    at: str
    by: str
    note: str
    text: str | None


class DefinedOut(BaseModel):
    """A service's definition as it is in force, and every change at the desk, the last first."""

    id: str
    title: str | None
    text: str | None
    whose: str | None
    versions: list[VersionOut]


class OwnOut(BaseModel):
    """A service that the village has or had a definition of its own of. ``in_force``: whether it still has."""

    id: str
    title: str | None
    in_force: bool
    at: str
    by: str
    note: str


class ListOut(BaseModel):
    """``trouble``: why a change is not in force, where one is not."""

    services: list[OwnOut]
    trouble: str | None


@router.get("/services/definitions", response_model=ListOut, responses=CLOSED)
def definitions(services: ServicesDep, actor: Operator, village: Village) -> dict[str, Any]:
    """What the village has said otherwise, or added, at the desk."""
    desk, code = office(services), _mine(actor, village)
    known = desk.catalogue.services(code)
    listed = [{**_change(row), "id": row.service, "title": _title(known, row.service), "in_force": row.text is not None}
              for row in desk.definitions.listed(code)]  # fmt: skip
    return {"services": listed, "trouble": desk.catalogue.troubles.get(code)}


@router.post("/services/definitions/check", response_model=TriedOut, responses=CLOSED)
def check(services: ServicesDep, actor: Operator, given: TryIn) -> dict[str, Any]:
    """Everything that is wrong with a definition; or how the kiosk asks, what it changes, and what to know before. Nothing is kept."""
    desk, code = office(services), _mine(actor, given.village)
    tried = _tried(desk, code, given.text)
    out: dict[str, Any] = {"faults": [{"at": f.at, "said": f.said} for f in tried.faults]}
    if tried.service is None:
        return out
    name = tried.service.id
    return out | {
        "id": name,
        "kiosk": offered(tried.service),
        "definition": showing.in_full(tried.service)["definition"],
        "replaces": desk.catalogue.text(code, name)[1] if name in desk.catalogue.services(code) else None,
        "changes": list(tried.changes),
        "notes": list(tried.notes),
        "open": desk.book.under_way(code, name),
    }


@router.post("/services/definitions/letter", responses=LETTER | CLOSED, response_class=Response)
def letter(services: ServicesDep, actor: Operator, given: SampleIn, as_: Annotated[Kind, Query(alias="as")] = "pdf") -> Response:
    """How its letter would look, with made-up people: whole as PDF, or its first page as an image."""
    desk, code = office(services), _mine(actor, given.village)
    service = _usable(_tried(desk, code, given.text))
    if service.letter is None:
        raise NotFound(f"{service.id} prints no letter; it goes on to {service.forward_to}")
    made = _set(desk, code, service, given.answers, image=as_ == "image")
    return Response(made, media_type="image/png" if as_ == "image" else "application/pdf", headers={"Cache-Control": "no-store"})


@router.post("/services/definitions", response_model=DefinedOut, status_code=201, responses=CLOSED)
def put(services: ServicesDep, actor: Operator, given: PutIn) -> dict[str, Any]:
    """In force from now on, for requests and kiosks; who did it and why is on record."""
    desk, code = office(services), _mine(actor, given.village)
    service = _usable(_tried(desk, code, given.text))
    if service.letter is not None:
        _set(desk, code, service, {})  # what cannot be set is not put in force
    desk.definitions.put(code, service.id, given.text, by=actor.id, note=given.note, now=now_ms())
    return _defined(desk, code, service.id)


@router.get("/services/definitions/{service}", response_model=DefinedOut, responses=CLOSED)
def definition(services: ServicesDep, actor: Operator, service: str, village: Village) -> dict[str, Any]:
    """A service's file as it is in force: to read, or to begin one's own with."""
    return _defined(office(services), _mine(actor, village), service)


@router.post("/services/definitions/{service}/former", response_model=DefinedOut, responses=CLOSED)
def former(services: ServicesDep, actor: Operator, service: str, given: FormerIn) -> dict[str, Any]:
    """Back to a former version, or to the platform's own. It is a change like any other."""
    desk, code = office(services), _mine(actor, given.village)
    said = None
    if given.version is not None:
        said = desk.definitions.version(code, service, given.version).text
    if said is not None:
        _usable(_tried(desk, code, said))  # an older one may say too little for today's platform
    desk.definitions.put(code, service, said, by=actor.id, note=given.note, now=now_ms())
    return _defined(desk, code, service)


def _mine(actor: Actor, village: str) -> str:
    code = find_village(village).code
    actor.require(code, "operator")
    return code


def _tried(desk: Office, village: str, said: str) -> Tried:
    return look(said, desk.catalogue.common(village), ours(), desk.catalogue.services(village))


def _usable(tried: Tried) -> Service:
    if tried.service is None:
        raise InvalidDefinition(tried)
    return tried.service


def _set(desk: Office, village: str, service: Service, answers: Mapping[str, Any], *, image: bool = False) -> bytes:
    """Raises ``InvalidRequest`` for a letter that cannot be set: whoever wrote it has to hear why."""
    try:
        return desk.sample(village, service, answers, image=image)
    except ConfigurationError as error:
        raise InvalidRequest(
            f"suratnya tidak dapat dicetak ({error.message}); ganti huruf yang tidak biasa, atau pendekkan katanya"
        ) from None


def _defined(desk: Office, village: str, name: str) -> dict[str, Any]:
    rows = desk.definitions.history(village, name)
    said: str | None = None
    whose: str | None = None
    try:
        said, whose = desk.catalogue.text(village, name)
    except NotFound:
        if not rows:
            raise
    return {
        "id": name,
        "title": _title(desk.catalogue.services(village), name),
        "text": said,
        "whose": whose,
        "versions": [{**_change(row), "version": row.id, "text": row.text} for row in rows],
    }


def _title(known: Any, name: str) -> str | None:
    return known[name].title if name in known else None


def _change(row: ServiceDefinitionRow) -> dict[str, Any]:
    return {"at": text(row.at), "by": row.by, "note": row.note}
