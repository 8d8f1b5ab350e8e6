"""How the edge fares, as the kiosk and ``kampung-edge status`` are told. A link that is down is normal and degrades nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from kampung_bridge.discovery import DiscoveryStats
from kampung_bridge.port import Port
from kampung_contract.times import text

from kampung_edge import VERSION
from kampung_edge.alarms import Alarms
from kampung_edge.bus import Bus
from kampung_edge.clock import EdgeClock
from kampung_edge.commands import Commands
from kampung_edge.intake import Intake
from kampung_edge.link import Link
from kampung_edge.outputs import Outputs
from kampung_edge.presence import Presence
from kampung_edge.printing.printer import Printer
from kampung_edge.saving import Saving
from kampung_edge.spool import Spool
from kampung_edge.supervisor import Supervisor
from kampung_edge.view import View
from kampung_edge.watchdog import Watchdog
from kampung_edge.writer import Writer


class Health:
    """Gathers; ``watch`` tells the event streams when something that matters has changed."""

    def __init__(
        self,
        *,
        link: Link,
        spool: Spool,
        ports: Callable[[], list[Port]],
        clock: EdgeClock,
        presence: Presence,
        intake: Intake,
        writer: Writer,
        saving: Saving,
        view: View,
        supervisor: Supervisor,
        watchdog: Watchdog,
        bus: Bus,
        outputs: Outputs,
        commands: Commands,
        alarms: Alarms,
        printer: Printer | None = None,
        queue: Callable[[], list[str]] | None = None,
    ) -> None:
        self._queue = queue
        self._outputs, self._commands, self._alarms, self._printer = outputs, commands, alarms, printer
        self._link, self._spool, self._ports, self._clock, self._presence = link, spool, ports, clock, presence
        self._intake, self._writer, self._saving, self._view = intake, writer, saving, view
        self._supervisor, self._watchdog, self._bus = supervisor, watchdog, bus
        self._told: Any = None
        self._lock = threading.Lock()

    def object(self) -> dict[str, Any]:
        """The health object of the kiosk API."""
        spool, troubles = self._spool_object()
        ports = [self._port(p) for p in self._ports()]
        troubles += [f"port {p['name']}: {p['detail']}" for p in ports if p["state"] == "down"]
        troubles += [f"device {d['name']}: {d['detail']}" for p in ports for d in p["devices"] if d["state"] == "down"]
        troubles += [f"port {p['name']}: {_undecided(u)}" for p in ports if p["discovery"] for u in p["discovery"]["unsure"]]
        troubles += self._outputs.troubles()
        if self._commands.trouble:
            troubles.append(f"outputs: what happened is not written down yet: {self._commands.trouble}")
        troubles += self._supervisor.troubles()
        troubles += [f"{name}: no progress; the watchdog restarts the edge" for name in self._watchdog.stuck]
        if self._view.trouble:
            troubles.append(f"view: {self._view.trouble}")
        if self._alarms.trouble is not None:
            troubles.append(self._alarms.trouble)
        if self._printer is not None:
            troubles += self._printer.troubles()
        if self._queue is not None:
            troubles += self._queue()
        if self._saving.given_up:
            troubles.append("memory: readings were given up since the start (saving.given_up); the disk took nothing for too long")
        conflict = self._presence.conflict
        if conflict:
            troubles.append(conflict)
        return {
            "status": "degraded" if troubles else "ok",
            "troubles": troubles,
            "link": self._link.state.object(),
            "saving": self._saving.object(self._writer.held),
            "spool": spool,
            "ports": ports,
            "outputs": self._outputs.objects(),
            "printer": None if self._printer is None else self._printer.object(),
            "clock": {"synchronised": self._clock.synchronised(), "boot": self._clock.boot},
            "conflict": conflict,
            "intake": {
                "queued": self._intake.queue.qsize(),
                "waits": self._intake.waits,
                "impossible": self._intake.impossible,
                "flagged": dict(self._intake.quality.flagged),
                "uncorrected": dict(self._intake.correcting.without) if self._intake.correcting else {},
            },
            "version": VERSION,
        }

    def watch(self) -> None:
        """Publishes ``health`` when anything but a counter is other than the last time."""
        now = self.object()
        essence = (
            now["status"],
            now["troubles"],
            now["link"],
            (now["saving"]["saves"], now["saving"]["given_up"] > 0),
            now["clock"],
            now["conflict"],
            now["printer"],
            [(p["name"], p["state"], [(d["name"], d["state"]) for d in p["devices"]]) for p in now["ports"]],
            [p["discovery"] and p["discovery"]["state"] for p in now["ports"]],
            now["spool"]["packs"] > 0,
            now["spool"]["rejected"],
            now["spool"]["epoch"],
        )
        with self._lock:
            changed, self._told = essence != self._told, essence
        if changed:
            self._bus.publish("health", now)

    def _spool_object(self) -> tuple[dict[str, Any], list[str]]:
        troubles, stats = [], self._spool.stats()
        if trouble := self._saving.reason or stats.trouble:
            troubles.append(f"spool: {trouble}")
        if stats.dropped:
            troubles.append(f"spool: full; {stats.dropped} packs were dropped since the start, the oldest first")
        if stats.damaged:
            troubles.append(f"spool: the file was damaged or a copy, and is kept as {stats.damaged}; a new one was begun")
        if stats.refused:
            troubles.append(f"spool: {stats.refused} readings could not be packed and are kept in its table 'refused'")
        if stats.low_disk:
            troubles.append("spool: the disk is nearly full (spool.reserve_bytes); the spool does not grow, make room on the disk")
        return {
            "packs": stats.packs,
            "bytes": stats.bytes,
            "oldest": None if stats.oldest is None else text(stats.oldest),
            "next_seq": stats.last + 1,
            "epoch": stats.epoch,
            "rejected": stats.rejected,
            "dropped": stats.dropped,
            "ignored_receipts": stats.ignored_receipts,
            "refused": stats.refused,
        }, troubles

    @staticmethod
    def _port(port: Port) -> dict[str, Any]:
        stats = port.stats()
        return {
            "name": stats.name,
            "url": stats.url,
            "state": stats.state,
            "since": text(stats.since_ms),
            "frames": stats.frames,
            "errors": stats.errors,
            "detail": stats.detail,
            "devices": [
                {"name": d.name, "profile": d.profile, "state": d.state, "frames": d.frames, "errors": d.errors, "detail": d.detail}
                for d in stats.devices
            ],
            "discovery": None if stats.discovery is None else _discovery(stats.discovery),
        }


def _discovery(stats: DiscoveryStats) -> dict[str, Any]:
    """``state`` is looking, asking or done; of ``of`` addresses ``asked`` are through."""
    return {
        "state": stats.state,
        "asked": stats.asked,
        "of": stats.of,
        "unsure": [
            {
                "address": finding.address,
                "baud": finding.baud,
                "why": finding.why,
                "candidates": [{"profile": g.profile, "score": round(g.score, 2)} for g in finding.guesses[:5]],
            }
            for finding in stats.unsure
        ],
    }


def _undecided(found: dict[str, Any]) -> str:
    where = "a device that sends by itself" if found["address"] is None else f"a device at address {found['address']}"
    return f"{where} was found, but not what it is: {found['why']}; list it in the edge's file, or name its profile in discover"
