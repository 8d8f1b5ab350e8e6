"""The catalogue of services: ours, and what a village adds or says otherwise, without code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from kampung_contract.errors import ConfigurationError, NotFound

from kampung_cloud.modules.services.catalogue import loading
from kampung_cloud.modules.services.catalogue.definition import Field, Service

__all__ = ["Catalogue", "Field", "PutInForce", "Service"]

Stamp = tuple[tuple[int, ...], tuple[tuple[str, int, int], ...]]


class PutInForce(Protocol):
    """Definitions that a village has put in force at the desk: versions that change with them, and their texts by service."""

    def of(self, village: str) -> tuple[tuple[int, ...], dict[str, str]]: ...


class Catalogue:
    """``own`` holds a folder a village (13-character code), each with service files and perhaps a ``kantor.toml``; what the village has put
    in force at the desk stands before them.

    A village's folder is read again when one of its files has changed; a file that cannot be used takes the whole change back and is told.
    A definition of the desk that an update of the platform has made unusable is left out alone, and told.
    """

    def __init__(self, own: Path | None = None, desk: PutInForce | None = None) -> None:
        self._own, self._desk = own, desk
        self._known: dict[str, tuple[Stamp, Mapping[str, Service], Mapping[str, Service]]] = {}
        self.troubles: dict[str, str] = {}
        """By village: why its last change is not in force."""

    def services(self, village: str) -> Mapping[str, Service]:
        """By id: what this village offers."""
        at = self._own / village if self._own else None
        version, texts = self._desk.of(village) if self._desk is not None else ((), {})
        there = at is not None and at.is_dir()
        if not there and not texts:
            return loading.ours()
        files = tuple((p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(at.glob("*.toml"))) if there and at else ()
        before = self._known.get(village)
        if before is None or before[0] != (version, files):
            folder = self._read(village, at, before[1] if before else loading.ours()) if there and at else loading.ours()
            self._known[village] = ((version, files), folder, {**folder, **self._of_desk(village, texts)})
        return self._known[village][2]

    def service(self, village: str, name: str) -> Service:
        """Raises ``NotFound``."""
        found = self.services(village).get(name)
        if found is None:
            raise NotFound(f"no service is named {name[:60]!r}; the catalogue lists those of {village}")
        return found

    def common(self, village: str) -> dict[str, str]:
        """Components of the standard that are the same for every service of the village's office. Raises ``ConfigurationError``."""
        return {**loading.office(loading.DATA), **(loading.office(self._own / village) if self._own else {})}

    def text(self, village: str, name: str) -> tuple[str, str]:
        """A service's file and whose it is: ``desa`` (put in force at the desk), ``berkas`` (the village's folder), ``bawaan`` (ours).

        Raises ``NotFound``."""
        texts = self._desk.of(village)[1] if self._desk is not None else {}
        if name in texts:
            return texts[name], "desa"
        if name in self.services(village):
            for whose, folder in (("berkas", self._own / village if self._own else None), ("bawaan", loading.DATA)):
                if folder is not None and (folder / f"{name}.toml").is_file():
                    return (folder / f"{name}.toml").read_text(encoding="utf-8"), whose
        raise NotFound(f"no service is named {name[:60]!r}; the catalogue lists those of {village}")

    def _read(self, village: str, at: Path, before: Mapping[str, Service]) -> Mapping[str, Service]:
        try:
            common = self.common(village)
            out = {**loading.folder(loading.DATA, common), **loading.folder(at, common)}
        except ConfigurationError as error:
            self.troubles[village] = error.message
            return before
        self.troubles.pop(village, None)
        return out

    def _of_desk(self, village: str, texts: Mapping[str, str]) -> dict[str, Service]:
        out = {}
        for name, text in texts.items():
            try:
                out[name] = loading.read(text.encode(), name, self.common(village))
            except ConfigurationError as error:
                self.troubles[village] = error.message
        return out
