"""BMKG's forecast for a village, asked once a morning where it is configured; ``read`` is pure.

BMKG gives three-hourly steps of three days by Kemendagri code, each with rain (``tp``, mm) and a weather code, and no probability: the part
of a day's steps that have rain stands for it here (assumed for this project, mark K). A short shower is thus no reason to wait with water.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import structlog
from kampung_contract.errors import KampungError
from kampung_contract.times import milliseconds

from kampung_cloud.cap.fetching import Fetching, Unreachable
from kampung_cloud.forecast_settings import ForecastSettings
from kampung_cloud.modules.farming.advice.morning import Forecast

log = structlog.get_logger()

SOURCE = "BMKG, prakiraan cuaca desa"
RAINY = 60
"""BMKG's weather codes from here on are rain and thunderstorms."""
WET_STEP = 0.5
"""mm of a step that count as rain whatever its code."""
DAY_MS = 24 * 3_600_000
LEAST_STEPS = 4
MOST_BYTES = 512 * 1024
MOST_MM = 500.0
PER_MINUTE = 30


class InvalidForecast(KampungError):
    """An answer that is no forecast, or one of another place."""

    code = "invalid_forecast"


def read(body: bytes, village: str, now: int) -> Forecast:
    """The rain of the 24 hours after ``now`` (ms UTC). Raises ``InvalidForecast``."""
    try:
        found = msgspec.json.decode(body)
        place = found["lokasi"]["adm4"]
        steps = [step for day in found["data"][0]["cuaca"] for step in day]
        ahead = [s for s in steps if now <= _at(s) < now + DAY_MS]
        rain = [_rain(s) for s in ahead]
        wet = sum(1 for s, mm in zip(ahead, rain, strict=True) if mm >= WET_STEP or int(s["weather"]) >= RAINY)
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise InvalidForecast(f"BMKG's forecast of {village} cannot be read: {type(error).__name__}: {error}") from None
    if place != village:
        raise InvalidForecast(f"BMKG's forecast is of {place!r}, and {village} was asked for")
    if len(ahead) < LEAST_STEPS:
        raise InvalidForecast(f"BMKG's forecast of {village} has {len(ahead)} steps of the next day; it is old")
    return Forecast(sum(rain), 100 * wet / len(ahead), SOURCE)


def _at(step: Mapping[str, Any]) -> int:
    return milliseconds(str(step["utc_datetime"]).replace(" ", "T") + "+00:00")


def _rain(step: Mapping[str, Any]) -> float:
    mm = float(step["tp"] or 0.0)
    if not 0 <= mm <= MOST_MM:
        raise ValueError(f"tp = {mm} mm")
    return mm


class Round:
    """A morning's asking: once a service does not answer, nobody waits for it again in this round. Close it after use."""

    def __init__(self, settings: ForecastSettings, wait: Callable[[float], object]) -> None:
        self._settings = settings
        self._fetching = Fetching(settings.url, PER_MINUTE, wait) if settings.url else None
        self._dead = False

    def get(self, village: str, now: int) -> Forecast | None:
        """The village's forecast, or None; why is in the log."""
        if self._fetching is None or self._dead:
            return None
        try:
            page = self._fetching.get(f"{self._settings.url}?{urlencode({'adm4': village})}", MOST_BYTES)
            if page.body is None or not page.whole:
                raise InvalidForecast(f"BMKG's forecast of {village} is longer than {MOST_BYTES:,} bytes")
            return read(page.body, village, now)
        except Unreachable as error:
            self._dead = error.status in (0, 429, 502, 503, 504)
            log.warning("forecast.unreachable", village=village, reason=error.message)
        except InvalidForecast as error:
            log.warning("forecast.refused", village=village, reason=error.message)
        return None

    def close(self) -> None:
        """Give up connections."""
        if self._fetching is not None:
            self._fetching.close()
