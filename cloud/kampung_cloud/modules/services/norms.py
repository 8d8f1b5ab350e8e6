"""What public services are judged by, with sources."""

from __future__ import annotations

from kampung_cloud.calendar import national
from kampung_cloud.module import Norm
from kampung_cloud.modules.services.catalogue.definition import COMPONENTS
from kampung_cloud.modules.services.catalogue.loading import ours
from kampung_cloud.modules.services.flow.clocks import LADDER


def norms() -> tuple[Norm, ...]:
    """All of them. The time limits of each service stand in its file with their source."""
    limits = (
        Norm(f"services.limits.{s.id}", s.title, [s.limits.checking, s.limits.signature, s.limits.ready], "min", s.limits.source, "K")
        for s in ours().values()
    )
    return (
        Norm("services.components", "Komponen standar pelayanan", list(COMPONENTS), "", "UU 25/2009 Ps 21; Permenpan-RB 15/2014", "V2"),
        Norm("services.ladder", "Diberi tahu setelah sekian kali batas waktu", [[f, w] for f, w in LADDER], "", "usulan platform", "K"),
        Norm(
            "services.holidays",
            "Hari libur dan cuti bersama",
            len(national().holidays),
            "days",
            "SKB Tiga Menteri, python-holidays 0.109",
            "V2",
        ),
        *limits,
    )
