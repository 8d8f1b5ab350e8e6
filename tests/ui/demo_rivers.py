"""The rivers' document as a kiosk has it, by state of the demo. Invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

MINUTE, HOUR = 60_000, 3_600_000
WIB = timezone(timedelta(hours=7))


def iso(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(WIB).isoformat(timespec="milliseconds")


def document(state: str, now: int) -> dict[str, Any]:
    """In ``alarm`` water is on its way; ``offline`` the gauge upstream has not been heard of; else all is calm."""
    above: dict[str, Any] = {
        "gauge": "hulu", "place": "Jembatan Licin", "river": "Kali Bomo", "eta": {"id": "40-70 menit", "en": "40-70 min"},
        "ordinal": 0, "silent": state == "offline", "radio": None, "marks": [1.5, 2.25, 2.7],
    }  # fmt: skip
    if state == "alarm":
        at = now - 20 * MINUTE
        above |= {"ordinal": 2, "level": 2.4, "at": iso(at), "first": iso(at + 40 * MINUTE), "last": iso(at + 70 * MINUTE)}
    gauge = {
        "id": "kali-bomo", "kind": "river", "river": "Kali Bomo", "place": "jembatan desa", "series": "kiosk-1.river-1.water_level",
        "second": None, "marks": [1.5, 2.25, 2.7] if state == "alarm" else [1.25, 1.875, 2.25],
        "bank_full": 3.0 if state == "alarm" else 2.5, "proposed": True, "begins": None, "upstream": [above],
    }  # fmt: skip
    closes = (now // 86_400_000 + 1) * 86_400_000
    wet = state == "alarm"
    today = {"mm": 63.4, "kind": "heavy", "word": "Hujan lebat"} if wet else {"mm": 0.0, "kind": "none", "word": "Tidak hujan"}
    rain = {
        "today": today, "closes": iso(closes), "before": {"mm": 12.2, "kind": "light", "word": "Hujan ringan"},
        "hour": {"mm": 21.0, "kind": "very_heavy", "word": "Hujan sangat lebat", "at": iso(now // HOUR * HOUR - HOUR)} if wet else None,
    }  # fmt: skip
    slopes = {"names": ["Tebing belakang SD 2"], "severity": 2, "index": 1.1} if wet else None
    return {"gauges": [gauge], "rain": rain, "slopes": slopes}
