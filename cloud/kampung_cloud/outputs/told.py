"""What kiosks tell of their outputs, on its way from a pack into the records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kampung_contract.documents import State
from kampung_contract.errors import InvalidEvent
from kampung_contract.pack import Pack
from kampung_contract.switching import Reply, Switching, parse_event
from sqlalchemy.orm import Session

from kampung_cloud import events
from kampung_cloud.bus import Event
from kampung_cloud.health import now_ms
from kampung_cloud.ingest.work import Told
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs import command, register


def of_pack(pack: Pack, village: str, node: str, received: int) -> tuple[list[Told], list[tuple[dict[str, Any], InvalidEvent]]]:
    """Replies and switchings in the pack's events, and events that claim to be one and are not."""
    messages: list[Reply | Switching]
    messages, wrong = events.typed(pack, parse_event)
    return [(village, node, message, received) for message in messages], wrong


def keep(session: Session, told: Iterable[Told], states: Iterable[tuple[str, str, State, int, bool]], nodes: Nodes) -> list[Event]:
    """Put on record what was told; gives what open pages should hear once it is durable. Twice is harmless."""
    rows = []
    out: list[Event] = []
    for village, node, state, _, _ in states:
        if state.online:
            rows += register.introduce(session, village, node, state.outputs)
    for village, node, message, received in told:
        if isinstance(message, Reply):
            answered = command.answered(session, village, node, message, received)
            out += [] if answered is None else [command.told(answered)]
        else:
            row = register.switched(session, village, node, message, received)
            rows += [] if row is None else [row]
    now = now_ms()
    changed = {(row.node, row.name): row for row in rows}
    return [Event("output", row.village, register.shown(row, nodes.get(row.node), now)) for row in changed.values()] + out
