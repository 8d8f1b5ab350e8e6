"""From a file's text to a scenario and its plan, or to everything that is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as File
from typing import Any, TypeVar

from kampung_contract.errors import ConfigurationError
from pydantic import BaseModel, ValidationError

from kampung_sim.scenario.build import build, unused
from kampung_sim.scenario.locate import Places
from kampung_sim.scenario.mistake import Found, InvalidScenario, Mistake, Path, explain, key_of
from kampung_sim.scenario.model import Kit, Scenario
from kampung_sim.scenario.plan import Plan
from kampung_sim.scenario.recordings import Recordings
from kampung_sim.scenario.replay import lay
from kampung_sim.scenario.world import World

EMPTY = "there are too few"
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Loaded:
    """A scenario that can be run. ``notes``: what is not wrong but worth knowing, for people."""

    plan: Plan
    recordings: Recordings
    notes: tuple[str, ...]

    @property
    def scenario(self) -> Scenario:
        """As it is written."""
        return self.plan.scenario

    def world(self) -> World:
        """A fresh one."""
        return World(self.scenario, self.recordings)


def load(path: File, replay: File | None = None) -> Loaded:
    """A scenario from ``path``, or a packaged one by its name; ``replay``: a recording instead of the file's own.

    Raises ``InvalidScenario`` with every mistake, ``ConfigurationError`` when there is no such file.
    """
    text, name = _read(path)
    return parse(text, name, path.absolute().parent, replay)


def parse(text: str, name: str, folder: File, replay: File | None = None) -> Loaded:
    """The same from a text; recordings lie in ``folder``."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line_in(str(error))
        raise InvalidScenario(name, [Mistake(line, "file", "", f"not TOML: {error}", "TOML is described at toml.io")]) from None
    places = Places(text)
    scenario = _validated(Scenario, table, name, places)
    used, found = _kits(scenario, name, places)
    plan, more = build(scenario, used)
    found += more
    recordings, more, notes = lay(plan, folder, replay)
    found += more
    if found:
        raise InvalidScenario(name, [_mistake(f, table, places) for f in found])
    return Loaded(plan, recordings, (*unused(plan), *notes))


def packaged(what: str) -> dict[str, Traversable]:
    """``scenarios`` or ``kits`` that come with the program, by name."""
    folder = files("kampung_sim").joinpath(what)
    return {f.name.removesuffix(".toml"): f for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name.endswith(".toml")}


def packaged_kit(name: str) -> Kit:
    """One that comes with the program. Raises ``KeyError``, ``InvalidScenario``."""
    text = packaged("kits")[name].read_text(encoding="utf-8")
    return _validated(Kit, tomllib.loads(text), f"{name}.toml", Places(text))


def _kits(scenario: Scenario, name: str, places: Places) -> tuple[dict[str, Kit], list[Found]]:
    kits, found, shipped = dict(scenario.kit), list[Found](), packaged("kits")
    for i, place in enumerate(scenario.place):
        if place.kit not in kits and place.kit in shipped:
            kits[place.kit] = packaged_kit(place.kit)
        elif place.kit not in kits:
            found.append(explain(("place", i, "kit"), "there is no kit of this name", place.kit, [*scenario.kit, *shipped]))
    return kits, found


def _read(path: File) -> tuple[str, str]:
    shipped = packaged("scenarios")
    if not path.exists() and str(path).removesuffix(".toml") in shipped:
        return shipped[str(path).removesuffix(".toml")].read_text(encoding="utf-8"), str(path)
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file; packaged scenarios are {', '.join(shipped)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}; give a TOML file in UTF-8") from None


def _line_in(message: str) -> int:
    """tomllib says "(at line 3, column 7)"."""
    digits = message.partition("at line ")[2].partition(",")[0]
    return int(digits) if digits.isdigit() else 1


def _validated(model: type[Model], table: dict[str, Any], name: str, places: Places) -> Model:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        found = [_told(model, dict(e), table) for e in error.errors(include_url=False)]
        raise InvalidScenario(name, [_mistake(f, table, places) for f in _causes(found)]) from None


def _causes(found: Iterable[Found]) -> list[Found]:
    """A value that fits no form of a union is told once; a list is not called empty because what is in it is wrong."""
    seen: dict[Path, Found] = {}
    for one in found:
        seen.setdefault(one.path, one)
    inner = {path[:n] for path in seen for n in range(len(path))}
    return [one for one in seen.values() if one.message != EMPTY or one.path not in inner]


def _mistake(found: Found, table: dict[str, Any], places: Places) -> Mistake:
    path = found.path
    while path and isinstance(_at(table, path[:-1]), str):
        path = path[:-1]  # a text where a list may stand
    value = _at(table, path)
    shown = "" if value is None or isinstance(value, dict | list) else _toml(value)
    return Mistake(places.line(path), key_of(path), shown, found.message, found.remedy)


def _told(model: type[BaseModel], error: dict[str, Any], table: dict[str, Any]) -> Found:
    path = _path(error["loc"], table, missing=error["type"] == "missing")
    message, _, remedy = str(error["msg"]).removeprefix("Value error, ").partition("; ")
    match error["type"]:
        case "extra_forbidden":
            return explain(path, "unknown key", str(path[-1]), _keys(model, error["loc"][:-1]))
        case "missing":
            return Found(path, "missing", "add it")
        case "union_tag_invalid":
            tags = [t.strip(" '") for t in error["ctx"]["expected_tags"].split(",")]
            return explain((*path, "kind"), "there is no process of this kind", error["ctx"]["tag"], tags)
        case "union_tag_not_found":
            return explain(
                path, "its name is no kind of process, and it says none", str(path[-1]), _process_kinds(), say='write kind = "…"; '
            )
        case "literal_error":
            tags = [t.strip(" '") for t in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
            return explain(path, "not one of the known ones", str(error["input"]), tags)
        case "too_short":
            return Found(path, EMPTY, f"it needs at least {error['ctx']['min_length']}")
        case "string_pattern_mismatch":
            return Found(path, f"does not fit {error['ctx']['pattern']}", "use a-z, 0-9, - and _, first a letter or digit")
    return Found(path, message[:1].lower() + message[1:], remedy)


def _process_kinds() -> list[str]:
    from kampung_sim.scenario.processes import KINDS

    return list(KINDS)


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
