"""The way to the cloud: sends what the spool holds, forgets on receipts alone, and says whether the link is up."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog
from kampung_contract.backoff import Backoff
from kampung_contract.errors import KampungError
from kampung_contract.receipt import decode_receipt
from kampung_contract.topics import Address, Lane

from kampung_edge.clock import wall_ms
from kampung_edge.commands import Commands
from kampung_edge.config import EdgeConfig
from kampung_edge.connection import Connection, Dialect, Message, Unreachable
from kampung_edge.downlink import Downlink
from kampung_edge.flight import Flight
from kampung_edge.link import Link
from kampung_edge.pace import Pace
from kampung_edge.packing import FRESH_MS
from kampung_edge.presence import Presence
from kampung_edge.spool import Spool
from kampung_edge.spool_base import Waiting

if TYPE_CHECKING:
    from kampung_edge.letters.letters import Letters

log = structlog.get_logger("uplink")

BACKOFF_S = (0.5, 60.0)
STALLED_S = 15.0
"""Nothing receipted for so long while packs wait: the link is down, whatever the broker says."""
DEAD_S = 30.0
"""Nothing at all from the broker for so long while packs wait: connect anew."""
STEADY_S = 10.0
"""A connection that lasted so long forgives the failures before it."""
IDLE_S = 5.0
CONNECTING_S = 45.0
CONTENT_TYPE = "kampung/pack"  # short: it travels with every pack


class Uplink:
    """``run`` is a thread's body. One connection at a time."""

    def __init__(self, config: EdgeConfig, spool: Spool, *, presence: Presence, downlink: Downlink, link: Link, commands: Commands,
                 letters: Letters | None = None) -> None:  # fmt: skip
        self._letters = letters
        self._commands = commands
        self._config, self._address, self._spool = config, Address(config.village, config.node), spool
        self._presence, self._downlink, self._link = presence, downlink, link
        self._dialect = Dialect()
        self._lock = threading.RLock()
        self._flight = Flight(config.uplink.window, config.uplink.resend_s)
        self._pace = Pace(config.uplink.backfill_bytes_s)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._heard = 0.0
        self._told_unreachable = ""
        self.progress = time.monotonic()
        """When it should have got on at the latest."""

    def run(self) -> None:
        """Until ``stop``. Waits for the spool to be open: without its epoch there is neither a pack nor a name to connect with."""
        backoff = Backoff(*BACKOFF_S, least=0)  # kiosks that lost one broker do not come back at once
        while not self._spool.opened and not self._stopping.is_set():
            self._link.set(False, "nothing can be saved yet, so nothing is sent")
            self.progress = time.monotonic() + IDLE_S
            self._wake.wait(IDLE_S)
            self._wake.clear()
        while not self._stopping.is_set():
            begun = time.monotonic()
            self.progress = begun + CONNECTING_S
            try:
                self._session()
            except Unreachable as error:
                self._link.set(False, f"broker {self._config.broker.url}: {error}")
                if str(error) != self._told_unreachable:
                    log.warning("broker.unreachable", url=self._config.broker.url, reason=str(error), retry="until it is there")
                    self._told_unreachable = str(error)
                if error.at_once:
                    continue
            if time.monotonic() - begun >= STEADY_S:
                backoff.forgive()
            wait = backoff.pause()
            self.progress = time.monotonic() + wait
            self._stopping.wait(wait)

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    def stop(self) -> None:
        """The thread publishes that this edge is offline, and ends."""
        self._stopping.set()
        self._wake.set()

    def _session(self) -> None:
        epoch = self._spool.epoch
        will = (self._address.state, self._presence.will())
        connection = Connection(
            broker=self._config.broker,
            client_id=f"{self._address.node}-{epoch[:8]}",
            will=will,
            dialect=self._dialect,
            on_message=self._received,
            on_change=self.wake,
            on_taken=self._taken,
        )
        connection.open()
        try:
            self._told_unreachable = ""
            log.info("broker.connected", url=self._config.broker.url, mqtt=self._dialect.version.name)
            with self._lock:
                self._flight.reconnected()
                self._presence.lost()
            self._heard = time.monotonic()
            letters = () if self._letters is None else (self._address.letters,)
            connection.subscribe(self._address.receipt, self._address.commands, self._address.state, self._address.contents, *letters)
            self._serve(connection, epoch)
        finally:
            self._leave(connection)

    def _serve(self, connection: Connection, epoch: str) -> None:
        taken = 0
        while not connection.lost.is_set() and not self._stopping.is_set() and epoch == self._spool.epoch:
            self._wake.clear()
            now = time.monotonic()
            if connection.acknowledged != taken:
                taken, self._heard = connection.acknowledged, now
                self._presence.published()
            self._announce(connection)
            if not self._pump(connection, now):
                return
            with self._lock:
                waiting, stalled = self._flight.waiting_s(now), self._flight.stalled_s(now)
                due = self._flight.next_due(now)
            if min(waiting, now - self._heard) > DEAD_S:
                log.warning("broker.silent", seconds=round(now - self._heard))
                connection.drop()
                return
            if stalled > STALLED_S:
                self._link.set(False, "connected, but the cloud confirms nothing; it is all kept here")
            else:
                self._link.set(True, f"connected to {self._config.broker.url}")
            self.progress = time.monotonic() + IDLE_S
            self._wake.wait(min(IDLE_S, due, 1.0 if self._flight.packs else IDLE_S))

    def _announce(self, connection: Connection) -> None:
        with self._lock:
            state = self._presence.due()
        if state is not None:
            connection.publish(self._address.state, state, retain=True)

    def _pump(self, connection: Connection, now: float) -> bool:
        """False when the connection is gone."""
        try:
            with self._lock:
                budget = self._pace.budget(connection.under_way, now)
                again = self._flight.overdue(now)
                late = self._spool.read(again)
                for seq in set(again) - {p.seq for p in late}:
                    self._flight.gone(seq)
                packs: list[Waiting] = []
                for pack in late:
                    if budget > 0 or lane_of(pack) is not Lane.BACKFILL:
                        packs.append(pack)
                        budget = max(0, budget - len(pack.payload))
                if room := min(self._flight.room(), connection.room):
                    packs += self._spool.peek(room, set(self._flight.packs), budget, rest=self._flight.rest())
                for pack in packs:
                    self._flight.sent(pack.seq, now)
                    if lane_of(pack) is Lane.BACKFILL:
                        self._pace.spent(len(pack.payload))
        except KampungError as error:
            self._link.set(self._link.state.up, f"the spool cannot be read: {error.message}")
            return True
        return all(connection.publish(self._address.up(lane_of(p)), p.payload, content_type=CONTENT_TYPE) is not None for p in packs)

    def _leave(self, connection: Connection) -> None:
        stopping = self._stopping.is_set()
        if stopping and not connection.lost.is_set():
            farewell = connection.publish(self._address.state, self._presence.will(), retain=True)
            if farewell is not None:
                try:
                    farewell.wait_for_publish(1.0)
                except (RuntimeError, ValueError):
                    log.info("broker.left_without_farewell")
        connection.close()
        detail = "the edge stops" if stopping else f"connection lost: {connection.reason or 'no answer from the broker'}"
        self._link.set(False, detail)

    def _taken(self, seconds: float, size: int, under_way: int) -> None:
        with self._lock:
            self._pace.acknowledged(seconds, size, under_way, time.monotonic())

    def _received(self, message: Message) -> None:
        """From paho's thread; must not raise, for that would end it."""
        self._heard = time.monotonic()
        try:
            if message.topic == self._address.receipt:
                self._receipt(message)
            elif message.topic == self._address.state:
                with self._lock:
                    if self._presence.heard(message.payload, message.retained):
                        self._wake.set()
            elif message.topic.startswith(f"{self._address.base}/down/command/"):
                self._commands.received(message.topic, message.payload, message.retained)
            elif self._letters is not None and message.topic.startswith(f"{self._address.base}/down/letter/"):
                self._letters.received(message.topic, message.payload, message.retained)
            else:
                self._downlink.handle(message.topic, message.payload)
        except KampungError as error:
            log.warning("downlink.refused", topic=message.topic, reason=error.message)
        except Exception:
            log.exception("downlink.failed", topic=message.topic)

    def _receipt(self, message: Message) -> None:
        if message.retained:
            return  # never fresh
        receipt = decode_receipt(message.payload)
        gone = self._spool.forget(receipt)
        with self._lock:
            if receipt.epoch == self._spool.epoch:
                self._flight.receipted(gone, receipt.credit, time.monotonic())
        self._wake.set()


def lane_of(pack: Waiting) -> Lane:
    """Decided when it is sent: a live pack that waited for over a minute travels as backfill."""
    if pack.lane is Lane.LIVE and wall_ms() - pack.last > FRESH_MS:
        return Lane.BACKFILL
    return pack.lane
