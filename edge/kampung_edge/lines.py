"""The edge's serial lines: those of its file, and those that a pattern of it matches, which may come while it runs."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable
from pathlib import Path

from kampung_bridge.port import Port

from kampung_edge.config import PortSetting


class Lines:
    """``ports`` grows and never shrinks: an adapter that is unplugged keeps its port, which waits for it."""

    def __init__(self, settings: Iterable[PortSetting], make: Callable[[PortSetting], Port]) -> None:
        settings = tuple(settings)
        self._make = make
        self._patterns = [port for port in settings if port.pattern]
        self._own = [port.url for port in settings if not port.pattern and "://" not in port.url]
        self.ports = [make(port) for port in settings if not port.pattern]
        self.look()

    def look(self) -> list[Port]:
        """Ports for lines that are new; a line that has a port of its own, under whatever name, belongs to that."""
        taken = {Path(url).resolve() for url in [*self._own, *(port.config.url for port in self.ports)] if Path(url).exists()}
        fresh = []
        for pattern in self._patterns:
            for url in sorted(glob.glob(pattern.url)):  # noqa: PTH207 - a whole path, any part of which may be a pattern
                real = Path(url).resolve()
                if real not in taken and all(port.config.url != url for port in self.ports):
                    taken.add(real)
                    fresh.append(self._make(pattern.model_copy(update={"url": url, "name": Path(url).name})))
        self.ports += fresh
        return fresh
