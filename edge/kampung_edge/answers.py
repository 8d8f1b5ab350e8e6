"""What farmers answered at this kiosk to the morning's lists. Each answer is in the spool before it is shown."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from kampung_contract.acting import WHO
from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.farming import WORDS, FarmAnswer, event
from kampung_contract.times import text

from kampung_edge import remembering
from kampung_edge.bus import Bus
from kampung_edge.clock import wall_ms

log = structlog.get_logger("answers")

KEPT_MS = 3 * 86_400_000
"""An answer is remembered so long; the regency keeps it for ever."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer (ms UTC), with the spool's epoch and the number of the pack that tells it."""

    field: str
    day: str
    action: str
    answer: str
    by: str
    at: int
    epoch: str
    seq: int


class Answers:
    """Called by the kiosk's threads."""

    def __init__(self, path: Path, bus: Bus, store: Callable[[dict[str, Any]], tuple[str, int]], waits: Callable[[str, int], bool]) -> None:
        """``store`` puts an event on the disk and gives the spool's epoch and the pack's number, ``waits`` whether it has yet to go."""
        self._path, self._bus, self._store, self._waits = path, bus, store, waits
        self._lock = threading.Lock()
        self._kept = remembering.read(self._path, Answered)

    def say(self, document: dict[str, Any], field: str, body: dict[str, Any]) -> None:
        """``body`` has action, answer and by; the last answer stands.

        Raises ``NotFound`` for a field or action that is not shown, ``InvalidRequest``, and ``StorageUnavailable`` when the disk does not
        take it.
        """
        listed = next((f for f in document.get("fields", []) if f.get("field") == field), None)
        if listed is None:
            raise NotFound(f"field {field[:63]!r} has no list here; GET /api/content/advice shows those that have")
        action, word, by = (body.get(name) for name in ("action", "answer", "by"))
        if not any(a.get("kind") == action for a in listed["actions"]):
            raise NotFound(f"action = {str(action)[:40]!r} is not in the list of {field}")
        if word not in WORDS:
            raise InvalidRequest(f"answer = {str(word)[:40]!r}: say {', '.join(WORDS)}")
        who = " ".join(by.split()) if isinstance(by, str) else ""
        if not 0 < len(who) <= WHO:
            raise InvalidRequest(f"by = {str(by)[:40]!r}: write a name of 1 to {WHO} characters")
        said = FarmAnswer(uuid.uuid4().hex, field, str(document["day"]), str(action), word, who, wall_ms())
        with self._lock:
            mine = [k for k in self._kept if (k.field, k.day, k.action) == (said.field, said.day, said.action)]
            if mine and (mine[-1].answer, mine[-1].by) == (said.answer, said.by):
                return
            epoch, seq = self._store(event(said))
            self._kept = [k for k in self._kept if said.at - k.at <= KEPT_MS]
            self._kept.append(Answered(field, said.day, said.action, said.answer, who, said.at, epoch, seq))
            self._write()
        log.info("advice.answered", field=field, action=said.action, answer=said.answer)
        self._bus.publish("content", {"key": "advice", "version": 0})

    def shown(self, document: dict[str, Any]) -> dict[str, Any]:
        """The regency's document with what was answered ``here``: by kind of action, and whether it is sent."""
        with self._lock:
            kept = [k for k in self._kept if k.day == document.get("day")]
        fields = []
        for listed in document.get("fields", []):
            here = {
                k.action: {"answer": k.answer, "by": k.by, "at": text(k.at), "sent": not self._waits(k.epoch, k.seq)}
                for k in kept
                if k.field == listed.get("field")
            }
            fields.append(listed | {"here": here})
        return document | {"fields": fields}

    def _write(self) -> None:
        remembering.write(self._path, self._kept)
