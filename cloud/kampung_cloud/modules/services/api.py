"""``/api/v1/services``, ``/requests``, ``/letters``: the catalogue for everybody, the work for staff, whether a letter is genuine."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from kampung_contract.errors import Forbidden, KampungError, NotFound
from kampung_contract.times import text
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import address, needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.services import api_certified, api_definitions, api_keys, api_lookups, api_of_resident, showing
from kampung_cloud.modules.services.flow.states import OPEN, Act, State, Who, allowed
from kampung_cloud.modules.services.gating import told
from kampung_cloud.modules.services.limits import FOLLOWING, VERIFYING
from kampung_cloud.modules.services.office import Office, office
from kampung_cloud.modules.services.requests.book import Asked, day_of
from kampung_cloud.modules.services.requests.book import Request as Case
from kampung_cloud.modules.services.schemas import (
    ActIn,
    CodeIn,
    DefinitionOut,
    DetailOut,
    FollowIn,
    FollowOut,
    GateIn,
    LetterOut,
    RequestIn,
    RequestOut,
    RevokeIn,
    ServiceOut,
    SignedOut,
    SignIn,
    StatisticsOut,
    VerdictOut,
)
from kampung_cloud.modules.services.statistics import by_service
from kampung_cloud.modules.services.verifying import verdict
from kampung_cloud.residents import access_log

router = APIRouter(tags=["public services"])
router.include_router(api_definitions.router)
router.include_router(api_keys.router)
router.include_router(api_of_resident.router)
router.include_router(api_lookups.router)
router.include_router(api_certified.router)

DAY_MS = 86_400_000
Staff = Annotated[Actor, Depends(needs("petugas", "kades"))]
Village = Annotated[str, Query(description="Kemendagri code, as 35.10.24.2008", max_length=13)]
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such thing"},
    409: {"model": Error, "description": "Not possible from where the request stands"},
}
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Error, "description": "There is no such thing"}}
LIMITED: dict[int | str, dict[str, Any]] = {429: {"model": Error, "description": "Too many from one address"}}
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "PDF/A"}}
FORMS: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "PDF"}}
PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}, "description": "The first page"}}


@router.get("/services", response_model=list[ServiceOut])
def catalogue(services: ServicesDep, village: Village) -> list[dict[str, Any]]:
    """What a village offers, by title."""
    found = office(services).catalogue.services(find_village(village).code)
    return [showing.in_short(s) for s in sorted(found.values(), key=lambda s: s.title)]


@router.get("/services/statistics", response_model=StatisticsOut, responses=CLOSED)
def statistics(services: ServicesDep, actor: Staff, village: Village, days: Annotated[int, Query(ge=1, le=366)] = 30) -> dict[str, Any]:
    """How long services took, in the village's own working minutes; Dukcapil's and the resident's apart."""
    code, desk, since = _mine(actor, village), office(services), now_ms() - days * DAY_MS
    rows = by_service(services.records, code, since, desk.calendar)
    return {"village": code, "since": text(since), "services": rows, "states": desk.book.counts(code)}


@router.get("/services/{service}", response_model=DefinitionOut, responses=MISSING)
def definition(services: ServicesDep, service: str, village: Village) -> dict[str, Any]:
    """A service with its questions, its 14 components and its time limits."""
    return showing.in_full(office(services).catalogue.service(find_village(village).code, service))


@router.get("/services/{service}/preview", responses=PNG | MISSING, response_class=Response)
def preview(services: ServicesDep, service: str, village: Village) -> Response:
    """Its letter with made-up answers."""
    code, desk = find_village(village).code, office(services)
    found = desk.catalogue.service(code, service)
    if found.letter is None:
        raise NotFound(f"{found.id} prints no letter; it goes on to {found.forward_to}")
    return Response(desk.preview(code, found), media_type="image/png")


@router.get("/requests", response_model=list[RequestOut], responses=CLOSED)
def inbox(
    services: ServicesDep, actor: Staff, village: Village, state: Annotated[list[State] | None, Query()] = None
) -> list[dict[str, Any]]:
    """Requests of a village, the one with the least time left first; without ``state`` all that are open."""
    desk, now = office(services), now_ms()
    found = desk.book.inbox(_mine(actor, village), state or OPEN)
    return [showing.row(r, actor, desk.calendar, now) for r in found]


@router.post("/requests", response_model=DetailOut, status_code=201, responses=CLOSED)
def take_in(services: ServicesDep, actor: Staff, given: RequestIn) -> dict[str, Any]:
    """A request at the counter. Answers that do not fit are named field by field."""
    asked = Asked(
        _mine(actor, given.village), given.service, given.answers, given.person, given.person_id, "desk", actor.id, given.reference
    )
    desk = office(services)
    return _detail(desk, _case(desk, desk.book.take_in(asked, now_ms()), actor), actor)


@router.post("/requests/sign", response_model=list[SignedOut], responses=CLOSED)
def sign(services: ServicesDep, actor: Annotated[Actor, Depends(needs("kades"))], given: SignIn) -> list[dict[str, Any]]:
    """Sign one or many, ``SignedOut`` by request: one that cannot be signed has its error, takes no number and keeps none of the others."""
    desk = office(services)
    out: dict[str, KampungError | Case] = {}
    cases: dict[str, tuple[Case, Who]] = {}
    for ref in dict.fromkeys(given.requests):
        try:
            case = _case(desk, ref, actor)
            cases[ref] = case, _as(case, "sign", actor)
        except KampungError as error:
            out[ref] = error
    out |= dict(zip(cases, desk.sign(list(cases.values()), actor.id, now_ms()), strict=True))
    return [_signed(ref, out[ref]) for ref in dict.fromkeys(given.requests)]


@router.post("/requests/follow", response_model=FollowOut, responses=MISSING | LIMITED)
def follow(services: ServicesDep, request: Request, given: FollowIn) -> dict[str, Any]:
    """How a request stands, for whoever has the receipt: no name."""
    FOLLOWING.take(address(request), now_ms())
    desk = office(services)
    case = desk.book.get(given.reference)
    return showing.followed(case, desk.book.steps(case.row.id), desk.calendar, now_ms())


@router.get("/requests/{reference}", response_model=DetailOut, responses=CLOSED)
def one(services: ServicesDep, actor: Staff, reference: str) -> dict[str, Any]:
    """One request, whole."""
    desk = office(services)
    case = _case(desk, reference, actor)
    _on_record(services, case, actor, "view")
    return _detail(desk, case, actor)


@router.post("/requests/{reference}/acts", response_model=DetailOut, responses=CLOSED)
def act(services: ServicesDep, actor: Staff, reference: str, given: ActIn) -> dict[str, Any]:
    """Lead a request on."""
    desk = office(services)
    case = _case(desk, reference, actor)
    who = _as(case, given.act, actor)
    done = desk.book.act(case.row.id, given.act, who, actor.id, now_ms(), note=given.note, answers=given.answers or None)
    return _detail(desk, done, actor)


@router.post("/requests/{reference}/gate", response_model=DetailOut, responses=CLOSED)
def gate(services: ServicesDep, actor: Staff, reference: str, given: GateIn) -> dict[str, Any]:
    """What the office has seen for Sedekah Oksigen: trees, a pledge, an exemption. The answer says whether the request may go on."""
    desk = office(services)
    case = _case(desk, reference, actor)
    desk.show_trees(case, given, actor.id, now_ms())
    return _detail(desk, case, actor)


@router.get("/requests/{reference}/draft", responses=PNG | CLOSED, response_class=Response)
def draft(services: ServicesDep, actor: Staff, reference: str) -> Response:
    """How its letter would look now."""
    desk = office(services)
    case = _case(desk, reference, actor)
    if case.service.letter is None:
        raise NotFound(f"{case.service.id} prints no letter; it goes on to {case.service.forward_to}")
    _on_record(services, case, actor, "view")
    return Response(desk.draft(case.row.id), media_type="image/png", headers={"Cache-Control": "no-store"})


@router.get("/requests/{reference}/letter", responses=PDF | CLOSED, response_class=Response)
def letter(services: ServicesDep, actor: Staff, reference: str) -> Response:
    """The signed letter."""
    desk = office(services)
    case = _case(desk, reference, actor)
    _on_record(services, case, actor, "print")
    name = f'inline; filename="surat-{case.row.id}.pdf"'
    return Response(
        desk.letter(case.row.id), media_type="application/pdf", headers={"Content-Disposition": name, "Cache-Control": "no-store"}
    )


@router.get("/requests/{reference}/annexes", responses=FORMS | CLOSED, response_class=Response)
def annexes(services: ServicesDep, actor: Staff, reference: str) -> Response:
    """Every form that goes with the request and is set here, filled, to be signed by the resident."""
    return _annexes(services, actor, reference, None)


@router.get("/requests/{reference}/annexes/{form}", responses=FORMS | CLOSED, response_class=Response)
def annex(services: ServicesDep, actor: Staff, reference: str, form: str) -> Response:
    """One form, as F-2.01."""
    return _annexes(services, actor, reference, form)


@router.get("/letters", response_model=list[LetterOut], responses=CLOSED)
def register(services: ServicesDep, actor: Staff, village: Village, year: Annotated[int, Query(ge=2020, le=2200)]) -> list[dict[str, Any]]:
    """The register of letters of a year."""
    desk, code = office(services), _mine(actor, village)
    titles = desk.catalogue.services(code)
    lines = desk.book.register(code, year)
    signatures = desk.certified.shown([x.id for x in lines], now_ms())
    named = {x.id: titles[x.service].title if x.service in titles else x.service for x in lines}
    return [showing.letter(x, named[x.id], signatures[x.id]) for x in lines]


@router.post("/letters/{letter_id}/revoke", response_model=LetterOut, responses=CLOSED)
def revoke(services: ServicesDep, actor: Annotated[Actor, Depends(needs("kades"))], letter_id: str, given: RevokeIn) -> dict[str, Any]:
    """A letter no longer holds. It keeps its number, with the reason."""
    desk = office(services)
    line = desk.issued(letter_id)
    if line is None:
        raise NotFound(f"no letter {letter_id[:40]!r}; the register lists them")
    actor.require(line.village, "kades")
    desk.book.revoke(letter_id, given.reason, now_ms())
    again = desk.issued(letter_id)
    assert again is not None
    return showing.letter(again, line.service, desk.certified.shown([letter_id], now_ms())[letter_id])


@router.get("/letters/keys")
def keys(services: ServicesDep, response: Response) -> dict[str, Any]:
    """What is needed to check letters without a line: public keys of villages, and ids of letters that were withdrawn."""
    desk = office(services)
    response.headers["Cache-Control"] = "public, max-age=300"
    return {"at": text(now_ms()), "keys": desk.keys.public().rows(), "revoked": [x.id for x in desk.revoked()]}


@router.post("/letters/verify", response_model=VerdictOut, responses=LIMITED)
def verify(services: ServicesDep, request: Request, given: CodeIn) -> dict[str, Any]:
    """Whether the code on a letter is genuine, and whether the letter still holds."""
    now = now_ms()
    VERIFYING.take(address(request), now)
    desk = office(services)
    return verdict(given.code, desk.keys.public(), {x.id for x in desk.revoked()}, day_of(now), desk.registered)


def _mine(actor: Actor, village: str) -> str:
    code = find_village(village).code
    actor.require(code, "petugas", "kades")
    return code


def _case(desk: Office, reference: str, actor: Actor) -> Case:
    case = desk.book.get(reference)
    actor.require(case.row.village, "petugas", "kades")
    return case


def _annexes(services: Services, actor: Actor, reference: str, form: str | None) -> Response:
    desk = office(services)
    case = _case(desk, reference, actor)
    made = desk.annexes(case, form)
    _on_record(services, case, actor, "print")
    name = f'inline; filename="lampiran-{case.row.id}.pdf"'
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": name, "Cache-Control": "no-store"})


def _signed(ref: str, done: Case | KampungError) -> dict[str, Any]:
    if isinstance(done, KampungError):
        return {"request": ref, "number": None, "error": done.message}
    return {"request": done.row.id, "number": done.letter.number if done.letter else None, "error": None}


def _on_record(services: Services, case: Case, actor: Actor, what: str) -> None:
    """Before it is shown: who read the resident's data, for his request (UU 27/2022; the resident prints it)."""
    person = case.row.person or ""
    resident = int(person) if person.isdigit() else None
    reading = access_log.Reading(case.row.village, "permohonan", what, (resident,), f"permohonan {case.row.id}")
    access_log.note(services.records, actor, [reading], now_ms())


def _as(case: Case, what: Act, actor: Actor) -> Who:
    """As whom the actor does it. Raises ``Forbidden`` where none of his roles may; what the state forbids, the book says."""
    may = allowed(case.service, case.place).get(what)
    mine = showing.roles(actor)
    if not mine:
        raise Forbidden(f"{actor.id} is {', '.join(sorted(actor.roles))}; this needs petugas or kades")
    if may is None:
        return mine[0]
    fit = next((who for who in mine if who in may), None)
    if fit is None:
        raise Forbidden(f"{what} on request {case.row.id} is for {' or '.join(may)}; {actor.id} is {', '.join(mine)}")
    return fit


def _detail(desk: Office, case: Case, actor: Actor) -> dict[str, Any]:
    gate = desk.asked([case.row.id]).get(case.row.id)
    now = now_ms()
    signatures = desk.certified.shown([case.letter.id], now) if case.letter else {}
    shown = showing.detail(case, desk.book.steps(case.row.id), actor, desk.calendar, now, signatures)
    return shown | {"gate": None if gate is None else told(gate), "lookups": desk.lookups.shown(case)}
