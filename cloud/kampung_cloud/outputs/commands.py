"""Commands to outputs: given once, sent while the kiosk is there until it answers or they expire, and answered once.

The broker keeps nothing for a kiosk that is away, so nothing old is ever waiting for it there: what is still wanted is sent again.
A command that follows another to the same output replaces it, so that the last word is the one that counts.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog
from kampung_contract.command import Command, check_command, encode_command
from kampung_contract.errors import InvalidRequest, KampungError, NotFound, StorageUnavailable
from kampung_contract.topics import Address
from sqlalchemy import ColumnElement, func, select, update

from kampung_cloud.area import WHOLE, Area
from kampung_cloud.bus import Bus
from kampung_cloud.health import now_ms
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs import log, register
from kampung_cloud.outputs.command import OPEN, close, line, shown, told
from kampung_cloud.records import Records
from kampung_cloud.records.models import CommandRow

logger = structlog.get_logger()

TICK_S = 0.5
RESEND_MS = 5_000
LIFE_S = 300
SHORTEST_S, LONGEST_S = 10, 86_400


class Line(Protocol):
    """The line to the broker; ``publish`` does nothing while it is not connected."""

    @property
    def connected(self) -> threading.Event: ...

    def publish(self, topic: str, payload: bytes) -> None: ...


class Commands:
    """``run`` is a thread's body: it sends and lets expire what goes to ``area``. The rest may be called by any thread."""

    def __init__(
        self, records: Records, nodes: Nodes, bus: Bus, line: Line, now: Callable[[], int] = now_ms, *, area: Area = WHOLE
    ) -> None:
        self._mine = CommandRow.village.like(area.pattern)
        self._records, self._nodes, self._bus, self._line, self._now = records, nodes, bus, line, now
        self._giving = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="commands", daemon=True)

    def start(self) -> None:
        """Begin to send what waits."""
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """Another process has put a command on record."""
        self._wake.set()

    def stop(self) -> None:
        """The thread ends; what waits is sent after the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(4)

    def give(
        self, node: str, output: str, *, on: bool, seconds: int | None, actor: str, reason: str, life_s: int = LIFE_S
    ) -> dict[str, Any]:
        """Put a command on record, to be sent at once. Raises ``NotFound``, ``InvalidRequest``, ``KampungError`` with code ``conflict``."""
        now = self._now()
        known = self._nodes.get(node)
        if known is not None and known.shown(now) == "conflict":
            raise KampungError(f"two kiosks call themselves {node!r}, and both would obey; rename one of them first", code="conflict")
        if known is not None and known.withdrawn is not None:
            raise KampungError(f"{node!r} is withdrawn, and nothing goes to it any more", code="conflict")
        if not SHORTEST_S <= life_s <= LONGEST_S:
            raise InvalidRequest(f"expires_in = {life_s}: a command lives {SHORTEST_S} to {LONGEST_S} seconds")
        with self._giving, self._records.session() as session:
            found = register.find(session, node, output, lock=True)
            if seconds is not None and not on:
                raise InvalidRequest(f"seconds = {seconds}: an output is switched off for good; leave seconds out")
            if seconds is not None and seconds > found.max_on:
                raise InvalidRequest(f"seconds = {seconds}: {output!r} may be on for {found.max_on} seconds at most (max_on of its kiosk)")
            last = session.scalar(select(func.max(CommandRow.at)).where(CommandRow.node == node, CommandRow.output == output)) or 0
            at = max(now, last + 1)  # the order in which they were given is the order that counts
            command = Command(secrets.token_hex(8), at, at + life_s * 1000, output, on, actor.strip()[:80], reason.strip()[:300], seconds)
            _check(command)
            row = CommandRow(
                id=command.id,
                node=node,
                village=found.village,
                output=output,
                on=on,
                seconds=seconds,
                actor=command.actor,
                reason=command.reason,
                at=at,
                expires=command.expires,
                state="queued",
                sends=0,
            )
            same = (CommandRow.node == node, CommandRow.output == output, CommandRow.state.in_(OPEN))
            replaced = [old for old in session.scalars(select(CommandRow).where(*same)) if close(session, old, "replaced", now, command.id)]
            session.add(row)
            asked = {"on": on, "seconds": seconds, "actor": row.actor, "reason": row.reason, "expires": row.expires}
            log.append(session, line(row, "asked", now, asked))
        self._tell([*replaced, row])
        self._wake.set()
        return shown(row)

    def find(self, number: str) -> dict[str, Any]:
        """One command. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(CommandRow, number)
        if row is None:
            raise NotFound(f"command {number!r} is not here; GET /api/v1/commands lists what is")
        return shown(row)

    def listed(
        self, *, village: str | None = None, node: str | None = None, output: str | None = None, state: str | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Commands, the last given first."""
        wanted = {CommandRow.village: village, CommandRow.node: node, CommandRow.output: output, CommandRow.state: state}
        only: list[ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
        with self._records.session() as session:
            rows = session.scalars(select(CommandRow).where(*only).order_by(CommandRow.at.desc(), CommandRow.id).limit(limit))
            return [shown(row) for row in rows]

    def run(self) -> None:
        """Until ``stop``. Sleeps while no command is open."""
        open_ones = True
        while not self._stopping.is_set():
            self._wake.wait(TICK_S if open_ones else None)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                open_ones = self.tick()
            except StorageUnavailable as error:
                logger.debug("commands wait for the records", reason=error.message)  # health tells of the records
                self._stopping.wait(TICK_S)
            except Exception:
                logger.exception("commands")
                self._stopping.wait(TICK_S)

    def tick(self) -> bool:
        """Let expire what is over, send what is due; whether any command is open."""
        now = self._now()
        with self._records.session() as session:
            rows = list(
                session.scalars(select(CommandRow).where(CommandRow.state.in_(OPEN), self._mine).order_by(CommandRow.at, CommandRow.id))
            )
        for row in rows:
            if now >= row.expires:
                self._expire(row, now)
            elif self._due(row, now):
                self._publish(row, now)
        return bool(rows)

    def _due(self, row: CommandRow, now: int) -> bool:
        node = self._nodes.get(row.node)
        if not self._line.connected.is_set() or node is None or node.shown(now) != "online":
            return False
        return row.last_sent is None or now - row.last_sent >= RESEND_MS or node.since > row.last_sent

    def _publish(self, row: CommandRow, now: int) -> None:
        """On record as sent before it goes, so that no answer comes to a command that was never sent."""
        with self._records.session() as session:
            still = update(CommandRow).where(CommandRow.id == row.id, CommandRow.state.in_(OPEN))
            sent_at = row.sent_at or now
            still = still.values(state="sent", sent_at=sent_at, last_sent=now, sends=CommandRow.sends + 1)
            if not session.execute(still, execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
                return
            if row.sent_at is None:
                log.append(session, line(row, "sent", now, {}))
        command = Command(row.id, row.at, row.expires, row.output, row.on, row.actor, row.reason, row.seconds)
        self._line.publish(Address(row.village, row.node).command(row.id), encode_command(command))
        if row.sent_at is None:
            logger.info("command sent", command=row.id, node=row.node, output=row.output, on=row.on)
            row.state, row.sent_at, row.sends = "sent", now, 1
            self._tell([row])

    def _expire(self, row: CommandRow, now: int) -> None:
        with self._records.session() as session:
            if not close(session, row, "expired", now):
                return
        logger.info("command expired", command=row.id, node=row.node, output=row.output, sends=row.sends)
        self._tell([row])

    def _tell(self, rows: Iterable[CommandRow]) -> None:
        for row in rows:
            self._bus.publish(told(row))


def _check(command: Command) -> None:
    for what, value in (("by", command.actor), ("reason", command.reason)):
        if not value:
            raise InvalidRequest(f"{what} is empty; who switches, and why, goes on record")
    check_command(command)
