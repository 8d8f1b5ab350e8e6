"""Telemetry engines by URL scheme, imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kampung_contract.errors import ConfigurationError

from kampung_cloud.engine_address import EXPECTED_URL, Address, parse, shown
from kampung_cloud.records import Records, open_records
from kampung_cloud.telemetry.engine import Engine
from kampung_cloud.telemetry.store import TelemetryStore

if TYPE_CHECKING:
    from kampung_cloud.telemetry.reading import ReadingStore


def open_store(
    url: str, folder: Path, retention: Mapping[str, int] | None = None, records: Records | None = None, share: str | None = None
) -> TelemetryStore:
    """The engine for ``memory:``, ``duckdb:FILE`` (a relative FILE is below ``folder``), ``influxdb:URL`` or ``victoriametrics:URL``.

    ``retention``: days that readings are kept, by quantity, ``*`` for the others; ``memory:`` forgets only at its end, and engines outside
    this process keep by their own rules. Those keep beside ``records`` what they cannot keep themselves (by default the SQLite file that
    the cloud uses by default).

    ``share`` (a kecamatan's code): only what belongs to its villages, of an engine outside this process; others have others.

    Raises ``ConfigurationError`` for another scheme, a file that is no database, one that another process holds, or a server that cannot be
    used as it is set up. A server that does not answer is waited for.
    """
    scheme, _, rest = url.partition(":")
    match scheme:
        case "memory":
            from kampung_cloud.telemetry.memory import MemoryStore

            return MemoryStore()
        case "duckdb":
            from kampung_cloud.telemetry.duckdb import DuckDBStore

            return DuckDBStore(folder / rest, retention)
        case "influxdb" | "victoriametrics":
            from kampung_cloud.telemetry.external import ExternalStore

            engine = _engine(parse(url))
            return ExternalStore(engine, records or open_records("sqlite:records.sqlite", folder), own=records is None, share=share)
        case _:
            raise ConfigurationError(f"telemetry.url = {shown(url)!r}: expected {EXPECTED_URL}")


def open_reader(url: str, records: Records) -> ReadingStore:
    """What other processes write to an engine outside this one, to be read only. Raises ``ConfigurationError`` as ``open_store`` does."""
    from kampung_cloud.telemetry.reading import ReadingStore

    return ReadingStore(_engine(parse(url)), records)


def _engine(address: Address) -> Engine:
    try:
        if address.engine == "influxdb":
            from kampung_cloud.telemetry.influxdb import InfluxEngine

            return InfluxEngine(address)
        from kampung_cloud.telemetry.victoriametrics import VictoriaEngine

        return VictoriaEngine(address)
    except ImportError as error:
        raise ConfigurationError(
            f"telemetry.url = '{address.engine}:…': the package {error.name!r} is missing; pip install 'smart-kampung[engines]'"
        ) from None
