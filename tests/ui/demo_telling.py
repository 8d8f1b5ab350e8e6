"""People, silences and messages of the demo, in the shapes of the cloud's API. Everybody is invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from demo_outputs import KEY

WIB = timezone(timedelta(hours=7))
MINUTE, HOUR = 60_000, 3_600_000
HAZARDS = ["air", "flood", "heat", "landslide", "other", "volcano", "water", "weather"]
PEOPLE = (
    ("petugas-contoh", "Bu Ratna (contoh)", "petugas", HAZARDS, [("telegram", "10…"), ("sms", "+62812…101")]),
    ("rt-contoh", "Pak RT 03 (contoh)", "rt", [], [("whatsapp", "+62812…102"), ("sms", "+62812…102")]),
    ("petani-contoh", "Pak Wayan Sudarmaji Kusumawardana (contoh)", "farmer", [*HAZARDS, "farm"], [("sms", "+62812…103")]),
    ("bpbd-contoh", "Pusdalops BPBD Banyuwangi (contoh)", "bpbd", [], [("surel", "b…@banyuwangi.example")]),
    ("teknisi-contoh", "Teknisi (contoh)", "operator", ["device"], [("surel", "t…@banyuwangi.example")]),
)
LONG = "Air 2,31 m, di atas batas 2,25 m. Mengungsi ke balai desa sekarang.\nDi Kali Bomo, Desa Tamansari, sejak 09.41 WIB.\nBalas OK K7MA."


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(WIB).isoformat(timespec="milliseconds")


class Telling:
    """``state``: in ``empty`` there is nobody, nothing is said and nothing silenced."""

    def __init__(self, state: str, home: str, started: int) -> None:
        self.empty, self.home, self.started = state == "empty", home, started
        self.silences: list[dict[str, Any]] = (
            [] if self.empty else [self._silence("demo-1", "Bu Ratna (contoh)", "Pengukuran debit di jembatan")]
        )

    def answer(self, rest: list[str], asked: dict[str, str], key: str, now: int) -> tuple[int, Any] | None:
        """Status and JSON of a GET; None for what is not ours."""
        if rest == ["session"]:
            return 200, {"actor": None}
        match rest:
            case ["people"]:
                if key != KEY:
                    return 401, {"error": {"code": "unauthorised", "message": "demo: this needs the key"}}
                return 200, [] if self.empty else [self._person(*each) for each in PEOPLE]
            case ["silences"]:
                states = [s | {"state": "ended" if s["ended"] else "holds"} for s in self.silences]
                return 200, [s for s in states if asked.get("state") == "all" or s["state"] == "holds"]
            case ["messages", "m1" | "m2" | "m3" | "m4" | "m5", "deliveries"]:
                return 200, self._deliveries(rest[1])
            case ["messages"] if "alarm" not in asked:
                return 200, [m for m in self._messages(named=key == KEY) if asked.get("state") in (None, m["state"])]
        return None

    def take(self, rest: list[str], body: Any, key: str, now: int) -> tuple[int, Any] | None:
        """Status and JSON of a POST; None for what is not ours."""
        if rest[:1] != ["silences"]:
            return None
        if key != KEY:
            return 401, {"error": {"code": "unauthorised", "message": "demo: this needs the key"}}
        if len(rest) == 1:
            made = self._silence(f"demo-{len(self.silences) + 1}", body["by"], body["reason"]) | {
                "start": iso(now),
                "until": iso(int(body["until"])),
            }
            made |= {"village": body["village"], "rule": body.get("rule"), "device": None}
            self.silences.append(made)
            return 201, made | {"state": "holds"}
        found = next(s for s in self.silences if s["id"] == rest[1])
        if found["ended"]:
            return 409, {"error": {"code": "conflict", "message": "demo: over"}}
        found |= {"ended": iso(now), "ended_by": body["by"]}
        return 200, found | {"state": "ended"}

    def _silence(self, name: str, by: str, reason: str) -> dict[str, Any]:
        times = {"start": iso(self.started - HOUR), "until": iso(self.started + HOUR)}
        what = {"village": self.home, "rule": None, "node": None, "device": "river-1"}
        return {"id": name, **what, **times, "by": by, "reason": reason, "ended": None, "ended_by": None}

    def _person(self, name: str, called: str, role: str, hears: list[str], addresses: list[tuple[str, str]]) -> dict[str, Any]:
        return {
            "id": name, "village": "" if role in ("bpbd", "operator") else self.home, "name": called, "role": role, "language": "id",
            "addresses": [{"channel": c, "address": a} for c, a in addresses], "fields": [], "about": [], "hears": hears,
            "least": 2 if role == "bpbd" else 1, "quiet": None, "active": role != "operator",
        }  # fmt: skip

    def _messages(self, *, named: bool) -> list[dict[str, Any]]:
        if self.empty:
            return []
        rows = [
            ("m1", 0, "waiting", "escalated", 3, 10, None, "BELUM DIJAWAB: Banjir Siaga 1 di Kali Bomo"),
            ("m2", 1, "sent", "raised", 3, 15, "telegram", "Banjir Siaga 1 di Kali Bomo"),
            ("m3", 2, "failed", "raised", 3, 15, "sms", "Banjir Siaga 1 di Kali Bomo"),
            ("m4", 4, "dropped", "repeat", 1, 130, None, "MASIH: Sensor tanah kebun cabai diam sejak kemarin sore pukul 16.20"),
            ("m5", 2, "sent", "digest", 1, 260, "sms", "Kabar pagi Desa Tamansari"),
        ]
        return [self._message(*row, named=named) for row in rows]

    def _message(
        self, name: str, who: int, state: str, kind: str, severity: int, ago: int, channel: str | None, title: str, *, named: bool
    ) -> dict[str, Any]:
        person, at = PEOPLE[who], self.started - ago * MINUTE
        why = {"failed": "every address refused it", "dropped": "it was not true any more, or there was more to say, before it went"}
        who_is = {"person": person[0] if named else None, "name": person[1] if named else None, "role": person[2]}
        about = {"alarms": [] if kind == "digest" else ["kali-1"], "severity": severity, "about": "flood"}
        return who_is | about | {
            "id": name, "village": self.home, "kind": kind, "group": f"{self.home}:flood",
            "language": "id", "title": title, "text": LONG, "short": LONG[:80], "code": "", "created": iso(at), "due": iso(at),
            "expires": iso(at + HOUR), "state": state, "channel": channel, "sent_at": iso(at + 900) if state == "sent" else None,
            "detail": why.get(state),
        }  # fmt: skip

    def _deliveries(self, message: str) -> list[dict[str, Any]]:
        outcomes = {"m2": [("telegram", "10…", "retry"), ("telegram", "10…", "sent")], "m3": [("sms", "+62812…103", "failed")]}.get(
            message, []
        )
        at = self.started - 15 * MINUTE
        return [
            {
                "channel": c, "address": a, "attempt": n + 1, "at": iso(at + n * 2_000), "ended": iso(at + n * 2_000 + 300), "outcome": o,
                "detail": None if o == "sent" else "sms answers 400: number not in service", "provider": None,
            }
            for n, (c, a, o) in enumerate(outcomes)
        ]  # fmt: skip
