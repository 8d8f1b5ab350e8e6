"""How long what names a person is kept, as data with its source; an installation may say otherwise for each kind."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

DAY_MS = 86_400_000
LEAST_DAYS = 30
"""Nothing is destroyed in its first month, whatever a file says: a wrong figure must not empty an office."""


class Time(BaseModel):
    """``what`` is destroyed and what stays; ``days`` ``since`` a moment; ``regency``: the inspectorate has some of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    what: str
    days: int = Field(ge=LEAST_DAYS)
    since: str
    source: str
    mark: Literal["V", "V2", "K"]
    regency: bool = False


class Keeps(BaseModel):
    """What the law wants kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    why: str
    source: str
    mark: Literal["V", "V2", "K"]


class RetentionConfig(BaseModel):
    """``[retention]``. ``days`` by kind stand before the platform's; ``schedule`` names the decree they are from, for certificates."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schedule: str = Field(default="", max_length=200)
    days: dict[str, int] = Field(default_factory=dict)

    @field_validator("days")
    @classmethod
    def _kinds(cls, value: dict[str, int]) -> dict[str, int]:
        for name, days in value.items():
            if name not in _file()[0]:
                raise ValueError(f"{name}: no such kind; there are {', '.join(_file()[0])}")
            if not LEAST_DAYS <= days <= 36_500:
                raise ValueError(f"{name} = {days}: days, {LEAST_DAYS} to 36,500")
        return value


def times(config: RetentionConfig) -> Mapping[str, Time]:
    """By kind, in the order of the file."""
    said = {"source": config.schedule or "cloud.toml, [retention]", "mark": "K"}
    return {name: t.model_copy(update={"days": config.days[name], **said}) if name in config.days else t for name, t in _file()[0].items()}


def keeps() -> tuple[Keeps, ...]:
    """What is not destroyed, and why."""
    return _file()[1]


@cache
def _file() -> tuple[dict[str, Time], tuple[Keeps, ...]]:
    raw = tomllib.loads(files("kampung_cloud").joinpath("retention", "times.toml").read_text(encoding="utf-8"))
    return {k: Time.model_validate(v) for k, v in raw["kinds"].items()}, tuple(Keeps.model_validate(k) for k in raw["keeps"])
