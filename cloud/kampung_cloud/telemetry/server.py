"""An engine's HTTP side: one question, one answer, every failure told with the engine's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import urllib3
from kampung_contract.errors import ConfigurationError, StorageUnavailable

CONNECT_S = 3.0
READ_S = 30.0


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
            got = self._pool.request(method, self.base + path + ("?" + urlencode(query) if query else ""), body=body, headers=sent)
        except urllib3.exceptions.HTTPError as error:
            raise self.silent(error) from None
        if got.status < 300 or got.status in allow:
            return Answer(got.status, {k.lower(): v for k, v in got.headers.items()}, got.data)
        raise self.refusal(got.status, got.data, f"{method} {path}")

    def silent(self, error: Exception) -> StorageUnavailable:
        """What to raise when there is no answer."""
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            why = f"no answer within {READ_S:.0f} s"
        elif isinstance(error, urllib3.exceptions.ConnectTimeoutError) and not isinstance(error, urllib3.exceptions.NewConnectionError):
            why = f"no connection within {CONNECT_S:.0f} s"
        else:
            cause = error.__cause__
            why = str((isinstance(cause, OSError) and cause.strerror) or cause or error).rsplit(": ", 1)[-1].strip("()'\" ")
        return StorageUnavailable(f"{self.name} does not answer: {why}")

    def refusal(self, status: int, body: bytes, what: str) -> ConfigurationError | StorageUnavailable:
        """What to raise for an answer that is no success."""
        text = " ".join(body.decode(errors="replace").split())[:300]
        if status in {401, 403}:
            return ConfigurationError(
                f"{self.name} refuses access ({status}): {text or 'no reason given'}; "
                "put a name and password, or a token, that may read and write into telemetry.url: http://NAME:PASSWORD@… or http://:TOKEN@…"
            )
        message = f"{self.name} answers {status} to {what}: {text or 'no reason given'}"
        if 400 <= status < 500 and status not in {408, 429}:
            return Refused(message, status, text)
        return StorageUnavailable(message)

    def close(self) -> None:
        """Give up connections."""
        self._pool.clear()
