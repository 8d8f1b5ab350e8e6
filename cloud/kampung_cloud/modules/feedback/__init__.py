"""Satisfaction of those who were served: the survey of nine elements, its index and grade."""

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


class Feedback:
    """The module."""

    name = "feedback"
    title = "Kepuasan masyarakat"
    layers: tuple[Layer, ...] = ()

    @property
    def router(self) -> APIRouter:
        """The result."""
        from kampung_cloud.modules.feedback.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """The result for the village's kiosks; what they sent is counted on the way."""
        return (Document("satisfaction", "Hasil survei kepuasan", _publish),)

    @property
    def rules(self) -> Sequence[Norm]:
        """What it judges by."""
        from kampung_cloud.modules.feedback.norms import norms

        return norms()

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """The index."""
        from kampung_cloud.modules.feedback.calculators import CALCULATORS

        return CALCULATORS

    @property
    def sections(self) -> Sequence[Section]:
        """The newest quarter that is over."""
        from kampung_cloud.modules.feedback.section import SECTION

        return (SECTION,)

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()


def _publish(services: Services, now: int) -> None:
    from kampung_cloud.modules.feedback import respondents
    from kampung_cloud.modules.feedback.kiosks import take_in
    from kampung_cloud.modules.feedback.showing import publish

    take_in(services.records, now)
    respondents.take_in(services.records)
    publish(services.records, services.contents, now)
