"""A channel at work: its threads, what is under way, and whether it is down. A slow channel holds up nobody but itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from kampung_contract.backoff import Backoff
from kampung_contract.errors import KampungError

from kampung_cloud.channels.channel import Channel, Later, Outgoing, Refused, Sent, Unclear, Unreachable

log = structlog.get_logger()

DOWN_AFTER = 3
"""A channel that did not answer so often in a row is down: until it answers, one message at a time tries it."""
PAUSE_S = (2.0, 60.0)
PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt. ``delivery`` is its row's id."""

    message: str
    delivery: int
    to: str
    key: str
    said: Outgoing


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it: ``outcome`` as in ``DeliveryRow``; ``wait_s``: not before."""

    job: Job
    channel: str
    outcome: str
    detail: str = ""
    provider: str = ""
    wait_s: float = 0.0


class Lane:
    """``send`` and ``ask`` belong to the sender's thread; ``report`` is called by the lane's own threads."""

    def __init__(self, channel: Channel, report: Callable[[Done], None], clock: Callable[[], float]) -> None:
        self.channel = channel
        self._report, self._clock = report, clock
        self._hands = ThreadPoolExecutor(channel.limits.parallel, f"channel-{channel.name}")
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._row, self._backoff = 0, Backoff(*PAUSE_S)
        self._closed_until = 0.0
        self.error = ""
        self.last_sent: float | None = None
        self.released = False
        """Whether what waited for it may have gone another way since it is shut."""

    @property
    def down(self) -> bool:
        """Whether others are to be asked first."""
        with self._lock:
            return self._row >= DOWN_AFTER and (self._closed_until > self._clock() or bool(self._under_way))

    @property
    def shut(self) -> bool:
        """Whether it takes nothing for longer than what is about life can wait."""
        return self.down or self._closed_until - self._clock() > PATIENCE_S

    @property
    def failing(self) -> bool:
        """Whether it did not answer the last times."""
        return self._row >= DOWN_AFTER

    @property
    def opens(self) -> float:
        """When it takes something again, by the clock."""
        return self._closed_until

    @property
    def room(self) -> int:
        """How many messages it takes now."""
        with self._lock:
            if self._closed_until > self._clock():
                return 0
            most = 1 if self._row >= DOWN_AFTER else self.channel.limits.parallel
            return max(0, most - len(self._under_way))

    def send(self, job: Job) -> None:
        """Hand it to a thread."""
        with self._lock:
            self._under_way.add(job.delivery)
        self._hands.submit(self._one, job)

    def close(self) -> None:
        """Wait for what is under way."""
        self._hands.shutdown(cancel_futures=True)
        self.channel.close()

    def _one(self, job: Job) -> None:
        name = self.channel.name
        try:
            sent = self.channel.send(job.to, job.said, job.key)
            done = Done(job, name, "sent", provider=sent.provider if isinstance(sent, Sent) else "")
        except Refused as error:
            done = Done(job, name, "failed", error.message)
        except Later as error:
            done = Done(job, name, "retry", error.message, wait_s=error.seconds)
            if error.whole:
                self._shut(error)
        except Unclear as error:
            done = Done(job, name, "unknown", error.message)
            self._missed(error)
        except Unreachable as error:
            done = Done(job, name, "retry", error.message)
            self._missed(error)
        except Exception:
            log.exception("sending", channel=name)
            done = Done(job, name, "retry", "an error inside the cloud; its log has more")
        with self._lock:
            self._under_way.discard(job.delivery)
            if done.outcome in {"sent", "failed"}:
                self._row, self.error = 0, ""
                self._backoff.forgive()
            if done.outcome == "sent":
                self.last_sent = self._clock()
        self._report(done)

    def _missed(self, error: KampungError) -> None:
        with self._lock:
            self._row, self.error = self._row + 1, error.message
            if self._row >= DOWN_AFTER:
                self._closed_until = max(self._closed_until, self._clock() + self._backoff.pause())

    def _shut(self, error: Later) -> None:
        with self._lock:
            self.error = error.message
            self._closed_until = max(self._closed_until, self._clock() + max(error.seconds, 1.0))
