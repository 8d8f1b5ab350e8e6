"""What a route asks of whoever calls it: ``actor: ActorDep``, or ``Depends(needs("petugas", "kades"))``."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from kampung_contract.errors import KampungError, Unauthorised
from starlette.concurrency import run_in_threadpool

from kampung_cloud.access import sessions
from kampung_cloud.access.actor import PROGRAM, Actor, Role
from kampung_cloud.access.settings import Access
from kampung_cloud.health import now_ms
from kampung_cloud.records import Records

COOKIE = "kampung_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WHOSE = "log in at /petugas, or send 'Authorization: Bearer …' with the token in the file 'token' of the cloud's data folder"


class _Configured(Protocol):
    @property
    def access(self) -> Access: ...


class _Held(Protocol):
    """What of the process's parts is needed here."""

    @property
    def records(self) -> Records: ...

    @property
    def token(self) -> str: ...

    @property
    def config(self) -> _Configured: ...


class ForeignOrigin(KampungError):
    """A page of another site has its reader's browser send something here."""

    code = "foreign_origin"


async def whose(request: Request) -> Actor | None:
    """Who calls: by the token of a program, or by the cookie of a session. Raises ``Unauthorised`` for a token that is wrong."""
    held = cast(_Held, request.app.state.services)
    authorization = request.headers.get("authorization")
    if authorization is not None:
        if bears(authorization, held.token):
            return PROGRAM
        raise Unauthorised(f"this token is not the cloud's; {WHOSE}")
    secret = request.cookies.get(COOKIE)
    if secret is None:
        return None
    own(request)
    return await run_in_threadpool(sessions.whose, held.records, held.config.access, secret, now_ms())


ActorDep = Annotated[Actor | None, Depends(whose)]


def needs(*roles: Role, regency: bool = False) -> Callable[[Actor | None], Awaitable[Actor]]:
    """A dependency that gives the actor. Raises ``Unauthorised`` without one, ``Forbidden`` unless he has one of the roles.

    No role named: any will do. With ``regency`` who works for one village is refused. Whether a thing's village is his, the route asks:
    ``actor.require(village)``.
    """

    async def needed(actor: ActorDep) -> Actor:
        actor = await needs_login(actor)
        if actor.temporary:
            raise KampungError(f"{actor.id} has a password that somebody else gave; change it first, at /petugas", code="password_change")
        actor.require(None if regency else actor.village, *roles)
        return actor

    return needed


async def needs_login(actor: ActorDep) -> Actor:
    """As ``needs()``, also for who has yet to change his password: for one's own account. Raises ``Unauthorised``."""
    if actor is None:
        raise Unauthorised(f"this needs an account; {WHOSE}")
    return actor


def bears(authorization: str | None, token: str) -> bool:
    """Whether an ``Authorization`` header holds the token."""
    scheme, _, given = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), token.encode())


def own(request: Request) -> None:
    """Raise ``ForeignOrigin`` where a page of another site asks for a change.

    Browsers say where a request comes from in ``Sec-Fetch-Site``, over plain HTTP only in ``Origin``; one that says neither is no browser
    of today. The cookie is ``SameSite=Strict`` besides.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site == "same-origin":
        return
    origin = request.headers.get("origin", "")
    if site is None and origin and urlsplit(origin).netloc == request.headers.get("host"):
        return
    raise ForeignOrigin(f"{request.method} from {(site or origin or 'nowhere')[:80]!r}: changes are taken from this site's own pages only")


def address(request: Request) -> str:
    """Where the request comes from; behind a proxy on this machine, what that says."""
    return request.client.host if request.client is not None else "?"
