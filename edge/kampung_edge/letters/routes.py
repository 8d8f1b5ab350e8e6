"""What the kiosk's page may ask about letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kampung_contract.errors import NotFound
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kampung_edge.identity.desk import NotKnown
from kampung_edge.identity.routes import NOBODY
from kampung_edge.identity.session import Identified
from kampung_edge.kiosk import answer

if TYPE_CHECKING:
    from kampung_edge.letters.letters import Letters


def routes(letters: Letters | None, who: Callable[[Request], Identified | None]) -> list[Route]:
    """``who`` stands there."""

    def there() -> Letters:
        if letters is None:
            raise NotFound("kios ini tidak punya pencetak surat; ambil surat di loket")
        return letters

    async def get(_: Request) -> Response:
        return answer({"there": letters is not None})

    async def want(request: Request) -> Response:
        """A letter of whoever stands there, by his request's reference."""
        found = who(request)
        if found is None:
            raise NotKnown(NOBODY)
        return answer(await run_in_threadpool(there().want, found, request.path_params["reference"]), 202)

    async def job(request: Request) -> Response:
        return answer(await run_in_threadpool(there().job, request.path_params["job"]))

    found: list[tuple[str, Any, str]] = [
        ("/api/letters", get, "GET"),
        ("/api/letters/{reference}", want, "POST"),
        ("/api/letters/jobs/{job}", job, "GET"),
    ]
    return [Route(path, handler, methods=[method]) for path, handler, method in found]
