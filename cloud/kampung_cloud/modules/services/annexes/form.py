"""A form as data, and the forms there are."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from kampung_contract.errors import ConfigurationError, NotFound
from msgspec import Meta

DATA = Path(__file__).parent / "data"


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line. ``source``: names of values, the first that is known is printed; ``boxes``: how many, 0 for a plain line."""

    label: str
    source: tuple[str, ...] = msgspec.field(name="from", default=())
    boxes: Annotated[int, Meta(ge=0, le=20)] = 0


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A box to tick. It is ticked for requests of ``services``; otherwise it is left to the applicant."""

    label: str
    services: tuple[str, ...] = ()


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines or boxes under one heading."""

    title: str
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``source``: where the names of its fields are from; ``confidence``: V read at the source, S second hand, K from memory."""

    code: str
    title: str
    source: str
    confidence: Literal["V", "S", "K"]
    signs: str
    sections: tuple[Section, ...]
    paper: Literal["F4", "A4"] = "F4"


@cache
def forms() -> dict[str, Form]:
    """By code. Raises ``ConfigurationError`` for a file that is no form."""
    out: dict[str, Form] = {}
    for path in sorted(DATA.glob("*.toml")):
        try:
            form = msgspec.toml.decode(path.read_bytes(), type=Form)
        except msgspec.DecodeError as error:
            raise ConfigurationError(f"{path.name}: {error}") from None
        out[form.code] = form
    return out


def form(code: str) -> Form:
    """Raises ``NotFound`` for a code that has no form here."""
    found = forms().get(code)
    if found is None:
        raise NotFound(f"no form {code[:20]!r}; there are {', '.join(forms())}")
    return found
