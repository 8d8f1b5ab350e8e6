"""Readings from a file into the store."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from kampung_contract.errors import StorageUnavailable, TooMuch
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep, authorised
from kampung_cloud.health import now_ms
from kampung_cloud.ingest.turn import in_turn
from kampung_cloud.readings import taking_in

router = APIRouter(tags=["series"])

MOST_BYTES = 512 * 1024**2
TURN_S = 60.0


class Imported(BaseModel):
    """``new`` readings are stored; ``duplicate`` were here; ``estimated`` were left out, since nobody knows their time."""

    new: int
    duplicate: int
    estimated: int


BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
RESPONSES: dict[int | str, dict[str, Any]] = {401: {"model": Error, "description": "The token is missing or wrong"}}


@router.post("/readings", response_model=Imported, dependencies=[Depends(authorised)], responses=RESPONSES, openapi_extra=BODY)
async def take_in(services: ServicesDep, request: Request) -> Imported:
    """A CSV or Parquet file as the body: all of it or, when a line does not fit, nothing. ``kampung-cloud import`` sends it."""
    data = services.config.data
    try:
        # What a kill leaves of the folder, ``retention/discarding`` removes.
        with tempfile.TemporaryDirectory(prefix=".import-", dir=data) as folder:
            file, size = Path(folder) / "readings", 0
            with file.open("wb") as out:
                async for piece in request.stream():
                    size += len(piece)
                    if size > MOST_BYTES:
                        raise TooMuch(f"more than {MOST_BYTES // 1024**2} MB; cut the file into parts")
                    out.write(piece)
            return await run_in_threadpool(_take_in, services, file)
    except OSError as error:
        why = error.strerror or error
        raise StorageUnavailable(f"the file cannot be kept in {data} while it is read: {why}; make room there") from None


def _take_in(services: Services, file: Path) -> Imported:
    found = taking_in.read(file, services.store, now_ms(), services.config.ingest.max_series_per_node)
    committed = in_turn(services.worker, lambda: services.worker.take_in(found.batch()), TURN_S)
    return Imported(new=committed.new, duplicate=committed.duplicate, estimated=found.estimated)
