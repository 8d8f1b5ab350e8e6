"""The air of a village for its kiosks, once an hour: a document that stands there with the link down, too."""

from __future__ import annotations

from typing import Any

from kampung_contract.errors import NotFound
from kampung_contract.times import text

from kampung_cloud.api.services import Services
from kampung_cloud.modules.environment.hours import last_hour
from kampung_cloud.modules.environment.looking import Looking, grouped
from kampung_cloud.modules.environment.telling import told_station

KEY = "air"
AGAIN_MS = 15 * 60_000
"""So often an hour is looked at again: readings of a village that was cut off come late. Where an index is missing, at each call."""


class Kiosks:
    """Remembers what it published, so that a village pays for a document only when it says something else."""

    def __init__(self) -> None:
        self._looked: tuple[int, int] | None = None
        self._said: dict[str, dict[str, Any]] = {}

    def publish(self, services: Services, now: int) -> int:
        """What is due; how many villages got another document. Raises ``StorageUnavailable``."""
        count, looking, at = 0, Looking(services), last_hour(now)
        turn = (at, now // AGAIN_MS)
        for village, found in grouped(looking.stations()).items():
            if turn == self._looked and not self._lacking(village):
                continue
            try:
                document = {"at": text(at), "stations": [told_station(looking, station, at) for station in found]}
            except NotFound:
                continue  # a series that went while it was looked at; the next look is without it
            if self._said.get(village) != document:
                services.contents.put(village, KEY, document)
                self._said[village] = document
                count += 1
        self._looked = turn
        return count

    def _lacking(self, village: str) -> bool:
        """Whether nothing was said of it yet, or of some station no index."""
        said = self._said.get(village)
        return said is None or any(station["missing"] for station in said["stations"])
