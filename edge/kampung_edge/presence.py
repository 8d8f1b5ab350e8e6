"""The node's retained state: birth, renewal, last will; and the discovery of a second edge of the same name."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence

import structlog
from kampung_contract.documents import Device, Output, State, decode_state, encode
from kampung_contract.errors import KampungError
from kampung_contract.times import clock as clock_text
from kampung_contract.topics import Address

from kampung_edge import VERSION
from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.spool import Spool
from kampung_edge.spool_base import SpoolStats

log = structlog.get_logger("presence")

RENEW_S = 900.0
"""Packs say that the node lives and the last will that it does not; a state costs as much as a pack of twenty readings."""
SETTLE_S = 10.0
"""Packs wait when the oldest has waited this long, and a change of that is told at most so often: each telling costs more than a pack."""
LOOK_S = 1.0
CONFLICT_ECHO_S = 20.0
CONFLICT_CLEARS_S = 120.0


class Presence:
    """Called from the uplink's thread and from paho's; both take turns under the uplink's lock."""

    def __init__(
        self,
        address: Address,
        devices: list[Device],
        spool: Spool,
        clock: EdgeClock,
        *,
        now: Callable[[], float] = time.monotonic,
        outputs: Sequence[Output] = (),
        key: bytes = b"",
    ) -> None:
        self._key = key
        self._outputs = list(outputs)
        self._address, self._devices, self._spool, self._clock, self._now = address, devices, spool, clock, now
        self.run = secrets.token_hex(4)
        self.conflict: str | None = None
        self._seen_other = self._published = self._looked = float("-inf")
        self._last: State | None = None
        self._asked = False
        self._born = False

    def introduce(self, devices: list[Device]) -> None:
        """From now on, and at once where we are online."""
        self._devices = devices

    def will(self) -> bytes:
        """The last will: offline."""
        return encode(self._state(online=False))

    def lost(self) -> None:
        """The connection is gone: what stands on the broker is the last will."""
        self._last = None

    def due(self) -> bytes | None:
        """The state to publish now, None when what the broker has is still right."""
        now = self._now()
        if self._last is not None and not self._asked and now - self._looked < LOOK_S:
            return None
        self._looked = now
        if self.conflict and now - self._seen_other > CONFLICT_CLEARS_S:
            log.info("conflict.over", node=self._address.node)
            self.conflict = None
        state = self._state(online=True)
        if not self._must(state, now):
            return None
        self._last, self._published, self._asked = state, now, False
        return encode(state)

    def published(self) -> None:
        """The broker holds this run's birth."""
        self._born = True

    def heard(self, payload: bytes, retained: bool) -> bool:
        """What came on the node's own state topic; True when ``due`` should be asked now.

        Another run that is online is a second edge of this name: when it speaks now, or when its word replaced ours on the broker
        while we were away. A retained word from before our birth may be our own, of an earlier run.
        """
        try:
            other = decode_state(payload) if payload else None
        except KampungError as error:
            log.warning("state.foreign", reason=error.message)
            return False
        if other is None or (other.run == self.run and other.online):
            return False
        if other.run != self.run and other.epoch == self._spool.epoch and other.last > (own := self._spool.stats().last):
            self._spool.renew(f"pack {other.last} was given by run {other.run}, this file ends with {own}: one of the two is a copy")
        if not other.online:  # a last will that came late, of this run's former connection or of an earlier run
            self._asked = self._asked or not retained
            return self._asked
        if retained and not self._born:
            return False
        now = self._now()
        self._seen_other = now
        if self.conflict is None:
            self.conflict = (
                f"another edge calls itself {self._address.node} in {self._address.village} (its run {other.run}, seen "
                f"{clock_text(wall_ms())}); rename one of the two: key 'node' in its configuration"
            )
            log.error("conflict", detail=self.conflict)
        if now - self._published >= CONFLICT_ECHO_S or (self._last is not None and not self._last.conflict):
            self._asked = True
        return self._asked

    def _must(self, new: State, now: float) -> bool:
        old, age = self._last, now - self._published
        if old is None or self._asked or age >= (CONFLICT_ECHO_S if new.conflict else RENEW_S):
            return True
        if (old.devices, old.synchronised, old.conflict, old.epoch) != (new.devices, new.synchronised, new.conflict, new.epoch):
            return True
        return (old.spooled == 0) != (new.spooled == 0) and age >= SETTLE_S

    def _state(self, online: bool) -> State:
        stats: SpoolStats = self._spool.stats()
        late = stats.oldest is not None and wall_ms() - stats.oldest >= SETTLE_S * 1000
        return State(
            online,
            stats.epoch,
            self.run,
            VERSION,
            stats.last,
            stats.packs if late else 0,
            self._clock.synchronised(),
            self._devices,
            conflict=self.conflict is not None,
            outputs=self._outputs,
            key=self._key if online else b"",
        )
