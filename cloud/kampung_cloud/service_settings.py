"""The configuration of public services: letterheads and letter numbers by village."""

from __future__ import annotations

from typing import Literal, Self

from kampung_contract.errors import ConfigurationError
from kampung_contract.villages import village
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kampung_cloud.letter_numbers import DEFAULT, check


class OfficeIn(BaseModel):
    """``[services.offices."35.10.24.2008"]``. ``code`` is the office's part of a letter number, as 429.523.03; ``number`` its format."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = ""
    kades: str = ""
    code: str = ""
    number: str = DEFAULT
    scope: Literal["village", "code", "service"] = "village"

    @model_validator(mode="after")
    def _number(self) -> Self:
        try:
            check(self.number, self.scope)
        except ConfigurationError as error:
            raise ValueError(error.message) from None
        return self


class ServicesConfig(BaseModel):
    """``[services]``. ``folder``: villages' own service files, below the data folder; ``holidays``: a file in the place of ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str = "services"
    holidays: str = ""
    offices: dict[str, OfficeIn] = Field(default_factory=dict)

    @field_validator("offices")
    @classmethod
    def _villages(cls, value: dict[str, OfficeIn]) -> dict[str, OfficeIn]:
        for code in value:
            village(code)
        return value
