"""Rice diseases as data: ``data/diseases.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, Field, model_validator

Points = tuple[tuple[float, float], ...]


class Disease(BaseModel):
    """Parameters of one epidemic; names are the data file's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: dict[str, str]
    rate: float = Field(gt=0)
    latent: int = Field(gt=0)
    infectious: int = Field(gt=0)
    aggregation: float = Field(ge=1)
    most: float = Field(gt=0)
    first: float = Field(gt=0)
    onset: int = Field(ge=0)
    growth: float = 0.1
    senescence: float = 0.01
    age: Annotated[Points, Field(min_length=2)]
    warmth: Annotated[Points, Field(min_length=2)]
    note: str = ""
    source: str = Field(min_length=10)
    mark: Literal["V", "V2", "K"]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for name in ("age", "warmth"):
            at = [point[0] for point in getattr(self, name)]
            if at != sorted(set(at)):
                raise ValueError(f"{name}: expected points in rising order")
        return self


@cache
def diseases() -> dict[str, Disease]:
    """All by name."""
    table = tomllib.loads((files(__package__) / "data" / "diseases.toml").read_text(encoding="utf-8"))
    head = {"source": table.pop("source"), "mark": table.pop("mark")}
    return {name: Disease.model_validate({"name": name, **head, **row}) for name, row in table.items()}


def disease(name: str) -> Disease:
    """A disease by name. Raises ``InvalidRequest`` that lists them."""
    if name not in diseases():
        raise InvalidRequest(f"disease = {name[:40]!r}: no such disease; there are: {', '.join(diseases())}")
    return diseases()[name]
