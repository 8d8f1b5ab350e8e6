"""The audit trail of outputs: asked, sent, answered, expired, replaced, switched. Lines are added and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from kampung_contract.times import text
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import OutputLogRow

Kind = Literal["asked", "sent", "answered", "expired", "replaced", "switched"]


@dataclass(frozen=True, slots=True)
class Line:
    """``key`` names the line for ever; ``at`` is the cloud's time in milliseconds UTC; ``body`` holds what the kind tells."""

    key: str
    kind: Kind
    at: int
    village: str
    node: str
    output: str
    command: str | None
    body: dict[str, Any]


def append(session: Session, line: Line) -> bool:
    """Add a line; False when it is there already."""
    if session.scalar(select(OutputLogRow.id).where(OutputLogRow.key == line.key)) is not None:
        return False
    session.add(
        OutputLogRow(
            key=line.key,
            at=line.at,
            village=line.village,
            node=line.node,
            output=line.output,
            kind=line.kind,
            command=line.command,
            body=line.body,
        )
    )
    session.flush()
    return True


def listed(
    records: Records, *, village: str | None, node: str | None, output: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Lines for the API, the last first; ``before`` is the id to go on from. Raises ``StorageUnavailable``."""
    query = select(OutputLogRow)
    for column, wanted in ((OutputLogRow.village, village), (OutputLogRow.node, node), (OutputLogRow.output, output)):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(OutputLogRow.id < before)
    with records.session() as session:
        rows = session.scalars(query.order_by(OutputLogRow.id.desc()).limit(limit))
        return [
            {
                "id": row.id,
                "at": text(row.at),
                "village": row.village,
                "node": row.node,
                "output": row.output,
                "kind": row.kind,
                "command": row.command,
                **_shown(row.body),
            }
            for row in rows
        ]


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    times = ("kiosk_at", "until", "expires")
    return {key: text(value) if key in times and isinstance(value, int) else value for key, value in body.items()}
