"""``[forecast]`` of the cloud's configuration; here, since modules are not imported by it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _service(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("expected https://host/path without a query, as https://api.bmkg.go.id/publik/prakiraan-cuaca")
    return value


class ForecastSettings(BaseModel):
    """``url`` names BMKG's forecast service (https://api.bmkg.go.id/publik/prakiraan-cuaca); without it no forecast is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(max_length=500), AfterValidator(_service)] = ""
