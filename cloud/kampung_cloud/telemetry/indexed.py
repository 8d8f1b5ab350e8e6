"""What a store answers from the index it keeps in memory."""

from __future__ import annotations

from kampung_cloud.telemetry.index import Index
from kampung_cloud.telemetry.store import EVERYTHING, Correction, EpochPacks, Latest, Selector, SeriesKey


class Indexed:
    """Part of a ``TelemetryStore``. ``_index`` may be replaced as a whole at any time."""

    _index: Index

    def knows(self, node: str, epoch: str, seq: int) -> bool:
        """Whether a pack is here, with rows that are truth."""
        return self._index.knows(node, epoch, seq)

    def correction(self, node: str, boot: str) -> Correction | None:
        """The correction that stands for a boot."""
        return self._index.corrections.get((node, boot))

    def latest(self, selector: Selector = EVERYTHING) -> list[Latest]:
        """The newest reading of each selected series."""
        return self._index.latest(selector)

    def find(self, series_id: str) -> Latest | None:
        """The newest reading of one series."""
        return self._index.find(series_id)

    def series(self, selector: Selector = EVERYTHING) -> list[SeriesKey]:
        """Selected series in order of id."""
        return self._index.series(selector)

    def packs(self, node: str | None = None) -> list[EpochPacks]:
        """What is here of every epoch."""
        return self._index.packs(node)
