"""The clock, the agency and the kinds of data, as data with their sources (``law.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict


class Data(BaseModel):
    """A kind of data that may have got out. ``advice``: what a person can do then."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    advice: str = ""


class Said(BaseModel):
    """What the law says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    mark: Literal["V", "V2", "K"]
    title: str = ""
    hours: int = 0


class Law(BaseModel):
    """``clock``: hours from when the office knew; ``agency``: who is told beside the persons; ``must``: what they are told."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    clock: Said
    agency: Said
    must: Said
    data: Mapping[str, Data]


@cache
def law() -> Law:
    """As the file says."""
    raw = tomllib.loads(files("kampung_cloud").joinpath("breach", "law.toml").read_text(encoding="utf-8"))
    return Law.model_validate(raw)


def known(names: list[str]) -> list[str]:
    """In the order of the file. Raises ``InvalidRequest`` for one that there is not."""
    wrong = [name for name in names if name not in law().data]
    if wrong or not names:
        raise InvalidRequest(f"data = {', '.join(wrong)[:80] or 'kosong'}: pilih dari {', '.join(law().data)}")
    return [name for name in law().data if name in names]
