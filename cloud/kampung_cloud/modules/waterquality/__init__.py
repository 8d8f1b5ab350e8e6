"""Water quality: what laboratories find in rivers, and what probes say between their visits."""

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


class WaterQuality:
    """The module."""

    name = "waterquality"
    title = "Mutu air"
    documents: tuple[Document, ...] = ()

    @property
    def router(self) -> APIRouter:
        """Samples, files of them, probes."""
        from kampung_cloud.modules.waterquality.api import router

        return router

    @property
    def rules(self) -> Sequence[Norm]:
        """The class table and the rest."""
        from kampung_cloud.modules.waterquality.norms import norms

        return norms()

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """The index, and the probes' own."""
        from kampung_cloud.modules.waterquality.calculators import CALCULATORS

        return CALCULATORS

    @property
    def layers(self) -> Sequence[Layer]:
        """Laboratory and probes, apart."""
        from kampung_cloud.modules.waterquality.layers import LABORATORY, PROBES

        return (LABORATORY, PROBES)

    @property
    def sections(self) -> Sequence[Section]:
        """Samples of the month."""
        from kampung_cloud.modules.waterquality.section import SECTION

        return (SECTION,)

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()
