"""An invented village, its regency and their answers in the shapes of the edge's and the cloud's API. Everything here is synthetic."""

from __future__ import annotations

import csv
import math
import random
import time
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import demo_air
import demo_farming
import demo_open
import demo_rivers
from demo_alarms import Alarms
from demo_outputs import Outputs
from demo_telling import Telling

STATES = ("normal", "empty", "offline", "alarm", "broken", "unsaved", "running")
WIB = timezone(timedelta(hours=7))
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
HOME = "35.10.24.2008"
NAMES = Path(__file__).resolve().parents[2] / "contract" / "kampung_contract" / "data" / "banyuwangi_desa_centroids.csv"
CATALOGUE = tomllib.loads((NAMES.parent / "quantities.toml").read_text(encoding="utf-8"))

# device, quantity, unit, decimals, Indonesian, English, title, origin, level, daily swing, wander
SENSORS = [
    ("river-1", "water_level", "m", 2, "Tinggi muka air", "Water level", "Kali Bomo, jembatan", "synthetic", 0.82, 0.03, 0.06),
    ("weather-1", "air_temperature", "Cel", 1, "Suhu udara", "Air temperature", "Halaman kantor desa", "synthetic", 26.5, 4.1, 0.4),
    ("weather-1", "relative_humidity", "%RH", 0, "Kelembapan udara", "Relative humidity", "Halaman kantor desa", "synthetic", 78, -12, 2),
    ("weather-1", "rain", "mm", 1, "Hujan", "Rain", "Halaman kantor desa", "synthetic", 0.4, 0.3, 0.2),
    ("soil-1", "soil_moisture", "%", 1, "Kelembapan tanah", "Soil moisture", "Tanah sawah blok timur", "recording", 31.2, 0.6, 1.6),
    ("soil-1", "soil_temperature", "Cel", 1, "Suhu tanah", "Soil temperature", "Tanah sawah blok timur", "recording", 27.4, 1.4, 0.2),
    ("soil-2", "soil_moisture", "%", 1, "Kelembapan tanah", "Soil moisture", "Kebun cabai Pak Contoh", "synthetic", 24.6, 0.8, 1.1),
]
RECORDED = "Rekaman nyata diputar ulang: Drummondville, Kanada (Alireza-Amani/SVS_percolation, MIT)."


def iso(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(WIB).isoformat(timespec="milliseconds")


def now_ms() -> int:
    return int(time.time() * 1000)


class World:
    """One state of the world; answers are made for the moment they are asked."""

    def __init__(self, state: str, mm: float = 2.71) -> None:
        self.spoken = 0
        """How often the kiosk's program was to speak."""
        self.state = state
        self.mm = mm
        self.started = now_ms()
        self.outputs = Outputs(state, HOME, self.started)
        self.alarms = Alarms(state, HOME, self.started)
        self.telling = Telling(state, HOME, self.started)
        self.farming = demo_farming.Answers(sent=state != "offline")
        with NAMES.open(encoding="utf-8", newline="") as lines:
            self.villages = [
                {k: row[k] for k in ("code", "name", "type", "kecamatan")} | {"lat": float(row["lat"]), "lng": float(row["lng"])}
                for row in csv.DictReader(lines)
            ]

    # -- values ------------------------------------------------------------------------------------------------

    def value(self, sensor: tuple[Any, ...], at: int) -> float:
        _, quantity, _, decimals, *_, level, swing, wander = sensor
        hour = ((at / HOUR) + 7) % 24
        v = (
            level
            + swing * math.sin((hour - 9) / 24 * 2 * math.pi)
            + wander * math.sin(at / HOUR / 5.3)
            + wander * 0.4 * math.sin(at / HOUR / 1.7)
        )
        if quantity == "water_level" and self.state == "alarm":
            v += 0.85 / (1 + math.exp(-(at - self.started + 4 * HOUR) / HOUR))
        if quantity == "rain":
            v = max(0.0, v - 0.5) * 4
        jitter = random.Random(at // 60_000 * 31 + len(quantity)).uniform(-1, 1)
        v += jitter * 10**-decimals
        return float(round(max(0.0, v) if quantity == "rain" else v, decimals))

    def last_at(self, sensor: tuple[Any, ...]) -> int:
        now = now_ms()
        if sensor[0] == "soil-2":
            return now - 3 * HOUR - 12 * MINUTE
        return now - now % (10 * 1000)

    def series(self, prefix: str = "kiosk-1", village: str = HOME) -> list[dict[str, Any]]:
        if self.state == "empty":
            return []
        out = []
        for s in SENSORS:
            device, quantity, unit, decimals, name, english, title, origin, *_ = s
            at = self.last_at(s)
            out.append(
                {
                    "id": f"{prefix}.{device}.{quantity}",
                    "village": village,
                    "node": prefix,
                    "device": device,
                    "quantity": quantity,
                    "unit": unit,
                    "last": {"at": iso(at), "value": self.value(s, at), "quality": 1},
                    "name": CATALOGUE[quantity]["display"] | {"id": name, "en": english},
                    "decimals": decimals,
                    "title": title,
                    "model": None,
                    "origin": origin,
                    "note": RECORDED if origin == "recording" else None,
                }
            )
        return out

    def provenance(self, sensor: Any) -> list[dict[str, Any]]:
        """Calibrated at two points ten hours ago."""
        derived = {"from": "distance", "name": {"id": "Jarak", "en": "Distance"}, "gain": -1.0, "offset": 3.0}
        then = self.started - 10 * HOUR
        common = {"model": "contoh", "origin": "sensor", "derived": derived if sensor[1] == "water_level" else None, "boot": None}
        calibration = {"id": "3fa9c1d2", "method": "two-point", "gain": 0.866666667, "offset": 3.333333333}
        calibration |= {"points": [[10.0, 12.0], [40.0, 38.0]], "by": "Teknisi", "at": "2026-11-20T09:41:00+07:00"}
        return [
            common | {"from": self.started - 90 * DAY, "to": then, "calibration": None},
            common | {"from": then, "to": None, "calibration": calibration},
        ]

    def window(self, series: str, start: int, stop: int, every: str | None) -> dict[str, Any] | None:
        sensor = next((s for s in SENSORS if series.endswith(f".{s[0]}.{s[1]}")), None)
        if sensor is None:
            return None
        end = min(stop, self.last_at(sensor))
        thresholds = []
        if sensor[1] == "water_level":
            thresholds = [
                {"value": v, "severity": i + 1, "label": w} for i, (v, w) in enumerate([(1.5, "Waspada"), (2.0, "Siaga"), (2.5, "Awas")])
            ]
        answer = {"id": series, "unit": sensor[2], "start": start, "stop": stop, "thresholds": thresholds}
        answer["provenance"] = [span for span in self.provenance(sensor) if span["from"] < stop]
        gap = range(self.started - 20 * HOUR, self.started - 15 * HOUR)
        span = stop - start
        if every == "raw" or (every is None and span <= DAY * 1.5):
            step = 5 * MINUTE if span <= 3 * DAY else 15 * MINUTE
            times = [t for t in range(start - start % step + step, end, step) if t not in gap]
            values = [self.value(sensor, t) for t in times]
            quality = [1] * len(times)
            for share, flag in ((0.3, 3), (0.45, 4)) if sensor[1] == "soil_moisture" and len(times) > 20 else ():
                i = int(len(times) * share)
                quality[i] = flag
                values[i] = round(values[i] + (2.2 if flag == 3 else 6.0), sensor[3])
            return answer | {"every": None, "t": times, "v": values, "q": quality}
        step = 10 * MINUTE if span <= 4 * DAY else HOUR if span <= 40 * DAY else DAY
        times = [t for t in range(start - start % step + step, end, step) if t not in gap]
        mean = [self.value(sensor, t) for t in times]
        spread = abs(sensor[9]) * (0.08 if step < DAY else 0.9) + sensor[10] * 0.25
        places = sensor[3]
        return answer | {
            "every": step,
            "t": times,
            "mean": mean,
            "min": [round(m - spread, places) for m in mean],
            "max": [round(m + spread, places) for m in mean],
            "count": [step // MINUTE] * len(times),
        }

    def quality(self, series: str, start: int, stop: int) -> dict[str, Any] | None:
        """A moist soil is what this demo doubts; everything else is well."""
        sensor = next((s for s in SENSORS if series.endswith(f".{s[0]}.{s[1]}")), None)
        if sensor is None:
            return None
        words = {
            "range": {"id": "Di luar batas yang mungkin terjadi", "en": "Outside of what can be"},
            "spike": {"id": "Melonjak sendiri lalu kembali", "en": "A lone spike"},
            "still": {"id": "Tidak bergerak terlalu lama", "en": "Has not moved for too long"},
            "neighbours": {"id": "Berbeda jauh dari alat di dekatnya", "en": "Far from the sensors near it"},
        }
        doubts, flags, site = [], {"1": 2_016}, "survei petak 3 Mei 2026"
        if sensor[1] == "soil_moisture":
            for test, flag, ago, long, count, by in (
                ("spike", 4, 60, 0, 1, "kiosk"),
                ("neighbours", 3, 44, 3, 18, "regency"),
                ("still", 3, 30, 5, 60, "kiosk"),
            ):
                begun = self.started - ago * HOUR
                told = {"test": test, "name": words[test], "flag": flag, "from": begun, "to": begun + long * HOUR, "count": count, "by": by}
                doubts.append(told)
            flags |= {"3": 78, "4": 1}
        tests = [
            ("range", {"low": 0, "high": 60}, "catalogue", "docs/sources.md, tropical coast"),
            ("spike", {"suspect": 4, "within": 900, "fail": 10}, "site", site),
            ("still", {"seconds": 18_000, "change": 0.1}, "site", site),
            ("neighbours", {"most": 8, "series": ["a", "b", "c"]}, "regency", site),
        ]
        return {
            "id": series,
            "unit": sensor[2],
            "start": start,
            "stop": stop,
            "flags": flags,
            "failed": flags.get("4", 0),
            "tests": [{"test": t, "name": words[t], "limits": n, "by": by, "source": s} for t, n, by, s in tests[: 4 if doubts else 1]],
            "doubts": [d for d in doubts if start <= d["to"] and d["from"] < stop],
            "judged": [],
            "judged_count": 0,
        }

    # -- documents ---------------------------------------------------------------------------------------------

    def announcements(self) -> dict[str, Any]:
        return {
            "items": [
                {
                    "id": "posyandu",
                    "title": {"id": "Posyandu balita hari Selasa", "en": "Children's health post on Tuesday"},
                    "body": {
                        "id": "Selasa, 24 November 2026, pukul 08.00 sampai 11.00 di balai dusun Krajan. Bawalah buku KIA.",
                        "en": "Tuesday 24 November 2026, 08:00 to 11:00 at the Krajan hamlet hall. Please bring the KIA booklet.",
                    },
                    "from": None,
                    "until": iso(self.started + 3 * DAY),
                },
                {
                    "id": "air",
                    "title": {"id": "Giliran air irigasi blok timur", "en": "Irrigation turn of the east block"},
                    "body": {
                        "id": "Pintu air dibuka Minggu pagi pukul 05.00 sampai 09.00.",
                        "en": "The gate is open on Sunday from 05:00 to 09:00.",
                    },
                    "from": None,
                    "until": None,
                },
            ]
        }

    def nodes(self) -> list[dict[str, Any]]:
        if self.state == "empty":
            return []
        now = now_ms()

        def node(village: str, name: str, state: str, **more: Any) -> dict[str, Any]:
            readings = more.pop("readings", 43_210)
            missing = more.pop("missing", [])
            count = sum(b - a + 1 for a, b in missing)
            grouped = f"{readings:,}"
            summary = (
                {"id": f"Semua {grouped.replace(',', '.')} pembacaan ada di sini", "en": f"All {grouped} readings are here"}
                if not missing
                else {
                    "id": f"{grouped.replace(',', '.')} pembacaan ada di sini, {count} paket belum",
                    "en": f"{grouped} readings are here, {count} packs are not",
                }
            )
            epoch = {
                "epoch": "9f2c",
                "first": 1,
                "last": 345,
                "known": 345 - count,
                "missing": missing,
                "missing_count": count,
                "readings": readings,
                "current": True,
            }
            return {
                "village": village,
                "node": name,
                "state": state,
                "since": iso(self.started - 6 * HOUR),
                "last_seen": iso(now - 8000),
                "version": "0.1.0",
                "spooled": 0,
                "clock": "synchronised",
                "readings": readings,
                "complete": not missing,
                "summary": summary,
                "estimated": 0,
                "week": {
                    "readings": readings,
                    "expected_missing": 12 * count,
                    "summary": {
                        "id": f"Semua {grouped.replace(',', '.')} pembacaan pekan ini ada di sini",
                        "en": f"All {grouped} readings of this week are here",
                    }
                    if not missing
                    else {
                        "id": f"{grouped.replace(',', '.')} pembacaan pekan ini ada di sini, sekitar {12 * count} belum atau tidak sampai",
                        "en": f"{grouped} readings of this week are here, about {12 * count} are not",
                    },
                },
                "epochs": [epoch],
            } | more

        away = self.state == "offline"
        return [
            node(
                HOME,
                "kiosk-1",
                "offline" if away else "online",
                **({"last_seen": iso(self.started - 4 * HOUR), "spooled": None} if away else {}),
            ),
            node("35.10.09.2004", "kiosk-7", "online", readings=18_402, spooled=3),
            node("35.10.13.2006", "kiosk-12", "online", readings=9_120, missing=[[17, 19], [204, 204]]),
            node(
                "35.10.05.2002",
                "kiosk-3",
                "offline",
                readings=27_015,
                last_seen=iso(self.started - 3 * HOUR),
                since=iso(self.started - 3 * HOUR),
                spooled=None,
            ),
            node("35.10.20.2003", "kiosk-21", "online", readings=1_204, clock="unsynchronised"),
        ]

    def fields(self) -> list[dict[str, Any]]:
        if self.state == "empty":
            return []
        rice = {"id": "Padi", "en": "Rice"}
        chili = {"id": "Cabai rawit", "en": "Bird's eye chili"}
        base = {"village": HOME, "farmer": "Pak Contoh", "synthetic": True}
        return [
            base
            | {
                "id": "sawah-timur",
                "name": "Sawah blok timur",
                "crop": rice,
                "area_ha": 0.4,
                "series": ["kiosk-1.soil-1.soil_moisture", "kiosk-1.soil-1.soil_temperature", "kiosk-1.weather-1.air_temperature"],
            },
            base | {"id": "kebun-cabai", "name": "Kebun cabai", "crop": chili, "area_ha": 0.1, "series": ["kiosk-1.soil-2.soil_moisture"]},
        ]

    def dead_letters(self) -> list[dict[str, Any]]:
        if self.state == "empty":
            return []
        return [
            {
                "id": 2,
                "at": iso(self.started - 2 * HOUR),
                "topic": "kampung/v1/351013/2005/kiosk-12/up/live",
                "reason": "Bukan paket yang dapat dibaca",
                "code": "invalid_pack",
                "detail": "zlib: incorrect header check",
                "count": 3,
                "size": 812,
                "bytes": "AAEC",
            },
            {
                "id": 1,
                "at": iso(self.started - 26 * HOUR),
                "topic": "kampung/v1/351024/2008/kiosk-1/senml/soil-9",
                "reason": "Satuan tidak dikenal",
                "code": "unknown_unit",
                "detail": "unit 'bar' for soil_moisture",
                "count": 1,
                "size": 164,
                "bytes": "e30=",
            },
        ]

    # -- answers -----------------------------------------------------------------------------------------------

    def answer(self, path: str, asked: dict[str, str], key: str = "") -> tuple[int, Any]:
        """Status and JSON of a GET."""
        if self.state == "broken":
            return 503, {"error": {"code": "down", "message": "demo: the service is down"}}
        cloud = path.startswith("/api/v1/")
        rest = path.removeprefix("/api/v1/" if cloud else "/api/").split("/")
        told = self.telling.answer(rest, asked, key, now_ms())
        if told is not None:
            return told
        match rest:
            case ["series", series, "quality"]:
                found = self.quality(series, int(asked["start"]), int(asked["stop"]))
                return (200, found) if found else (404, {"error": {"code": "unknown_series", "message": f"no series {series}"}})
            case ["series", series, "window"]:
                window = self.window(series, int(asked["start"]), int(asked["stop"]), asked.get("every"))
                return (200, window) if window else (404, {"error": {"code": "unknown_series", "message": f"no series {series}"}})
            case ["open-data"] | ["satisfaction"] | ["complaints", "figures"]:
                public = [] if self.state == "empty" else [s for s in SENSORS if s[1] in {"water_level", "rain"}]
                return 200, demo_open.answer(rest, public, HOME, iso(self.started - 400 * DAY), iso(self.started - 3 * MINUTE))
            case ["series"]:
                return 200, self.series() if asked.get("village", HOME) == HOME else []
            case ["push", "key"]:
                return 200, {"key": None}
            case ["village"]:
                village = {"code": HOME, "name": "Tamansari", "type": "desa", "kecamatan": "Licin", "kabupaten": "Banyuwangi"}
                return 200, {
                    "village": village,
                    "node": "kiosk-1",
                    "panel": {"mm": self.mm},
                    "languages": ["id", "jv", "osi", "mad", "en"],
                    "sound": {"on": True, "speaks": True},
                }
            case ["health"]:
                down, unsaved = self.state in {"offline", "unsaved"}, self.state == "unsaved"
                saving = {"saves": not unsaved, "since": iso(self.started - 35 * MINUTE) if unsaved else None}
                link = {"state": "down" if down else "up", "since": iso(self.started - (4 * HOUR if down else 6 * HOUR)), "detail": ""}
                parts = {"link": link, "saving": saving, "spool": {}, "ports": [], "clock": {}}
                return 200, {"status": "degraded" if unsaved else "ok", **parts, "conflict": None, "version": "0.1.0"}
            case ["content", "fields"]:
                known = demo_farming.known(empty=self.state == "empty")
                return 200, {"key": "fields", "version": 1, "at": iso(self.started), "document": known}
            case ["content", "advice"] if self.state != "empty":
                return 200, {"key": "advice", "version": 1, "at": iso(self.started), "document": self.farming.document(now_ms())}
            case ["content", "air" | "volcano" as key] if self.state != "empty":
                told = demo_air.document(self.state, now_ms(), HOME) if key == "air" else demo_air.volcano(self.state, now_ms())
                return 200, {"key": key, "version": 1, "at": iso(self.started), "document": told}
            case ["content", "rivers"] if self.state != "empty":
                return 200, {"key": "rivers", "version": 1, "at": iso(self.started), "document": demo_rivers.document(self.state, now_ms())}
            case ["environment", *what]:
                return demo_air.answer(what, self.state, now_ms(), HOME)
            case ["content", key] if self.state != "empty":
                home = [a for a in self.alarms.firing() if a["village"] == HOME]
                if key == "rules":
                    document: dict[str, Any] = {"version": "1", "rules": [self.alarms.rule(a) for a in home]}
                else:
                    document = self.alarms.document(home) if key == "alarms" else self.announcements()
                return 200, {"key": key, "version": 3, "at": iso(self.started - 5 * HOUR), "document": document}
            case ["healthz"]:
                well = {"ok": True, "since": iso(self.started - 6 * HOUR), "detail": ""}
                said = "taking in fails: No space left on device; it is tried again, and nothing is lost"
                ingest = {"ok": False, "since": iso(self.started - 35 * MINUTE), "detail": said} if self.state == "offline" else well
                status = "ok" if ingest["ok"] else "degraded"
                return 200, {"status": status, "checks": {"broker": well, "ingest": ingest, "records": well, "telemetry": well}}
            case ["nodes"]:
                return 200, self.nodes()
            case ["messages"]:
                return 200, self.alarms.messages(asked.get("alarm", ""))
            case ["messages", message, "deliveries"]:
                return 200, self.alarms.deliveries(message)
            case ["rules"]:
                return 200, [self.alarms.rule(a) | {"village": a["village"]} for a in self.alarms.firing()]
            case ["alarms"]:
                return 200, self.alarms.listed(asked)
            case ["alarms", alarm, *tail]:
                found = self.alarms.answer(alarm, tail, now_ms())
                return (200, found) if found else (404, {"error": {"code": "not_found", "message": f"alarm {alarm} is not known"}})
            case ["villages"]:
                return 200, self.villages
            case ["fields"]:
                return 200, self.fields()
            case ["farming", "villages"]:
                there = {"code": HOME, "name": "Tamansari", "kecamatan": "Licin", "fields": 1}
                return 200, [there] if self.state != "empty" else []
            case ["farming", "today"]:
                here = {k: [x for x in v if x["village"] == HOME] for k, v in (("fields", self.fields()), ("series", self.series()))}
                firing = self.alarms.listed({"village": HOME, "state": "firing"})
                listed = demo_farming.fields(HOME) if self.state != "empty" else []
                return 200, here | {"alarms": firing, "registered": listed, "advice": demo_farming.document(now_ms()) if listed else None}
            case ["farming", "fields", "kebun-cabai", "balance"]:
                return 200, demo_farming.balance(now_ms())
            case ["farming", "fields"]:
                return 200, demo_farming.fields(HOME) if self.state != "empty" else []
            case ["villages", _, "content", "advice"]:
                return 200, {"key": "advice", "version": 1, "at": iso(self.started), "document": demo_farming.document(now_ms())}
            case ["outputs"] if cloud:
                return 200, self.outputs.regency(now_ms()) if asked.get("village", HOME) == HOME else []
            case ["outputs"]:
                return 200, self.outputs.kiosk()
            case ["commands"]:
                return 200, self.outputs.commands(now_ms()) if asked.get("village", HOME) == HOME else []
            case ["output-log"]:
                return 200, self.outputs.log(now_ms()) if asked.get("village", HOME) == HOME else []
            case ["dead-letters"]:
                return 200, self.dead_letters()
            case _:
                return 404, {"error": {"code": "not_found", "message": f"nothing at {path}"}}

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What the streams say each two seconds."""
        told, self.alarms.told = self.alarms.told, []
        return [("reading", {"id": s["id"], **s["last"]}) for s in self.series() if s["device"] != "soil-2"] + told

    def take(self, path: str, body: Any, key: str) -> tuple[int, Any]:
        """Status and JSON of a POST."""
        if self.state == "broken":
            return 503, {"error": {"code": "down", "message": "demo: the service is down"}}
        told = self.telling.take(path.removeprefix("/api/v1/").split("/"), body, key, now_ms())
        if told is not None:
            return told
        match path.strip("/").split("/"):
            case ["api", "outputs", name, "stop"]:
                return self.outputs.stop(name, now_ms())
            case ["api", "alarms", alarm, "seen"]:
                return self.alarms.see(alarm, body, now_ms())
            case ["api", "advice", field, "answer"]:
                return self.farming.take(field, body, now_ms())
            case ["api", "speak"]:
                self.spoken += 1
                return 200, {"said": True}
            case ["api", "v1", "alarms", alarm, act]:
                return self.alarms.act(alarm, act, body, key, now_ms())
            case ["api", "v1", "outputs", "kiosk-1", name, "commands"]:
                return self.outputs.give(name, body, key, now_ms())
            case _:
                return 404, {"error": {"code": "not_found", "message": f"nothing at {path}"}}
