"""Desa Tamansari, Licin: a kiosk, two replayed recordings, five synthetic devices and a relay that waters the chili field."""

from __future__ import annotations

import json
import math
import random
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from kampung_bridge.clock import SampleClock

from kampung_sim.device import Device, LevelSensor, Line, ModbusBus, Streaming, Values, streaming
from kampung_sim.recording import HOUR, Loop, Recording, sea_level, soil, utc

VILLAGE = "35.10.24.2008"
NODE = "tamansari-kios-1"
DATUM = 1.0
"""The gauge's zero lies this far below the recording's mean sea level, in metres."""
MOUNT = 3.5
"""The ultrasonic sensor hangs this far above the gauge's zero, in metres."""
WIB_OFFSET = 7 * HOUR
DAY = 24 * HOUR

LEVEL_FIRST, LEVEL_LAST = utc("2018-09-06T07:00"), utc("2018-11-13T03:00")
LEVEL_NOW = utc("2018-10-14T08:23")
"""Nearly three hours after the recording rises through 0.25 m (gauge 1.25 m); it stays above 0.15 m for six hours more."""
SOIL_FIRST, SOIL_LAST = utc("2020-05-20T12:00"), utc("2020-10-18T12:00")
SOIL_NOW = utc("2020-07-15T09:00")


def replay(recording: Recording, loop: Loop, quantity: str) -> Values:
    """A recording over real time."""

    def values(now: int) -> dict[str, float] | None:
        value = recording.at(loop.place(now))
        return None if value is None else {quantity: value}

    return values


def probe(moisture: Values, temperature: Values) -> Values:
    """Moisture and temperature of one probe; silent where either is missing."""

    def values(now: int) -> dict[str, float] | None:
        first, second = moisture(now), temperature(now)
        return None if first is None or second is None else {**first, **second}

    return values


def gauge(level: Values) -> Values:
    """The distance the hanging sensor sees over the water."""

    def values(now: int) -> dict[str, float] | None:
        seen = level(now)
        return None if seen is None else {"distance": MOUNT - DATUM - seen["water_level"]}

    return values


def day_share(now: int) -> float:
    """The part of the local day that is over, 0 to 1."""
    return (now + WIB_OFFSET) % DAY / DAY


def air(now: int) -> dict[str, float]:
    """Synthetic air on the slope of Ijen: warmest at 14.00 WIB, humidity against it, a little of its own each quarter of an hour."""
    wave = math.cos(2 * math.pi * (day_share(now) - 14 / 24))
    own = random.Random(now // 900_000).gauss(0, 0.3)
    temperature = 25.0 + 4.0 * wave + own
    return {"air_temperature": round(temperature, 1), "relative_humidity": round(min(98.0, 78.0 - 14.0 * wave - 2 * own), 1)}


def dust(now: int) -> dict[str, float]:
    """Synthetic fine dust as a Plantower shows it, µg/m³: most in the evening, again in the morning, thicker on some days."""
    share = day_share(now)
    thick = 0.8 + 0.7 * random.Random((now + WIB_OFFSET) // DAY).random()
    own = random.Random(now // 900_000).gauss(0, 1.5)
    fine = thick * (34 + 17 * math.cos(2 * math.pi * (share - 20 / 24)) + 7 * math.cos(4 * math.pi * (share - 7 / 24))) + own
    fine = max(3.0, fine)
    return {"pm1": round(0.68 * fine), "pm25": round(fine), "pm10": round(1.5 * fine)}


def gas(now: int) -> dict[str, float]:
    """Synthetic sulphur gas, ppm: next to nothing, more where a night's wind comes down from the crater; others of a village road."""
    night = max(0.0, math.cos(2 * math.pi * (day_share(now) - 3 / 24)))
    down = random.Random((now + WIB_OFFSET) // DAY + 7).random() ** 3
    own = abs(random.Random(now // 600_000 + 1).gauss(0, 0.0015))
    return {"so2": round(0.004 + 0.05 * down * night**2 + own, 3), "no2": 0.006, "o3": round(0.012 + 0.018 * (1 - night), 3), "co": 0.4}


def chili(now: int) -> dict[str, float]:
    """Synthetic soil: watered every third day at 06.00 WIB to 34 %, drying towards 18 %, fastest by day."""
    since = (now + WIB_OFFSET - 6 * HOUR) % (3 * DAY) / DAY
    sun = 0.25 * math.sin(2 * math.pi * since) / (2 * math.pi)
    moisture = 18.0 + 16.0 * math.exp(-(since - sun) / 1.6)
    temperature = 26.0 + 3.0 * math.cos(2 * math.pi * (day_share(now) - 15 / 24))
    return {"soil_moisture": round(moisture, 1), "soil_temperature": round(temperature, 1)}


def fields(day: int) -> list[dict[str, Any]]:
    """As they are registered, each with its ``id``; ``day`` is the first start's, in days since 1970 WIB. Synthetic."""
    found = json.loads(files(__package__).joinpath("fields.json").read_text(encoding="utf-8"))
    out = []
    for row in found:
        planted = date.fromordinal(date(1970, 1, 1).toordinal() + day - row.pop("planted_days_ago"))
        sensors = [{"series": f"{NODE}.{name}"} for name in row["sensors"]]
        out.append({**row, "village": VILLAGE, "planted": planted.isoformat(), "sensors": sensors})
    return out


def awake(_: int) -> dict[str, float]:
    """A relay board: it measures nothing and always answers."""
    return {}


def devices(folder: Path, clock: SampleClock, begun: int) -> list[Device]:
    """The village's devices, not started, on lines under ``folder``; ``begun`` is when the village was first started, ms UTC."""
    level = replay(sea_level(), Loop(LEVEL_FIRST, LEVEL_LAST, LEVEL_NOW, begun), "water_level")
    season = Loop(SOIL_FIRST, SOIL_LAST, SOIL_NOW, begun)
    sawah = probe(replay(soil("E1_second_vwc_pct"), season, "soil_moisture"), replay(soil("E1_second_soilT_c"), season, "soil_temperature"))
    folder.mkdir(parents=True, exist_ok=True)
    return [
        ModbusBus(Line(folder / "rs485-sawah"), clock, {1: ("dfrobot-sen0600", sawah)}),
        LevelSensor(Line(folder / "uart-kali"), clock, gauge(level), every=1_000, rehearsal_every=450_000),
        Streaming(Line(folder / "uart-debu"), clock, dust, streaming("pms5003"), every=1_000, rehearsal_every=900_000),
        Streaming(Line(folder / "uart-gas"), clock, gas, streaming("kampung-gas"), every=2_000, rehearsal_every=900_000),
        ModbusBus(
            Line(folder / "rs485-balai"), clock, {2: ("xy-md02", air), 3: ("dfrobot-sen0600", chili), 4: ("waveshare-relay-8", awake)}
        ),
    ]
