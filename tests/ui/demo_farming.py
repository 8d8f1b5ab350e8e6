"""Fields that staff registered, and their lists of this morning. Synthetic."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from kampung_cloud.modules.farming.advice.words import say, templates

WIB = timezone(timedelta(hours=7))


def fields(home: str) -> list[dict[str, Any]]:
    """As ``/api/v1/farming/fields`` has them."""
    sensor = {"series": "kiosk-1.soil-2.soil_moisture", "since": "2026-06-01", "until": None}
    chili = {"id": "cabai", "en": "chili"}
    more = {"crop": "chili", "variety": "", "texture": "loam", "flow": 2.0, "latitude": -8.12, "longitude": 114.24, "planted": "2026-10-01"}
    head = {"id": "kebun-cabai", "village": home, "name": "Kebun cabai", "crop_title": chili, "area": 1000.0, "sensors": [sensor]}
    return [head | more | {"age": 60, "direct": False}]


def balance(now: int) -> dict[str, Any]:
    """Thirty days that dry, with rain and one irrigation."""
    today = datetime.fromtimestamp(now / 1000, WIB).date()
    days = [(today - timedelta(30 - i)).isoformat() for i in range(30)]
    lack = [round(2.0 + i % 11 * 2.1, 1) for i in range(30)]
    rain = [12.0 if i % 11 == 0 else 0.0 for i in range(30)]
    given = [18.0 if i == 22 else 0.0 for i in range(30)]
    even = {"sd": [3.0] * 30, "raw": [17.0] * 30, "taw": [57.0] * 30, "ks": [1.0] * 30, "et0": [4.2] * 30, "method": [""] * 30}
    probe = [v + 1 if i % 3 else None for i, v in enumerate(lack)]
    return {"field": "kebun-cabai", "day": days, "depletion": lack, "rain": rain, "irrigation": given, "probe": probe} | even


def known(*, empty: bool) -> dict[str, Any]:
    """As the village's kiosks have it: what can be registered, and what is."""
    crops = [{"name": "chili", "title": {"id": "cabai", "en": "chili"}, "annual": True, "weak": {}}]
    soils = [{"name": "loam", "title": {"id": "lempung", "en": "loam"}, "hand": {"id": "Bola kuat.", "en": "The ball holds."}}]
    field = {
        "id": "kebun-cabai", "name": "Kebun cabai", "crop": "chili", "variety": "", "texture": "loam", "area": 1000.0, "flow": 2.0,
        "latitude": -8.12, "longitude": 114.24, "planted": "2026-10-01", "direct": False, "sensors": [], "told": 1,
    }  # fmt: skip
    return {"address": "", "crops": crops, "soils": soils, "fields": [] if empty else [field], "outcomes": {}, "here": []}


def document(now: int) -> dict[str, Any]:
    """As the village's kiosks get it."""
    said = say("water.now", field="Kebun cabai", mm=18, pump=say("water.pump_long", hours=2, minutes=30))
    none = say("water.none")
    water = {
        "kind": "water",
        "urgency": "hari ini",
        "sentence": str(said),
        "said": said.shown(),
        "indicative": False,
        "reason": {
            "sentence": str(none),
            "said": none.shown(),
            "numbers": {"kekurangan air, Dr (mm)": 18.2, "batas aman, RAW (mm)": 17, "ET0 (mm)": 4.2},
            "method": "neraca air FAO-56, Penman-Monteith",
            "source": "FAO Irrigation and Drainage Paper 56",
        },
    }
    look = {
        "kind": "look.anthracnose",
        "urgency": "minggu ini",
        "sentence": "Periksa buah cabai di Kebun cabai: cuaca cocok untuk antraknosa (indikatif).",
        "indicative": True,
        "reason": {"sentence": "Rumusnya dari tanaman lain, jadi hanya petunjuk.", "numbers": {}, "method": "", "source": ""},
    }
    day = datetime.fromtimestamp(now / 1000, WIB).date().isoformat()
    answers = {"look.anthracnose": {"answer": "sudah", "by": "Pak Contoh"}}
    made = f"{day}T05:00:00.000+07:00"
    listed = {"field": "kebun-cabai", "name": "Kebun cabai", "colour": "siram", "made": made, "actions": [water, look], "answers": answers}
    common = {"made": made, "answers": {}}
    paddy = {"field": "sawah-timur", "name": "Sawah blok timur", "colour": "stres", "actions": _of_paddy()}
    yard = {"field": "pekarangan", "name": "Pekarangan Bu Contoh", "colour": "aman", "actions": []}
    return {"day": day, "words": templates([said.shown(), none.shown()]), "fields": [listed, paddy | common, yard | common]}


def _of_paddy() -> list[dict[str, Any]]:
    """As many as a list has at most."""
    told: list[tuple[str, str, str, str, dict[str, Any], str]] = [
        (
            "water",
            "sekarang",
            "Airi Sawah blok timur sekarang sampai 5 cm di atas tanah, kira-kira 3 jam 20 menit.",
            "Air sawah 17 cm di bawah tanah; padi berbunga tidak boleh kering.",
            {"tinggi air (cm)": -17, "batas (cm)": 0},
            "Bouman dkk. 2007, Water Management in Irrigated Rice, IRRI",
        ),
        (
            "look.blast",
            "minggu ini",
            "Periksa daun padi di Sawah blok timur: tiga malam lembap, cuaca cocok untuk blas.",
            "Daun basah 11 jam pada 24 °C, tiga malam berturut-turut.",
            {"daun basah (jam)": 11, "suhu (°C)": 24.2},
            "Yoshino 1979",
        ),
        (
            "record.lcc",
            "catatan",
            "Baca bagan warna daun di Sawah blok timur, sepuluh helai, lalu catat angkanya.",
            "Bacaan terakhir 12 hari lalu.",
            {"hari sejak bacaan": 12},
            "IRRI, bagan warna daun",
        ),
    ]
    return [
        {
            "kind": kind,
            "urgency": urgency,
            "sentence": sentence,
            "indicative": False,
            "reason": {"sentence": reason, "numbers": numbers, "method": "pengairan berselang dan pengamatan", "source": source},
        }
        for kind, urgency, sentence, reason, numbers, source in told
    ]


class Answers:
    """What was answered at the kiosk; ``sent`` says whether its link holds."""

    def __init__(self, *, sent: bool) -> None:
        self.sent = sent
        self.given: list[dict[str, Any]] = []
        """Field, action, answer and by, in the order given."""

    def document(self, now: int) -> dict[str, Any]:
        """As the kiosk shows it."""
        shown = document(now)
        at = datetime.fromtimestamp(now / 1000, WIB).isoformat(timespec="milliseconds")
        for listed in shown["fields"]:
            mine = [g for g in self.given if g["field"] == listed["field"]]
            listed["here"] = {g["action"]: {"answer": g["answer"], "by": g["by"], "at": at, "sent": self.sent} for g in mine}
        return shown

    def take(self, field: str, body: dict[str, Any], now: int) -> tuple[int, Any]:
        """Somebody at the kiosk."""
        self.given.append({"field": field, **body})
        return 200, self.document(now)
