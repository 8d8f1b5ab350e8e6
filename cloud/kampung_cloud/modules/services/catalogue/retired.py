"""A service whose file is gone while requests for it are open, or letters of it are in the register."""

from __future__ import annotations

from kampung_cloud.modules.services.catalogue.definition import COMPONENTS, Service, Standard

GONE = "tidak ada lagi dalam katalog"


def retired(name: str) -> Service:
    """Enough to show what is there: nobody checks or signs it, staff can cancel it with a reason and hand over what was signed before."""
    return Service(
        id=name,
        title=f"{name} ({GONE})",
        summary=f"Layanan ini {GONE}.",
        code="",
        self_service=False,
        verifies=(),
        signs=None,
        standard=Standard(**dict.fromkeys(COMPONENTS, GONE)),
        source=GONE,
        mark="K",
    )
