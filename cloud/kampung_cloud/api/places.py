"""Villages and fields."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from kampung_contract.villages import villages as all_villages

from kampung_cloud.api.schemas import FieldOut, VillageOut
from kampung_cloud.api.services import ServicesDep, VillageDep

router = APIRouter(tags=["places"])


@router.get("/villages", response_model=list[VillageOut])
def villages(response: Response) -> list[dict[str, Any]]:
    """All 217 villages of Banyuwangi."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return [
        {"code": v.code, "name": v.name, "type": v.type, "kecamatan": v.kecamatan, "lat": v.latitude, "lng": v.longitude}
        for v in all_villages()
    ]


@router.get("/fields", response_model=list[FieldOut])
def fields(services: ServicesDep, village: VillageDep) -> list[dict[str, Any]]:
    """Fields from the configuration."""
    return [field.model_dump() for field in services.config.field if village in (None, field.village)]
