"""A field that staff registered, and its list of this morning. Synthetic."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

WIB = timezone(timedelta(hours=7))


def fields(home: str) -> list[dict[str, Any]]:
    """As ``/api/v1/farming/fields`` has them."""
    sensor = {"series": "kiosk-1.soil-2.soil_moisture", "since": "2026-06-01", "until": None}
    chili = {"id": "cabai", "en": "chili"}
    return [{"id": "kebun-cabai", "village": home, "name": "Kebun cabai", "crop_title": chili, "area": 1000.0, "sensors": [sensor]}]


def document(now: int) -> dict[str, Any]:
    """As the village's kiosks get it."""
    water = {
        "kind": "water",
        "urgency": "hari ini",
        "sentence": "Siram Kebun cabai pagi ini: 18 mm, pompa kira-kira 2 jam 30 menit.",
        "indicative": False,
        "reason": {
            "sentence": "Air tanah kurang 18 mm (± 5); batas aman 17 mm. Sensor tanah ikut diperhitungkan 25 %.",
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
    return {"day": day, "fields": [listed]}
