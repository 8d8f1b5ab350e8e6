"""The register of nodes: who is there, since when, what they said of themselves, and whether two of one name are alive at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec
from kampung_contract.documents import Device, State
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.bus import Bus, Event
from kampung_cloud.records import Records
from kampung_cloud.records.models import NodeRow
from kampung_cloud.telemetry.store import Latest
from kampung_cloud.withdrawals.past import Past, recall

NodeState = Literal["online", "offline", "conflict"]
Shown = NodeState | Literal["withdrawn"]

SILENT_MS = 15 * 60_000
"""A node that never said whether it is online, as a foreign device, counts as online this long after its last reading."""
CONFLICT_MS = 2 * 60_000
"""A conflict is over when only one run has been heard for this long."""


@dataclass(frozen=True, slots=True)
class Node:
    """``state`` is None until the node says; times in milliseconds UTC; ``last`` is the highest seq given in ``epoch``."""

    node: str
    village: str
    state: NodeState | None = None
    since: int = 0
    last_seen: int = 0
    version: str | None = None
    epoch: str | None = None
    run: str | None = None
    last: int = 0
    spooled: int | None = None
    synchronised: bool | None = None
    devices: tuple[Device, ...] = field(default=())
    reused: int = 0
    """Readings that came in packs whose number was taken: an old spool was restored."""
    public: bytes | None = None
    """The kiosk's key, as it told last."""
    withdrawn: int | None = None
    """Since when (ms UTC) nothing is taken of it."""

    def shown(self, now: int) -> Shown:
        """The state for people."""
        if self.withdrawn is not None:
            return "withdrawn"
        if self.state is not None:
            return self.state
        return "online" if now - self.last_seen < SILENT_MS else "offline"


class Nodes:
    """Written by the ingest thread, read by any; ``save`` makes it durable."""

    def __init__(self, records: Records, bus: Bus) -> None:
        self._bus = bus
        self._lock = threading.Lock()
        self._dirty: set[str] = set()
        self._runs: dict[str, dict[str, int]] = {}
        """By node, runs that were followed by another, with the time at which each was last heard alive."""
        with records.session() as session:
            self._nodes = {row.node: _from_row(row) for row in session.scalars(select(NodeRow))}
            self._past: Mapping[str, Past] = recall(session)

    @property
    def past(self) -> Mapping[str, Past]:
        """By node, what is refused of those that were ever withdrawn."""
        return self._past

    def bar(self, past: Mapping[str, Past]) -> None:
        """Take over who is withdrawn; whoever looks is told of those that are since now, or no longer."""
        with self._lock:
            before, self._past = self._past, dict(past)
        for name in before.keys() | past.keys():
            node = self.get(name)
            if node is not None and (old := before.get(name, Past()).since) != node.withdrawn and None in (old, node.withdrawn):
                self._tell(node.village, name, node.shown(node.last_seen))

    def recall(self, held: Iterable[Latest]) -> None:
        """The register may be seconds behind when the cloud is killed; what the store holds of a node proves that it was there."""
        for latest in held:
            self.seen(latest.key.village, latest.key.node, latest.received)

    def refresh(self, records: Records) -> None:
        """Take over what other processes have saved. Raises ``StorageUnavailable``."""
        with records.session() as session:
            found = {row.node: _from_row(row) for row in session.scalars(select(NodeRow))}
            past = recall(session)
        with self._lock:
            before, self._nodes = self._nodes, found
        self.bar(past)
        for node in found.values():
            old = before.get(node.node)
            if node.state is not None and (old is None or old.state != node.state):
                self._tell(node.village, node.node, node.state)

    def get(self, node: str) -> Node | None:
        """One node."""
        found = self._nodes.get(node)
        return None if found is None else self._shown(found)

    def all(self) -> list[Node]:
        """All nodes in order of name."""
        with self._lock:
            return sorted(map(self._shown, self._nodes.values()), key=lambda n: n.node)

    def online(self, now: int) -> int:
        """How many are online."""
        return sum(n.shown(now) == "online" for n in self.all())

    def seen(self, village: str, node: str, at: int, synchronised: bool | None = None) -> None:
        """A pack or foreign message of the node arrived at ``at``."""
        old = self._nodes.get(node) or Node(node, village, None, at)
        self._put(replace(old, last_seen=max(at, old.last_seen), synchronised=old.synchronised if synchronised is None else synchronised))

    def reused(self, node: str, readings: int) -> None:
        """New readings came in packs whose number was taken."""
        old = self._nodes.get(node)
        if old is not None:
            self._put(replace(old, reused=old.reused + readings))

    def heard(self, village: str, node: str, state: State, at: int, *, retained: bool) -> bool:
        """The node's state, or its last will, arrived at ``at``; ``retained`` is what the broker kept, which proves no life.

        True when a run has begun that was not known.
        """
        old = self._nodes.get(node) or Node(node, village)
        if not state.online and old.run is not None and state.run != old.run:
            return False  # the will of a run that another has followed
        conflict = state.conflict or (state.online and not retained and self._alternates(old, state, at))
        shown: NodeState = "conflict" if conflict else "online" if state.online else "offline"
        new = replace(
            old,
            state=shown,
            since=at if shown != old.state else old.since,
            epoch=state.epoch,
            run=state.run,
            last=max(state.last, old.last) if state.epoch == old.epoch else state.last,
        )
        if state.online:
            new = replace(
                new, version=state.version or None, spooled=state.spooled, synchronised=state.synchronised, devices=tuple(state.devices),
                public=self._key(old, state, retained=retained),
            )  # fmt: skip
            if not retained:
                new = replace(new, last_seen=max(at, old.last_seen))
        self._put(new)
        if new.state != old.state:
            self._tell(village, node, shown)
        return state.online and not retained and state.run != old.run

    def _key(self, old: Node, state: State, *, retained: bool) -> bytes | None:
        """What the broker kept may be from the time in which a node that was withdrawn was in other hands."""
        return old.public if retained and old.node in self._past else state.key or old.public

    def _shown(self, node: Node) -> Node:
        past = self._past.get(node.node)
        return node if past is None or past.since is None else replace(node, withdrawn=past.since)

    def _tell(self, village: str, node: str, state: Shown) -> None:
        self._bus.publish(Event("node", village, {"village": village, "node": node, "state": state}))

    def _alternates(self, old: Node, state: State, at: int) -> bool:
        """A run that another has followed is alive again: only two edges of one name do that."""
        runs = self._runs.setdefault(node := old.node, {})
        if old.run is not None and state.run != old.run:
            back = state.run in runs
            runs.pop(state.run, None)
            runs[old.run] = at
            while len(runs) > 8:
                del runs[next(iter(runs))]
            return back or old.state == "conflict"
        if old.state != "conflict":
            return False
        return any(at - last < CONFLICT_MS for last in self._runs[node].values())

    def _put(self, node: Node) -> None:
        with self._lock:
            self._nodes[node.node] = node
            self._dirty.add(node.node)

    def save(self, session: Session) -> set[str]:
        """Write what changed; call ``saved`` with the result once the transaction is through."""
        with self._lock:
            dirty = {name: self._nodes[name] for name in self._dirty}
        for node in dirty.values():
            session.merge(_to_row(node))
        return set(dirty)

    def saved(self, names: set[str]) -> None:
        """These are durable."""
        with self._lock:
            self._dirty -= names


def _from_row(row: NodeRow) -> Node:
    devices = tuple(msgspec.convert(d, Device) for d in row.devices)
    state: NodeState | None = row.state  # type: ignore[assignment]
    return Node(
        node=row.node,
        village=row.village,
        state=state,
        since=row.since,
        last_seen=row.last_seen,
        version=row.version,
        epoch=row.epoch,
        run=row.run,
        last=row.last,
        spooled=row.spooled,
        synchronised=row.synchronised,
        devices=devices,
        reused=row.reused,
        public=row.public,
    )


def _to_row(node: Node) -> NodeRow:
    return NodeRow(
        node=node.node,
        village=node.village,
        state=node.state,
        since=node.since,
        last_seen=node.last_seen,
        version=node.version,
        epoch=node.epoch,
        run=node.run,
        last=node.last,
        spooled=node.spooled,
        synchronised=node.synchronised,
        devices=msgspec.to_builtins(node.devices),
        reused=node.reused,
        public=node.public,
    )
