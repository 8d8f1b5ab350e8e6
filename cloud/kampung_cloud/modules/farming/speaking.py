"""Who may speak for a field: the staff of its village, or whoever holds one of the field's keys."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from kampung_contract.errors import Unauthorised

from kampung_cloud.access import sessions
from kampung_cloud.access.actor import PROGRAM, Actor, Role
from kampung_cloud.access.asking import COOKIE, bears, own
from kampung_cloud.api.services import Services
from kampung_cloud.health import now_ms
from kampung_cloud.modules.farming.keys import Keys
from kampung_cloud.modules.farming.pace import Pace
from kampung_cloud.modules.farming.register import Register

STAFF: tuple[Role, ...] = ("petugas", "kades", "operator")
SCHEME = "field"
"""``Authorization: Field ACDE-FGHJ-KMNP-QRTU``."""
OFTEN = Pace(60, 3_600_000)
"""What one key may say in an hour: a phone that was long without a line has a queue."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """``by`` is whom the key was given to, or the name of the member of staff."""

    staff: bool
    by: str


def speaker(services: Services, request: Request, field: str) -> Speaker:
    """Raises ``Unauthorised``, ``Forbidden`` for an account of another village or without such a role, and ``TooOften``."""
    scheme, _, key = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != SCHEME or not key.strip():
        actor = _actor(services, request)
        if actor is not None:
            actor.require(Register(services.records).get(field).village, *STAFF)
            return Speaker(staff=True, by=actor.name)
        raise Unauthorised(
            "this needs 'Authorization: Field …' with the key of the field, which the farmer got when he registered it, or staff's token"
        )
    return Speaker(staff=False, by=Keys(services.records).check(field, key, client=client(request), now=now_ms()))


def _actor(services: Services, request: Request) -> Actor | None:
    if bears(request.headers.get("authorization"), services.token):
        return PROGRAM
    secret = request.cookies.get(COOKIE)
    if secret is None:
        return None
    own(request)
    return sessions.whose(services.records, services.config.access, secret, now_ms())


def client(request: Request) -> str:
    """The address that asks; behind a proxy the proxy's, so that its own limits should stand before ours."""
    return request.client.host if request.client is not None else "?"


def often(services: Services, request: Request, field: str) -> Speaker:
    """As ``speaker``, and one more of what a field may be told in an hour."""
    found = speaker(services, request, field)
    if not found.staff:
        OFTEN.take(field, now_ms(), f"what is told of {field}")
    return found
