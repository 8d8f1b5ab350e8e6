"""A lease, and records that nobody writes to without it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kampung_contract.errors import StorageUnavailable
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.area import Area
from kampung_cloud.records import Records
from kampung_cloud.records.models import LeaseRow


class LeaseLost(StorageUnavailable):
    """Another process takes in for this kecamatan now. What is under way is not committed, not receipted and not acknowledged."""


class Lease:
    """``token`` is higher than that of anybody who held it before. ``lost`` is set once, by whoever finds out first."""

    def __init__(self, area: Area, token: int) -> None:
        self.area = area
        self.token = token
        self.lost = threading.Event()


class FencedRecords(Records):
    """Records, for as long as a lease lasts: every transaction sees to it that the lease is still ours when it commits.

    That we once got a lock says nothing about now: a process may stand still for a minute between two lines. So each transaction reads the
    lease's row by its token, and holds it until the commit; who takes over raises the token, and for that waits until such transactions are
    through. After that, ours find no row.
    """

    def __init__(self, records: Records, lease: Lease) -> None:
        super().__init__(records.engine)
        self.lease = lease

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction. Raises ``LeaseLost``, which is a ``StorageUnavailable``."""
        lease = self.lease
        if lease.lost.is_set():
            raise self._gone()
        with super().session() as session:
            mine = select(LeaseRow.token).where(LeaseRow.area == lease.area.code, LeaseRow.token == lease.token)
            if session.scalar(mine.with_for_update(read=True)) is None:
                lease.lost.set()
                raise self._gone()
            yield session

    def _gone(self) -> LeaseLost:
        return LeaseLost(f"the lease for {self.lease.area.code} is another process's now")
