"""What pydantic finds, in the words of someone who repairs the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from kampung_sim.scenario.locate import Places
from kampung_sim.scenario.mistake import Found, Mistake, Path, explain, key_of
from kampung_sim.scenario.processes import KINDS

EMPTY = "there are too few"
_NUMBER = ("not a number", "write one without quotes, such as 0.5")
_TABLE = ("not a table", "write { key = value }, or the keys below a [header]")
WORDS = {
    "string_type": ("not a text", 'put it between quotes: "…"'),
    "tuple_type": ("not a list", "write [[…]] tables, or values between [ and ]"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": ("not a whole number", "leave the fraction away"),
    "bool_type": ("neither true nor false", "write one of them, without quotes"),
    "bool_parsing": ("neither true nor false", "write one of them, without quotes"),
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
}
"""Pydantic's type of error to message and remedy."""


def tell(model: type[BaseModel], error: ValidationError, table: dict[str, Any]) -> list[Found]:
    """Each mistake once."""
    return _causes([_told(model, dict(e), table) for e in error.errors(include_url=False)])


def mistake(found: Found, table: dict[str, Any], places: Places) -> Mistake:
    """With its line, and the value as it is written."""
    path = found.path
    while path and isinstance(_at(table, path[:-1]), str):
        path = path[:-1]  # a text where a list may stand
    value = _at(table, path)
    shown = "" if value is None or isinstance(value, dict | list) else _toml(value)
    return Mistake(places.line(path), key_of(path), shown, found.message, found.remedy)


def _causes(found: Iterable[Found]) -> list[Found]:
    """A value that fits no form of a union is told once; a list is not called empty because what is in it is wrong."""
    seen: dict[Path, Found] = {}
    for one in found:
        seen.setdefault(one.path, one)
    inner = {path[:n] for path in seen for n in range(len(path))}
    return [one for one in seen.values() if one.message != EMPTY or one.path not in inner]


def _told(model: type[BaseModel], error: dict[str, Any], table: dict[str, Any]) -> Found:
    kind = error["type"]
    path = _path(error["loc"], table, missing=kind == "missing")
    message, _, remedy = str(error["msg"]).removeprefix("Value error, ").partition("; ")
    match kind:
        case "extra_forbidden":
            return explain(path, "unknown key", str(path[-1]), _keys(model, error["loc"][:-1]))
        case "missing":
            return Found(path, "missing", "add it")
        case "union_tag_invalid":
            tags = [t.strip(" '") for t in error["ctx"]["expected_tags"].split(",")]
            return explain((*path, "kind"), "there is no process of this kind", str(error["ctx"]["tag"]), tags)
        case "union_tag_not_found":
            return explain(path, "its name is no kind of process, and it says none", str(path[-1]), KINDS, say='write kind = "…"; ')
        case "literal_error":
            tags = [t.strip(" '") for t in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
            return explain(path, "not one of the known ones", str(error["input"]), tags)
        case "too_short":
            return Found(path, EMPTY, f"it needs at least {error['ctx']['min_length']}")
        case "string_pattern_mismatch":
            return Found(path, f"does not fit {error['ctx']['pattern']}", "use a-z, 0-9, - and _, first a letter or digit")
    if kind in WORDS:
        return Found(path, *WORDS[kind])
    return Found(path, message[:1].lower() + message[1:], remedy)


def _path(loc: Iterable[str | int], table: Any, *, missing: bool) -> Path:
    """Pydantic's place without the names of the forms it tried."""
    out: list[str | int] = []
    parts = list(loc)
    for i, part in enumerate(parts):
        inside = (isinstance(table, dict) and part in table) or (isinstance(table, list) and isinstance(part, int) and part < len(table))
        if inside:
            out.append(part)
            table = table[part]
        elif missing and i == len(parts) - 1:
            out.append(part)
    return tuple(out)


def _at(table: Any, path: Path) -> Any:
    for part in path:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            return None
    return table


def _keys(model: Any, loc: Iterable[str | int]) -> list[str]:
    """The keys a table may have."""
    schema = model.model_json_schema(by_alias=True)
    here = [schema]
    for part in loc:
        here = [_open(n, schema) for h in here for n in _step(_open(h, schema), part, schema)]
    return list(dict.fromkeys(k for h in here for k in _open(h, schema).get("properties", {})))


def _open(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node


def _step(node: dict[str, Any], part: str | int, schema: dict[str, Any]) -> list[dict[str, Any]]:
    forms = [_open(n, schema) for key in ("anyOf", "oneOf") for n in node.get(key, [])]
    if forms:
        named = [f for f in forms if f.get("properties", {}).get("kind", {}).get("const") == part]
        return named or [n for f in forms for n in _step(f, part, schema)]
    if isinstance(part, int):
        return [node["items"]] if "items" in node else []
    if part in node.get("properties", {}):
        return [node["properties"][part]]
    more = node.get("additionalProperties", node.get("patternProperties", {}))
    if isinstance(more, dict) and more:
        return [more] if "patternProperties" not in node else list(node["patternProperties"].values())
    return []


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
