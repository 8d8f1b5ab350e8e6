"""A gauge that tells the same shower for ever: each of its readings could be, and what they come to cannot."""

from __future__ import annotations

from kampung_cloud.modules.rivers.document import rain
from kampung_cloud.modules.rivers.fallen import Fallen, fallen
from kampung_cloud.modules.rivers.rain import HOUR_MS, MOST_HOUR, closing
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.pack import column

KEY = SeriesKey("35.10.24.2008", "kiosk-1", "hujan-1", "rain", "mm")
T0 = 1_795_305_600_000  # 2026-11-22T07:00:00+07:00


def test_hours_that_cannot_be_are_left_out_and_counted() -> None:
    """4 mm a minute for an hour is 240 mm; the hour after it is rain again."""
    store, batch = MemoryStore(), Batch()
    rows = [(T0 + n * 60_000, 4.0 if n < 60 else 0.5, 1) for n in range(120)]
    batch.add(KEY, column("hujan-1/rain", "mm", rows), T0)
    store.commit(batch)
    found = fallen(store, KEY.id, T0, T0 + 2 * HOUR_MS)
    assert (dict(found.hours), found.left_out) == ({T0 + HOUR_MS: 30.0}, 60)


def test_a_day_of_more_than_falls_is_of_the_gravest_class() -> None:
    """And no error that would keep every village's rivers from being told."""
    now = closing(T0) - 1
    told = rain(Fallen({closing(T0) - n * HOUR_MS: MOST_HOUR for n in range(1, 25)}, KEY.id, now), now)
    assert told is not None
    assert told["today"] == {"mm": 4800.0, "kind": "extreme", "word": "Hujan ekstrem"}
