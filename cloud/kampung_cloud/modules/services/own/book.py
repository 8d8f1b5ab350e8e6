"""Which definitions of its own a village has put in force, and when, by whom: a row each time, none ever changed.

The last row of a service counts; one without a text takes the village's own back, so that the platform's (or nothing) stands there again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from kampung_contract.errors import InvalidRequest, NotFound, StorageUnavailable
from sqlalchemy import Select, func, select

from kampung_cloud.modules.services.models import ServiceDefinitionRow
from kampung_cloud.records import Records

InForce = tuple[tuple[int, ...], dict[str, str]]
"""Versions, which change with it, and texts by service."""
NOTHING: InForce = ((), {})
FRESH_S = 2.0
"""Another process's change is seen after this long at the latest."""


class Definitions:
    """Of one installation. Methods may be called by any thread and by several processes."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[str, InForce] = {}
        self._seen: tuple[int, int] | None = None
        self._at = float("-inf")
        self._asking = threading.Lock()

    def of(self, village: str) -> InForce:
        """What is in force, at most ``FRESH_S`` old; as it was known where the records do not answer."""
        self.refresh()
        return self._known.get(village, NOTHING)

    def refresh(self, *, now: bool = False) -> None:
        """Look whether something has changed. One thread looks at a time and the others take what was known: who asks may hold a connection
        already, and there are not many."""
        if (not now and time.monotonic() - self._at < FRESH_S) or not self._asking.acquire(blocking=False):
            return
        try:
            with self._records.session() as session:
                found = session.execute(select(func.count(), func.max(ServiceDefinitionRow.id))).one()
                seen = (int(found[0]), int(found[1] or 0))
                if seen != self._seen:
                    self._known = _in_force(session.scalars(_newest()))
                    self._seen = seen
            self._at = time.monotonic()
        except StorageUnavailable:
            return  # whoever needs the records hears of it from them
        finally:
            self._asking.release()

    def put(self, village: str, service: str, text: str | None, *, by: str, note: str, now: int) -> ServiceDefinitionRow:
        """In force from now on. The same text again changes nothing. Raises ``InvalidRequest`` where there is nothing to take back."""
        with self._records.session() as session:
            last = session.scalar(_rows(village, service).limit(1))
            if text is None and (last is None or last.text is None):
                raise InvalidRequest(f"{service} tidak punya definisi sendiri yang berlaku; tidak ada yang dicabut")
            if last is not None and last.text == text:
                return last
            row = ServiceDefinitionRow(village=village, service=service, text=text, by=by[:63], note=note.strip()[:400], at=now)
            session.add(row)
        self.refresh(now=True)
        return row

    def history(self, village: str, service: str) -> list[ServiceDefinitionRow]:
        """Every change, the last first."""
        with self._records.session() as session:
            return list(session.scalars(_rows(village, service)))

    def version(self, village: str, service: str, number: int) -> ServiceDefinitionRow:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(ServiceDefinitionRow, number)
        if row is None or (row.village, row.service) != (village, service):
            raise NotFound(f"{service} tidak punya versi {number} di desa ini; daftar perubahannya menyebut yang ada")
        return row

    def listed(self, village: str) -> list[ServiceDefinitionRow]:
        """The last change of each service that the village has ever had a definition of, by service."""
        with self._records.session() as session:
            chosen = _newest().where(ServiceDefinitionRow.village == village)
            return list(session.scalars(chosen.order_by(ServiceDefinitionRow.service)))


def _in_force(rows: Iterable[ServiceDefinitionRow]) -> dict[str, InForce]:
    out: dict[str, tuple[list[int], dict[str, str]]] = {}
    for row in rows:
        ids, texts = out.setdefault(row.village, ([], {}))
        ids.append(row.id)
        if row.text is not None:
            texts[row.service] = row.text
    return {village: (tuple(sorted(ids)), texts) for village, (ids, texts) in out.items()}


def _newest() -> Select[ServiceDefinitionRow]:
    last = select(func.max(ServiceDefinitionRow.id)).group_by(ServiceDefinitionRow.village, ServiceDefinitionRow.service)
    return select(ServiceDefinitionRow).where(ServiceDefinitionRow.id.in_(last))


def _rows(village: str, service: str) -> Select[ServiceDefinitionRow]:
    chosen = select(ServiceDefinitionRow).where(ServiceDefinitionRow.village == village, ServiceDefinitionRow.service == service)
    return chosen.order_by(ServiceDefinitionRow.id.desc())
