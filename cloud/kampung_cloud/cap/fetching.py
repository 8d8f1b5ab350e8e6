"""Asking a warning service over HTTP: politely, with a limit to what an answer may hold and to how long it may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import urllib3
from kampung_contract.errors import KampungError

AGENT = "smart-kampung (Kabupaten Banyuwangi)"
CONNECT_S, READ_S, WHOLE_S = 10.0, 20.0, 60.0
PIECE = 64 * 1024
SOON_S = 3_600.0
"""A service that asks for more patience than this is asked again after it all the same."""


class Unreachable(KampungError):
    """No answer (``status`` 0), or another than was asked for; to be tried again, after ``wait_s`` seconds where the service says so."""

    code = "unreachable"

    def __init__(self, message: str, status: int = 0, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.status, self.wait_s = status, wait_s


@dataclass(frozen=True, slots=True)
class Page:
    """``body`` is None when nothing changed; ``whole`` is false when it was longer than it may be, and cut."""

    body: bytes | None
    whole: bool = True


class Fetching:
    """Asks one service, the host of ``base``; remembers what it said of each page's version. Used by one thread."""

    def __init__(self, base: str, per_minute: int, wait: Callable[[float], object]) -> None:
        self._base = urlsplit(base)
        self._gap = 60.0 / per_minute
        self._wait = wait
        self._next = 0.0
        self._versions: dict[str, dict[str, str]] = {}
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S))

    def ours(self, link: str) -> str | None:
        """The address of a link in a page of the service; None when it leads elsewhere."""
        try:
            url = urljoin(self._base.geturl(), link)
            parts = urlsplit(url)
        except ValueError:
            return None
        return url if (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc) else None

    def get(self, url: str, most: int) -> Page:
        """At most ``most`` bytes of a page. Raises ``Unreachable``."""
        pause = self._next - time.monotonic()
        if pause > 0:
            self._wait(pause)
        self._next = time.monotonic() + self._gap
        headers = {"User-Agent": AGENT, "Accept": "application/xml, text/xml, */*;q=0.1", **self._versions.get(url, {})}
        try:
            answer = self._pool.request(
                "GET", url, headers=headers, preload_content=False, redirect=False, decode_content=False, assert_same_host=False
            )
            try:
                return self._read(url, answer, most)
            finally:
                answer.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Unreachable(f"{url} does not answer: {_why(error)}") from None

    def forget(self, url: str) -> None:
        """What was said of its version: the page is to be had whole."""
        self._versions.pop(url, None)

    def only(self, urls: Iterable[str]) -> None:
        """Forget all other pages."""
        wanted = set(urls)
        self._versions = {url: version for url, version in self._versions.items() if url in wanted}

    def _read(self, url: str, answer: urllib3.BaseHTTPResponse, most: int) -> Page:
        if answer.status == 304 and url in self._versions:
            return Page(None)
        if answer.status != 200:
            raise Unreachable(f"{url} answers {answer.status}", answer.status, _patience(answer.headers.get("Retry-After", "")))
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Unreachable(f"{url} answers in {answer.headers['Content-Encoding'][:40]!r}, which was not asked for")
        end, body = time.monotonic() + WHOLE_S, b""
        while len(body) <= most and (piece := answer.read1(min(PIECE, most + 1 - len(body)))):
            body += piece
            if time.monotonic() > end:
                raise Unreachable(f"{url}: not all of it came within {WHOLE_S:.0f} s")
        if len(body) > most:
            return Page(body[:most], whole=False)
        version = {"If-None-Match": answer.headers.get("ETag"), "If-Modified-Since": answer.headers.get("Last-Modified")}
        self._versions[url] = {name: value for name, value in version.items() if value}
        if not self._versions[url]:
            del self._versions[url]
        return Page(body)

    def close(self) -> None:
        """Give up connections."""
        self._pool.clear()


def _patience(words: str) -> float:
    return min(float(words), SOON_S) if words.isdecimal() else 0.0


def _why(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(error, urllib3.exceptions.NewConnectionError):
        return "it took too long"
    cause = error.__cause__
    return str((isinstance(cause, OSError) and cause.strerror) or cause or error).rsplit(": ", 1)[-1].strip("()'\" ")[:200]
