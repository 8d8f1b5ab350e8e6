"""HEAD, wherever GET answers (RFC 9110, 9.3.2): harvesters and checkers of links look at a file before they fetch it."""

from __future__ import annotations

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Said(Exception):
    """The head is out; nobody wants the rest, and a file of a million lines is not to be made for nothing."""


class Head:
    """What GET would have said, without the body. The application is left as soon as its headers are known."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def first(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                raise _Said

        with suppress(_Said):
            await self._app({**scope, "method": "GET"}, receive, first)
