"""A calculator: one number out of a JSON object, with the method and the source behind it (invariant 10).

``kampung-cloud calc NAME`` and ``POST /api/v1/calc/NAME`` are the same calculators.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kampung_contract.errors import InvalidRequest, NotFound
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_BYTES = 1024 * 1024
DIGITS = 6

Given = TypeVar("Given", bound="Inputs")


class Inputs(BaseModel):
    """What a calculator is given: frozen, strictly typed, finite, and no field beside those that it names."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True)


def quantity(description: str, unit: str, default: Any = ..., **limits: Any) -> Any:
    """A field of ``Inputs`` with its unit, which ``--schema`` shows; ``limits`` are pydantic's (``ge``, ``le``, ``gt``, …)."""
    return Field(default, description=description, json_schema_extra={"unit": unit}, **limits)


@dataclass(frozen=True, slots=True)
class Result:
    """``value`` in ``unit`` (empty for a pure number), ``method`` in words, its ``source``; ``more`` are the terms that led there."""

    value: Any
    unit: str
    method: str
    source: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """The object that goes out, numbers rounded to six decimals."""
        head = {"value": self.value, "unit": self.unit, "method": self.method, "source": self.source}
        return {name: _rounded(value) for name, value in (head | dict(self.more)).items()}


@dataclass(frozen=True, slots=True)
class Calculator(Generic[Given]):
    """``compute`` is pure; it may raise ``ValueError`` with what, the value and the remedy. ``example`` is an object that it accepts."""

    name: str
    title: str
    inputs: type[Given]
    compute: Callable[[Given], Result]
    example: Mapping[str, Any]

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the inputs; each field says its unit."""
        return self.inputs.model_json_schema() | {"title": self.title, "examples": [dict(self.example)]}

    def fields(self) -> list[str]:
        """Names of the inputs; optional ones end in ``?``."""
        known = self.inputs.model_fields.items()
        return [(f.alias or name) + ("" if f.is_required() else "?") for name, f in known]

    def answer(self, text: str | bytes) -> dict[str, Any]:
        """The result for a JSON object. Raises ``InvalidRequest`` for text that is none, and for what does not fit, field by field."""
        _check_object(self, text)
        try:
            given = self.inputs.model_validate_json(text)
        except ValidationError as error:
            lines = [_line(self, e) for e in error.errors()]
            raise InvalidRequest("\n".join(lines)) from None
        try:
            return self.compute(given).shown()
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            raise InvalidRequest(str(error)) from None


def find(calculators: Iterable[Calculator[Any]], name: str) -> Calculator[Any]:
    """Raises ``NotFound`` that lists what there is."""
    by_name = {c.name: c for c in calculators}
    if name not in by_name:
        near = difflib.get_close_matches(name, by_name, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise NotFound(f"no calculator is named {name[:40]!r}; {hint}there are: {', '.join(sorted(by_name))}")
    return by_name[name]


def _check_object(calculator: Calculator[Any], text: str | bytes) -> None:
    if len(text) > MOST_BYTES:
        raise InvalidRequest(f"the object is {len(text):,} bytes; at most {MOST_BYTES:,} are read")
    example = json.dumps(dict(calculator.example))
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        if not text.strip():
            raise InvalidRequest(f"nothing was given; expected a JSON object, as {example}") from None
        raise InvalidRequest(f"not JSON: {error}; expected an object, as {example}") from None
    if not isinstance(found, dict):
        raise InvalidRequest(f"{text[:40]!r} is not a JSON object; expected one, as {example}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if name in dict(pairs[:i]))
        raise InvalidRequest(f"{twice!r} is given twice; give it once")
    return out


def _line(calculator: Calculator[Any], error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    expected = str(error["msg"]).removeprefix("Value error, ")
    fields = f"the fields are: {', '.join(calculator.fields())}"
    match error["type"]:
        case "missing":
            return f"{where} is missing; {fields}"
        case "extra_forbidden":
            near = difflib.get_close_matches(where, [f.rstrip("?") for f in calculator.fields()], n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            return f"{where} = {_short(error['input'])}: unknown field; {hint}{fields}"
        case _ if not error["loc"]:
            return expected
        case kind if kind.endswith(("_type", "_parsing")):
            return f"{where} = {_short(error['input'])}: {expected}; {fields}"
        case _:
            return f"{where} = {_short(error['input'])}: {expected}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def _rounded(value: Any) -> Any:
    """Numbers at any depth; a number that is not finite would be no JSON."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("the result is not a finite number; the inputs are too large or too small for the formula")
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
