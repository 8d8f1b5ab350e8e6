"""Citizens' reports: rubbish, a spill, a fallen tree, burning, a road or a lamp, followed until closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kampung_cloud.module import Document, Norm

if TYPE_CHECKING:
    from fastapi import APIRouter

    from kampung_cloud.api.services import Services
    from kampung_cloud.calculator import Calculator
    from kampung_cloud.messages.digest import Advice
    from kampung_cloud.records import Records
    from kampung_cloud.regency.layer import Layer
    from kampung_cloud.regency.section import Section


class Reports:
    """The module."""

    name = "reports"
    title = "Laporan warga"
    calculators: tuple[Calculator[Any], ...] = ()

    @property
    def router(self) -> APIRouter:
        """Reports, their tickets, and the work on them."""
        from kampung_cloud.modules.reports.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """How a village's reports stand; what kiosks sent is taken, and what is late is taken up, on the way."""
        return (Document("reports", "Status laporan warga", _publish),)

    @property
    def rules(self) -> Sequence[Norm]:
        """Its clocks and limits."""
        from kampung_cloud.modules.reports.norms import norms

        return norms()

    @property
    def layers(self) -> Sequence[Layer]:
        """Open reports."""
        from kampung_cloud.modules.reports.layers import OPEN_REPORTS

        return (OPEN_REPORTS,)

    @property
    def sections(self) -> Sequence[Section]:
        """What was reported in the month, and what became of it."""
        from kampung_cloud.modules.reports.section import SECTION

        return (SECTION,)

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()


def _publish(services: Services, now: int) -> None:
    from kampung_cloud.modules.reports.book import Book
    from kampung_cloud.modules.reports.kiosks import Kiosks

    kiosks = Kiosks(services.records, services.config.data)
    kiosks.take(now)
    Book(services.records, services.config.data).take_up(now)
    kiosks.publish(services.contents, now)
