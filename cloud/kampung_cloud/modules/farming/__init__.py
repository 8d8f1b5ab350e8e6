"""Farming: what to do in the field today, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kampung_cloud.module import Document, Norm

if TYPE_CHECKING:
    from fastapi import APIRouter

    from kampung_cloud.calculator import Calculator


class Farming:
    """The module."""

    name = "farming"
    title = "Pertanian"
    router: APIRouter | None = None
    documents: tuple[Document, ...] = ()

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
