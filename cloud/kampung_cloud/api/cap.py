"""Alarms as CAP 1.2, and BMKG's warnings."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.cap import bmkg, feed
from kampung_cloud.cap.message import MEDIA_TYPE
from kampung_cloud.health import now_ms

router = APIRouter(prefix="/cap", tags=["cap"])


@router.get("", response_class=Response, responses={200: {"content": {feed.ATOM: {}}}})
def alarms(services: ServicesDep, village: VillageDep, request: Request) -> Response:
    """Announced alarms as an Atom feed: those that stand, and those that ended or were withdrawn in the last 24 hours. Each entry links
    to its CAP message.
    """
    config, now = services.config.cap, now_ms()
    base = (config.url or str(request.base_url)).rstrip("/") + request.scope["path"].rstrip("/")
    found = feed.current(services.records, village, now)
    return Response(feed.atom(config, found, base, now), media_type=f"{feed.ATOM}; charset=utf-8")


class BmkgAlert(BaseModel):
    """A warning of BMKG's in CAP's words; times in WIB. ``polygons`` are those that touch ``villages``, as pairs of latitude, longitude.

    ``state``: holds, expired, updated or cancelled (by a later one), cancels (is one that takes others back).
    """

    identifier: str
    sender: str
    sender_name: str
    sent: str
    received: str
    status: str
    type: str
    event: str
    urgency: str
    severity: str
    certainty: str
    onset: str
    expires: str
    headline: str
    description: str
    instruction: str
    web: str
    area: str
    villages: list[str]
    polygons: list[list[tuple[float, float]]]
    references: list[str]
    state: Literal["holds", "expired", "updated", "cancelled", "cancels"]


class BmkgOut(BaseModel):
    """``attribution`` is to be shown with every warning; ``source`` is the feed, null where none is configured."""

    attribution: str
    source: str | None
    alerts: list[BmkgAlert]


@router.get("/bmkg", response_model=BmkgOut)
def from_bmkg(services: ServicesDep, village: VillageDep, state: Literal["current", "all"] = "current") -> dict[str, Any]:
    """BMKG's weather warnings that touch Banyuwangi, newest first: those that hold now; ``all``: also what is over, replaced or a test."""
    found = bmkg.current(services.records, village, now_ms(), everything=state == "all")
    return {"attribution": bmkg.ATTRIBUTION, "source": services.config.bmkg.url or None, "alerts": found}


@router.get("/{name:path}.xml", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
def message(services: ServicesDep, name: str) -> Response:
    """A CAP 1.2 message by its identifier, or the newest one of an alarm by the alarm's id."""
    return Response(feed.document(services.records, name), media_type=f"{MEDIA_TYPE}; charset=utf-8")
