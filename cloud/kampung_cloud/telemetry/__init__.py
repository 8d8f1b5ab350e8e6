"""Telemetry engines by URL scheme, imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kampung_contract.errors import ConfigurationError

from kampung_cloud.telemetry.store import TelemetryStore


def open_store(url: str, folder: Path, retention: Mapping[str, int] | None = None) -> TelemetryStore:
    """The engine for ``memory:`` or ``duckdb:FILE``; a relative FILE is below ``folder``.

    ``retention``: days that readings are kept, by quantity, ``*`` for the others; ``memory:`` forgets only at its end.

    Raises ``ConfigurationError`` for another scheme, a file that is no database, or one that another process holds.
    """
    scheme, _, rest = url.partition(":")
    match scheme:
        case "memory":
            from kampung_cloud.telemetry.memory import MemoryStore

            return MemoryStore()
        case "duckdb":
            from kampung_cloud.telemetry.duckdb import DuckDBStore

            return DuckDBStore(folder / rest, retention)
        case _:
            raise ConfigurationError(f"telemetry.url = {url!r}: engines are 'duckdb:FILE' and 'memory:'")
