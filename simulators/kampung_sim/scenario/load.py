"""From a file's text to a scenario and its plan, or to everything that is wrong with it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as File
from typing import Any, TypeVar

from kampung_contract.errors import ConfigurationError
from pydantic import BaseModel, ValidationError

from kampung_sim.scenario.build import build, unused
from kampung_sim.scenario.locate import Places
from kampung_sim.scenario.mistake import Found, InvalidScenario, Mistake, explain
from kampung_sim.scenario.model import Kit, Scenario
from kampung_sim.scenario.plan import Plan
from kampung_sim.scenario.recordings import Recordings
from kampung_sim.scenario.replay import lay
from kampung_sim.scenario.tell import mistake, tell
from kampung_sim.scenario.world import World

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


def load(path: File, replay: File | None = None, start: int | None = None) -> Loaded:
    """A scenario from ``path``, or a packaged one by its name; ``replay``: a recording instead of the file's own; ``start``: ms UTC
    instead of the file's.

    Raises ``InvalidScenario`` with every mistake, ``ConfigurationError`` when there is no such file.
    """
    text, name = _read(path)
    return parse(text, name, path.absolute().parent, replay, start)


def parse(text: str, name: str, folder: File, replay: File | None = None, start: int | None = None) -> Loaded:
    """The same from a text; recordings lie in ``folder``."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line_in(str(error))
        raise InvalidScenario(name, [Mistake(line, "file", "", f"not TOML: {error}", "TOML is described at toml.io")]) from None
    places = Places(text)
    if start is not None:
        table["start"] = datetime.fromtimestamp(start / 1000, UTC)
    scenario = _validated(Scenario, table, name, places)
    used, found = _kits(scenario, name, places)
    plan, more = build(scenario, used)
    found += more
    recordings, more, notes = lay(plan, folder, replay)
    found += more
    if found:
        raise InvalidScenario(name, [mistake(f, table, places) for f in found])
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
        raise InvalidScenario(name, [mistake(f, table, places) for f in tell(model, error, table)]) from None
