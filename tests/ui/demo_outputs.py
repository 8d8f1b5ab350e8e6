"""Invented outputs of the demo's village: a pump and a siren, what was done with them, and answers to whoever switches them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

WIB = timezone(timedelta(hours=7))
MINUTE, HOUR = 60_000, 3_600_000
KEY = "kunci-demo"
"""What the demo takes for the staff's key."""
SENT_MS, DONE_MS = 600, 1_400
"""How long after it was given a command counts as sent, and as done."""


def iso(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(WIB).isoformat(timespec="milliseconds")


class Outputs:
    """``running``: the pump is on and the siren in doubt; ``away``: the kiosk is offline; ``none``: the village has no outputs."""

    def __init__(self, state: str, village: str, started: int) -> None:
        self.village, self.started = village, started
        self.away, self.none = state == "offline", state == "empty"
        running = state == "running"
        since = started - 90_000
        self._all: dict[str, dict[str, Any]] = {
            "pompa-cabai": self._output("Pompa kebun cabai", 600, "soil-1/soil_moisture", "off", "limit", started - 3 * HOUR),
            "sirene": self._output("Sirene Kali Bomo", 180, None, "off", "start", started - 26 * HOUR),
        }
        if running:
            pump, siren = self._all["pompa-cabai"], self._all["sirene"]
            pump.update(state="on", cause="command", at=since, until=since + 5 * MINUTE)
            siren.update(state="unknown", cause="limit", code="no_reply", at=since)
        self._given: list[dict[str, Any]] = []
        self._log = self._history()

    @staticmethod
    def _output(title: str, max_on: int, guard: str | None, state: str, cause: str, at: int) -> dict[str, Any]:
        return {"title": title, "max_on": max_on, "guard": guard, "state": state, "cause": cause, "code": "done", "at": at, "until": None}

    def kiosk(self) -> list[dict[str, Any]]:
        """As the kiosk's own API gives them."""
        return [] if self.none else [self._of_kiosk(name) for name in self._all]

    def _of_kiosk(self, name: str) -> dict[str, Any]:
        o = self._all[name]
        guard = o["guard"] and {"series": o["guard"], "age": 60, "silent": 4, "ok": True}
        return self._shown(o) | {"name": name, "title": o["title"], "max_on": o["max_on"], "guard": guard, "detail": ""}

    @staticmethod
    def _shown(o: dict[str, Any]) -> dict[str, Any]:
        until = None if o["until"] is None else iso(o["until"])
        return {"state": o["state"], "cause": o["cause"], "code": o["code"], "since": iso(o["at"]), "until": until}

    def regency(self, now: int) -> list[dict[str, Any]]:
        """As the regency's API gives them."""
        if self.none:
            return []
        self._settle(now)
        as_of = self.started - 4 * HOUR if self.away else now
        place = {"village": self.village, "node": "kiosk-1", "device": "relay-1", "model": "waveshare-relay-8", "origin": "synthetic"}
        return [
            place
            | self._shown(o)
            | {"name": name, "title": o["title"], "max_on": o["max_on"], "guard": o["guard"], "guard_age": o["guard"] and 60}
            | {"detail": "", "online": not self.away, "as_of": iso(as_of), "age_s": (now - as_of) // 1000}
            for name, o in self._all.items()
        ]

    def commands(self, now: int) -> list[dict[str, Any]]:
        """The last given first."""
        self._settle(now)
        return [{k: v for k, v in c.items() if k != "ms"} for c in reversed(self._given)]

    def log(self, now: int) -> list[dict[str, Any]]:
        self._settle(now)
        return [] if self.none else list(reversed(self._log))

    def stop(self, name: str, now: int) -> tuple[int, Any]:
        """Somebody at the kiosk."""
        if name not in self._all or self.none:
            return 404, {"error": {"code": "not_found", "message": f"no output {name}"}}
        self._all[name].update(state="off", cause="local", code="done", at=now, until=None)
        self._line("switched", name, now, state="off", cause="local", code="done")
        return 200, self._of_kiosk(name) | {"answer": "done", "message": ""}

    def give(self, name: str, wanted: dict[str, Any], key: str, now: int) -> tuple[int, Any]:
        """Somebody at the regency."""
        if key != KEY:
            return 401, {"error": {"code": "unauthorised", "message": "demo: the key is kunci-demo"}}
        number = f"c{len(self._given) + 1}"
        times = {"at": iso(now), "expires": iso(now + 1000 * wanted["expires_in"])}
        command = {
            "id": number,
            "village": self.village,
            "node": "kiosk-1",
            "output": name,
            "on": wanted["on"],
            "seconds": wanted["seconds"],
        }
        command |= {"actor": wanted["by"], "reason": wanted["reason"], **times, "state": "queued", "sends": 0, "answered_at": None}
        command |= {"code": None, "detail": None, "until": None, "sent_at": None}
        self._given.append(command | {"ms": now})
        said = {"on": wanted["on"], "seconds": wanted["seconds"], "actor": wanted["by"], "reason": wanted["reason"]}
        self._line("asked", name, now, command=number, **said)
        return 202, command

    def _settle(self, now: int) -> None:
        for c in self._given:
            if self.away or c["state"] == "done" or now - c["ms"] < SENT_MS:
                continue
            c.update(state="sent", sends=1)
            if now - c["ms"] < DONE_MS:
                continue
            o = self._all[c["output"]]
            until = now + 1000 * (c["seconds"] or o["max_on"]) if c["on"] else None
            o.update(state="on" if c["on"] else "off", cause="command", code="done", at=now, until=until)
            c.update(state="done", code="done", answered_at=iso(now), until=None if until is None else iso(until))
            self._line("switched", c["output"], now, command=c["id"], **{k: v for k, v in self._shown(o).items() if k != "since"})
            self._line("answered", c["output"], now, command=c["id"], answer="done", code="done")

    def _line(self, kind: str, output: str, at: int, **facts: Any) -> None:
        nothing = dict.fromkeys(
            ("command", "on", "seconds", "actor", "reason", "answer", "state", "cause", "code", "detail", "until", "sends")
        )
        place = {"id": len(self._log) + 1, "at": iso(at), "village": self.village, "node": "kiosk-1", "output": output, "kind": kind}
        self._log.append(place | nothing | facts)

    def _history(self) -> list[dict[str, Any]]:
        self._log: list[dict[str, Any]] = []
        day = self.started - 26 * HOUR
        self._line("switched", "sirene", day, state="off", cause="start", code="done")
        sari = {"actor": "Sari, petugas pertanian", "reason": "Tanah kebun di bawah 20 %"}
        at = self.started - 3 * HOUR - 5 * MINUTE
        self._line("asked", "pompa-cabai", at, command="h1", on=True, seconds=300, **sari)
        self._line("switched", "pompa-cabai", at + 400, command="h1", state="on", cause="command", code="done", until=iso(at + 5 * MINUTE))
        self._line("answered", "pompa-cabai", at + 400, command="h1", answer="done", code="done")
        self._line("switched", "pompa-cabai", at + 5 * MINUTE, state="off", cause="limit", code="done")
        budi = {"actor": "Budi Santoso", "reason": "Uji coba sirene"}
        self._line("asked", "sirene", self.started - 2 * HOUR, command="h2", on=True, seconds=60, **budi)
        self._line("answered", "sirene", self.started - 2 * HOUR + 300, command="h2", answer="refused", code="clock_unsynchronised")
        self._line("asked", "sirene", self.started - HOUR, command="h3", on=True, seconds=60, **budi)
        self._line("expired", "sirene", self.started - HOUR + 5 * MINUTE, command="h3", sends=0)
        return self._log
