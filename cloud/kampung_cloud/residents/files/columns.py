"""What a spreadsheet's columns may be (``columns.toml``), and which one a head is taken for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


class Column(BaseModel):
    """``kept``: a field of ``Person``, ``contacts.X`` or ``details.X``. ``values``: what is written, in small letters without signs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    names: tuple[str, ...]
    kept: str
    values: Mapping[str, str] = {}


@cache
def columns() -> dict[str, Column]:
    """By OpenSID's name, in the order in which a file is written."""
    text = files("kampung_cloud").joinpath("residents", "files", "columns.toml").read_text(encoding="utf-8")
    return {name: Column.model_validate(table) for name, table in tomllib.loads(text).items()}


def guess(heads: Sequence[str]) -> dict[int, str]:
    """Which column of ours each head is taken for, by its place; each of ours once, what is not known left out."""
    out: dict[int, str] = {}
    for place, head in enumerate(heads):
        found = _by_head().get(plain(head))
        if found is not None and found not in out.values():
            out[place] = found
    return out


def plain(text: str) -> str:
    """Small letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@cache
def _by_head() -> dict[str, str]:
    return {alias: name for name, column in columns().items() for alias in (*column.names, plain(name))}
