"""The policy: which certificates may ask for a tree, by whose decree, and how. A file that the regency writes; none is shipped in force.

A policy that names a civil-registration right does not load, whoever signed it; nor one without its decree and date, or without those
whom nobody may ask (``data/exemptions.toml``).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from kampung_contract.errors import ConfigurationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kampung_cloud.gate.catalogue import Service, catalogue
from kampung_cloud.gate.denylist import denied

Mark = Literal["V", "V2", "K"]
Accepts = Literal["pledge", "proof"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exemption(_Table):
    """Somebody who is not asked; ``title`` by language."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    title: dict[str, str]
    source: Annotated[str, Field(min_length=10)]
    mark: Mark


class Policy(_Table):
    """``decree`` of ``dated`` is in force from ``since`` until ``until``.

    ``mode`` *planting* asks that a tree was planted and lives, *strict* that it has grown (*tumbuh*). ``accepts``: a pledge to plant
    within ``grace_days``, or proof, or both. ``mark`` says how sure the text of the decree is: only with V may the gate hold a service
    back, otherwise it asks and does not refuse. ``village_plot``: who has no land plants there. ``on_letter``: a
    letter names its tree or pledge.
    """

    title: dict[str, str]
    decree: Annotated[str, Field(min_length=10)]
    dated: dt.date
    source: Annotated[str, Field(min_length=10)]
    mark: Mark
    since: dt.date
    until: dt.date | None = None
    mode: Literal["planting", "strict"]
    accepts: Annotated[tuple[Accepts, ...], Field(min_length=1)]
    grace_days: Annotated[int, Field(ge=7, le=365)] = 90
    trees: Annotated[int, Field(ge=1, le=10)] = 1
    village_plot: Literal[True] = True
    on_letter: bool = False
    services: Annotated[tuple[str, ...], Field(min_length=1)]
    exemption: tuple[Exemption, ...] = ()

    @model_validator(mode="after")
    def _law(self) -> Self:
        for name in self.services:
            service = catalogue().get(name)
            right = denied(name, service.title if service else "")
            if right is not None:
                raise ValueError(f"services: {name!r} is {right.right}, which no policy can touch ({right.law}); take it out")
            if service is None:
                raise ValueError(f"services: no service is named {name!r}; GET /api/v1/gate lists them")
        if len(set(self.services)) != len(self.services):
            raise ValueError("services: one is named twice; name each once")
        if self.since < self.dated:
            raise ValueError(f"since = {self.since}: before the decree of {self.dated}; a decree asks nothing of the days before it")
        if self.until is not None and self.until < self.since:
            raise ValueError(f"until = {self.until}: before since = {self.since}")
        return self

    def in_force(self, day: dt.date) -> bool:
        """On that day."""
        return self.since <= day and (self.until is None or day <= self.until)

    @property
    def exemptions(self) -> dict[str, Exemption]:
        """By id: those of every policy, and its own."""
        return {e.id: e for e in (*always_exempt(), *self.exemption)}

    @property
    def binding(self) -> bool:
        """Whether it may hold a service back."""
        return self.mark == "V"

    def service(self, name: str) -> Service:
        """One of ``services``."""
        return catalogue()[name]


@cache
def always_exempt() -> tuple[Exemption, ...]:
    """Whom no policy may ask."""
    text = files("kampung_cloud.gate").joinpath("data", "exemptions.toml").read_text(encoding="utf-8")
    return tuple(Exemption(id=name, **row) for name, row in tomllib.loads(text).items())


def parse_policy(text: str, source: str = "policy") -> Policy:
    """A policy from TOML. Raises ``ConfigurationError`` that names file, key, value and remedy."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{source}: not TOML: {error}") from None
    try:
        return Policy.model_validate(tables)
    except ValidationError as error:
        raise ConfigurationError("\n".join(f"{source}: {_line(e)}" for e in error.errors())) from None


def load_policy(file: Path) -> Policy:
    """From a file. Raises ``ConfigurationError``."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: cannot be read: {error}; name another file at [gate] policy, or none") from None
    return parse_policy(text, str(file))


def _line(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    said = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{where} is missing; add it"
    if error["type"] == "extra_forbidden":
        return f"{where} = {str(error['input'])[:60]!r}: unknown key; known keys: {', '.join(Policy.model_fields)}"
    return f"{where} = {str(error['input'])[:60]!r}: {said}" if where else said
