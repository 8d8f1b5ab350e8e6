"""Rivers: gauges and floods, rain, landslides, the coast."""

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


class Rivers:
    """The module."""

    name = "rivers"
    title = "Sungai, hujan, longsor"

    @property
    def router(self) -> APIRouter:
        """Rivers with their gauges, rain, slopes, tides."""
        from kampung_cloud.modules.rivers.api import router

        return router

    @property
    def rules(self) -> Sequence[Norm]:
        """Levels, rates, classes and triggers."""
        from kampung_cloud.modules.rivers.norms import norms

        return norms()

    @property
    def documents(self) -> Sequence[Document]:
        """The gauges of a village, those upstream, and its rain."""
        return (Document("rivers", "Sungai dan hujan", _publish),)

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """Level, rain, landslide."""
        from kampung_cloud.modules.rivers.calculators import CALCULATORS

        return CALCULATORS

    @property
    def layers(self) -> Sequence[Layer]:
        """Rivers by their level, rain by its class."""
        from kampung_cloud.modules.rivers.layers import RAIN, RIVER

        return (RIVER, RAIN)

    @property
    def sections(self) -> Sequence[Section]:
        """Water and rain of the month."""
        from kampung_cloud.modules.rivers.section import SECTION

        return (SECTION,)

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()


def _publish(services: Services, now: int) -> None:
    from kampung_cloud.modules.rivers.publishing import publish

    publish(services, now)
