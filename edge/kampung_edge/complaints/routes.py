"""What the kiosk's page may ask about complaints and suggestions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kampung_edge.complaints.desk import Complaints
from kampung_edge.kiosk import answer, sent

MOST_BYTES = 40_000


def routes(complaints: Complaints, document: Callable[[], dict[str, Any] | None]) -> list[Route]:
    """``document`` gives what the regency last told of the village's complaints, None while it never did."""

    async def take(request: Request) -> Response:
        """A complaint: on the disk before a ticket is given, and sent when the link is there."""
        return answer(await run_in_threadpool(complaints.take, await sent(request, MOST_BYTES)), 201)

    async def suggest(request: Request) -> Response:
        """A suggestion, without a ticket."""
        return answer(await run_in_threadpool(complaints.suggest, await sent(request, MOST_BYTES)), 201)

    async def follow(request: Request) -> Response:
        """How a complaint stands, for whoever has its ticket and word. Not a GET: a word belongs into no address."""
        said = await sent(request, MOST_BYTES)
        return answer(await run_in_threadpool(complaints.follow, document(), str(said.get("ticket", "")), str(said.get("word", ""))))

    async def reply(request: Request) -> Response:
        """What its writer says to the office."""
        return answer(await run_in_threadpool(complaints.reply, document(), await sent(request, MOST_BYTES)), 201)

    found: list[tuple[str, Any]] = [
        ("/api/complaints", take),
        ("/api/complaints/follow", follow),
        ("/api/complaints/reply", reply),
        ("/api/suggestions", suggest),
    ]
    return [Route(path, handler, methods=["POST"]) for path, handler in found]
