"""Service files into services. A village's file of the same id stands in the place of ours; one of another id is added."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from kampung_contract.errors import ConfigurationError

from kampung_cloud.modules.services.catalogue.checking import faults
from kampung_cloud.modules.services.catalogue.definition import COMPONENTS, Service

DATA = Path(__file__).parent / "data"
OFFICE = "kantor.toml"
"""Components of the standard that are the same for every service of an office; a service's own stand before them."""


@cache
def ours() -> Mapping[str, Service]:
    """The catalogue that comes with the platform, by id."""
    return folder(DATA, office(DATA))


def office(at: Path) -> dict[str, str]:
    """Common components of the standard. Raises ``ConfigurationError``."""
    path = at / OFFICE
    if not path.exists():
        return {}
    found = _toml(path.read_bytes(), path.name)
    unknown = [name for name in found if name not in COMPONENTS]
    if unknown:
        raise ConfigurationError(f"{path.name}: {', '.join(unknown)}: no component of the standard; there are {', '.join(COMPONENTS)}")
    return {name: str(value) for name, value in found.items()}


def folder(at: Path, common: Mapping[str, str]) -> dict[str, Service]:
    """All services of a folder, by id. Raises ``ConfigurationError`` that names the file."""
    out: dict[str, Service] = {}
    for path in sorted(at.glob("*.toml")):
        if path.name == OFFICE:
            continue
        service = read(path.read_bytes(), path.name, common)
        if service.id != path.stem:
            raise ConfigurationError(f"{path.name}: id = {service.id!r} must be the file's name")
        out[service.id] = service
    return out


def read(data: bytes, name: str, common: Mapping[str, str]) -> Service:
    """One file. Raises ``ConfigurationError`` with everything that is wrong with it."""
    raw = _toml(data, name)
    if isinstance(raw.get("standard", {}), dict):
        raw["standard"] = {**common, **raw.get("standard", {})}
        missing = [c for c in COMPONENTS if c not in raw["standard"]]
        if missing:
            raise ConfigurationError(f"{name}: standard lacks {', '.join(missing)}; all 14 components must be said (UU 25/2009 Ps 21)")
    try:
        service = msgspec.convert(raw, Service)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name}: {error}") from None
    wrong = faults(service)
    if wrong:
        raise ConfigurationError(f"{name}: " + "; ".join(wrong))
    return service


def _toml(data: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{name}: not TOML: {error}") from None
