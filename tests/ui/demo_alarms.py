"""Invented alarms of the demo: in force, over, withdrawn; their trails, their charts, and answers to whoever handles them."""

from __future__ import annotations

import math
import random
from datetime import datetime
from typing import Any

from demo_outputs import HOUR, KEY, MINUTE, iso

DAY = 24 * HOUR
NOBODY: dict[str, Any] = dict.fromkeys(
    ("acknowledged", "acknowledged_by", "acknowledged_via", "assigned", "assigned_to", "verdict", "verdict_by")
)
SOURCE = "contoh: papan duga Kali Bomo, tinggi muka air siaga 2 menurut catatan desa 2019 sampai 2025"


def name(rule: str, series: str, since: int) -> str:
    return f"{rule}:{series}:{since}"


class Alarms:
    def __init__(self, state: str, village: str, started: int) -> None:
        self.state, self.village, self.started = state, village, started
        self._handling: dict[str, dict[str, Any]] = {}
        self._lines: dict[str, list[dict[str, Any]]] = {}
        self._seen: dict[str, list[dict[str, Any]]] = {}
        self.told: list[tuple[str, dict[str, Any]]] = []
        """What the stream has yet to say."""

    def firing(self) -> list[dict[str, Any]]:
        if self.state not in {"alarm", "offline"}:
            return []
        since = self.started - (5 * HOUR if self.state == "offline" else 47 * MINUTE)
        mine = self._alarm("kali-bomo-siaga-3", self.village, "kiosk-1", since, 1)
        mine["title"] = {
            "id": "Kali Bomo naik",
            "en": "Kali Bomo is rising",
            "jv": "Kali Bomo minggah",
            "osi": "Kali Bomo munggah",
            "mad": "Songay Bomo ongghâ",
        }
        mine["message"] = {
            "id": "Air 162 cm, di atas batas 150 cm. Jauhi tepi sungai, pindahkan ternak dan alat ke tempat tinggi.",
            "en": "Water at 162 cm, above the limit of 150 cm. Keep away from the banks, move animals and tools to higher ground.",
            "jv": "Toya 162 cm, nglangkungi wates 150 cm. Nebih saking pinggir kali, kewan lan alat dhateng panggenan inggil.",
            "osi": "Banyu 162 cm, ngliwati wates 150 cm. Adohana pinggir kali, pindhahna kewan lan alat nyang panggonan dhuwur.",
            "mad": "Aèng 162 cm, alèbâdhi bâtes 150 cm. Jhâuwi pèngghir songay, pindâ kèbân bân alat ka kennengngan tèngghi.",
        }
        if self.state == "offline":
            return [mine]
        other = self._alarm("kali-setail-siaga-2", "35.10.09.2004", "kiosk-7", self.started - 9 * MINUTE, 2)
        other |= {"value": 2.11, "threshold": 2.0, "worst": 2.14}
        other["title"] = {"id": "Kali Setail tinggi", "en": "Kali Setail is high"}
        other["message"] = {
            "id": "Air 211 cm, di atas batas 200 cm. Siapkan tas dan surat penting, ikuti arahan desa.",
            "en": "Water at 211 cm, above the limit of 200 cm. Pack a bag and your papers, follow the village's directions.",
        }
        return [other, mine]

    def history(self) -> list[dict[str, Any]]:
        if self.state == "empty":
            return []
        since = self.started - 9 * DAY
        old = self._alarm("kali-bomo-siaga-3", self.village, "kiosk-1", since, 1)
        old |= {"state": "resolved", "until": iso(since + 5 * HOUR)}
        old["title"] = {"id": "Kali Bomo naik", "en": "Kali Bomo is rising"}
        old["message"] = {"id": "Air 162 cm, di atas batas 150 cm. Jauhi tepi sungai.", "en": "Water at 162 cm, above 150 cm."}
        return [*self.firing(), old]

    def listed(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        """As the regency's API gives them."""
        found = [] if asked.get("state") == "withdrawn" else self.history()
        if asked.get("state", "firing") in {"firing", "resolved"}:
            found = [a for a in found if a["state"] == asked.get("state", "firing")]
        seen = asked.get("acknowledged")
        return [
            a | {"handling": self.handling(a["id"])}
            for a in found
            if asked.get("village", a["village"]) == a["village"]
            and a["severity"] >= int(asked.get("severity", "1"))
            and asked.get("about", a["about"]) == a["about"]
            and (seen is None or (self.handling(a["id"])["acknowledged"] is not None) == (seen == "true"))
        ]

    def answer(self, alarm: str, tail: list[str], now: int) -> Any:
        """To a GET below an alarm's name; None where there is none."""
        match tail:
            case ["log"]:
                return self.log(alarm)
            case ["trace"]:
                return self.trace(alarm, now)
            case _:
                return self.detail(alarm)

    def handling(self, alarm: str) -> dict[str, Any]:
        return self._handling.setdefault(alarm, dict(NOBODY))

    def find(self, alarm: str) -> dict[str, Any] | None:
        return next((a for a in self.history() if a["id"] == alarm), None)

    def detail(self, alarm: str) -> dict[str, Any] | None:
        found = self.find(alarm)
        figures = {"days": 365, "alarms": 12, "acknowledged": 9, "false": 1, "acknowledged_share": 0.75, "false_share": 0.0833}
        rule = found and self.rule(found)
        return found and found | {
            "handling": self.handling(alarm),
            "asked": alarm,
            "names": [alarm],
            "rule_in_force": rule,
            "figures": figures,
        }

    @staticmethod
    def rule(alarm: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": alarm["rule"],
            "village": alarm["village"],
            "when": {
                "type": "threshold",
                "quantity": "water_level",
                "unit": "m",
                "node": None,
                "device": None,
                "at_least": 1,
                "threshold": alarm["threshold"],
                "clear": round(alarm["threshold"] - 0.1, 2),
                "direction": "above",
            },
            "severity": alarm["severity"],
            "title": alarm["title"],
            "message": alarm["message"],
            "source": SOURCE,
            "for": "10m",
            "clear_for": "2h",
            "fresh": "1h",
            "suspect": "twice",
            "hours": None,
        }

    def document(self, alarms: list[dict[str, Any]]) -> dict[str, Any]:
        """As the kiosk shows them; what was seen here is sent unless the link is down."""
        sent = self.state != "offline"
        shown = [a | {"local": sent, "handling": None, "seen": [s | {"sent": sent} for s in self._seen.get(a["id"], [])]} for a in alarms]
        return {"alarms": shown, "contact": "0812-0000-1234"}

    def see(self, alarm: str, body: dict[str, Any], now: int) -> tuple[int, Any]:
        """Somebody at the kiosk."""
        found = self.find(alarm)
        if found is None:
            return 404, {"error": {"code": "not_found", "message": f"alarm {alarm} is not shown here"}}
        self._seen.setdefault(alarm, []).append({"by": body["by"], "at": iso(now)})
        return 200, self.document([found])["alarms"][0]

    def log(self, alarm: str) -> list[dict[str, Any]] | None:
        found = self.find(alarm)
        if found is None:
            return None
        since = found["since"]
        first = self._line(1, alarm, "raised", since, "", "system", known=since, since=since, value=found["value"], unit="m")
        lines = [first]
        if found["until"]:
            lines += [
                self._line(2, alarm, "acknowledged", since, "Pak RT 02", "kiosk", known=found["until"], note="Saya ke jembatan"),
                self._line(3, alarm, "resolved", found["until"], "", "system", known=found["until"], until=found["until"]),
                self._line(
                    4, alarm, "resolved", iso(self.started - 8 * DAY), "", "system", known=iso(self.started - 8 * DAY), until=found["until"]
                )
                | {"was": since},
            ]
        return lines + self._lines.get(alarm, [])

    def messages(self, alarm: str) -> list[dict[str, Any]]:
        """As anybody sees them: roles and no names."""
        found = self.find(alarm)
        if found is None or found["state"] != "firing":
            return []
        at = _ms(found["since"]) + MINUTE
        text = f"SIAGA 2: {found['title']['id']}. {found['message']['id']}"
        told = [("rt", "sent", None), ("resident", "waiting", None), ("desa", "failed", "tidak ada alamat yang menjawab")]
        return [
            {"id": f"{role}-{alarm[-6:]}", "name": None, "role": role, "kind": "raised", "text": text, "created": iso(at), "due": iso(at)}
            | {"state": state, "channel": "sms" if state == "sent" else None, "sent_at": iso(at) if state == "sent" else None}
            | {"detail": detail}
            for role, state, detail in told
        ]

    def deliveries(self, message: str) -> list[dict[str, Any]]:
        attempt = {"channel": "sms", "address": "0812…1234", "attempt": 1, "at": iso(self.started), "detail": None, "ended": None}
        return [attempt | {"outcome": "sent" if message.startswith("rt") else "failed", "provider": None}]

    def trace(self, alarm: str, now: int) -> dict[str, Any] | None:
        found = self.find(alarm)
        if found is None:
            return None
        since, until = _ms(found["since"]), _ms(found["until"]) if found["until"] else now
        start, stop = since - 3 * HOUR, until + (2 * HOUR if found["until"] else 0)
        limit = found["threshold"]
        times = [
            t for t in range(start - start % (5 * MINUTE), min(stop, now), 5 * MINUTE) if not since - 110 * MINUTE < t < since - 70 * MINUTE
        ]
        rising = [limit + 0.3 * math.tanh((t - since + 10 * MINUTE) / HOUR) for t in times]
        if found["until"]:
            rising = [v - max(0.0, (t - until + 2 * HOUR) / HOUR * 0.2) for v, t in zip(rising, times, strict=True)]
        dice = random.Random(7)
        values = [round(v + dice.uniform(-0.01, 0.01), 2) for v in rising]
        flags = [1] * len(times)
        doubted = []
        for share, flag, more in ((0.2, 4, 0.9), (0.8, 3, 0.12)):
            i = int(len(times) * share)
            flags[i], values[i] = flag, round(values[i] + more, 2)
            doubted.append([times[i], values[i], flag])
        marks = [{"kind": "threshold", "value": limit}, {"kind": "clear", "value": round(limit - 0.1, 2)}]
        series = {"id": found["series"], "node": found["node"], "device": "river-1", "quantity": "water_level", "unit": "m"}
        series |= {
            "name": {"id": "Tinggi muka air", "en": "Water level"},
            "decimals": 2,
            "title": "Kali Bomo, jembatan",
            "every": None,
            "t": times,
            "v": values,
            "q": flags,
        }
        phases = [("pending", since - 10 * MINUTE, since), ("firing", since, until - 2 * HOUR if found["until"] else until)]
        phases += [("clearing", until - 2 * HOUR, until)] if found["until"] else []
        return {
            "alarm": alarm,
            "start": start,
            "stop": stop,
            "more": 0,
            "series": [series | {"marks": marks, "doubted": doubted}],
            "phases": [{"phase": p, "start": a, "stop": b} for p, a, b in phases],
        }

    def act(self, alarm: str, act: str, body: dict[str, Any], key: str, now: int) -> tuple[int, Any]:
        """Somebody at a page."""
        found = self.find(alarm)
        if key != KEY:
            return 401, {"error": {"code": "unauthorised", "message": "demo: another key"}}
        if found is None:
            return 404, {"error": {"code": "not_found", "message": f"alarm {alarm} is not known"}}
        state, at, by = self.handling(alarm), iso(now), body["by"]
        if act == "acknowledge":
            self._do(alarm, "acknowledged", at, by, {"note": body.get("note") or None})
            state.update(acknowledged=at, acknowledged_by=by, acknowledged_via="page")
        elif act == "assign":
            self._do(alarm, "assigned", at, by, {"to": body["to"]})
            state.update(assigned=at, assigned_to=body["to"])
        elif act == "comment":
            self._do(alarm, "commented", at, by, {"text": body["text"]})
        else:
            self._do(alarm, "marked", at, by, {"verdict": body["verdict"], "note": body["note"]})
            state.update(verdict=body["verdict"], verdict_by=by)
        self.told.append(("handling", {"alarm": alarm, "village": found["village"], "handling": dict(state)}))
        return 200, state

    def _do(self, alarm: str, kind: str, at: str, by: str, more: dict[str, Any]) -> None:
        lines = self._lines.setdefault(alarm, [])
        lines.append(self._line(100 + len(lines), alarm, kind, at, by, "page") | more)

    @staticmethod
    def _line(number: int, alarm: str, kind: str, at: str, actor: str, via: str, **more: Any) -> dict[str, Any]:
        return {"id": number, "alarm": alarm, "at": at, "kind": kind, "actor": actor, "via": via} | more

    def _alarm(self, rule: str, village: str, node: str, since: int, severity: int) -> dict[str, Any]:
        series = f"{node}.river-1.water_level"
        return {
            "id": name(rule, series, since),
            "rule": rule,
            "village": village,
            "node": node,
            "about": "flood",
            "scale": "waspada",
            "scope": series,
            "series": series,
            "severity": severity,
            "word": ("Aman", "Waspada", "Siaga", "Awas")[severity],
            "state": "firing",
            "since": iso(since),
            "until": None,
            "value": 1.62,
            "unit": "m",
            "threshold": 1.5,
            "source": SOURCE,
            "worst": 1.7,
            "worst_at": iso(since + 20 * MINUTE),
            "became": None,
        }


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
