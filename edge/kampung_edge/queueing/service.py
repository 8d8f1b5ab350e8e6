"""The queue as a part of the edge: put together, served, told to the regency, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from kampung_contract.times import WIB
from kampung_contract.villages import Village
from starlette.routing import Route

from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.kiosk import application
from kampung_edge.printing.printer import Printer
from kampung_edge.queueing.door import Door
from kampung_edge.queueing.journal import Journal
from kampung_edge.queueing.owner import Moment, Office
from kampung_edge.queueing.routes import Queueing, of_kiosk, shared
from kampung_edge.queueing.setting import QueueSetting
from kampung_edge.queueing.telling import Telling
from kampung_edge.server import Server, listen


def moment(clock: EdgeClock, now: Callable[[], int] = wall_ms) -> Moment:
    """By the kiosk's clock; the village's day begins at midnight WIB."""
    at = max(0, now())
    return Moment(at, datetime.fromtimestamp(at / 1000, WIB).date().isoformat(), clock.synchronised())


class QueueService:
    """``tend`` is called by the housekeeping's thread."""

    def __init__(  # noqa: PLR0917 - what the queue stands on
        self,
        setting: QueueSetting,
        folder: Path,
        clock: EdgeClock,
        store: Callable[[dict[str, Any]], object],
        ready: Callable[[], None],
        place: Village,
        file: str = "edge.toml",
    ) -> None:
        """Touches no file. Raises ``ConfigurationError`` where ``queue.port`` cannot be had."""
        self._queueing = Queueing(place, Door(setting.code))
        self.office = self._queueing.office = Office(
            Journal(folder / "queue.jsonl"), setting, lambda: moment(clock), ready=ready, changed=self._queueing.changed
        )
        self._telling = Telling(self.office, store)
        self._server: Server | None = None
        if setting.host:
            bound = listen(setting.host, setting.port, file, "queue", "as queue.port")
            self._server = Server(application(shared(self._queueing)), bound)

    @property
    def port(self) -> int | None:
        """Of the office's network, where there is one."""
        return None if self._server is None else self._server.port

    @property
    def run(self) -> Callable[[], None] | None:
        """The body of its server's thread."""
        return None if self._server is None else self._server.run

    def routes(self, printer: Callable[[], Printer | None]) -> list[Route]:
        """For the kiosk's own server."""
        return [*shared(self._queueing), *of_kiosk(self._queueing, printer)]

    def tend(self) -> None:
        """Often."""
        self._telling.tend()

    def troubles(self) -> list[str]:
        """In a line each, with the remedy."""
        kept = self.office.damaged
        return [f"queue: lines of its file could not be read; it is kept as {kept}, and numbers go on above the last"] if kept else []

    def stop(self) -> None:
        """Event streams end."""
        self._queueing.bus.close()
        if self._server is not None:
            self._server.stop()

    def close(self) -> None:
        """No one is listened to any more."""
        if self._server is not None:
            self._server.close()
