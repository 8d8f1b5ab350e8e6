"""Environment: what air and water are like, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kampung_cloud.module import Document, Norm

if TYPE_CHECKING:
    from fastapi import APIRouter

    from kampung_cloud.calculator import Calculator
    from kampung_cloud.messages.digest import Advice
    from kampung_cloud.records import Records
    from kampung_cloud.regency.layer import Layer
    from kampung_cloud.regency.section import Section


class Environment:
    """The module."""

    name = "environment"
    title = "Lingkungan"

    @property
    def router(self) -> APIRouter:
        """Stations and volcanoes."""
        from kampung_cloud.modules.environment.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """The air of a village's stations; what PVMBG says of volcanoes."""
        from kampung_cloud.modules.environment import kiosks
        from kampung_cloud.modules.environment.volcano import relaying

        return (
            Document(kiosks.KEY, "Udara", kiosks.Kiosks().publish),
            Document(relaying.KEY, "Gunung api", relaying.Relay().publish),
        )

    @property
    def rules(self) -> Sequence[Norm]:
        """What air, heat, noise and light are judged by."""
        from kampung_cloud.modules.environment.norms import norms

        return norms()

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """All of ``calculators/``."""
        from kampung_cloud.modules.environment.calculators import CALCULATORS

        return CALCULATORS

    @property
    def layers(self) -> Sequence[Layer]:
        """Villages by their ISPU."""
        from kampung_cloud.modules.environment.layer import AIR

        return (AIR,)

    @property
    def sections(self) -> Sequence[Section]:
        """The air of a month."""
        from kampung_cloud.modules.environment.section import AIR

        return (AIR,)

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()
