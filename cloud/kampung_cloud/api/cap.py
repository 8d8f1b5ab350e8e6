"""Alarms as CAP 1.2, and BMKG's warnings."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.cap import feed
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


@router.get("/{name:path}.xml", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
def message(services: ServicesDep, name: str) -> Response:
    """A CAP 1.2 message by its identifier, or the newest one of an alarm by the alarm's id."""
    return Response(feed.document(services.records, name), media_type=f"{MEDIA_TYPE}; charset=utf-8")
