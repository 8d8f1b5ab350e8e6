"""What a village's kiosks know of its fields: what can be registered, what is, and what became of what was registered there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import select

from kampung_cloud.config import CloudConfig
from kampung_cloud.content import Contents
from kampung_cloud.modules.farming.crops import crops
from kampung_cloud.modules.farming.models import FarmFieldRow, FarmReportRow
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.modules.farming.soils import textures
from kampung_cloud.records import Records

KEY = "fields"
OUTCOMES_MS = 8 * 24 * 3_600_000
"""So long a kiosk remembers what it registered."""
SHOWN = ("id", "name", "crop", "variety", "texture", "area", "flow", "latitude", "longitude", "planted", "direct")


class VillageFields:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, contents: Contents, config: CloudConfig) -> None:
        self._records, self._contents = records, contents
        self._register = Register(records)
        self.address = (config.api.url or f"http://{config.api.host}:{config.api.port}").rstrip("/")
        """Where people's phones reach the regency."""

    def tell(self, village: str, now: int) -> None:
        """Put the document on the village's kiosks; the same again changes nothing."""
        fields = [_shown(row) for row in self._register.listed(village)]
        document = {"address": self.address, **_choices(), "fields": fields, "outcomes": self._outcomes(village, now)}
        self._contents.put(village, KEY, document)

    @staticmethod
    def choices() -> dict[str, list[dict[str, Any]]]:
        """Crops and soils as a farmer is asked for them."""
        return _choices()

    def _outcomes(self, village: str, now: int) -> dict[str, str]:
        """By the kiosk's name of a registration: empty when it was taken, else why not."""
        wanted = select(FarmReportRow).where(
            FarmReportRow.kind.in_(("registered", "changed", "refused")),
            FarmReportRow.at >= now - OUTCOMES_MS,
            FarmReportRow.said.is_not(None),
        )
        with self._records.session() as session:
            rows = session.scalars(wanted.order_by(FarmReportRow.id))
            mine = [r for r in rows if str(r.body.get("event", "")) and r.body.get("village") == village]
            return {str(r.said): "" if r.kind != "refused" else str(r.body.get("why")) for r in mine}


@cache
def _choices() -> dict[str, list[dict[str, Any]]]:
    rows = [{"name": c.name, "title": c.title, "annual": c.stages is not None, "weak": c.weak} for c in crops().values()]
    return {"crops": rows, "soils": [{"name": s.name, "title": s.title, "hand": s.hand} for s in textures().values()]}


def _shown(row: FarmFieldRow) -> dict[str, Any]:
    return {key: getattr(row, key) for key in SHOWN} | {"sensors": _standing(row.sensors), "told": len(row.tell)}


def _standing(sensors: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"series": s["series"], "since": s["since"]} for s in sensors if s["until"] is None]
