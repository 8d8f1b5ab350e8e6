"""The offices' queues, as their kiosks tell of them: how long people waited, were served, and did not come when called."""

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


class Queueing:
    """The module. The queue itself is the kiosk's (decision 0035); here are its figures."""

    name = "queueing"
    title = "Antrian layanan"
    layers: tuple[Layer, ...] = ()
    calculators: tuple[Calculator[Any], ...] = ()
    rules: tuple[Norm, ...] = ()

    @property
    def router(self) -> APIRouter:
        """The figures."""
        from kampung_cloud.modules.queueing.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """Nothing for the kiosks, which know more than we; what they told is taken in."""
        return (Document("queue", "Antrian layanan", _take_in),)

    @property
    def sections(self) -> Sequence[Section]:
        """The month's queue."""
        from kampung_cloud.modules.queueing.section import SECTION

        return (SECTION,)

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()


def _take_in(services: Services, now: int) -> None:
    from kampung_cloud.modules.queueing.kiosks import take_in

    take_in(services.records, now)
