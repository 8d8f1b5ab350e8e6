"""Complaints and suggestions about public services: answered within their clocks, without a name where one is not wished."""

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


class Complaints:
    """The module."""

    name = "complaints"
    title = "Pengaduan layanan"
    layers: tuple[Layer, ...] = ()
    sections: tuple[Section, ...] = ()
    calculators: tuple[Calculator[Any], ...] = ()

    @property
    def router(self) -> APIRouter:
        """The office's work, and the figures for everybody."""
        from kampung_cloud.modules.complaints.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """How a village's complaints stand; what kiosks sent is taken, and what is late is noted, on the way.

        Closed: how many it names, with those that go past the village, is nobody's to count.
        """
        return (Document("complaints", "Status pengaduan", _publish, closed=True),)

    @property
    def rules(self) -> Sequence[Norm]:
        """Its clocks."""
        from kampung_cloud.modules.complaints.norms import norms

        return norms()

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()


def _publish(services: Services, now: int) -> None:
    from kampung_cloud.modules.complaints.desk import book, ring
    from kampung_cloud.modules.complaints.kiosks import publish, take_in

    desk = book(services)
    take_in(services.records, desk, ring(services), now)
    desk.tend(now)
    publish(services.records, services.contents, now)
