"""What is printed: tags and certificates."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import village as find_village

from kampung_cloud.access.asking import ActorDep
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.modules.trees import paper
from kampung_cloud.modules.trees.photos import PhotoFolder
from kampung_cloud.modules.trees.register import Register
from kampung_cloud.modules.trees.showing import tree_shown
from kampung_cloud.records.tree_models import TreeRow

router = APIRouter()
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}}


@router.get("/tags.pdf", responses=PDF, response_class=Response)
def tag_sheet(services: ServicesDep, request: Request, codes: Annotated[str, Query(max_length=4000)]) -> Response:
    """A sheet of tags to cut out, for codes with commas between them. A tag names no person."""
    wanted = [code for code in codes.split(",") if code.strip()]
    if len(wanted) > paper.MOST_TAGS:
        raise InvalidRequest(f"codes: {len(wanted)} tags; a sheet is made of 1 to {paper.MOST_TAGS}")
    rows = [_get(services, code) for code in wanted]
    made = paper.tags(_base(services, request), [paper.Tag(r.code, str(tree_shown(r)["species_title"]["id"]), _village(r)) for r in rows])
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": 'inline; filename="label-pohon.pdf"'})


@router.get("/{code}/tag.svg", responses=SVG, response_class=Response)
def tag(services: ServicesDep, request: Request, code: str) -> Response:
    """One tag's QR code."""
    return Response(paper.qr(paper.address(_base(services, request), _get(services, code).code)), media_type="image/svg+xml")


@router.get("/{code}/certificate.pdf", responses=PDF, response_class=Response)
def tree_certificate(services: ServicesDep, request: Request, actor: ActorDep, code: str) -> Response:
    """A tree's certificate, for one that a verifier has seen alive. It has a number only once it has grown; the planter's name stands on
    it where he wants that, or where the village office prints it."""
    row = _get(services, code)
    named = actor is not None and actor.may("petugas", row.village)
    number = f"SO/{row.village}/{row.code}" if row.status == "tumbuh" else ""
    made = paper.certificate(_base(services, request), tree_shown(row, named=named), _village(row), number)
    name = f"sertifikat-pohon-{row.code}.pdf"
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def _get(services: Services, code: str) -> TreeRow:
    return Register(services.records, PhotoFolder(services.config.data)).get(code)


def _village(row: TreeRow) -> str:
    place = find_village(row.village)
    return f"{place.type.capitalize()} {place.name}, {place.kecamatan}"


def _base(services: Services, request: Request) -> str:
    """Where the public reaches us, as open data says it, else where we were asked."""
    return services.config.open_data.url or str(request.base_url)
