"""A backup of the running cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep, authorised
from kampung_cloud.backup.taking import Taken, take
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
    return Fetched(taken, headers)


class Fetched(StreamingResponse):
    """A backup on its way; what it took on disk goes with it, also when whoever fetched it hangs up."""

    def __init__(self, taken: Taken, headers: dict[str, str]) -> None:
        super().__init__(taken.pieces(), media_type=TAR, headers=headers)
        self._taken = taken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._taken.close()
