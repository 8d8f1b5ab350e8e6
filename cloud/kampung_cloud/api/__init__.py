"""The HTTP API under /api/v1 and the pages."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from kampung_ui import ASSETS
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kampung_cloud.api import (
    accounts,
    alarms,
    backup,
    breach,
    calc,
    cap,
    channels,
    content,
    dead_letters,
    errors,
    gate,
    importing,
    kiosks,
    messages,
    nodes,
    open_data,
    openings,
    outputs,
    pages,
    people,
    places,
    publishing,
    push,
    quality,
    readings,
    regency,
    retention,
    series,
    session,
    silences,
    system,
    words,
    workers,
)
from kampung_cloud.api.body_limit import BodyLimit
from kampung_cloud.api.head import Head
from kampung_cloud.api.services import Services
from kampung_cloud.modules import MODULES

__all__ = ["Services", "create_api"]

BASE = "/api/v1"


class _NoStore:
    """What is measured now must not come out of a cache; a route that knows better has set its own header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, marked if scope["type"] == "http" else send)


def create_api(services: Services) -> FastAPI:
    """The application."""
    app = FastAPI(
        title="Smart Kampung",
        version=version("smart-kampung"),
        openapi_url=f"{BASE}/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=errors.RESPONSES,
    )
    app.state.services = services
    app.add_middleware(BodyLimit)
    app.add_middleware(_NoStore)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Head)
    errors.install(app)
    for module in (
        session,
        accounts,
        series,
        quality,
        readings,
        importing,
        open_data,
        openings,
        nodes,
        kiosks,
        alarms,
        cap,
        gate,
        messages,
        people,
        silences,
        retention,
        breach,
        channels,
        outputs,
        places,
        regency,
        push,
        content,
        publishing,
        dead_letters,
        backup,
        system,
        words,
        workers,
        calc,
    ):
        app.include_router(module.router, prefix=BASE)
    for domain in MODULES:
        if domain.router is not None:
            app.include_router(domain.router, prefix=BASE)
    pages.install(app, ASSETS)
    return app
