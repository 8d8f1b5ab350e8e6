"""Where leases are taken: advisory locks of one PostgreSQL session, gone when the process ends, hangs or cannot be reached.

The session says something every second. The server itself ends it after eight silent seconds (``idle_session_timeout``), and with it the
locks, so that no clock but the server's counts. Whoever gets no answer for as long gives up by himself: his line may swallow everything
without ever breaking, and he would quarrel at the broker with whoever took over.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kampung_cloud.area import Area
from kampung_cloud.health import now_ms
from kampung_cloud.leases.lease import Lease
from kampung_cloud.records import postgresql, unavailable

log = structlog.get_logger()

CLASS = 0x6B616D70
WHOLE = 0
"""Lock number of all records together: shared by ingest processes, held alone by ``serve`` and while the log is divided."""
BEAT_S = 1.0
SILENCE = "8s"
SILENCE_S = 8.0
GUARD_S = 0.5
WAIT_S = 15.0
LOCK_NOT_AVAILABLE = "55P03"

MEMBERS = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :c AND objid = 0 AND objsubid = 2 AND mode = 'ShareLock' "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
TAKE = text(
    "INSERT INTO leases (area, token, holder, since) VALUES (:area, 1, :holder, :since) ON CONFLICT (area) DO UPDATE "
    "SET token = leases.token + 1, holder = excluded.holder, since = excluded.since RETURNING token"
)
GIVE = text("UPDATE leases SET holder = NULL, since = :since WHERE area = :area AND token = :token")


class Board:
    """One session, used by several threads in turn. Methods raise ``StorageUnavailable``: every lease is gone, ``connect`` is next."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.members = 0
        """Ingest processes that are there, this one included."""
        self._engine: Engine = postgresql.engine(url, idle_session_timeout=SILENCE, lock_timeout="1s", statement_timeout="8s")
        self._connection: Connection | None = None
        self._lock = threading.RLock()
        self._leases: dict[str, Lease] = {}
        self._stopping = threading.Event()
        self._asked: float | None = None
        """Since when an answer is waited for, on the monotonic clock."""
        self._thread = threading.Thread(target=self._beat, name="leases", daemon=True)
        self._guard = threading.Thread(target=self._give_up, name="leases", daemon=True)

    @property
    def connected(self) -> bool:
        """Whether the session is there."""
        return self._connection is not None

    def connect(self) -> None:
        """Begin a session."""
        with self._lock:
            try:
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            except SQLAlchemyError as error:
                raise unavailable(postgresql.name(self._engine.url), error) from None
            if self._thread.ident is None:
                self._thread.start()
                self._guard.start()

    def whole(self, *, shared: bool) -> bool:
        """Take the lock over everything, alone or with others."""
        return bool(self._ask(text(f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}(:c, :n)"), c=CLASS, n=WHOLE))

    def leave_whole(self) -> None:
        """Others may share the lock from now on."""
        self._ask(text("SELECT pg_advisory_unlock(:c, :n)"), c=CLASS, n=WHOLE)

    def take(self, area: Area) -> Lease | None:
        """A lease, if nobody has it; None also while somebody who had it is in the middle of a transaction."""
        with self._lock:
            if not self._ask(text("SELECT pg_try_advisory_lock(:c, :n)"), c=CLASS, n=area.number):
                return None
            token = self._ask(TAKE, area=area.code, holder=self.name, since=now_ms())
            if token is None:
                self._ask(text("SELECT pg_advisory_unlock(:c, :n)"), c=CLASS, n=area.number)
                return None
            lease = self._leases[area.code] = Lease(area, int(token))
            return lease

    def give(self, lease: Lease) -> None:
        """Let somebody else have it."""
        with self._lock:
            if self._leases.pop(lease.area.code, None) is not lease or lease.lost.is_set():
                return
            lease.lost.set()
            self._ask(GIVE, area=lease.area.code, token=lease.token, since=now_ms(), rows=False)
            self._ask(text("SELECT pg_advisory_unlock(:c, :n)"), c=CLASS, n=lease.area.number)

    def close(self) -> None:
        """Give everything up."""
        self._stopping.set()
        with self._lock:
            self._drop()
        self._engine.dispose()

    def _beat(self) -> None:
        while not self._stopping.wait(BEAT_S):
            if self._connection is None:
                continue
            try:
                self.members = int(self._ask(MEMBERS, c=CLASS) or 0)
            except StorageUnavailable as error:
                log.warning("leases lost", reason=error.message)

    def _give_up(self) -> None:
        """Break a line that is silent for too long. Whoever waits for it holds the lock, so this goes without."""
        while not self._stopping.wait(GUARD_S):
            asked, connection = self._asked, self._connection
            if asked is None or connection is None or time.monotonic() - asked < SILENCE_S:
                continue
            log.warning("no answer about leases; giving them up", seconds=SILENCE_S)
            for lease in list(self._leases.values()):
                lease.lost.set()
            self._asked = None
            driver = self._engine.dialect.loaded_dbapi.Error
            with suppress(OSError, SQLAlchemyError, AttributeError, driver):  # whoever waits may have closed it meanwhile
                line: Any = connection.connection.driver_connection
                with socket.socket(fileno=os.dup(line.fileno())) as half:
                    half.shutdown(socket.SHUT_RDWR)

    def _ask(self, statement: Any, *, rows: bool = True, **values: Any) -> Any:
        """First column of the first row; None where a row was locked too long."""
        with self._lock:
            if self._connection is None:
                raise StorageUnavailable(f"records in {postgresql.name(self._engine.url)}: no session")
            try:
                self._asked = time.monotonic()
                result = self._connection.execute(statement, values)
                return result.scalar() if rows else None
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                    return None
                self._drop()
                raise unavailable(postgresql.name(self._engine.url), error) from None
            except SQLAlchemyError as error:
                self._drop()
                raise unavailable(postgresql.name(self._engine.url), error) from None
            finally:
                self._asked = None

    def _drop(self) -> None:
        """Whatever was held is held no more, or may be so."""
        connection, self._connection = self._connection, None
        for lease in self._leases.values():
            lease.lost.set()
        self._leases.clear()
        self.members = 0
        if connection is not None:
            connection.invalidate()
            connection.close()


class Sole:
    """Everything for one process: what ``serve`` holds while it takes in. ``lost`` is called when somebody else has it all the same."""

    def __init__(self, url: str, lost: Callable[[], None]) -> None:
        self._board = Board(url, "serve")
        self._lost = lost
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sole", daemon=True)

    def take(self) -> None:
        """Raises ``ConfigurationError`` when others do not leave within 15 s; a process that was killed is gone sooner."""
        end = time.monotonic() + WAIT_S
        self._board.connect()
        while not self._board.whole(shared=False):
            if time.monotonic() > end:
                self._board.close()
                raise ConfigurationError(
                    "records.url: other processes take in with these records ('kampung-cloud serve' or 'kampung-cloud ingest'); stop them, "
                    "or start 'kampung-cloud api' beside ingest processes"
                )
            time.sleep(0.2)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopping.wait(BEAT_S):
            if self._board.connected:
                continue
            try:
                self._board.connect()
                if not self._board.whole(shared=False):
                    log.error("another process has taken over these records; ending")
                    self._lost()
                    return
            except StorageUnavailable:
                continue

    def close(self) -> None:
        """Others may have it."""
        self._stopping.set()
        self._board.close()


def fair(areas: Sequence[str], members: int) -> int:
    """How many leases a process should hold: as many as others, rounded up."""
    return -(-len(areas) // max(members, 1))
