"""``/api/v1/trees``: registration, visits, the map, statistics, what is printed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse
from kampung_contract.errors import KampungError, NotFound
from kampung_contract.times import text
from kampung_contract.tree_code import parse_code
from kampung_contract.villages import village as find_village
from sqlalchemy import func, select

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import ActorDep, needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep, VillageDep
from kampung_cloud.health import now_ms
from kampung_cloud.keyed import Hashes
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.trees import api_paper, api_plots
from kampung_cloud.modules.trees.ageing import TreePhotos
from kampung_cloud.modules.trees.instruments import instruments
from kampung_cloud.modules.trees.map_document import Maps
from kampung_cloud.modules.trees.observing import UNITS, Person, Place
from kampung_cloud.modules.trees.photos import PhotoFolder, read_photo
from kampung_cloud.modules.trees.register import Planting, Register
from kampung_cloud.modules.trees.schemas import SpeciesOut, StandingOut, TreeIn, TreeOut, VisitIn, VisitOut
from kampung_cloud.modules.trees.showing import tree_shown, visit_shown
from kampung_cloud.modules.trees.species import species
from kampung_cloud.modules.trees.standing import By, standings, total
from kampung_cloud.modules.trees.thresholds import rows as threshold_rows
from kampung_cloud.modules.trees.visiting import Visiting
from kampung_cloud.records.tree_models import TreePhotoRow, TreeRow, TreeVisitRow
from kampung_cloud.retention.destroyed import certificate_of

router = APIRouter(prefix="/trees", tags=["trees"])
router.include_router(api_plots.router)
router.include_router(api_paper.router)

Verifier = Annotated[Actor, Depends(needs("verifikator"))]
Office = Annotated[Actor, Depends(needs("petugas", "kades", "officer", "verifikator"))]
CLOSED: dict[int | str, dict[str, Any]] = {401: {"model": Error, "description": "Nobody is logged in"}}
BINARY: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}, 304: {"description": "Unchanged"}}
MOST_IN_AN_HOUR = 200
"""Registrations from phones without an account, of one village: a school class, and no flood."""
NEAR_DEGREES = 0.0005
MOST_TO_VISIT = 5_000
MAPS = Maps()


@router.get("/species", response_model=list[SpeciesOut])
def list_species() -> list[dict[str, Any]]:
    """Species by their names, each density with source and mark; a species that is not listed may be registered all the same."""
    return [row.model_dump() for row in species().values()]


@router.get("/instruments")
def list_instruments() -> list[dict[str, Any]]:
    """With what is measured, in which unit, and how wrong that is."""
    return [row.model_dump() | {"unit": UNITS[row.kind]} for row in instruments().values()]


@router.get("/rule")
def the_rule() -> dict[str, dict[str, Any]]:
    """The numbers of *sudah tumbuh*, each with source and mark."""
    return threshold_rows()


@router.get("/map", responses=BINARY, response_class=Response)
def tree_map(services: ServicesDep, request: Request) -> Response:
    """All trees in one document of columns (map_document.py). With its ETag it is fetched again only when it has changed."""
    document = MAPS.document(services.records)
    headers = {"ETag": f'"{document.etag}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match", "").removeprefix("W/").strip('"') == document.etag:
        return Response(status_code=304, headers=headers)
    return Response(document.data, media_type="application/octet-stream", headers=headers)


@router.get("/standing", response_model=list[StandingOut])
def standing(services: ServicesDep, village: VillageDep, by: By = "village") -> list[dict[str, Any]]:
    """How trees fare by village, species or kind of place, the most trees first; the last row (key empty) is all of them."""
    found = standings(services.records, by, village)
    return [row.shown() for row in [*found, total(found)]]


@router.get("/near", response_model=TreeOut | None)
def nearest(
    services: ServicesDep, latitude: Annotated[float, Query(ge=-90, le=90)], longitude: Annotated[float, Query(ge=-180, le=180)]
) -> dict[str, Any] | None:
    """The tree nearest to a place, within some 50 m; null where none stands."""
    here = Place(latitude, longitude, 0.0)
    box = (
        TreeRow.latitude.between(latitude - NEAR_DEGREES, latitude + NEAR_DEGREES),
        TreeRow.longitude.between(longitude - NEAR_DEGREES, longitude + NEAR_DEGREES),
    )
    with services.records.session() as session:
        found = list(session.scalars(select(TreeRow).where(*box).limit(500)))
        session.expunge_all()
    best = min(found, key=lambda r: here.away(Place(r.latitude or 0.0, r.longitude or 0.0, 0.0)), default=None)
    return None if best is None else tree_shown(best, _register(services).history(best.code))


@router.post("", response_model=TreeOut, status_code=201)
def plant(services: ServicesDep, actor: ActorDep, given: TreeIn) -> dict[str, Any]:
    """Register a tree; the same ``id`` again is the same tree. No account is needed: nobody's word makes a tree more than *ditanam*."""
    now = now_ms()
    desk = actor is not None and actor.may("petugas", find_village(given.village).code)
    if actor is None:
        _not_a_flood(services, given.village, now)
    photo = read_photo(given.photo.data) if given.photo is not None else None
    taken = None if given.photo is None or photo is None else photo.taken if photo.taken is not None else given.photo.taken
    planter = Person("" if actor is None or desk else actor.id, Hashes(services.config.data).phone(given.phone), given.planter)
    place = None if given.place is None else Place(given.place.latitude, given.place.longitude, given.place.accuracy)
    planting = Planting(
        event=f"api/{given.id}", code=given.code or "", village=given.village, species=given.species, planted=given.planted,
        planter=planter, source="desk" if desk else "phone", public=given.public, height=given.height, place=place, plot=given.plot,
        replaces=given.replaces,
    )  # fmt: skip
    row = _register(services).put(planting, photo, taken, now, day_of(now))
    return tree_shown(row, _register(services).history(row.code))


@router.post("/visits", response_model=VisitOut, responses=CLOSED)
def visit(services: ServicesDep, actor: Verifier, given: VisitIn) -> dict[str, Any]:
    """A verifier's visit: accepted or refused with a reason for each rule; the same ``id`` again gives the same answer."""
    row, status = Visiting(services.records, PhotoFolder(services.config.data)).take(actor, given, now_ms())
    return visit_shown(row, status)


@router.get("/visits", response_model=list[VisitOut], responses=CLOSED)
def my_visits(services: ServicesDep, actor: Verifier) -> list[dict[str, Any]]:
    """One's own, the newest first, at most 100."""
    return [visit_shown(row) for row in Visiting(services.records, PhotoFolder(services.config.data)).by(actor.id)]


@router.get("/to-visit", responses=CLOSED)
def to_visit(services: ServicesDep, actor: Verifier, village: str) -> list[dict[str, Any]]:
    """What a verifier takes along: the village's trees that stand, with their last accepted visit; for the phone's own store."""
    code = find_village(village).code
    actor.require(code)
    last = (
        select(TreeVisitRow.tree, func.max(TreeVisitRow.began).label("began"))
        .where(TreeVisitRow.accepted)
        .group_by(TreeVisitRow.tree)
        .subquery()
    )
    query = (
        select(TreeRow, last.c.began)
        .outerjoin(last, last.c.tree == TreeRow.code)
        .where(TreeRow.village == code, TreeRow.status.in_(("ditanam", "hidup", "tumbuh")))
        .order_by(TreeRow.planted, TreeRow.code)
        .limit(MOST_TO_VISIT)
    )
    names = ("code", "species", "said", "latitude", "longitude", "planted", "status", "height", "dbh", "plot")
    with services.records.session() as session:
        rows = session.execute(query).all()
        return [{n: getattr(row, n) for n in names} | {"visited": None if began is None else text(began)} for row, began in rows]


@router.get("/photos/{sha}", responses=CLOSED, response_class=FileResponse)
def photo_file(services: ServicesDep, actor: Office, sha: str) -> FileResponse:
    """A photo, for those who work with it: people may be in it."""
    with services.records.session() as session:
        row = session.get(TreePhotoRow, sha)
        tree = session.get(TreeRow, row.tree) if row is not None else None
        village = tree.village if tree is not None else None
    if row is None:
        raise NotFound(f"no photo is named {sha[:64]!r}")
    actor.require(village)
    if not row.kept:
        said = certificate_of(services.records, village or "", TreePhotos.name, sha)
        raise NotFound(f"foto ini sudah dimusnahkan karena melewati masa simpan (berita acara {said})")
    file = PhotoFolder(services.config.data).file(sha)
    if not file.is_file():
        raise NotFound(f"photo {sha} is on record, but its file is not in the data folder; restore it from a backup")
    return FileResponse(file, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


@router.get("/{code}", response_model=TreeOut)
def one_tree(services: ServicesDep, actor: ActorDep, code: str) -> dict[str, Any]:
    """A tree's page: what anybody may see of it."""
    row = _register(services).get(code)
    named = actor is not None and actor.covers(row.village) and bool(actor.roles & {"petugas", "kades", "officer"})
    return tree_shown(row, _register(services).history(row.code), named=named)


@router.get("/{code}/visits", response_model=list[VisitOut], responses=CLOSED)
def visits_of(services: ServicesDep, actor: Office, code: str) -> list[dict[str, Any]]:
    """All visits of a tree, the newest first, with why each was refused."""
    actor.require(_register(services).get(code).village)
    return [visit_shown(row) for row in Visiting(services.records, PhotoFolder(services.config.data)).of(code)]


@router.post("/{code}/species", response_model=TreeOut, responses=CLOSED)
def put_species_right(
    services: ServicesDep,
    actor: Annotated[Actor, Depends(needs("petugas", "kades"))],
    code: str,
    said: Annotated[str, Query(min_length=1, max_length=80)],
) -> dict[str, Any]:
    """Correct what tree it is."""
    actor.require(_register(services).get(code).village)
    row = _register(services).correct_species(parse_code(code), said, now_ms())
    return tree_shown(row, _register(services).history(row.code), named=True)


def _register(services: Services) -> Register:
    return Register(services.records, PhotoFolder(services.config.data))


def _not_a_flood(services: Services, village: str, now: int) -> None:
    recent = select(func.count()).select_from(TreeRow).where(
        TreeRow.source == "phone", TreeRow.planter_account == "", TreeRow.village == village, TreeRow.at > now - 3_600_000
    )  # fmt: skip
    with services.records.session() as session:
        if (session.scalar(recent) or 0) >= MOST_IN_AN_HOUR:
            raise KampungError(
                f"{MOST_IN_AN_HOUR} trees of this village were registered within an hour; try again later, or log in",
                code="too_many_attempts",
            )
