"""Documents for the kiosks of a village."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Response
from kampung_contract.documents import Content
from kampung_contract.errors import Forbidden, InvalidRequest, NotFound
from kampung_contract.times import text
from kampung_contract.villages import village

from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas import Announcements, ContentOut
from kampung_cloud.api.services import ServicesDep, authorised
from kampung_cloud.content import KEYS
from kampung_cloud.modules import MODULES

router = APIRouter(prefix="/villages/{code}/content", tags=["content"])

MOST_BYTES = 64 * 1024
_DOCUMENTS = [document for module in MODULES for document in module.documents]
CLOSED = frozenset(document.key for document in _DOCUMENTS if document.closed)
KNOWN = (*KEYS, *(document.key for document in _DOCUMENTS if not document.closed))


@router.get("/{key}", response_model=ContentOut)
def read(services: ServicesDep, code: str, key: str, missing: Literal["error", "empty"] = "error") -> dict[str, Any] | Response:
    """The document that stands for the village now: announcements, alarms, or what a module publishes.

    ``missing=empty``: 204 instead of 404 while there is none, for pages of a village that may never have one.
    """
    if key in CLOSED:
        raise Forbidden(f"{key} is for the village's kiosks alone; everybody may read: {', '.join(KNOWN)}")
    if key not in KNOWN:
        raise InvalidRequest(f"kiosks get no document {key[:40]!r}; they get: {', '.join(KNOWN)}")
    found = services.contents.get(village(code).code, key)
    if found is None and missing == "empty":
        return Response(status_code=204)
    if found is None:
        raise NotFound(f"village {code} has no {key} yet")
    return _shown(found)


@router.put(
    "/announcements",
    response_model=ContentOut,
    dependencies=[Depends(authorised)],
    responses={401: {"model": Error, "description": "The token is missing or wrong"}},
)
def write(services: ServicesDep, code: str, document: Announcements) -> dict[str, Any]:
    """Replace the village's announcements; every kiosk gets them."""
    place = village(code)
    for item in document.items:
        for what, texts in (("title", item.title), ("body", item.body)):
            if "id" not in texts:
                raise InvalidRequest(f"announcement {item.id!r}: {what} has no Indonesian ('id')")
        for name, value in (("from", item.begins), ("until", item.until)):
            _check_time(item.id, name, value)
    plain = document.model_dump(by_alias=True)
    size = len(msgspec.json.encode(plain))
    if size > MOST_BYTES:
        raise InvalidRequest(f"the document is {size:,} bytes; at most {MOST_BYTES:,} go to the kiosks")
    return _shown(services.contents.put(place.code, "announcements", plain))


def _check_time(item: str, name: str, value: str | None) -> None:
    if value is None:
        return
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise InvalidRequest(f"announcement {item!r}: {name} = {value[:40]!r} is no ISO 8601 time") from None


def _shown(content: Content) -> dict[str, Any]:
    return {"key": content.key, "version": content.version, "at": text(content.at), "document": content.document}
