"""Purposes of reading and kinds of requests, as data with their sources (``purposes.toml``, ``rights.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from kampung_contract.errors import InvalidRequest
from pydantic import BaseModel, ConfigDict, Field


class Purpose(BaseModel):
    """Why personal data may be read, and the basis of that in law."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    basis: str
    source: str
    mark: Literal["V", "V2", "K"]
    own: bool = False
    """Nobody gives it as his: the platform writes it for what an act of the office does."""


class Right(BaseModel):
    """What a resident may ask for; answered within so many hours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    hours: int = Field(gt=0)
    source: str
    mark: Literal["V", "V2", "K"]


@cache
def purposes() -> dict[str, Purpose]:
    """Those that may be given for a reading, by code, in the order of the file."""
    return {code: each for code, each in _purposes().items() if not each.own}


def purpose_title(code: str) -> str:
    """In words; the code itself for one that an older platform knew."""
    known = _purposes().get(code)
    return code if known is None else known.title


@cache
def _purposes() -> dict[str, Purpose]:
    return {code: Purpose.model_validate(table) for code, table in _tables("purposes.toml").items()}


@cache
def rights() -> dict[str, Right]:
    """By code, in the order of the file."""
    return {code: Right.model_validate(table) for code, table in _tables("rights.toml").items()}


def purpose(code: str) -> str:
    """The code, where there is such a purpose. Raises ``InvalidRequest``."""
    if code not in purposes():
        raise InvalidRequest(f"purpose = {code[:40]!r}: say why the data are read, one of {', '.join(purposes())}")
    return code


def right(code: str) -> Right:
    """Raises ``InvalidRequest``."""
    if code not in rights():
        raise InvalidRequest(f"kind = {code[:40]!r}: expected one of {', '.join(rights())}")
    return rights()[code]


def _tables(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads(files("kampung_cloud").joinpath("residents", name).read_text(encoding="utf-8"))
