"""What a VictoriaMetrics process tells of itself at ``/metrics``: version, flags that were set, and since when it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kampung_cloud.telemetry.server import Refused, Server

_FLAG = re.compile(r'^flag\{name="([^"]+)",\s*value="([^"]*)"', re.MULTILINE)
_FIGURE = re.compile(r"^(vm_app_start_timestamp|vm_app_uptime_seconds) (\S+)$", re.MULTILINE)
_VERSION = re.compile(r'^vm_app_version\{version="([^"]*)"', re.MULTILINE)
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y|)")
_DAYS = {"ms": 1 / 86_400_000, "s": 1 / 86_400, "m": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0, "": 31.0, "y": 365.0}


@dataclass(frozen=True, slots=True)
class Told:
    """``uptime`` in seconds."""

    version: str
    started: str
    uptime: float
    flags: dict[str, str] = field(default_factory=dict)

    def flag(self, name: str, usual: str) -> str:
        """A flag's value; only those that were set are told."""
        return self.flags.get(name, usual)

    def days(self, name: str, usual: float) -> float:
        """A length of time as a flag gives it; a number alone is months."""
        parts = _LENGTH.findall(self.flags.get(name, ""))
        return sum(float(number) * _DAYS[unit] for number, unit in parts) if parts else usual

    def seconds(self, name: str, usual: float) -> float:
        """A duration, in seconds."""
        return self.days(name, usual / 86_400) * 86_400


class Figures:
    """Asks one process."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def ask(self) -> Told | None:
        """What it tells; None when whoever answers does not tell. Raises ``ConfigurationError`` when it will not tell us."""
        try:
            text = self.server.ask("GET", "/metrics").body.decode(errors="replace")
        except Refused:
            return None
        version = _VERSION.search(text)
        if version is None:
            return None
        figures = dict(_FIGURE.findall(text))
        return Told(
            version[1], figures.get("vm_app_start_timestamp", ""), float(figures.get("vm_app_uptime_seconds", 0)), dict(_FLAG.findall(text))
        )
