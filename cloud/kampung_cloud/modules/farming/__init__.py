"""Farming: what to do in the field today, and why."""

from __future__ import annotations

import time
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


class Farming:
    """The module."""

    name = "farming"
    title = "Pertanian"
    layers: tuple[Layer, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def router(self) -> APIRouter:
        """Fields, reports, advice."""
        from kampung_cloud.modules.farming.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """The morning's lists of a village's fields."""
        return (Document("advice", "Nasihat pagi", _publish),)

    @property
    def rules(self) -> Sequence[Norm]:
        """Crops and what else is judged by."""
        from kampung_cloud.modules.farming.norms import norms

        return norms()

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """All of ``calculators/``."""
        from kampung_cloud.modules.farming.calculators import CALCULATORS

        return CALCULATORS

    def advice(self, records: Records) -> Sequence[Advice]:
        """The lists of a person's fields."""
        from kampung_cloud.modules.farming.digest import FarmLines

        return (FarmLines(records),)


def _publish(services: Services, now: int) -> None:
    from kampung_cloud.modules.farming.forecasts import Round
    from kampung_cloud.modules.farming.kiosks import Kiosks
    from kampung_cloud.modules.farming.mornings import Mornings

    asking = Round(services.config.forecast, time.sleep)
    try:
        mornings = Mornings(services.records, services.store, services.contents, asking)
        Kiosks(services.records, mornings).take(now)
        mornings.publish(now)
    finally:
        asking.close()
