"""Service files into services. A village's file of the same id stands in the place of ours; one of another id is added."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from kampung_contract.errors import ConfigurationError

from kampung_cloud.modules.services.catalogue.checking import faults
from kampung_cloud.modules.services.catalogue.definition import COMPONENTS, Service
from kampung_cloud.modules.services.catalogue.fault import Fault
from kampung_cloud.modules.services.catalogue.shape import shaped

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
    try:
        found = parsed(path.read_bytes())
    except ValueError as error:
        raise ConfigurationError(f"{path.name}: {error}") from None
    unknown = [name for name in found if name not in COMPONENTS]
    if unknown:
        raise ConfigurationError(f"{path.name}: {', '.join(unknown)}: bukan komponen standar pelayanan; yang ada: {', '.join(COMPONENTS)}")
    return {name: str(value) for name, value in found.items()}


def folder(at: Path, common: Mapping[str, str]) -> dict[str, Service]:
    """All services of a folder, by id. Raises ``ConfigurationError`` that names the file."""
    out: dict[str, Service] = {}
    for path in sorted(at.glob("*.toml")):
        if path.name == OFFICE:
            continue
        service = read(path.read_bytes(), path.name, common)
        if service.id != path.stem:
            raise ConfigurationError(f"{path.name}: id = {service.id!r} harus sama dengan nama berkas")
        out[service.id] = service
    return out


def read(data: bytes, name: str, common: Mapping[str, str]) -> Service:
    """One file. Raises ``ConfigurationError`` with everything that is wrong with it."""
    service, wrong = tried(data, common)
    if service is None:
        raise ConfigurationError(f"{name}: " + "; ".join(map(str, wrong)))
    return service


def tried(data: bytes, common: Mapping[str, str]) -> tuple[Service | None, list[Fault]]:
    """A service of a file, or everything that is wrong with it. ``common``: components of the standard that the office says of all."""
    try:
        raw = parsed(data)
    except ValueError as error:
        return None, [Fault("", str(error))]
    if isinstance(raw.get("standard", {}), dict):
        raw["standard"] = {**common, **raw.get("standard", {})}
    wrong = list(shaped(raw, Service))
    if wrong:
        return None, wrong
    service = msgspec.convert(raw, Service)
    wrong = faults(service)
    return (None, wrong) if wrong else (service, [])


def parsed(data: bytes) -> dict[str, Any]:
    """Raises ``ValueError`` with the line that is no TOML, in words for whoever wrote it."""
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise ValueError(f"bukan teks UTF-8 (bita ke-{error.start + 1}); simpan sebagai teks UTF-8") from None
    except RecursionError:
        raise ValueError("bukan TOML: kurung bersarang terlalu dalam") from None
    except ValueError as error:  # also numbers of more digits than Python reads
        raise ValueError(f"bukan TOML: {_place(data.decode(), str(error))}") from None


def _place(text: str, said: str) -> str:
    found = re.search(r"\(at line (\d+), column (\d+)\)$", said)
    if found is None:
        return f"{said}; periksa tanda kutip, koma dan kurung"
    line = text.splitlines()[int(found[1]) - 1 : int(found[1])]
    of = f", pada {line[0].strip()[:80]!r}" if line and line[0].strip() else ""
    return f"baris {found[1]}, huruf ke-{found[2]}{of} ({said[: found.start()].strip()}); periksa tanda kutip, koma dan kurung"
