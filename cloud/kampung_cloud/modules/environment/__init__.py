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
        """Corrections of dust sensors, and when two of them side by side disagree."""
        from kampung_contract.pm_correction import methods

        out: list[Norm] = []
        for method in methods().values():
            fitted = {"models": method.models, "caution": method.caution["id"]}
            out.append(Norm(f"correction.{method.id}", method.display["id"], fitted, "", method.source, "V"))
            apart = {"ug/m3": method.apart, "share": method.apart_share}
            out.append(Norm(f"pair.{method.id}", "Dua sensor debu tidak sepakat", apart, "ug/m3, 1", method.apart_source, "K"))
        return tuple(out)

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """How its numbers can be reproduced."""
        from kampung_cloud.modules.environment.pm_correction import PM_CORRECTION

        return (PM_CORRECTION,)

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the digest."""
        return ()
