"""An engine's HTTP side: one question, one answer, every failure told with the engine's name."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
import urllib3
from kampung_contract.errors import ConfigurationError, StorageUnavailable

from kampung_cloud.engine_address import Address

T = TypeVar("T")
CONNECT_S = 3.0
READ_S = 30.0
WHOLE_S = 40.0
"""An answer takes no longer, unless more than ``LEAST_BYTES_S`` of it come in a second: a byte every 29 s would hold ingest up for ever."""
LEAST_BYTES_S = 100_000
PIECE = 1 << 16
CLOCK_S = 3600.0
"""How far an engine's clock may be off. VictoriaMetrics drops, without a word, what lies more than two days ahead of its clock
(``lib/storage/table.go``, getMinMaxTimestamps), and every engine what is older than its retention; a kiosk's clock may be a day ahead."""


class Refused(StorageUnavailable):
    """The engine answered that it does not want this request: ``status`` and its words in ``text``."""

    def __init__(self, message: str, status: int, text: str) -> None:
        super().__init__(message)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Answer:
    """Headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes


class Server:
    """Speaks to one address; ``name`` is how messages call it. Used by several threads."""

    def __init__(self, base: str, name: str, headers: dict[str, str]) -> None:
        self.base = base
        self.name = name
        self._headers = headers
        self._pool = urllib3.PoolManager(
            num_pools=2, maxsize=8, retries=False, timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S), headers=headers
        )
        self.ahead_s = 0.0
        """How far its clock was ahead of ours when it answered last; 0 where it does not tell the time."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        form: Sequence[tuple[str, str]] | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        allow: Sequence[int] = (),
    ) -> Answer:
        """The answer to a request: 2xx, or one of ``allow``.

        Raises ``ConfigurationError`` when name, password or token are refused, ``Refused`` for another 4xx, and ``StorageUnavailable``
        when there is no answer or the engine is in trouble.
        """
        sent = {**self._headers, **(headers or {})}
        if form is not None:
            body = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            url = self.base + path + ("?" + urlencode(query) if query else "")
            got = self._pool.request(method, url, body=body, headers=sent, redirect=False, preload_content=False)
            try:
                content = self._whole(got)
            finally:
                got.close()  # what was read to its end is back in the pool by now
        except urllib3.exceptions.HTTPError as error:
            raise self.silent(error) from None
        self.heard(got.headers)
        if got.status < 300 or got.status in allow:
            return Answer(got.status, {k.lower(): v for k, v in got.headers.items()}, content)
        raise self.refusal(got.status, content, f"{method} {path}", got.headers.get("Location", ""))

    def write(self, path: str, body: bytes, query: Sequence[tuple[str, str]] = ()) -> None:
        """A request that stores something. Raises as ``ask`` does, and as ``stored`` does."""
        answer = self.ask("POST", path, query=query, body=body)
        self.stored(answer.status, answer.body, f"POST {path}")

    def stored(self, status: int, body: bytes, what: str) -> None:
        """Raise ``StorageUnavailable`` unless an answer says that all was taken, from a server whose clock lets it be kept.

        Every engine says 204 for that; 200 is somebody's page, and 201 of InfluxDB 3 a part.
        """
        if status != 204:
            raise StorageUnavailable(
                f"{self.name} answers {status} to {what} where 204 would mean that it is stored: {_line(body)}; is a proxy between?"
            )
        self.on_time()

    def on_time(self) -> None:
        """Raise ``StorageUnavailable`` while its clock and ours are so far apart that it might drop readings without a word."""
        if abs(self.ahead_s) > CLOCK_S:
            hours = abs(self.ahead_s) / 3600
            far = f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
            raise StorageUnavailable(
                f"{self.name}: its clock is {far} {'ahead of' if self.ahead_s > 0 else 'behind'} this machine's; "
                "readings wait until the one that is wrong is set (timedatectl)"
            )

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of the server's clock."""
        try:
            told = parsedate_to_datetime(headers.get("Date", "")).replace(tzinfo=UTC)  # RFC 9110, 5.6.7: always GMT
            self.ahead_s = told.timestamp() - time.time()
        except (ValueError, OverflowError):  # none told, or none that there can be
            self.ahead_s = 0.0

    def decoded(self, body: bytes, kind: type[T]) -> T:
        """JSON as ``kind``. Raises ``StorageUnavailable`` for anything else, as a proxy's page."""
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise StorageUnavailable(f"{self.name} answers what is not an engine's: {error}; it begins with {_line(body)[:80]!r}") from None

    def _whole(self, got: urllib3.BaseHTTPResponse) -> bytes:
        end, content = time.monotonic() + WHOLE_S, bytearray()
        while piece := got.read1(PIECE):
            content += piece
            if time.monotonic() > end + len(content) / LEAST_BYTES_S:
                raise StorageUnavailable(f"{self.name} does not answer: it took longer than {WHOLE_S:.0f} s for {len(content):,} bytes")
        return bytes(content)

    def silent(self, error: Exception) -> StorageUnavailable:
        """What to raise when there is no answer."""
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            why = f"no answer within {READ_S:.0f} s"
        elif isinstance(error, urllib3.exceptions.ConnectTimeoutError) and not isinstance(error, urllib3.exceptions.NewConnectionError):
            why = f"no connection within {CONNECT_S:.0f} s"
        else:
            cause = error.__cause__ or next((a for a in error.args if isinstance(a, Exception)), None)
            if isinstance(error, urllib3.exceptions.SSLError):
                reason = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or _last(error)
                why = f"no secured line (https) comes about: {str(reason).replace('_', ' ').lower()}"
            elif isinstance(error, urllib3.exceptions.ProtocolError) and not isinstance(cause, OSError):
                why = "the answer broke off"
            else:
                why = (isinstance(cause, OSError) and cause.strerror) or _last(cause or error)
        return StorageUnavailable(f"{self.name} does not answer: {why}")

    def refusal(self, status: int, body: bytes, what: str, elsewhere: str = "") -> ConfigurationError | StorageUnavailable:
        """What to raise for an answer that is no success; ``elsewhere`` is where it sends us, which we do not follow."""
        text = f"it sends us to {elsewhere[:200]}; correct telemetry.url" if elsewhere else _line(body)
        if status in {401, 403}:
            return ConfigurationError(
                f"{self.name} refuses access ({status}): {text}; "
                "put a name and password, or a token, that may read and write into telemetry.url: http://NAME:PASSWORD@… or http://:TOKEN@…"
            )
        message = f"{self.name} answers {status} to {what}: {text}"
        if 400 <= status < 500 and status not in {408, 429}:
            return Refused(message, status, text)
        return StorageUnavailable(message)

    def close(self) -> None:
        """Give up connections."""
        self._pool.clear()


def access(address: Address, kind: str) -> dict[str, str]:
    """The header that lets us in: name and password, or a token of a ``kind`` (Token, Bearer)."""
    if not address.secret:
        return {}
    if address.user:
        return dict(urllib3.make_headers(basic_auth=f"{address.user}:{address.secret}"))
    return {"Authorization": f"{kind} {address.secret}"}


def _last(error: BaseException) -> str:
    return str(error).rsplit(": ", 1)[-1].strip("()'\" ")


def _line(body: bytes) -> str:
    return " ".join(body.decode(errors="replace").split())[:300] or "no reason given"
