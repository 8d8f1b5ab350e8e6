"""Villages together by kecamatan: by the code's prefix, never by geometry, since outlines and codes come from different years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kampung_contract.villages import Village

from kampung_cloud.regency.layer import Layer, Value

PREFIX = 8
"""Characters of ``35.10.24.2008`` that are the kecamatan's."""


def code_of(village: str) -> str:
    """``35.10.24`` of ``35.10.24.2008``."""
    return village[:PREFIX]


def grouped(villages: Iterable[Village]) -> dict[str, list[Village]]:
    """Villages by kecamatan's code, in order."""
    out: defaultdict[str, list[Village]] = defaultdict(list)
    for village in villages:
        out[code_of(village.code)].append(village)
    return dict(out)


@dataclass(frozen=True, slots=True)
class Sum:
    """``value`` is what the villages with data are together, None where none has any; ``known`` of ``of`` villages have."""

    code: str
    name: str
    value: Value | None
    known: int
    of: int


def sums(layer: Layer, villages: Sequence[Village], values: Mapping[str, Value]) -> list[Sum]:
    """Each kecamatan of ``villages``."""
    out = []
    for code, members in grouped(villages).items():
        known = [values[v.code] for v in members if v.code in values]
        out.append(Sum(code, members[0].kecamatan, layer.together(layer, known) if known else None, len(known), len(members)))
    return out
