"""Messages: what was and is to be said to people about alarms."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from kampung_contract.times import text
from sqlalchemy import String, cast, select

from kampung_cloud.api.schemas_messages import MessageOut, MessageState
from kampung_cloud.api.services import KnownDep, ServicesDep, VillageDep
from kampung_cloud.api.times import instant
from kampung_cloud.records.message_models import MessageRow, PersonRow

router = APIRouter(tags=["messages"])

Limit = Annotated[int, Query(ge=1, le=1_000)]
_ALIKE = ("id", "village", "kind", "group", "alarms", "severity", "about", "language", "title", "text", "short", "code", "state", "channel")


@router.get("/messages", response_model=list[MessageOut])
def messages(  # noqa: PLR0917 - what may be asked for
    named: KnownDep,
    services: ServicesDep,
    village: VillageDep,
    alarm: Annotated[str | None, Query(max_length=383)] = None,
    person: Annotated[str | None, Query(max_length=63)] = None,
    state: MessageState | None = None,
    before: Annotated[str | None, Query(description="Only those made earlier (ms or ISO 8601)", max_length=40)] = None,
    limit: Limit = 100,
) -> list[dict[str, Any]]:
    """Messages, the last made first. Without the token, or an account of the regency, nobody is named, and nobody can be asked for."""
    query = select(MessageRow, PersonRow.name, PersonRow.role).outerjoin(PersonRow, PersonRow.id == MessageRow.person)
    if village is not None:
        query = query.where(MessageRow.village == village)
    if alarm is not None:
        query = query.where(cast(MessageRow.alarms, String).contains(json.dumps(alarm), autoescape=True))
    if person is not None:
        query = query.where(MessageRow.person == person if named else MessageRow.person.is_(None))
    if state is not None:
        query = query.where(MessageRow.state == state)
    if before is not None:
        query = query.where(MessageRow.created < instant("before", before))
    with services.records.session() as session:
        rows = session.execute(query.order_by(MessageRow.created.desc(), MessageRow.id).limit(limit)).all()
    return [_shown(row, name, role, named=named) for row, name, role in rows]


def _shown(row: MessageRow, name: str | None, role: str | None, *, named: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {key: getattr(row, key) for key in _ALIKE}
    shown |= {key: None if (at := getattr(row, key)) is None else text(at) for key in ("created", "due", "expires", "sent_at")}
    return shown | {
        "person": row.person if named else None,
        "name": name if named else None,
        "role": role,
        "detail": row.detail,
        "code": row.code if named else "",
        "text": row.text if named else _without(row.text, row.code),
        "short": row.short if named else _without(row.short, row.code),
    }


def _without(words: str, code: str) -> str:
    """Whoever knows the code of a message could answer it."""
    return words.replace(code, "····") if code else words
