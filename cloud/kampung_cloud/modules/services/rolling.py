"""The roll of each village's kiosks, with the references by which a receipt finds whose it is; sealed anew when something in it changed."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kampung_cloud.api.services import Services
from kampung_cloud.modules.services.models import ServiceRequestRow
from kampung_cloud.modules.services.office import office
from kampung_cloud.records import Records
from kampung_cloud.roll import sealing_up
from kampung_cloud.roll.taking import take_in

SHOWN_MS = 30 * 86_400_000
_last: WeakKeyDictionary[Records, dict[str, Any]] = WeakKeyDictionary()
"""By village, what its roll was made of that was put last by this process."""


def publish(services: Services, now: int) -> None:
    """Take in what kiosks said, and seal the rolls that are others now. Raises ``StorageUnavailable``."""
    ring = office(services).ring
    while take_in(services.records, ring, now):
        pass
    with services.records.session() as session:
        asked = select(ServiceRequestRow.village, func.count(), func.max(ServiceRequestRow.since))
        asked = asked.where(ServiceRequestRow.person.is_not(None)).group_by(ServiceRequestRow.village)
        requests = {village: tuple(mark) for village, *mark in session.execute(asked)}
        found = {village: (*mark, requests.get(village)) for village, mark in sealing_up.marks(session).items()}
    before = _last.setdefault(services.records, {})
    for village, mark in found.items():
        if before.get(village) != mark:
            _put(services, village, now)
            before[village] = mark


def _put(services: Services, village: str, now: int) -> None:
    ring = office(services).ring
    with services.records.session() as session:
        made = sealing_up.roll(session, ring, village, _requests(session, village, now))
        to = sealing_up.keys(session, village)
    marked = sealing_up.mark(ring, made, to)
    there = services.contents.get(village, "roll")
    if there is None or there.document.get("mark") != marked:
        services.contents.put(village, "roll", sealing_up.sealed(made, village, to, marked))


def _requests(session: Session, village: str, now: int) -> dict[int, tuple[str, ...]]:
    recent = or_(ServiceRequestRow.closed.is_(None), ServiceRequestRow.closed >= now - SHOWN_MS)
    chosen = select(ServiceRequestRow.person, ServiceRequestRow.id).where(ServiceRequestRow.village == village, recent)
    found: dict[int, tuple[str, ...]] = {}
    for person, reference in session.execute(chosen.order_by(ServiceRequestRow.opened.desc())):
        if person is not None and person.isdigit():
            found[int(person)] = (*found.get(int(person), ()), reference)
    return found
