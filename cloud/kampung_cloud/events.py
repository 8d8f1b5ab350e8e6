"""Typed messages out of packs, kept whole: requests, alarms, replies, and the gaps that a full spool leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from kampung_contract.errors import InvalidEvent
from kampung_contract.pack import Pack
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.models import EventRow

T = TypeVar("T")

GAP = "gap"
SALVAGE = "salvage"


def keep(session: Session, events: Iterable[tuple[str, str, Pack, int]]) -> None:
    """Store the events of (village, node, pack, received in ms UTC); those that are there stay as they are.

    A NUL becomes U+FFFD. PostgreSQL has none: it would refuse the pack, or each later question for a type that has one such event.
    """
    for village, node, pack, received in events:
        for position, said in enumerate(pack.events):
            body = _without_nul(said) if rb"\u0000" in msgspec.json.encode(said) else said
            place = {"node": node, "epoch": pack.epoch, "seq": pack.seq, "position": position}
            if session.get(EventRow, tuple(place.values())) is None:
                kind = str(body.get("type", "?"))[:63]
                session.add(EventRow(**place, village=village, received=received, type=kind, body=body))
                session.flush()


def typed(pack: Pack, parse: Callable[[dict[str, Any]], T | None]) -> tuple[list[T], list[tuple[dict[str, Any], InvalidEvent]]]:
    """What ``parse`` makes of the pack's events (None of those that are none of its business), and the events it refuses."""
    found: list[T] = []
    wrong: list[tuple[dict[str, Any], InvalidEvent]] = []
    for body in pack.events:
        try:
            message = parse(body)
        except InvalidEvent as error:
            wrong.append((body, error))
            continue
        if message is not None:
            found.append(message)
    return found, wrong


@dataclass(frozen=True, slots=True)
class Wreck:
    """Numbers that a damaged spool held, or may have held, where it does not read; ``last`` is the highest it had given.

    ``open_end``: its end is cut off, so that there may have been higher ones.
    """

    lost: tuple[tuple[int, int], ...]
    last: int
    open_end: bool


@dataclass(slots=True)
class Told:
    """What one node has told of packs that will not come.

    By epoch, ranges given up, ranges that came under new numbers out of a damaged spool, and what of that did not read; ``gaps`` are
    (readings, first time, last time), ``damaged`` are (at most so many packs, received, epoch), times in ms UTC.
    """

    dropped: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    salvaged: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    wrecks: dict[str, Wreck] = field(default_factory=dict)
    gaps: list[tuple[int, int, int]] = field(default_factory=list)
    damaged: list[tuple[int, int, str]] = field(default_factory=list)


def told(records: Records) -> dict[str, Told]:
    """By node, what its gap and salvage events say."""
    out: dict[str, Told] = {}
    with records.session() as session:
        for row in session.scalars(select(EventRow).where(EventRow.type.in_((GAP, SALVAGE)))):
            node, body = out.setdefault(row.node, Told()), row.body
            if row.type == GAP:
                node.dropped.setdefault(str(body.get("epoch", row.epoch)), []).extend(_ranges([[body.get("first"), body.get("last")]]))
                node.gaps.append((_number(body.get("readings")), _number(body.get("from")), _number(body.get("to"))))
            elif body.get("from_epoch"):
                epoch = str(body["from_epoch"])
                node.salvaged.setdefault(epoch, []).extend(_ranges(body.get("ranges")))
                if isinstance(body.get("lost"), list):
                    tail = body.get("tail")
                    node.wrecks[epoch] = Wreck(tuple(_ranges(body["lost"])), _number(body.get("last")), tail is None or _number(tail) > 0)
                node.damaged.append((_number(body.get("lost_packs")), row.received, epoch))
    return out


def _without_nul(found: Any) -> Any:
    if isinstance(found, str):
        return found.replace("\x00", "\ufffd")
    if isinstance(found, dict):
        return {_without_nul(key): _without_nul(value) for key, value in found.items()}
    return [_without_nul(each) for each in found] if isinstance(found, (list, tuple)) else found


def _ranges(found: Any) -> list[tuple[int, int]]:
    pairs = [p for p in found if isinstance(p, list) and len(p) == 2] if isinstance(found, list) else []
    return [(first, last) for first, last in pairs if type(first) is int and type(last) is int and 0 < first <= last]


def _number(found: Any) -> int:
    return found if type(found) is int and found > 0 else 0
