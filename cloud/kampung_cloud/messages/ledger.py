"""What planning works with, read from the records, and what it decides, written to them: one transaction, or nothing of it.

A message's name follows from its chain and number, and a chain's row from its person and group: whoever plans the same beside us, or on
older knowledge, finds a key taken and has written nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from kampung_contract.alarm import Alarm
from sqlalchemy import Table, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from kampung_cloud.alarm import from_row
from kampung_cloud.messages import digest
from kampung_cloud.messages.chain import Chain, Knowledge, Known, Message
from kampung_cloud.messages.world import Place
from kampung_cloud.records.chain_models import ChainRow, NoticeRow
from kampung_cloud.records.message_models import DeliveryRow, MessageRow
from kampung_cloud.records.models import AlarmRow

AT_ONCE = 500
"""So many names in one question: databases limit the parameters of a statement."""
MAYBE = ("trying", "unknown")
"""Outcomes of a delivery by which a message that waits for another try may have reached its person: it is not taken back."""
_CHAINS: Table = ChainRow.__table__  # type: ignore[assignment]
_KEY = ("person", "group")
_REST = tuple(str(c.name) for c in _CHAINS.columns if c.name not in _KEY)


class OvertakenError(Exception):
    """A message that was to be taken back has just gone: look again."""


def chains(session: Session, groups: Iterable[str], *, digests: bool) -> dict[Place, Chain]:
    """Chains with something open, those of ``groups``, and where they are wanted, those of digests."""
    wanted = [*groups, *([digest.GROUP] if digests else [])]
    query = select(_CHAINS, MessageRow.state).outerjoin(MessageRow, MessageRow.id == _CHAINS.c.message)
    found: dict[Place, Chain] = {}
    read = _Read()
    for some in (None, *_pieces(wanted)):
        these = _CHAINS.c.open.is_(True) if some is None else _CHAINS.c.group.in_(some)
        for row in session.execute(query.where(these)):
            found[row.person, row.group] = Chain(
                row.person, row.group, row.number, row.message, row.kind, row.state or "sent", read.names(row.alarms), row.severity,
                row.at, row.due, row.before_at, read.knowledge(row.before), read.knowledge(row.after),
            )  # fmt: skip
    waiting = {chain.message: place for place, chain in found.items() if chain.message and chain.state == "waiting"}
    for names in _pieces(sorted(waiting)):
        for name in session.scalars(select(DeliveryRow.message).where(DeliveryRow.message.in_(names), DeliveryRow.outcome.in_(MAYBE))):
            found[waiting[name]] = replace(found[waiting[name]], state="sending")
    return found


def firing(session: Session) -> dict[str, Alarm]:
    """Announced alarms that stand."""
    query = select(AlarmRow).where(AlarmRow.until.is_(None), AlarmRow.announced.is_(True), AlarmRow.withdrawn.is_(False))
    return {row.id: from_row(row) for row in session.scalars(query.order_by(AlarmRow.since, AlarmRow.id))}


def named(session: Session, names: Iterable[str], known: Mapping[str, Alarm]) -> dict[str, Alarm]:
    """Alarms of these names, and what they became, as far as they are not ``known``."""
    found: dict[str, Alarm] = {}
    wanted = sorted(set(names) - known.keys())
    while wanted:
        for some in _pieces(wanted):
            found |= {row.id: from_row(row) for row in session.scalars(select(AlarmRow).where(AlarmRow.id.in_(some)))}
        wanted = sorted({a.became for a in found.values() if a.became} - found.keys() - known.keys() - set(wanted))
    return found


def notices(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Since when planning has known of these alarms."""
    found: dict[str, int] = {}
    for some in _pieces(sorted(names)):
        found |= {row.alarm: row.at for row in session.execute(select(NoticeRow.alarm, NoticeRow.at).where(NoticeRow.alarm.in_(some)))}
    return found


def take_back(session: Session, names: Sequence[str], why: str) -> None:
    """Messages that must not go any more. Raises ``OvertakenError`` when one has."""
    for name in names:
        query = update(MessageRow).where(MessageRow.id == name, MessageRow.state == "waiting")
        if session.execute(query.values(state="dropped", detail=why).execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
            raise OvertakenError(name)


def write(session: Session, messages: Sequence[dict[str, Any]], changed: Sequence[Chain], there: Mapping[Place, Chain]) -> None:
    """Messages as rows, and the chains that end in them."""
    if messages:
        session.execute(insert(MessageRow), list(messages))
    body = _Bodies()
    new = [_row(chain, body) for chain in changed if (chain.person, chain.group) not in there]
    old = [_row(chain, body) for chain in changed if (chain.person, chain.group) in there]
    if new:
        session.execute(insert(ChainRow), new)
    if old:
        which = [_CHAINS.c[key] == bindparam(f"its_{key}") for key in _KEY]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _REST}
        rows = [{f"its_{k}": row[k] for k in _KEY} | {f"new_{name}": row[name] for name in _REST} for row in old]
        session.connection().execute(update(_CHAINS).where(*which).values(values), rows)


def notice(session: Session, seen: Mapping[str, int]) -> None:
    """Write down since when alarms are known."""
    if seen:
        session.execute(insert(NoticeRow), [{"alarm": name, "at": at} for name, at in seen.items()])


def row_of(message: Message, name: str, village: str) -> dict[str, Any]:
    """What a message's row holds besides its words."""
    return {
        "id": name, "person": message.person, "village": village, "kind": message.kind, "group": message.group,
        "alarms": list(message.alarms), "severity": message.severity, "about": message.about, "created": message.created,
        "due": message.due, "expires": message.expires, "state": "waiting", "channel": None, "sent_at": None, "detail": None,
    }  # fmt: skip


def groups_of(alarms: Iterable[Alarm]) -> list[str]:
    """Groups that alarms may be told in; see ``planning``."""
    return sorted({group for a in alarms for group in (f"{a.village}:{a.about}", f"{a.village}:{a.about}:latihan", f":{a.about}")})


def unfinished(session: Session) -> bool:
    """Whether anything could be to tell: without, nobody need be asked."""
    standing = select(AlarmRow.id).where(AlarmRow.until.is_(None), AlarmRow.announced.is_(True), AlarmRow.withdrawn.is_(False))
    return session.scalar(select(or_(standing.exists(), select(ChainRow.person).where(ChainRow.open.is_(True)).exists()))) or False


def _row(chain: Chain, body: _Bodies) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(chain, name) for name in (*_KEY, *_REST)}
    return row | {"alarms": body.names(chain.alarms), "before": body.knowledge(chain.before), "after": body.knowledge(chain.after)}


class _Bodies:
    """JSON of what chains hold; one object is written once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Knowledge, str]] = {}
        self._names: dict[tuple[str, ...], str] = {}

    def names(self, alarms: tuple[str, ...]) -> str:
        if alarms not in self._names:
            self._names[alarms] = msgspec.json.encode(alarms).decode()
        return self._names[alarms]

    def knowledge(self, known: Knowledge) -> str:
        if id(known) not in self._known:
            plain = {name: (what.severity, what.at, int(what.escalated)) for name, what in known.items()}
            self._known[id(known)] = known, msgspec.json.encode(plain).decode()
        return self._known[id(known)][1]


class _Read:
    """Bodies of chains. Many people know the same: what is written alike is read once, and is one object."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, Knowledge] = {}

    def names(self, body: str) -> tuple[str, ...]:
        if body not in self._names:
            self._names[body] = tuple(msgspec.json.decode(body, type=list[str]))
        return self._names[body]

    def knowledge(self, body: str) -> Knowledge:
        if body not in self._known:
            plain = msgspec.json.decode(body, type=dict[str, tuple[int, int, int]])
            self._known[body] = {name: Known(severity, at, bool(escalated)) for name, (severity, at, escalated) in plain.items()}
        return self._known[body]


def _pieces(names: Sequence[str]) -> Iterator[list[str]]:
    for first in range(0, len(names), AT_ONCE):
        yield list(names[first : first + AT_ONCE])
