"""The last seven days of a node in a sentence: how many readings are here, and about how many are not."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_cloud.completeness import Report, number
from kampung_cloud.events import Told

WEEK_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class Week:
    """``expected_missing`` counts readings: as told for packs that were given up, by the mean of a pack for others."""

    readings: int
    expected_missing: int
    summary: dict[str, str]


def week(readings: int, report: Report, told: Told, now: int) -> Week:
    """``readings`` of the last seven days are held; ``report`` says which packs are not."""
    start = now - WEEK_MS
    missing = sum(count for count, first, last in told.gaps if last >= start and first <= now)
    packs = sum(e.known for e in report.epochs)
    mean = sum(e.readings for e in report.epochs) / packs if packs else 1.0
    lost = {e.epoch: sum(last - first + 1 for first, last in e.recorded) for e in report.epochs}
    unsure = sum(min(most, lost.get(epoch, most)) for most, received, epoch in told.damaged if received >= start)
    for epoch in report.epochs:
        unsure += epoch.waiting + sum(last - first + 1 for first, last in epoch.unrecorded)
    missing += round(mean * unsure)
    return Week(readings, missing, {language: _sentence(readings, missing, language) for language in ("id", "en")})


def _sentence(readings: int, missing: int, language: str) -> str:
    n, m = number(readings, language), number(missing, language)
    if language == "id":
        if missing:
            return f"{n} pembacaan pekan ini ada di sini, sekitar {m} belum atau tidak sampai"
        return f"Semua {n} pembacaan pekan ini ada di sini" if readings else "Belum ada pembacaan pekan ini"
    if missing:
        return f"{n} readings of this week are here, about {m} are not"
    return f"All {n} readings of this week are here" if readings else "No readings this week yet"
