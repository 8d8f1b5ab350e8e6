"""Asks MAGMA for the newest report of each volcano, keeps it, and puts it on the kiosks of the villages that it concerns."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from kampung_contract.errors import KampungError
from kampung_contract.times import WIB
from sqlalchemy import select

from kampung_cloud.api.services import Services
from kampung_cloud.cap.fetching import Fetching
from kampung_cloud.modules.environment.models import VolcanoNoticeRow
from kampung_cloud.modules.environment.volcano.reading import InvalidReport, Notice, newest_link, report
from kampung_cloud.records import Records
from kampung_cloud.volcano_settings import Volcano, VolcanoSettings

log = structlog.get_logger()

KEY = "volcano"
PART = "magma"
"""Its name in the health answer."""
PER_MINUTE = 60
MOST_BYTES = 1024 * 1024
BACK_DAYS = 7
RETRY_MS = 300_000
SEARCH = "/v1/gunung-api/laporan/search/q"


class Relay:
    """Called once a minute by one thread; asks every ``every`` seconds."""

    def __init__(self, wait: Callable[[float], object] = time.sleep) -> None:
        self._wait = wait
        self._asked = 0
        self._said: dict[str, dict[str, Any]] = {}

    def publish(self, services: Services, now: int) -> int:
        """What is due; how many villages got another document. Raises ``StorageUnavailable``."""
        settings = services.config.volcano
        if not settings.url:
            return 0
        if now - self._asked >= settings.every * 1000:
            well = self._ask(services, settings, now)
            self._asked = now if well else now - settings.every * 1000 + RETRY_MS
        return self._tell(services, settings)

    def _ask(self, services: Services, settings: VolcanoSettings, now: int) -> bool:
        fetching = Fetching(settings.url, PER_MINUTE, self._wait)
        wrong: list[str] = []
        try:
            for volcano in settings.watch:
                try:
                    self._one(services.records, fetching, settings, volcano, now)
                except KampungError as error:
                    if error.code == "storage_unavailable":
                        raise
                    wrong.append(error.message)
                    log.warning("volcano.not_relayed", volcano=volcano.name, reason=error.message)
        finally:
            fetching.close()
        services.health.set(PART, not wrong, "; ".join(wrong)[:500])
        return not wrong

    def _one(self, records: Records, fetching: Fetching, settings: VolcanoSettings, volcano: Volcano, now: int) -> None:
        today = datetime.fromtimestamp(now / 1000, WIB).date()
        asked = {"code": volcano.code, "start": (today - timedelta(BACK_DAYS)).isoformat(), "end": today.isoformat()}
        link = newest_link(_body(fetching, f"{settings.url}{SEARCH}?{urlencode(asked)}"))
        if link is None:
            raise InvalidReport(f"{volcano.name}: MAGMA lists no report of the last {BACK_DAYS} days")
        url = fetching.ours(link)
        if url is None:
            raise InvalidReport(f"{volcano.name}: {link[:200]} leads away from {settings.url}; it is not followed")
        keep(records, report(_body(fetching, url), volcano.code, volcano.name, url, now), now, simulated=settings.simulated)

    def _tell(self, services: Services, settings: VolcanoSettings) -> int:
        newest = newest_notices(services.records)
        count = 0
        for village in sorted({node.village for node in services.nodes.all()}):
            told = [newest[v.code] for v in settings.watch if v.concerns(village) and v.code in newest]
            document = {"stale_hours": settings.stale_hours, "notices": told}
            if told and self._said.get(village) != document:
                services.contents.put(village, KEY, document)
                self._said[village] = document
                count += 1
        return count


def keep(records: Records, notice: Notice, now: int, *, simulated: bool) -> None:
    """One row a report; the same again changes nothing, so that its time of arrival stays the first. Raises ``StorageUnavailable``."""
    with records.session() as session:
        if session.get(VolcanoNoticeRow, (notice.code, notice.reported)) is None:
            shown = notice.told(now, simulated=simulated)
            session.add(VolcanoNoticeRow(code=notice.code, reported=notice.reported, received=now, level=notice.level, shown=shown))


def newest_notices(records: Records) -> dict[str, dict[str, Any]]:
    """By code. Raises ``StorageUnavailable``."""
    with records.session() as session:
        rows = session.scalars(select(VolcanoNoticeRow).order_by(VolcanoNoticeRow.reported))
        return {row.code: row.shown for row in rows}


def _body(fetching: Fetching, url: str) -> bytes:
    page = fetching.get(url, MOST_BYTES)
    if page.body is None or not page.whole:
        raise InvalidReport(f"{url} is longer than {MOST_BYTES:,} bytes; it is not read")
    return page.body
