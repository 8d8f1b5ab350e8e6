"""A form as data, and the forms there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from kampung_contract.errors import ConfigurationError, NotFound
from msgspec import Meta, Struct

DATA = Path(__file__).parent / "data"
Boxes = Annotated[int, Meta(ge=0, le=20)]


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """A box to tick: for requests of ``services``, or in a line whose value is one of ``answers``; else it is left to the pen."""

    label: str
    services: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A place to write. ``from``: names of values, the first that is known is printed; ``boxes``: how many, 0 for a plain line."""

    label: str
    source: tuple[str, ...] = msgspec.field(name="from", default=())
    boxes: Boxes = 0


class Field(Part, frozen=True, forbid_unknown_fields=True):
    """A line. ``choices`` stand in the place of what is written; ``parts`` stand beside one another below it."""

    choices: tuple[Choice, ...] = ()
    parts: tuple[Part, ...] = ()


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """Of a table. ``share``: of the width that is left beside the numbers of its rows."""

    title: str
    share: Annotated[int, Meta(ge=1, le=20)] = 1


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows to fill by hand, numbered: what a request says of several people is one text, and cutting it into names would be a guess."""

    columns: Annotated[tuple[Column, ...], Meta(min_length=1)]
    rows: Annotated[int, Meta(ge=1, le=20)]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines, boxes and tables under one heading. ``note`` says who fills it in."""

    title: str
    note: str = ""
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()
    tables: tuple[Table, ...] = ()


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs, with ``{jabatan}`` for the head of the village; ``from`` as in a line; ``note`` stands where he signs, as a stamp does."""

    role: str
    source: tuple[str, ...] = msgspec.field(name="from", default=())
    note: str = ""


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer, as it is printed."""

    field: str
    equals: str


class Copy(Struct, frozen=True, forbid_unknown_fields=True):
    """A form is set once for each of its copies. ``names``: what stands for a name before the dot; ``says``: values that follow from whom
    it is for; ``only``: the answer without which it is not needed; ``code``: where the regulation has another number for it."""

    title: str = ""
    code: str = ""
    names: Mapping[str, str] = {}
    says: Mapping[str, str] = {}
    only: Condition | None = None


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """``source``: where the names of its fields are from; ``confidence``: V read at the source, S second hand, K from memory.

    ``opening`` and ``closing`` are ours, not the regulation's; ``office``: it is the office's own, with the number and day of its letter.
    """

    code: str
    title: str
    source: str
    confidence: Literal["V", "S", "K"]
    signatures: tuple[Signature, ...]
    sections: tuple[Section, ...]
    copies: tuple[Copy, ...] = (Copy(),)
    opening: str = ""
    closing: str = ""
    office: bool = False
    paper: Literal["F4", "A4"] = "F4"

    def needed(self, answers: Mapping[str, Any]) -> tuple[Copy, ...]:
        """The copies that a request with these answers needs; a condition on what was not answered does not hold."""
        return tuple(c for c in self.copies if c.only is None or answers.get(c.only.field) == c.only.equals)


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
