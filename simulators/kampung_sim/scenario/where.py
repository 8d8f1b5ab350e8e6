"""Which villages: all, some kecamatan, some codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from kampung_contract.errors import UnknownVillage
from kampung_contract.villages import Village, village, villages
from pydantic import AfterValidator, GetPydanticSchema, WithJsonSchema
from pydantic_core import core_schema

from kampung_sim.scenario.mistake import nearest

ALL = "all"


class Selection(tuple[str, ...]):
    """``all``, kecamatan (``35.10.24``) and villages (``35.10.24.2008``), as written."""

    __slots__ = ()

    def villages(self) -> list[Village]:
        """In order of code, each once."""
        return [v for v in villages() if self.holds(v)]

    def holds(self, one: Village) -> bool:
        """Whether it is meant."""
        return ALL in self or one.code in self or one.code[:8] in self


def select(value: Any) -> Selection:
    """A text, or a list of them. Raises ``ValueError`` with near names."""
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, Iterable) or not all(isinstance(v, str) for v in value):
        raise ValueError('write "all", a code such as "35.10.24.2008", a kecamatan such as "35.10.24", or a list of these')
    chosen = Selection(value)
    if not chosen:
        raise ValueError('names no village; write "all", or a code such as "35.10.24.2008"')
    for one in chosen:
        if one != ALL and len(one) == 8 and one.count(".") == 2:
            known = {v.code[:8]: v.kecamatan for v in villages()}
            if one not in known:
                raise ValueError(f"{one!r} is no kecamatan of Banyuwangi; {nearest(one, known, cutoff=0.8)}")
        elif one != ALL:
            code(one)
    return chosen


def code(value: str) -> str:
    """A village's code. Raises ``ValueError`` with near names."""
    try:
        return village(value).code
    except UnknownVillage as error:
        raise ValueError(error.message) from None


EVERYWHERE = Selection((ALL,))
_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}], "examples": ["all", "35.10.24"]}
Villages = Annotated[
    Selection,
    GetPydanticSchema(
        lambda _t, _h: core_schema.no_info_plain_validator_function(
            select, serialization=core_schema.plain_serializer_function_ser_schema(list)
        )
    ),
    WithJsonSchema(_SCHEMA),
]
Code = Annotated[str, AfterValidator(code)]
