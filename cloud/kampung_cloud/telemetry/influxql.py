"""Questions to InfluxDB in InfluxQL, which 1.x, 2.x and 3 share, and their answers."""

from __future__ import annotations

from typing import Any

import msgspec
from kampung_contract.errors import ConfigurationError, StorageUnavailable

from kampung_cloud.telemetry.server import Server


class Series(msgspec.Struct):
    """One table of an answer."""

    columns: list[str]
    tags: dict[str, str] = {}
    values: list[list[Any]] = []
    partial: bool = False

    def column(self, name: str) -> list[Any]:
        """Values of one column."""
        at = self.columns.index(name)
        return [row[at] for row in self.values]


class _Result(msgspec.Struct):
    series: list[Series] = []
    error: str = ""
    partial: bool = False


class _Answer(msgspec.Struct):
    results: list[_Result] = []
    error: str = ""


class InfluxQL:
    """Asks one database."""

    def __init__(self, server: Server, database: str) -> None:
        self._server = server
        self._database = database
        self.in_address = False
        """3 reads a question from the address alone; others take it in the body, where no log shows it and no length matters."""

    def ask(self, statement: str) -> list[Series]:
        """The tables of one statement's answer. Raises ``StorageUnavailable``, or ``Absent`` when the database is not there."""
        form = [("db", self._database), ("epoch", "ms"), ("q", statement)]
        kind = {"Accept": "application/json"}
        if self.in_address:
            answer = self._server.ask("GET", "/query", query=form, headers=kind, allow=(404,))
        else:
            answer = self._server.ask("POST", "/query", form=form, headers=kind)
        told = self._server.decoded(answer.body, _Answer)
        for result in told.results:
            self._check(result.error)
            if result.partial or any(s.partial for s in result.series):
                raise ConfigurationError(f"{self._server.name} cuts its answers short; set max-row-limit = 0 in its [http] section")
        self._check(told.error)
        if not told.results:
            raise StorageUnavailable(f"{self._server.name} answers no statement; is that InfluxDB, or a proxy?")
        return [s for result in told.results for s in result.series]

    def _check(self, error: str) -> None:
        if "not found" in error and ("database" in error or "bucket" in error):
            raise Absent(f"{self._server.name}: {error}")
        if error:
            raise StorageUnavailable(f"{self._server.name}: {error}")


class Absent(StorageUnavailable):
    """The database is not there."""


def text(value: str) -> str:
    """A string in InfluxQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def name(value: str) -> str:
    """An identifier in InfluxQL."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
