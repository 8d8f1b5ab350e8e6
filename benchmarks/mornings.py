"""The regency's morning: 20,000 fields in 217 villages, each with its list, out of stored readings, kept and published; and how it grows.

Every village has a station with 60 days of hourly readings, one field in twenty a soil probe. The peer is the least that such a round has
to do, in the same run: read every village's weather and write a row a field.
``KAMPUNG_BENCH_FIELDS`` are the two numbers of fields (2000,20000).
"""

from __future__ import annotations

import math
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from kampung_cloud.content import Contents
from kampung_cloud.modules.farming.crops import crops
from kampung_cloud.modules.farming.looking import HOUR
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmFieldRow
from kampung_cloud.modules.farming.mornings import Mornings
from kampung_cloud.modules.farming.stations import midnight, village_weather
from kampung_cloud.records import Records, open_records
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, Rows, SeriesKey, runs_of
from kampung_contract.villages import Village, villages

from benchmarks.result import Result

TODAY, DAYS = date(2026, 9, 1), 60
SIZES = tuple(int(size) for size in os.environ.get("KAMPUNG_BENCH_FIELDS", "2000,20000").split(","))
UNITS = {"air_temperature": "Cel", "relative_humidity": "%RH", "wind_speed": "m/s", "solar_irradiance": "W/m2", "rain": "mm"}


def _fill(store: MemoryStore, village: Village, probes: int) -> None:
    """Hourly readings of a station, and of the probes in the village's fields."""
    batch, first = Batch(), midnight(TODAY - timedelta(DAYS))
    t = first + 3_600_000 * np.arange(24 * DAYS + HOUR, dtype=np.int64)
    sun = np.maximum(0.0, np.sin((np.arange(len(t)) % 24 - 6) / 12 * math.pi))
    rain = np.where(np.arange(len(t)) % 240 < 3, 4.0, 0.0)
    values = {
        "air_temperature": 23 + 8 * sun,
        "relative_humidity": 92 - 35 * sun,
        "wind_speed": 1.2 + sun,
        "solar_irradiance": 780 * sun,
        "rain": rain,
    }
    keys = [SeriesKey(village.code, f"k{village.code[9:]}{village.kecamatan_code}", "cuaca", q, UNITS[q]) for q in values]
    columns = list(zip(keys, values.values(), strict=True))
    columns += [(_probe(village, n), np.linspace(27, 19, len(t))) for n in range(probes)]
    for key, v in columns:
        at = np.full(len(t), batch.place(key), dtype=np.int32)
        batch.extend(runs_of(Rows(at, t, t, v, np.ones(len(t), dtype=np.uint8))))
    store.commit(batch)


def _probe(village: Village, n: int) -> SeriesKey:
    return SeriesKey(village.code, f"k{village.code[9:]}{village.kecamatan_code}", f"tanah-{n}", "soil_moisture", "%")


def _fields(records: Records, count: int) -> None:
    """Over all villages, crops and ages."""
    places, names = list(villages()), sorted(crops())
    with records.session() as session:
        for n in range(count):
            place, turn = places[n % len(places)], n // len(places)
            sensors = [{"series": _probe(place, turn // 20).id, "since": "2026-01-01", "until": None}] if turn % 20 == 0 else []
            session.add(
                FarmFieldRow(
                    id=f"lahan-{n}", village=place.code, name=f"Lahan {n}", crop=names[n % len(names)], variety="", texture="loam",
                    area=1000.0, flow=2.0, latitude=place.latitude, longitude=place.longitude, altitude=50.0,
                    planted=(TODAY - timedelta(5 + n * 7 % (DAYS - 5))).isoformat(), target=6, direct=False, sensors=sensors,
                    tell=[], at=0, ended=None,
                )
            )  # fmt: skip


def run() -> Iterator[Result]:
    """Seconds, milliseconds a field, megabytes."""
    cost = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            store, records = MemoryStore(), open_records("sqlite:records.sqlite", Path(folder))
            for place in villages():
                _fill(store, place, -(-size // 217 // 20))
            _fields(records, size)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            documents: list[int] = []
            round_ = Mornings(records, store, Contents(records, lambda _topic, payload, seen=documents: seen.append(len(payload))))
            began = time.perf_counter()
            made = round_.publish(midnight(TODAY) + HOUR * 3_600_000)
            took = time.perf_counter() - began
            assert made == size
            peer = _least(records, store, size)
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            records.close()
            cost[size] = took / size
        yield Result(f"mornings_{size}", took, "s", took / peer, "weather read and a row a field", size)
        yield Result(f"mornings_{size}_each", 1000 * took / size, "ms/field", None, None, size)
        yield Result(f"mornings_{size}_memory", max(0.0, grown), "MB more", None, None, size)
        yield Result(f"mornings_{size}_largest_document", max(documents) / 1024, "KB", None, None, len(documents))
    small, large = SIZES
    yield Result("mornings_growth", cost[large] / cost[small], "cost a field", None, None, large)


def _least(records: Records, store: MemoryStore, size: int) -> float:
    began = time.perf_counter()
    for place in villages():
        village_weather(store, place.code, TODAY - timedelta(DAYS), TODAY, latitude=place.latitude, altitude=50.0)
    with records.session() as session:
        for n in range(size):
            session.add(FarmAdviceRow(field=f"lahan-{n}", day="1900-01-01", village="", colour="", actions=[], water={}, answers={}, at=0))
    return time.perf_counter() - began
