"""Health, figures and live events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from kampung_cloud.api.schemas import HealthOut
from kampung_cloud.api.services import Services, ServicesDep, VillageDep

router = APIRouter(tags=["system"])

PING_S = 15.0


@router.get("/healthz", response_model=HealthOut)
def healthz(services: ServicesDep) -> dict[str, Any]:
    """Whether every part works; ``degraded`` still serves what it has."""
    return {"status": "ok" if services.health.ok else "degraded", "checks": services.health.report()}


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(services: ServicesDep) -> Response:
    """Figures for Prometheus."""
    return Response(services.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/stream", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def stream(services: ServicesDep, village: VillageDep) -> StreamingResponse:
    """Server-sent events: reading, alarm, handling, node, output, command; health (of the whole cloud, no data) says that it changed."""
    return StreamingResponse(
        _events(services, village), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _events(services: Services, village: str | None) -> AsyncIterator[str]:
    subscription = services.bus.subscribe(village)
    try:
        yield ": hello\n\n"
        while True:
            try:
                events = await asyncio.wait_for(subscription.get(), PING_S)
            except TimeoutError:
                yield ": ping\n\n"
                continue
            if events is None:
                return
            yield "".join([f"event: {e.kind}\ndata: {json.dumps(e.data, ensure_ascii=False)}\n\n" for e in events])
    finally:
        services.bus.leave(subscription)
