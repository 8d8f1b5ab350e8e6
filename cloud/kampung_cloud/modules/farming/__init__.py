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

    def __init__(self) -> None:
        self._introduced: set[tuple[int, str]] = set()
        self._marketed: dict[tuple[int, str], object] = {}

    layers: tuple[Layer, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def router(self) -> APIRouter:
        """Fields, reports, advice."""
        from kampung_cloud.modules.farming.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """The morning's lists of a village's fields, what is registered there, and what its market pays."""
        return (
            Document("advice", "Nasihat pagi", _publish),
            Document("fields", "Lahan terdaftar", self._introduce),
            Document("prices", "Harga pasar", self._market),
        )

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

    def _introduce(self, services: Services, now: int) -> None:
        """Every village with a kiosk has the list of crops and soils before its first field: told once a start, and where it lacks."""
        from kampung_cloud.modules.farming.village_fields import KEY, VillageFields

        having, fields = services.contents.having(KEY), VillageFields(services.records, services.contents, services.config)
        for village in {node.village for node in services.nodes.all()}:
            if village not in having or (id(services), village) not in self._introduced:
                fields.tell(village, now)
                self._introduced.add((id(services), village))

    def _market(self, services: Services, now: int) -> None:
        """Every village with a kiosk: once a day, and after a price was entered."""
        from kampung_cloud.modules.farming.market import Market
        from kampung_cloud.modules.farming.prices import Prices
        from kampung_cloud.modules.farming.stations import day_of

        state = day_of(now), Prices(services.records).entered()
        market = Market(services.records, services.contents)
        for village in {node.village for node in services.nodes.all()}:
            if self._marketed.get((id(services), village)) != state:
                market.tell(village, day_of(now))
                self._marketed[id(services), village] = state


def _publish(services: Services, now: int) -> None:
    from kampung_cloud.modules.farming.forecasts import Round
    from kampung_cloud.modules.farming.kiosks import Kiosks
    from kampung_cloud.modules.farming.mornings import Mornings
    from kampung_cloud.modules.farming.village_fields import VillageFields

    asking = Round(services.config.forecast, time.sleep)
    try:
        mornings = Mornings(services.records, services.store, services.contents, asking)
        Kiosks(services.records, mornings, VillageFields(services.records, services.contents, services.config)).take(now)
        mornings.publish(now)
    finally:
        asking.close()
