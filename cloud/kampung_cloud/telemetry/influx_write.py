"""The two ways into InfluxDB: ``/write``, which every 1.x has, and influxdb-client, for 1.8, 2.x and 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import structlog
import urllib3
from kampung_contract.errors import KampungError, StorageUnavailable

from kampung_cloud.telemetry.server import CONNECT_S, READ_S, Refused, Server

log = structlog.get_logger()


class Writer(Protocol):
    """Takes line protocol in milliseconds; what it returned from is stored."""

    def write(self, body: bytes) -> None:
        """Raises ``StorageUnavailable`` or ``ConfigurationError``."""

    def close(self) -> None:
        """Give up connections."""


class PlainWriter:
    """``/write`` of InfluxDB 1.x."""

    def __init__(self, server: Server, database: str) -> None:
        self._server = server
        self._query = [("db", database), ("precision", "ms")]

    def write(self, body: bytes) -> None:
        """One request."""
        try:
            self._server.write("/write", body, self._query)
        except Refused as error:
            too_old(self._server, error, error.text)

    def close(self) -> None:
        """Nothing of its own."""


class ClientWriter:
    """``/api/v2/write`` through influxdb-client, synchronous and without its retries, so that an error is ours to handle."""

    def __init__(self, server: Server, token: str, org: str, bucket: str) -> None:
        from influxdb_client.client.influxdb_client import InfluxDBClient
        from influxdb_client.client.write_api import SYNCHRONOUS

        self._server = server
        self._bucket = bucket
        self._client = InfluxDBClient(server.base, token, org=org, timeout=(int(CONNECT_S * 1000), int(READ_S * 1000)), retries=False)
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, body: bytes) -> None:
        """One request."""
        from influxdb_client.rest import ApiException

        try:
            self._api.write(self._bucket, record=body, write_precision="ms")  # type: ignore[arg-type]
            answer = self._client.api_client.last_response
            self._server.heard(answer.getheaders())
            self._server.stored(answer.status, answer.data.encode(), "POST /api/v2/write")
        except ApiException as error:
            told = error.body if isinstance(error.body, bytes) else str(error.body or error.reason or "").encode()
            headers: Mapping[str, str] = error.headers or {}
            self._server.heard(headers)
            refusal = self._server.refusal(error.status or 500, told, "POST /api/v2/write", headers.get("Location", ""))
            too_old(self._server, refusal, told.decode(errors="replace"))
        except urllib3.exceptions.HTTPError as error:
            raise self._server.silent(error) from None
        except UnicodeDecodeError:  # the client reads every answer as UTF-8
            raise StorageUnavailable(
                f"{self._server.name} answers POST /api/v2/write with what is no text, where 204 would mean that it is stored"
            ) from None

    def close(self) -> None:
        """Give up connections."""
        self._api.close()  # type: ignore[no-untyped-call]
        self._client.close()  # type: ignore[no-untyped-call]


def too_old(server: Server, error: KampungError, text: str) -> None:
    """Points older than the database keeps have expired on arrival: told, and no reason to hold back everything else.

    Unless it is the server's clock that makes them old.
    """
    if "beyond retention policy" not in text:
        raise error
    server.on_time()
    log.warning("readings are older than the engine keeps", engine=error.message)
