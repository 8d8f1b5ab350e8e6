"""Residents at a real kiosk: each visit of the scenario asks it over HTTP for what its page asks for.

A browser's session, call by call: the page and what belongs to it, the village, health, outputs, series, alarms, announcements, the stream
of what happens, which stays open for as long as the visit lasts; whoever comes for information opens a chart as well. What a kiosk does
not offer yet (letters, queue) nobody asks for: such a visit ends at the start page. Nothing is written, so readings are what they would be.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from kampung_bridge.clock import SampleClock

from kampung_sim.scenario.processes.visitors import Visit

START = ("/api/village", "/api/health", "/api/series", "/api/outputs", "/api/content/alarms", "/api/content/announcements")
MAY_BE_MISSING = "/api/content/"
"""A document that has not come from the regency yet is answered with 404, and the page says so."""
BELONGS = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
CHART_MS = 48 * 3_600_000
PATIENCE_S = 30.0
NAMED = 20


@dataclass(slots=True)
class Service:
    """What residents met. ``unserved``: the kiosk had no power, or was not up yet; ``errors`` have no such reason. ``slowest`` in s."""

    visits: int = 0
    calls: int = 0
    unserved: int = 0
    errors: int = 0
    slowest: float = 0.0
    by_service: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)

    def add(self, other: Service) -> None:
        """Those of another kiosk too."""
        for name in ("visits", "calls", "unserved", "errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.slowest = max(self.slowest, other.slowest)
        self.by_service += other.by_service
        self.named = [*self.named, *other.named][:NAMED]

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        out = {name: getattr(self, name) for name in ("visits", "calls", "unserved", "errors", "named")}
        return {**out, "slowest": round(self.slowest, 3), "by_service": dict(sorted(self.by_service.items()))}


class Residents(threading.Thread):
    """Of one kiosk, one after the other, from when it is started. ``dead``: whether it may be without power now."""

    def __init__(self, node: str, port: int, visits: list[Visit], clock: SampleClock, dead: Callable[[], bool]) -> None:
        super().__init__(name=f"residents-{node}", daemon=True)
        self._node, self._port, self._visits, self._clock, self._dead = node, port, visits, clock, dead
        self._ended = threading.Event()
        self.service = Service()

    def run(self) -> None:
        for visit in self._visits:
            if not self._until(visit.at):
                return
            line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
            try:
                self._session(line, visit)
                self.service.visits += 1
                self.service.by_service[visit.service] += 1
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._failed(visit, f"{type(error).__name__}: {error}")
            finally:
                line.close()

    def stop(self) -> None:
        """Everybody goes home."""
        self._ended.set()
        if self.ident is not None:
            self.join(PATIENCE_S)

    def _until(self, at: int) -> bool:
        while (ahead := at - self._clock.now_ms()) > 0:
            if self._ended.wait(0.05 if ahead < 60_000 else 0.25):
                return False
        return not self._ended.is_set()

    def _session(self, line: http.client.HTTPConnection, visit: Visit) -> None:
        for path in BELONGS.findall(self._ask(line, "/").decode("utf-8", "replace")):
            self._ask(line, path)
        answers = {path: self._ask(line, path) for path in START}
        if visit.service == "information":
            series = json.loads(answers["/api/series"])
            if series:
                stop = round(time.time() * 1000)
                name = series[visit.resident % len(series)]["id"]
                self._ask(line, f"/api/series/{quote(name, safe='')}/window?start={stop - CHART_MS}&stop={stop}")
        self._watch(visit)

    def _watch(self, visit: Visit) -> None:
        stream = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        try:
            stream.request("GET", "/api/stream")
            answer = stream.getresponse()
            self.service.calls += 1
            if answer.status != 200 or not answer.readline().startswith(b"retry"):
                raise ValueError(f"/api/stream: answers {answer.status}")
            self._until(visit.until)
        finally:
            stream.close()

    def _ask(self, line: http.client.HTTPConnection, path: str) -> bytes:
        begun = time.monotonic()
        line.request("GET", path)
        answer = line.getresponse()
        body = answer.read()
        self.service.calls += 1
        self.service.slowest = max(self.service.slowest, time.monotonic() - begun)
        if answer.status != 200 and not (answer.status == 404 and path.startswith(MAY_BE_MISSING)):
            raise ValueError(f"{path}: answers {answer.status}: {body[:200].decode('utf-8', 'replace')}")
        return body

    def _failed(self, visit: Visit, why: str) -> None:
        if self._ended.is_set() or self._dead():
            self.service.unserved += 1
            return
        self.service.errors += 1
        if len(self.service.named) < NAMED:
            self.service.named.append(f"{self._node}: resident {visit.resident} ({visit.service}): {why}")
