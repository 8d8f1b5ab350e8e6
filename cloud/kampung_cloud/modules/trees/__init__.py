"""Trees: Sedekah Oksigen, from a seedling's registration until it has grown."""

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


class Trees:
    """The module."""

    name = "trees"
    title = "Sedekah Oksigen"
    router: APIRouter | None = None
    documents: tuple[Document, ...] = ()
    layers: tuple[Layer, ...] = ()
    sections: tuple[Section, ...] = ()

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
