"""What a village's kiosks know of prices: the village's own and the district's, for when the line is down."""

from __future__ import annotations

from datetime import date
from typing import Any

from kampung_cloud.content import Contents
from kampung_cloud.modules.farming.prices import Prices
from kampung_cloud.records import Records

KEY = "prices"
DAYS = 90
MOST_POINTS = 30
"""Of a commodity: a village pays for its bytes, and a line of a finger's length shows no more."""


class Market:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, contents: Contents) -> None:
        self._prices, self._contents = Prices(records), contents

    def tell(self, village: str, today: date) -> None:
        """Put the document on the village's kiosks; the same again changes nothing. Where there is no price there is no document yet."""
        board = [_thinned(each) for each in self._prices.board(village, today, DAYS)]
        if board or self._contents.get(village, KEY) is not None:
            self._contents.put(village, KEY, {"prices": board})


def _thinned(trend: dict[str, Any]) -> dict[str, Any]:
    """With every nth point, the last always among them."""
    step = -(-len(trend["day"]) // MOST_POINTS)
    keep = range(len(trend["day"]) - 1, -1, -step)[::-1] if step > 1 else range(len(trend["day"]))
    return {**trend, "day": [trend["day"][i] for i in keep], "rupiah": [trend["rupiah"][i] for i in keep]}
