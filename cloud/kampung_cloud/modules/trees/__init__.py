"""Trees: Sedekah Oksigen, from a seedling's registration until it has grown."""

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


class Trees:
    """The module."""

    name = "trees"
    title = "Sedekah Oksigen"

    @property
    def router(self) -> APIRouter:
        """Registration, visits, map, statistics, print."""
        from kampung_cloud.modules.trees.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """Codes of a village's trees and pledges, so that a kiosk can check one without a line."""
        return (Document("trees", "Pohon dan janji menanam", _publish),)

    @property
    def layers(self) -> Sequence[Layer]:
        """Trees planted, and the share that lives."""
        from kampung_cloud.modules.trees.regency import ALIVE, PLANTED

        return (PLANTED, ALIVE)

    @property
    def sections(self) -> Sequence[Section]:
        """Trees of the month."""
        from kampung_cloud.modules.trees.regency import SECTION

        return (SECTION,)

    @property
    def rules(self) -> Sequence[Norm]:
        """Species, instruments, and what it takes until a tree has grown."""
        from kampung_cloud.modules.trees.norms import norms

        return norms()

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """How its numbers can be reproduced."""
        from kampung_cloud.modules.trees.calculators import CALCULATORS

        return CALCULATORS

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()


def _publish(services: Services, now: int) -> None:
    from kampung_cloud.modules.trees.kiosks import publish

    publish(services, now)
