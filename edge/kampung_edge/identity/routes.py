"""What the kiosk's page may ask about who stands there. The session's secret is in a cookie that no script reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kampung_edge.identity.desk import Identity, NotKnown
from kampung_edge.identity.session import Identified
from kampung_edge.kiosk import answer, sent

COOKIE = "kiosk"
NOBODY = "Tidak ada yang masuk di kios ini, atau waktunya habis. Masuk lagi dengan PIN."


def current(identity: Identity) -> Callable[[Request], Identified | None]:
    """Who stands there, by the request's cookie."""
    return lambda request: identity.sessions.current(request.cookies.get(COOKIE))


def routes(identity: Identity, requests: Callable[[Identified], list[dict[str, Any]]]) -> list[Route]:
    """``requests`` tells how somebody's requests stand."""
    who = current(identity)

    def somebody(request: Request) -> Identified:
        found = who(request)
        if found is None:
            raise NotKnown(NOBODY)
        return found

    async def get(request: Request) -> Response:
        found = who(request)
        return answer(identity.ways() | {"who": None if found is None else found.object()})

    async def begin(request: Request) -> Response:
        """Somebody says who he is. Whoever was there before is gone, even if this one is not known."""
        body = await sent(request)
        identity.sessions.end()
        found = await run_in_threadpool(identity.identify, body)
        response = answer(identity.ways() | {"who": found.object()}, 201)
        response.set_cookie(COOKIE, identity.sessions.begin(found), httponly=True, samesite="strict", path="/api")
        return response

    async def end(_: Request) -> Response:
        identity.sessions.end()
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/api")
        return response

    async def change_pin(request: Request) -> Response:
        found, body = somebody(request), await sent(request)
        await run_in_threadpool(identity.change_pin, found, body)
        identity.sessions.settled(request.cookies.get(COOKIE))
        return Response(status_code=204)

    async def his_requests(request: Request) -> Response:
        return answer({"requests": await run_in_threadpool(requests, somebody(request))})

    found: list[tuple[str, Any, str]] = [
        ("/api/identity", get, "GET"),
        ("/api/identity", begin, "POST"),
        ("/api/identity", end, "DELETE"),
        ("/api/identity/pin", change_pin, "POST"),
        ("/api/identity/requests", his_requests, "GET"),
    ]
    return [Route(path, handler, methods=[method]) for path, handler, method in found]
