"""Village plots: land for people who have none."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from kampung_contract.errors import InvalidRequest
from kampung_contract.placing import check_place
from kampung_contract.villages import village as find_village
from sqlalchemy import select

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.trees.schemas import PlotIn, PlotOut
from kampung_cloud.records.tree_models import TreePlotRow

router = APIRouter()
COLUMNS = ("id", "village", "name", "latitude", "longitude", "radius")


@router.get("/plots", response_model=list[PlotOut])
def plots(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """By village and name."""
    query = select(TreePlotRow).order_by(TreePlotRow.village, TreePlotRow.name)
    with services.records.session() as session:
        rows = session.scalars(query if village is None else query.where(TreePlotRow.village == village))
        return [{name: getattr(row, name) for name in COLUMNS} for row in rows]


@router.put("/plots/{plot}", response_model=PlotOut)
def put_plot(
    services: ServicesDep, actor: Annotated[Actor, Depends(needs("petugas", "kades"))], plot: str, given: PlotIn
) -> dict[str, Any]:
    """Set one aside, or change it."""
    place = find_village(given.village)
    actor.require(place.code)
    check_place(place, given.latitude, given.longitude, "plot")
    if not (0 < len(plot) <= 63 and all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in plot)):
        raise InvalidRequest(f"plot = {plot[:40]!r}: expected small letters, digits and dashes")
    with services.records.session() as session:
        row = session.get(TreePlotRow, plot)
        if row is not None and row.village != place.code:
            raise InvalidRequest(f"plot = {plot!r}: {row.village} has one of that name; choose another")
        if row is None:
            row = TreePlotRow(id=plot)
            session.add(row)
        row.village, row.name, row.latitude, row.longitude = place.code, given.name, given.latitude, given.longitude
        row.radius, row.by, row.at = given.radius, actor.id, now_ms()
        session.flush()
        return {name: getattr(row, name) for name in COLUMNS}
