"""Air of an invented village, as its kiosks and the regency's page get it. Synthetic; the mountain's notice is none."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any

WIB = timezone(timedelta(hours=7))
HOUR, DAY = 3_600_000, 86_400_000
BANDS = [
    (50, "Baik", "hijau", "#00cc00", "#16211b", "Sangat baik melakukan kegiatan di luar.", ""),
    (100, "Sedang", "biru", "#0000cc", "#ffffff", "Masih dapat beraktivitas di luar.",
     "Kurangi aktivitas fisik yang terlalu lama atau berat."),
    (200, "Tidak Sehat", "kuning", "#cccc00", "#16211b", "Mengurangi aktivitas fisik yang terlalu lama di luar ruangan.",
     "Boleh melakukan aktivitas di luar, tetapi mengambil rehat lebih sering dan melakukan aktivitas ringan."),
    (300, "Sangat Tidak Sehat", "merah", "#cc0000", "#ffffff", "Hindari aktivitas fisik yang terlalu lama di luar ruangan.",
     "Hindari semua aktivitas di luar."),
    (500, "Berbahaya", "hitam", "#000000", "#ffffff", "Hindari semua aktivitas di luar.", "Tetap di dalam ruangan."),
]  # fmt: skip


def iso(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000, WIB).isoformat(timespec="milliseconds")


def index(value: float | None) -> dict[str, Any] | None:
    if value is None:
        return None
    _, name, colour, hexa, ink, everybody, sensitive = next(b for b in BANDS if value <= b[0])
    shown = {"index": round(value), "text": ">400" if value > 400 else str(round(value)), "category": name}
    return {**shown, "colour": colour, "hex": hexa, "ink": ink, "meaning": "", "advice": {"everybody": everybody, "sensitive": sensitive}}


def point(t: int, value: float | None) -> dict[str, Any]:
    of = index(value)
    return {"t": t, "index": of and of["index"], "category": of and of["category"], "hex": of and of["hex"]}


def station(state: str, now: int, home: str) -> dict[str, Any]:
    at = now // HOUR * HOUR - (7 * HOUR if state == "offline" else 0)
    level = 138.0 if state == "alarm" else 63.0
    found = index(level)
    hours = [point(at - n * HOUR, None if n in (20, 21) else level + 30 * math.sin(n / 4) - n) for n in range(23, -1, -1)]
    midnight = (at + 7 * HOUR) // DAY * DAY - 7 * HOUR
    days = [point(midnight - n * DAY, None if n == 5 else level + 22 * math.cos(n)) for n in range(7, 0, -1)]
    short = found and {k: v for k, v in found.items() if k not in ("meaning", "advice")}
    dust = {
        "pollutant": "pm25",
        "title": "PM2,5 (debu halus)",
        "series": "kiosk-1.debu-1.pm25_corrected",
        "mean": 26.4,
        "raw": 41.9,
        "hours": 24,
    }
    coarse = {"pollutant": "pm10", "title": "PM10 (debu)", "series": "kiosk-1.debu-1.pm10", "mean": 48.0, "raw": None, "hours": 24}
    gas = {"pollutant": "so2", "title": "SO2 (belerang dioksida)", "series": "kiosk-1.gas-1.so2", "mean": None, "raw": None, "hours": 11}
    wet = {"share": 41, "why": "wet"}
    heat = {
        "at": iso(at), "temperature": 31.2, "humidity": 74, "felt": 40.1, "category": "extreme caution", "title": "sangat waspada",
        "advice": "Kurangi kerja berat di bawah matahari; minum tiap 20 menit, istirahat di tempat teduh.",
        "wbgt": 30.8, "method": "ABM, tanpa bola hitam",
        "work": [{"load": "ringan", "category": "boleh", "advice": "Kerja ringan boleh terus, minum segelas air tiap 20 menit."},
                 {"load": "sedang", "category": "dengan istirahat",
                  "advice": "Kerja sedang: 15 menit bekerja, 45 menit berteduh tiap jam, minum segelas air tiap 20 menit."},
                 {"load": "berat", "category": "berhenti", "advice": "Kerja berat seperti mencangkul sebaiknya berhenti dulu."}],
    }  # fmt: skip
    return {
        "id": "balai", "village": home, "title": "Halaman balai desa", "origin": "synthetic", "crater": "Kawah Ijen", "at": iso(at),
        "ispu": found, "critical": "pm25", "missing": None,
        "parameters": [{**dust, "method": "epa-2021", "ispu": short, "doubt": wet if state == "alarm" else None},
                       {**coarse, "method": "raw", "ispu": short, "doubt": None}, {**gas, "method": "25 °C", "ispu": None, "doubt": None}],
        "dust_hour": {"mean": 31.0, "category": "Sedang", "colour": "biru", "hex": "#0000cc", "ink": "#ffffff"},
        "hours": hours, "days": days, "heat": heat,
        "light": {"at": iso(at), "index": 11, "category": "ekstrem", "colour": "ungu", "advice": "Jangan terjemur pukul 10 sampai 14."},
        "noise": {"lsm": 56.8, "ls": 58.0, "lm": 47.0, "limit": 55, "area": "permukiman", "category": "dalam toleransi",
                  "from": iso(at - DAY)},
    }  # fmt: skip


def lacking(now: int, home: str) -> dict[str, Any]:
    """A sensor of this morning: no index yet."""
    at = now // HOUR * HOUR
    dust = {"pollutant": "pm25", "title": "PM2,5 (debu halus)", "series": "kiosk-1.debu-2.pm25", "mean": None, "raw": None, "hours": 6,
            "method": "raw", "ispu": None, "doubt": None}  # fmt: skip
    none = [point(at - n * HOUR, None) for n in range(23, -1, -1)]
    return {
        "id": "kiosk-1.debu-2", "village": home, "title": "Pasar Tamansari", "origin": "sensor", "crater": None, "at": iso(at),
        "ispu": None, "critical": None, "missing": {"hours": 6, "needed": 18}, "parameters": [dust], "dust_hour": None,
        "hours": none, "days": none[:7],
        "heat": None, "light": None, "noise": None,
    }  # fmt: skip


def document(state: str, now: int, home: str) -> dict[str, Any]:
    found = [] if state == "empty" else [station(state, now, home), lacking(now, home)]
    return {"at": iso(now // HOUR * HOUR), "stations": found}


def volcano(state: str, now: int) -> dict[str, Any]:
    """A level II that is three days old while the link is down."""
    reported = now - (80 * HOUR if state == "offline" else 3 * HOUR)
    notice = {
        "code": "IJE", "name": "Ijen", "level": 2, "roman": "II", "word": "Waspada", "period": "00:00-06:00 WIB",
        "reported": iso(reported),
        "fetched": iso(reported + HOUR), "radius": ["Masyarakat tidak mendekati kawah dalam radius 1,5 km."],
        "author": "Pos Pengamatan (contoh)", "url": "http://127.0.0.1/contoh",
        "simulated": True, "recommendations": ["Masyarakat tidak mendekati kawah dalam radius 1,5 km.",
                                                 "Bila mencium gas belerang, pakai masker basah."],
    }  # fmt: skip
    return {"stale_hours": 48, "notices": [notice] if state in ("alarm", "offline") else []}


def answer(what: list[str], state: str, now: int, home: str) -> tuple[int, Any]:
    """As the cloud's API has it."""
    stations = document(state, now, home)["stations"]
    match what:
        case ["stations"]:
            return 200, stations
        case ["stations", name]:
            found = next((s for s in stations if s["id"] == name), None)
            return (200, found) if found else (404, {"error": {"code": "not_found", "message": f"no air station is named {name}"}})
        case ["stations", _, "history"]:
            midnight = (now + 7 * HOUR) // DAY * DAY - 7 * HOUR
            points = [point(midnight - n * DAY, None if n in (9, 10) else 60 + 35 * math.cos(n / 3)) for n in range(31, 0, -1)]
            return 200, {"station": what[1], "every": "day", "points": points}
        case ["volcanoes"]:
            return 200, volcano(state, now)
        case _:
            return 404, {"error": {"code": "not_found", "message": "the demo has no such route"}}
