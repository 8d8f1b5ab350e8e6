"""Whose requests an incident concerns: those that were opened, or that somebody acted on, while data were open."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.breach.source import Concerned, Query
from kampung_cloud.modules.services.models import ServiceRequestRow as Row
from kampung_cloud.modules.services.models import ServiceStepRow as Step


class Applicants:
    """By the requests' own record."""

    name = "permohonan"
    title = "Pemohon yang permohonannya masuk atau diurus saat itu"

    def concerned(self, session: Session, query: Query) -> Iterator[Concerned]:
        """As ``Source`` says."""
        steps = select(Step.request).where(Step.at >= query.since, Step.at <= query.until)
        if query.actor:
            steps = steps.where(Step.actor == query.actor)
        for row in session.scalars(select(Row).where(Row.village == query.village, Row.id.in_(steps)).order_by(Row.opened, Row.id)):
            number = row.person or ""
            resident = int(number) if number.isdigit() else None
            yield Concerned(row.id if resident is None else number, resident, f"permohonan {row.service}")
