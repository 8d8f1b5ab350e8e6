"""One question to a register over HTTP: with a limit to its time and its size, tried again where that does no harm.

A register that has failed several times in a row is left alone for a while, so that nobody at the counter waits for what will not come.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
import urllib3
from kampung_contract.backoff import Backoff
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from kampung_cloud.registers.answer import MARK_HEADER, Unanswered

log = structlog.get_logger("registers")

AGENT = "smart-kampung (Kabupaten Banyuwangi)"
CONNECT_S = 3.0
TRIES = 3
WHOLE_S = 12.0
"""After so long no further try is begun: somebody stands at the counter."""
FAILURES = 3
REST_S = 30.0
PIECE = 65_536
SOON = frozenset({502, 503, 504})
"""Statuses of something on the way that may pass by itself."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``marked``: it said of itself that it is simulated."""

    status: int
    body: bytes
    marked: bool


class Breaker:
    """Open for ``REST_S`` seconds after ``FAILURES`` failures in a row. Used by many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0

    @property
    def open(self) -> bool:
        """Whether the register is left alone now."""
        with self._lock:
            return self._clock() < self._until

    def told(self, well: bool) -> bool:
        """How a question went; whether the breaker opened with it."""
        with self._lock:
            self._failed = 0 if well else self._failed + 1
            if self._failed < FAILURES:
                return False
            self._until = self._clock() + REST_S
            return True


class Asking:
    """One register. May be used by many threads."""

    def __init__(
        self,
        name: str,
        timeout_s: float,
        most: int,
        *,
        ca_file: Path | None = None,
        breaker: Breaker | None = None,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._name, self._most, self._wait, self._timeout_s = name, most, wait, timeout_s
        self._breaker = breaker or Breaker()
        limits = urllib3.Timeout(connect=min(CONNECT_S, timeout_s), read=timeout_s)
        authority = None if ca_file is None else str(ca_file)
        self._pool = urllib3.PoolManager(retries=False, timeout=limits, maxsize=4, ca_certs=authority)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True) -> Reply | Unanswered:
        """The reply, whatever its status but 502 to 504. ``repeatable``: whether a question that may have arrived is asked again."""
        if self._breaker.open:
            return Unanswered(
                self._name, "unreachable", f"not asked: it failed {FAILURES} times in a row, the last less than {REST_S:.0f} s ago"
            )
        backoff, end, reply = Backoff(0.2, 2.0), time.monotonic() + WHOLE_S, self._once(url, body, headers)
        for _ in range(TRIES - 1):
            again = reply is None or (isinstance(reply, str) and repeatable)
            if not again or time.monotonic() > end:
                break
            self._wait(backoff.pause())
            reply = self._once(url, body, headers)
        if self._breaker.told(isinstance(reply, Reply)):
            log.warning("a register does not answer and is left alone for a while", register=self._name, seconds=REST_S)
        return reply if isinstance(reply, Reply) else Unanswered(self._name, "unreachable", reply or "no connection")

    def close(self) -> None:
        """Give up connections."""
        self._pool.clear()

    def _once(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply | str | None:
        """The reply; why there is none, where the question may have arrived; None where it cannot have."""
        sent = {"User-Agent": AGENT, **headers}
        try:
            answer = self._pool.request("POST", url, body=body, headers=sent, redirect=False, preload_content=False, decode_content=False)
            try:
                content = self._read(answer)
            finally:
                answer.close()
        except (NewConnectionError, ConnectTimeoutError):
            return None
        except (HTTPError, OSError, ValueError) as error:
            if error.args and isinstance(error.args[0], ssl.SSLCertVerificationError):
                return f"its certificate is not accepted: {error.args[0].verify_message}"
            return f"broke off: {type(error).__name__}"  # never its words: they may repeat what was sent
        if content is None:
            return f"not all of it came within {self._timeout_s:.0f} s"
        if answer.status in SOON:
            return f"answers {answer.status}"
        if len(content) > self._most:
            return Reply(answer.status, b"", MARK_HEADER in answer.headers)  # longer than anything it has to say: not to be read
        return Reply(answer.status, content, MARK_HEADER in answer.headers)

    def _read(self, answer: BaseHTTPResponse) -> bytes | None:
        """What it says, up to a byte too many; None where that takes too long: each byte in time would be a thread for a day."""
        end, content = time.monotonic() + self._timeout_s, b""
        while len(content) <= self._most and (piece := answer.read1(min(PIECE, self._most + 1 - len(content)))):
            content += piece
            if time.monotonic() > end:
                return None
        return content
