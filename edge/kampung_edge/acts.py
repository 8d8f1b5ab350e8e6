"""Who has seen an alarm at this kiosk. Each act is in the spool before it is shown, and travels with the other events."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from kampung_contract.acting import WHO, AlarmAct, event
from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.times import milliseconds, text

from kampung_edge import remembering
from kampung_edge.bus import Bus
from kampung_edge.clock import wall_ms

log = structlog.get_logger("acts")

KEPT_MS = 7 * 86_400_000
"""An act is remembered so long; the regency keeps it for ever."""
MOST = 10
"""People who may say of one alarm that they have seen it: a kiosk stands where children play."""


@dataclass(frozen=True, slots=True)
class Seen:
    """``by`` has seen ``alarm`` at that time (ms UTC); the spool's epoch and the number of the pack that tells it."""

    alarm: str
    rule: str
    scope: str
    by: str
    at: int
    epoch: str
    seq: int


class Acts:
    """Called by the kiosk's threads."""

    def __init__(self, path: Path, bus: Bus, store: Callable[[dict[str, Any]], tuple[str, int]], waits: Callable[[str, int], bool]) -> None:
        """``store`` puts an event on the disk and gives the spool's epoch and the pack's number, ``waits`` whether it has yet to go."""
        self._path, self._bus, self._store, self._waits = path, bus, store, waits
        self._lock = threading.Lock()
        self._seen = remembering.read(self._path, Seen)

    def see(self, alarms: list[dict[str, Any]], name: str, by: str) -> None:
        """``by`` has seen the alarm of that name, one of those shown. Saying it twice says it once.

        Raises ``NotFound``, ``InvalidRequest``, and ``StorageUnavailable`` when the disk does not take it.
        """
        who = " ".join(by.split())
        if not 0 < len(who) <= WHO:
            raise InvalidRequest(f"by = {by[:40]!r}: write a name or a role of 1 to {WHO} characters, such as Pak RT")
        alarm = next((a for a in alarms if a.get("id") == name), None)
        if alarm is None:
            raise NotFound(f"alarm {name[:400]!r} is not shown here; GET /api/content/alarms lists those that are")
        with self._lock:
            mine = [s for s in self._seen if _same(s, alarm)]
            if any(s.by == who for s in mine):
                return
            if len(mine) >= MOST:
                raise InvalidRequest(f"{len(mine)} people have seen this alarm here already; the regency knows")
            act = AlarmAct(
                id=uuid.uuid4().hex,
                alarm=str(alarm["id"]),
                rule=str(alarm["rule"]),
                scope=str(alarm.get("scope", alarm["series"])),
                since=milliseconds(str(alarm["since"])),
                act="seen",
                by=who,
                at=wall_ms(),
            )
            epoch, seq = self._store(event(act))
            self._seen = [s for s in self._seen if act.at - s.at <= KEPT_MS]
            self._seen.append(Seen(act.alarm, act.rule, act.scope, who, act.at, epoch, seq))
            self._write()
        log.info("alarm.seen", alarm=act.alarm)
        self._bus.publish("content", {"key": "alarms", "version": 0})

    def shown(self, alarms: list[dict[str, Any]], regency: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """``alarms`` with what people did about them: ``handling`` as the ``regency``'s document has it, ``seen`` at this kiosk."""
        with self._lock:
            seen = list(self._seen)
        return [
            alarm
            | {"handling": _handling(alarm, regency)}
            | {"seen": [{"by": s.by, "at": text(s.at), "sent": not self._waits(s.epoch, s.seq)} for s in seen if _same(s, alarm)]}
            for alarm in alarms
        ]

    def _write(self) -> None:
        remembering.write(self._path, self._seen)


def _same(seen: Seen, alarm: dict[str, Any]) -> bool:
    """An alarm whose beginning moved has another name; that of the same rule over the same is the one that was seen while it stands."""
    if seen.alarm == alarm.get("id"):
        return True
    began = milliseconds(str(alarm["since"]))
    return (seen.rule, seen.scope) == (alarm.get("rule"), alarm.get("scope")) and seen.at >= began and alarm.get("state") == "firing"


def _handling(alarm: dict[str, Any], regency: list[dict[str, Any]]) -> Any:
    """By its name, or by what it is about where the two ends call it differently."""
    known = [a for a in regency if a.get("handling")]
    named = next((a for a in known if a.get("id") == alarm.get("id")), None)
    if named is None:
        place = (alarm.get("rule"), alarm.get("scope"))
        named = next((a for a in known if (a.get("rule"), a.get("scope")) == place and a.get("state") == "firing"), None)
    return None if named is None else named["handling"]
