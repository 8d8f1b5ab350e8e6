"""A backup of the running cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep, authorised
from kampung_cloud.backup.taking import take
from kampung_cloud.ingest.turn import in_turn
from kampung_cloud.judging.judged import beneath

router = APIRouter(tags=["system"])

T = TypeVar("T")
TURN_S = 60.0
TAR = "application/x-tar"
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {TAR: {}}},
    401: {"model": Error, "description": "The token is missing or wrong"},
    409: {"model": Error, "description": "Another backup is under way"},
}


@router.get("/backup", response_class=StreamingResponse, dependencies=[Depends(authorised)], responses=RESPONSES)
def backup(services: ServicesDep) -> StreamingResponse:
    """Records and readings as of one moment, one tar with a manifest first; ``kampung-cloud backup`` asks for it and checks it."""

    def between(action: Callable[[], T]) -> T:
        return in_turn(services.worker, action, TURN_S)

    taken = take(beneath(services.store), services.records, services.config.data, between)
    headers = {"Content-Encoding": "identity", "Content-Length": str(taken.size), "Cache-Control": "no-store"}
    return StreamingResponse(taken.pieces(), media_type=TAR, headers=headers)
