"""``/api/v1/satisfaction``: the survey's result, which the regulation wants published."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from kampung_cloud.api.services import Services, ServicesDep, VillageDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.feedback.schemas import SurveyOut
from kampung_cloud.modules.feedback.showing import Titles, survey, table

router = APIRouter(prefix="/satisfaction", tags=["satisfaction"])

Year = Annotated[int, Query(ge=2020, le=2100, description="Calendar year of WIB")]


@router.get("", response_model=SurveyOut)
def result(services: ServicesDep, village: VillageDep, year: Year) -> dict[str, Any]:
    """Index, grade and means of a village, or of all, by quarter, half and year. A quarter is told when it is over."""
    return survey(services.records, year, village, _titles(services), now_ms())


@router.get("/table.csv", response_class=Response)
def file(services: ServicesDep, year: Year) -> Response:
    """Every figure the others are made of: village, quarter, service."""
    text = table(services.records, year, _titles(services), now_ms())
    named = {"Content-Disposition": f'attachment; filename="survei-kepuasan-{year}.csv"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=named)


def _titles(services: Services) -> Titles:
    known: dict[str, dict[str, str]] = {}

    def title(village: str, service: str) -> str:
        if village not in known:
            offered = services.contents.get(village, "services")
            listed = [] if offered is None else offered.document.get("services", [])
            known[village] = {str(s["id"]): str(s["title"]) for s in listed}
        return known[village].get(service, service)

    return title
