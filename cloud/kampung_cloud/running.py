"""Asking the running cloud, with its token: what commands do that change something."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode

import typer
from kampung_contract.errors import ConfigurationError, KampungError

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file (TOML) of the running cloud.")]
PortOption = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="In place of [api] port.")]


PIECE = 1024 * 1024


class Streamed(Protocol):
    """An answer that is read in pieces."""

    headers: http.client.HTTPMessage

    def read(self, amt: int) -> bytes:
        """At most ``amt`` bytes, none at the end."""

    def json(self) -> Any:
        """All of it, as JSON."""


class _Answer:
    """An answer whose line may break while it is read."""

    def __init__(self, answer: http.client.HTTPResponse, reached: Callable[[], AbstractContextManager[None]]) -> None:
        self.headers = answer.headers
        self._answer, self._reached = answer, reached

    def read(self, amt: int) -> bytes:
        with self._reached():
            return self._answer.read(amt)

    def json(self) -> Any:
        with self._reached():
            return json.loads(self._answer.read())


class RunningCloud:
    """The cloud that serves with this configuration file. Raises ``ConfigurationError`` where its token cannot be read."""

    def __init__(self, config: Path, port: int | None) -> None:
        from kampung_cloud.app import TOKEN_FILE
        from kampung_cloud.config import load

        loaded = load(config, port)
        self._host, self._port = loaded.api.host, loaded.api.port
        try:
            self._token = (loaded.data / TOKEN_FILE).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{loaded.data / TOKEN_FILE}: {error.strerror}; the cloud makes it at its first start") from None

    @property
    def answers(self) -> bool:
        """Whether anybody listens where the cloud would."""
        try:
            with socket.create_connection((self._host, self._port), timeout=5):
                return True
        except OSError:
            return False

    @contextmanager
    def asked(self, method: str, path: str, body: Iterable[bytes] | None = None, kind: str = "", **query: Any) -> Iterator[Streamed]:
        """A long answer below /api/v1, or one to a long question, whose ``kind`` is its media type. Raises as ``ask``.

        What fails within the block, or in ``body``, is not taken for trouble with the cloud: a full disk is a full disk.
        """
        connection = http.client.HTTPConnection(self._host, self._port, timeout=3600)
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Content-Type": kind} if kind else {})
        try:
            with self._reached():
                try:
                    connection.request(
                        method, f"/api/v1/{path}?{urlencode(query, doseq=True)}", body, headers, encode_chunked=body is not None
                    )
                except (BrokenPipeError, ConnectionResetError):
                    if body is None:
                        raise  # else the cloud may have refused before it had heard all of it, and has said why
                answer = connection.getresponse()
                if not 200 <= answer.status < 300:
                    raise KampungError(json.loads(answer.read())["error"]["message"])
            yield _Answer(answer, self._reached)
        finally:
            connection.close()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise KampungError(f"http://{self._host}:{self._port}: {error or type(error).__name__}; is the cloud still running?") from None

    def ask(self, method: str, path: str, *, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """JSON of a successful answer below /api/v1. Raises ``KampungError`` with the cloud's own words, or when nobody answers."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        headers = {"Authorization": f"Bearer {self._token}"} | ({} if body is None else {"Content-Type": "application/json"})
        try:
            connection.request(method, f"/api/v1/{path}?{urlencode(query)}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            found = json.loads(answer.read() or "null")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise KampungError(f"http://{self._host}:{self._port}: {error}; is the cloud running with this file?") from None
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise KampungError(found["error"]["message"])
        return found
