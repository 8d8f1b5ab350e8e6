"""Dead letters, and taking them up again."""

from __future__ import annotations

import base64
from concurrent.futures import TimeoutError as Late
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from kampung_contract.errors import StorageUnavailable
from kampung_contract.times import text

from kampung_cloud import letters
from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas import DeadLetterOut, ReplayOut
from kampung_cloud.api.services import KnownDep, ServicesDep, authorised
from kampung_cloud.ingest.withdrawn import CODE
from kampung_cloud.records.models import DeadLetterRow

router = APIRouter(prefix="/dead-letters", tags=["system"])

REPLAY_S = 20.0


@router.get("", response_model=list[DeadLetterOut])
def dead_letters(
    services: ServicesDep,
    known: KnownDep,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    code: str | None = None,
    replayed: bool | None = None,
) -> list[dict[str, Any]]:
    """What could not be taken, the last to come first; of one code, or only what was (not) replayed.

    The bytes of what may hold a resident's request are shown to the regency alone.
    """
    return [
        {
            "id": row.id,
            "at": text(row.last_at),
            "first_at": text(row.first_at),
            "topic": row.topic,
            "reason": row.reason,
            "code": row.code,
            "detail": row.detail,
            "count": row.count,
            "size": len(row.payload),
            "bytes": base64.b64encode(row.payload).decode() if known or not _personal(row) else "",
            "replayed_at": None if row.replayed_at is None else text(row.replayed_at),
            "result": row.result,
        }
        for row in letters.newest(services.records, limit, code, replayed)
    ]


def _personal(row: DeadLetterRow) -> bool:
    return row.code == CODE or row.topic.endswith("/up/event")


@router.post(
    "/{number}/replay",
    response_model=ReplayOut,
    dependencies=[Depends(authorised)],
    responses={401: {"model": Error, "description": "The token is missing or wrong"}},
)
def replay(services: ServicesDep, number: Annotated[int, Path(ge=1, le=2**62)]) -> dict[str, Any]:
    """Take a letter up again as if it came now; readings that are here already are not doubled."""
    future = services.replay(letters.find(services.records, number))
    try:
        done = future.result(REPLAY_S)
    except Late:
        raise StorageUnavailable(f"dead letter {number} is in turn, but not done after {REPLAY_S:.0f} s; see /api/v1/healthz") from None
    return {
        "id": done.id,
        "replayed_at": text(done.at),
        "stored": done.stored,
        "new": done.new,
        "duplicate": done.duplicate,
        "code": done.code,
        "detail": done.detail,
    }
