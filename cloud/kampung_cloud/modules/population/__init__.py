"""Residents of the villages: the register's routes, the law's clocks, what a NIK says."""

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


class Population:
    """The module."""

    name = "population"
    title = "Kependudukan"
    documents: tuple[Document, ...] = ()
    layers: tuple[Layer, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def router(self) -> APIRouter:
        """Register, files, rights."""
        from kampung_cloud.modules.population.api import router

        return router

    @property
    def rules(self) -> Sequence[Norm]:
        """Purposes and rights with their clocks."""
        from kampung_cloud.residents.law import purposes, rights

        return (
            *(Norm(f"purpose.{code}", each.title, each.basis, "", each.source, each.mark) for code, each in purposes().items()),
            *(Norm(f"right.{code}", each.title, each.hours, "h", each.source, each.mark) for code, each in rights().items()),
        )

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """``calc nik``."""
        from kampung_cloud.modules.population.calculators import CALCULATORS

        return CALCULATORS

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()
