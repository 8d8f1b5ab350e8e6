"""The register of outputs: as their kiosks introduced them, and what was last heard of each."""

from __future__ import annotations

import difflib
from typing import Any

from kampung_contract.documents import Output
from kampung_contract.errors import NotFound
from kampung_contract.switching import Switching
from kampung_contract.times import text
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.nodes import Node, Nodes
from kampung_cloud.outputs import log
from kampung_cloud.records import Records
from kampung_cloud.records.models import OutputRow


def introduce(session: Session, village: str, node: str, outputs: list[Output]) -> list[OutputRow]:
    """A kiosk has said which outputs it has; gives those that changed. What it no longer names stays on record as not present."""
    known = {row.name: row for row in session.scalars(select(OutputRow).where(OutputRow.node == node))}
    changed: list[OutputRow] = []
    for output in outputs:
        said = {
            "village": village,
            "title": output.title,
            "device": output.device,
            "model": output.model,
            "origin": output.origin,
            "max_on": output.max_on,
            "guard": output.guard,
            "guard_age": output.guard_age,
            "present": True,
        }
        row = known.pop(output.name, None)
        if row is None:
            row = OutputRow(node=node, name=output.name, ordinal=0, **said)
            session.add(row)
        elif all(getattr(row, key) == value for key, value in said.items()):
            continue
        else:
            for key, value in said.items():
                setattr(row, key, value)
        changed.append(row)
    for row in known.values():
        if row.present:
            row.present = False
            changed.append(row)
    session.flush()
    return changed


def switched(session: Session, village: str, node: str, event: Switching, received: int) -> OutputRow | None:
    """An output has told of a change; gives it when that was news. An event that came late does not undo a later one."""
    body = {
        "state": event.state,
        "cause": event.cause,
        "code": event.code,
        "detail": event.detail,
        "kiosk_at": event.at,
        "until": event.until,
    }
    key = f"switched/{node}/{event.output}/{event.order}"
    if not log.append(session, log.Line(key, "switched", received, village, node, event.output, event.command, body)):
        return None
    row = session.get(OutputRow, (node, event.output))
    if row is None or event.order <= row.ordinal:
        return None
    row.state, row.cause, row.code, row.detail = event.state, event.cause, event.code, event.detail
    row.at, row.until, row.ordinal, row.heard = event.at, event.until, event.order, received
    session.flush()
    return row


def listed(records: Records, nodes: Nodes, now: int, village: str | None = None, node: str | None = None) -> list[dict[str, Any]]:
    """Outputs for the API, by node and name. Raises ``StorageUnavailable``."""
    query = select(OutputRow).where(OutputRow.present.is_(True)).order_by(OutputRow.node, OutputRow.name)
    if village is not None:
        query = query.where(OutputRow.village == village)
    if node is not None:
        query = query.where(OutputRow.node == node)
    with records.session() as session:
        return [shown(row, nodes.get(row.node), now) for row in session.scalars(query)]


def find(session: Session, node: str, name: str, *, lock: bool = False) -> OutputRow:
    """An output that its kiosk has now; ``lock`` keeps other processes from commanding it meanwhile.

    Raises ``NotFound``, naming the nearest.
    """
    row = session.get(OutputRow, (node, name), with_for_update=lock or None)
    if row is not None and row.present:
        return row
    there = list(session.scalars(select(OutputRow).where(OutputRow.present.is_(True)).order_by(OutputRow.node, OutputRow.name)))
    names = [r.name for r in there if r.node == node]
    if names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names)}"
        raise NotFound(f"kiosk {node!r} has no output {name!r}; {hint}")
    others = sorted({r.node for r in there})
    hint = f"kiosks with outputs: {', '.join(others[:20])}" if others else "no kiosk has told of one yet"
    raise NotFound(f"kiosk {node!r} has no outputs; {hint}")


def shown(row: OutputRow, node: Node | None, now: int) -> dict[str, Any]:
    """An output as the API gives it. What was heard of it holds as of its kiosk's last word, since a change is told before readings."""
    online = node is not None and node.shown(now) == "online"
    as_of = None if row.heard is None else max(row.heard, node.last_seen if node is not None else 0)
    return {
        "village": row.village,
        "node": row.node,
        "name": row.name,
        "title": row.title or row.name,
        "device": row.device,
        "model": row.model,
        "origin": row.origin,
        "max_on": row.max_on,
        "guard": row.guard or None,
        "guard_age": row.guard_age if row.guard else None,
        "state": row.state or "unknown",
        "since": None if row.at is None else text(row.at),
        "until": None if row.until is None else text(row.until),
        "cause": row.cause,
        "code": row.code,
        "detail": row.detail,
        "online": online,
        "as_of": None if as_of is None else text(as_of),
        "age_s": None if as_of is None else max(0, (now - as_of) // 1000),
    }
