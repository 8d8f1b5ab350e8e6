"""The configuration's ``[access]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Access(BaseModel):
    """A session ends after ``idle_minutes`` without a request, and ``longest_hours`` after it began whatever happens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    longest_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 12
