"""All routes of the module; what is named comes before what is numbered."""

from __future__ import annotations

from fastapi import APIRouter

from kampung_cloud.modules.population import api_files, api_kiosk, api_register, api_rights

router = APIRouter()
for part in (api_rights, api_files, api_kiosk, api_register):
    router.include_router(part.router)
