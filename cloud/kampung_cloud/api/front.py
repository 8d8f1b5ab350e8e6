"""What answers on the port before everything behind it is there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from kampung_cloud.health import Health


class Front:
    """Health, and 503 for the rest, until the application is there."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._app: ASGIApp | None = None

    def open(self, app: ASGIApp) -> None:
        """From now on ``app`` answers."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        app = self._app
        if app is None:
            app = self._not_yet(Request(scope))
        await app(scope, receive, send)

    def _not_yet(self, request: Request) -> JSONResponse:
        checks = self._health.report()
        headers = {"Cache-Control": "no-store", "Retry-After": "2"}
        if request.url.path == "/api/v1/healthz":
            return JSONResponse({"status": "degraded", "checks": checks}, headers=headers)
        why = "; ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"])
        body = {"error": {"code": "storage_unavailable", "message": f"the cloud is starting; {why}"}}
        return JSONResponse(body, 503, headers=headers)
