"""The sender: a thread that takes messages which are due and hands them to channels. It alone writes; channels' threads only speak."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Mapping

import structlog
from kampung_contract.errors import StorageUnavailable
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud.channels import claim, rates
from kampung_cloud.channels.channel import Channel
from kampung_cloud.channels.claim import AIMED, Owner
from kampung_cloud.channels.lane import Done, Job, Lane
from kampung_cloud.channels.outcome import recover, settle
from kampung_cloud.health import Health, now_ms
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import MessageRow

log = structlog.get_logger()

POLL_S = 1.0
"""Other processes write messages, too; what is written here wakes the sender."""
LEASE_MS = 15_000
CLEAN_S = 3_600.0
TROUBLE_S = 1.0


class Sender:
    """``start`` takes up what was left under way. Several processes may send; ``wake`` may be called by any thread."""

    def __init__(self, records: Records, channels: Mapping[str, Channel], health: Health, lease_ms: int = LEASE_MS) -> None:
        self._records, self._health = records, health
        self.lanes = {name: Lane(channel, self._report, time.monotonic) for name, channel in channels.items()}
        self._owner = Owner(f"{socket.gethostname()[:60]}/{os.getpid()}/{secrets.token_hex(4)}", lease_ms)
        self._done: deque[Done] = deque()
        self._under_way: dict[int, str] = {}
        """Messages by delivery."""
        self._renewed = self._cleaned = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="messages", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """A message was written."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is under way, and write down what became of it."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(10)
        for lane in self.lanes.values():
            lane.close()
        try:
            self._write_down()
        except StorageUnavailable as error:
            log.warning("what became of the last messages is not on record", reason=error.message)

    def _report(self, done: Done) -> None:
        self._done.append(done)
        self._wake.set()

    def _run(self) -> None:
        wait = 0.0
        while True:
            self._wake.wait(wait)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                wait = self.look()
            except StorageUnavailable as error:
                log.debug("messages wait for the records", reason=error.message)  # health tells of the records
                wait = self._rest()
            except Exception:
                log.exception("sending messages")
                self._health.set("channels", False, "an error inside the cloud; its log has more")
                wait = self._rest()

    def _rest(self) -> float:
        self._stopping.wait(TROUBLE_S)
        return 0.0

    def look(self) -> float:
        """Once: write outcomes, take what is due; seconds until the next look. Raises ``StorageUnavailable``."""
        self._write_down()
        now = now_ms()
        jobs: list[tuple[Lane, Job]] = []
        frees: list[float] = []
        mine = sorted(set(self._under_way.values()))
        more = False
        with self._records.session() as session:
            if claim.something(session, mine, now):
                recover(session, self.lanes, self._owner, now, mine, alone=not self._records.shared)
                claim.expire(session, now)
                self._release(session)
                more = claim.aim(session, self.lanes, now) == AIMED
                for lane in sorted(self.lanes.values(), key=lambda each: each.channel.name):  # one order: no two processes block
                    taken, free = claim.take(session, lane, self.lanes, self._owner, now)
                    jobs += [(lane, job) for job in taken]
                    frees += [(free - now) / 1000] if free else []
            later = select(func.min(MessageRow.due)).where(MessageRow.state == "waiting", MessageRow.due > now)
            if (due := session.scalar(later)) is not None:
                frees.append((due - now) / 1000)
            mono = time.monotonic()
            frees += [lane.opens - mono for lane in self.lanes.values() if lane.opens > mono]
            if mono - self._cleaned > CLEAN_S:
                self._cleaned = mono
                rates.clean(session, now)
        for lane, job in jobs:
            self._under_way[job.delivery] = job.message
            lane.send(job)
        self._tell()
        return 0.0 if more else min([POLL_S, *(max(free, 0.001) for free in frees)])

    def _write_down(self) -> None:
        done = [self._done.popleft() for _ in range(len(self._done))]
        mono = time.monotonic()
        due = self._under_way and mono - self._renewed > self._owner.lease_ms / 3000
        if not done and not due:
            return
        try:
            with self._records.session() as session:
                settle(session, done, self.lanes, self._owner, now_ms())
                left = set(self._under_way.values()) - {each.job.message for each in done}
                if due and left:
                    claim.renew(session, sorted(left), self._owner, now_ms())
        except BaseException:
            self._done.extendleft(reversed(done))
            raise
        for each in done:
            self._under_way.pop(each.job.delivery, None)
        if due:
            self._renewed = mono

    def _release(self, session: Session) -> None:
        for lane in self.lanes.values():
            if lane.shut and not lane.released:
                claim.release(session, lane, self.lanes)
            lane.released = lane.shut

    def _tell(self) -> None:
        wrong = [f"{lane.channel.name}: {lane.error}" for lane in self.lanes.values() if lane.failing]
        words = "; ".join(wrong[:3]) + ("; messages go to the next address" if wrong else "")
        self._health.set("channels", not wrong, words or f"{len(self.lanes)} ready")
