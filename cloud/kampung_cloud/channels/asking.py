"""HTTP as channels use it: one attempt, and what a status means to a message. Addresses are never told, since they may hold a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as TookTooLong

from kampung_cloud.channels.channel import Later, Refused, Unclear, Unreachable
from kampung_cloud.health import now_ms

AGENT = "smart-kampung"
CONNECT_S = 5.0
MOST = 64 * 1024
LONGEST_S = 3_600.0
"""Who asks for more patience is asked again after it all the same."""
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """``json`` is None where the body is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any


class Asking:
    """One service. May be used by many threads."""

    def __init__(self, name: str, timeout: float, parallel: int) -> None:
        self._name = name
        self._pool = urllib3.PoolManager(
            maxsize=parallel, block=False, retries=False, timeout=urllib3.Timeout(connect=min(CONNECT_S, timeout), read=timeout)
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer, whatever its status. Raises ``Unreachable`` where nothing can have arrived, else ``Unclear``."""
        try:
            answer = self._pool.request(
                "POST", url, body=body, headers={"User-Agent": AGENT, **headers}, redirect=False, preload_content=False
            )
            try:
                content = answer.read(MOST)
            finally:
                answer.close() if answer.status >= 400 else answer.release_conn()  # an error's rest is not worth reading
        except (NewConnectionError, ConnectTimeoutError, SSLError) as error:
            raise Unreachable(f"{self._name} cannot be reached: {_why(error)}") from None
        except (HTTPError, OSError, ValueError) as error:
            raise Unclear(f"{self._name} broke off before it answered: {_why(error)}") from None
        try:
            found = json.loads(content)
        except ValueError:
            found = None
        return Answer(answer.status, answer.headers, content, found)

    def close(self) -> None:
        """Give up connections."""
        self._pool.clear()


def judge(name: str, answer: Answer, said: str = "") -> None:
    """Return where it was taken. Raises ``Refused``, ``Later``, ``Unreachable`` or ``Unclear``; ``said`` is the service's own reason."""
    status = answer.status
    if 200 <= status < 300:
        return
    words = f"{name} answers {status}" + (f": {said[:SHOWN]}" if said else "")
    if status in (429, 503):
        raise Later(words, patience(answer.headers.get("Retry-After", "")), whole=True)
    if status >= 500:
        raise Unclear(words)  # it stumbled over the message, before or after it took it
    if status in (408, 425):
        raise Unreachable(words)
    if status in (401, 403, 407):
        raise Unreachable(f"{words}; its key in cloud.toml is not taken")
    if 300 <= status < 400:
        raise Unreachable(f"{words}; its address in cloud.toml leads elsewhere")
    raise Refused(words)


def patience(words: str) -> float:
    """Seconds of a Retry-After header, a number or a date."""
    words = words.strip()
    if words.isdecimal():
        return min(float(words), LONGEST_S)
    try:
        return min(max(parsedate_to_datetime(words).timestamp() - now_ms() / 1000, 0.0), LONGEST_S)
    except ValueError:
        return 0.0


def _why(error: Exception) -> str:
    if isinstance(error, NewConnectionError):
        cause = error.__cause__
        return (isinstance(cause, OSError) and cause.strerror) or "no connection"
    if isinstance(error, TookTooLong):
        return "it took too long"
    if isinstance(error, SSLError):
        return "its certificate is not to be trusted, or it speaks no TLS"
    cause = error.__cause__ or error
    return (isinstance(cause, OSError) and cause.strerror) or type(cause).__name__
