"""The catalogue of services: ours, and what a village adds or says otherwise, without code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kampung_contract.errors import ConfigurationError, NotFound

from kampung_cloud.modules.services.catalogue import loading
from kampung_cloud.modules.services.catalogue.definition import Field, Service

__all__ = ["Catalogue", "Field", "Service"]


class Catalogue:
    """``own`` holds a folder a village (13-character code), each with service files and perhaps a ``kantor.toml``.

    A village's folder is read again when one of its files has changed; a file that cannot be used takes the whole change back and is told.
    """

    def __init__(self, own: Path | None = None) -> None:
        self._own = own
        self._known: dict[str, tuple[tuple[tuple[str, int, int], ...], Mapping[str, Service]]] = {}
        self.troubles: dict[str, str] = {}
        """By village: why its last change is not in force."""

    def services(self, village: str) -> Mapping[str, Service]:
        """By id: what this village offers."""
        at = self._own / village if self._own else None
        if at is None or not at.is_dir():
            return loading.ours()
        stamp = tuple((p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(at.glob("*.toml")))
        before = self._known.get(village)
        if before is None or before[0] != stamp:
            self._known[village] = (stamp, self._read(village, at, before[1] if before else loading.ours()))
        return self._known[village][1]

    def service(self, village: str, name: str) -> Service:
        """Raises ``NotFound``."""
        found = self.services(village).get(name)
        if found is None:
            raise NotFound(f"no service is named {name[:60]!r}; the catalogue lists those of {village}")
        return found

    def _read(self, village: str, at: Path, before: Mapping[str, Service]) -> Mapping[str, Service]:
        try:
            common = {**loading.office(loading.DATA), **loading.office(at)}
            out = {**loading.folder(loading.DATA, common), **loading.folder(at, common)}
        except ConfigurationError as error:
            self.troubles[village] = error.message
            return before
        self.troubles.pop(village, None)
        return out
