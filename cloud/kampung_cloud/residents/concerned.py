"""Whose data an incident concerns, by the access log and by the register."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud.breach.source import Concerned, Query
from kampung_cloud.records.resident_models import AccessLogRow as Log
from kampung_cloud.records.resident_models import ResidentRow

WHOLE = {"export", "import"}
"""A line of these without a resident means everybody of the village."""


class Readings:
    """Those whose data were read or changed, as the access log has it. An export concerns everybody."""

    name = "catatan"
    title = "Yang datanya dibaca menurut catatan akses"

    def concerned(self, session: Session, query: Query) -> Iterator[Concerned]:
        """As ``Source`` says."""
        asked = select(Log.resident, Log.what, func.count()).where(Log.chain == query.village, Log.at >= query.since, Log.at <= query.until)
        if query.actor:
            asked = asked.where(Log.actor == query.actor)
        everybody = False
        for resident, what, count in session.execute(asked.group_by(Log.resident, Log.what).order_by(Log.resident)):
            if resident is not None:
                yield Concerned(str(resident), resident, f"dibaca {count} kali")
            everybody = everybody or (resident is None and what in WHOLE)
        if everybody:
            yield from (Concerned(c.subject, c.resident, "seluruh desa disalin ke berkas") for c in Register().concerned(session, query))


class Register:
    """Everybody of the register: where the data folder itself was copied."""

    name = "semua"
    title = "Semua warga dalam buku penduduk"

    def concerned(self, session: Session, query: Query) -> Iterator[Concerned]:
        """As ``Source`` says."""
        numbers = select(ResidentRow.id).where(ResidentRow.village == query.village, ResidentRow.created <= query.until)
        for number in session.scalars(numbers.order_by(ResidentRow.id)):
            yield Concerned(str(number), number, "tercatat dalam buku penduduk")
