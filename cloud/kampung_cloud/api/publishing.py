"""The minute's pass of the modules, for whoever does not want to wait for it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep, authorised
from kampung_cloud.modules import MODULES

router = APIRouter(tags=["content"])
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs the token or an account"},
    403: {"model": Error, "description": "For operators and officers of the regency"},
}


class PublishedOut(BaseModel):
    """``away``: modules whose store did not answer; they are tried again within the minute."""

    away: list[str]


@router.post("/publishing", response_model=PublishedOut, responses=CLOSED, dependencies=[Depends(authorised)])
def publish(services: ServicesDep) -> PublishedOut:
    """What kiosks sent is taken in, late work is passed on, and documents go out, as once a minute; the answer comes when it is done."""
    from kampung_cloud.publishing import once  # it needs the API's parts

    return PublishedOut(away=once(MODULES, services))
