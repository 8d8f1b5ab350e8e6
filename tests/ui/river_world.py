"""A river with a flood on its way, put into a real cloud. All invented.

``python -m tests.ui.river_world 8095`` (at the repository's root) serves it until it is stopped, to be looked at.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from kampung_cloud.app import CloudApp
from kampung_contract.times import text
from kampung_contract.villages import village

from tests.cloud.alone import cloud_alone, put_readings
from tests.cloud.conftest import HTTP

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
HULU, TENGAH, HILIR = "35.10.24.2008", "35.10.15.2012", "35.10.16.1010"
BASE = {HULU: 0.42, TENGAH: 0.40, HILIR: 0.45}


def gauges(now: int) -> list[dict[str, Any]]:
    """Three on one river; the middle one was set anew a day ago."""
    return [
        {
            "id": "kalilo-tamansari", "river": "Kalilo", "village": HULU, "place": "Jembatan Tamansari", "order": 1,
            "series": "hulu-1.kali-1.water_level", "bank_full": 3.0,
        },
        {
            "id": "kalilo-kampunganyar", "river": "Kalilo", "village": TENGAH, "place": "Dam Kampunganyar", "order": 2,
            "series": "tengah-1.kali-1.water_level", "second": "tengah-1.kali-2.water_level", "bank_full": 3.0,
            "datum": [{"from": text(now - 20 * HOUR), "note": "papan duga dipasang ulang", "shift": -0.25}],
            "upstream": [
                {"gauge": "kalilo-tamansari", "minutes": [40, 70], "source": "anggapan", "radio": "tengah-1.radio-hulu.water_level"},
            ],
        },
        {
            "id": "kalilo-kota", "river": "Kalilo", "village": HILIR, "place": "Singonegaran", "order": 3,
            "series": "hilir-1.kali-1.water_level", "bank_full": 2.6,
            "upstream": [
                {"gauge": "kalilo-kampunganyar", "minutes": [50, 80], "source": "anggapan"},
                {"gauge": "kalilo-tamansari", "minutes": [90, 150], "source": "anggapan"},
            ],
        },
    ]  # fmt: skip


def wave(t: int, peak: int, top: float) -> float:
    """Metres above base flow."""
    return top * math.exp(-(((t - peak) / (75 * MINUTE)) ** 2))


def fill(app: CloudApp, days: int = 2) -> None:
    """Readings each five minutes, each minute in the last hour; rain; a marked slope."""
    now, rows = time.time_ns() // 1_000_000, []
    times = [now - days * DAY + n * 5 * MINUTE for n in range(days * 288 - 12)] + [now - n * MINUTE - 5_000 for n in range(60, -1, -1)]
    for t in times:
        past = now - 26 * HOUR
        for code, name, lag in ((HULU, "hulu-1", 0), (TENGAH, "tengah-1", 55), (HILIR, "hilir-1", 120)):
            level = BASE[code] + wave(t, past + lag * MINUTE, 0.9) + wave(t, now + (20 + lag) * MINUTE, 2.4) + 0.006 * math.sin(t / 97_000)
            moved = 0.25 if code == TENGAH and t < now - 20 * HOUR else 0.0
            rows.append((t, f"{name}.kali-1.water_level", code, round(level + moved, 3), "m"))
            if code == TENGAH:
                rows.append((t, "tengah-1.kali-2.water_level", code, round(level + 0.03, 3), "m"))
    for hour in range(12 * 24):
        mm = max(0.0, 9 * math.sin(hour / 5.3) - 5) + (14 if hour < 3 else 0)
        rows.append((now - hour * HOUR - 60_000, "hulu-1.hujan-1.rain", HULU, round(mm, 1), "mm"))
    put_readings(app, rows)
    place = village(HULU)
    body = {"village": HULU, "name": "Tebing belakang SD 2", "latitude": place.latitude + 0.004, "longitude": place.longitude}
    HTTP.post(f"{app.url}/api/v1/slopes", json=body, headers={"Authorization": f"Bearer {app.token}"})


def tables() -> dict[str, Any]:
    """Of the cloud's configuration."""
    return {"gauge": gauges(time.time_ns() // 1_000_000), "landslide": {"villages": [HULU]}}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, cloud_alone(Path(folder), **tables(), api={"port": int(sys.argv[1])}) as served:
        fill(served)
        print(f"{served.url}/#sungai", served.token, flush=True)
        while True:
            time.sleep(60)
