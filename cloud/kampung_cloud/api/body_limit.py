"""How much a request may bring: a route that reads JSON reads all of it into memory before it looks at it, also for somebody without an
account. Routes that read piece by piece have limits of their own and say better what is too much."""

from __future__ import annotations

import re

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kampung_cloud.api.errors import answer

MOST_BYTES = 8 * 1024**2
"""The largest that a page sends is a photo of a tree or a leaf, 200 KB, in base64; a list of people to be told may be larger."""
PIECEWISE = re.compile(
    r"/api/v1/(?:readings|residents/imports|reports|calc/[^/]+|channels/[^/]+/inbound"
    r"|farming/prices/(?:file|review)|waterquality/samples/(?:file|preview))"
)
"""Paths whose routes read ``request.stream()`` and stop at their own limit."""


class BodyLimit:
    """Answers 413 before the route is asked where the length is told, and while it reads where it is not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or PIECEWISE.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "0")
        if told.isdigit() and int(told) > MOST_BYTES:
            await answer(413, "too_much", _words(int(told)), {"Connection": "close"})(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                raise HTTPException(413, _words(size), {"Connection": "close"})
            return message

        await self._app(scope, counted, send)


def _words(size: int) -> str:
    return f"what was sent is {size / 1024**2:.1f} MB or more; at most {MOST_BYTES // 1024**2} MB are taken here: make it smaller"
