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
    router: APIRouter | None = None
    documents: tuple[Document, ...] = ()
    layers: tuple[Layer, ...] = ()
    sections: tuple[Section, ...] = ()

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

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()
