"""A span of time read back from a regency's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from kampung_contract.errors import ConfigurationError
from kampung_contract.provenance import Calibration, Derived, DeviceOrigin, SeriesOrigin

from kampung_sim.record.heard import Heard, Kiosk
from kampung_sim.score.cloud import Cloud

PAGE_MS = 86_400_000


def read_back(cloud: Cloud, village: str, start: int, stop: int, heard: Heard, *, progress: Callable[[int, int], None]) -> None:
    """All series of a village, or of all, from ``start`` to before ``stop``. Raises ``ConfigurationError``."""
    listed: list[dict[str, Any]] = cloud.ask("series" + (f"?{urlencode({'village': village})}" if village else ""))
    for number, series in enumerate(listed):
        progress(number, len(listed))
        kiosk = heard.kiosk(series["node"], series["village"])
        device, quantity = series["device"], series["quantity"]
        if series["model"]:
            kiosk.models[device] = series["model"], series["title"] or "", series["note"] or ""
        for begin in range(start, stop, PAGE_MS):
            for page in _pages(cloud, series["id"], begin, min(begin + PAGE_MS, stop)):
                doubtful = page.get("estimated") or [0] * len(page["t"])
                heard.passed["bacaan dengan waktu perkiraan: menjadi lubang"] += sum(doubtful)
                rows = [row[:3] for row in zip(page["t"], page["v"], page["q"], doubtful, strict=True) if not row[3]]
                heard.reading(kiosk, (device, quantity), series["unit"], rows)
                for span in page.get("provenance") or []:
                    _behind(kiosk, device, quantity, span)
    heard.passed += type(heard.passed)()  # without zeros
    progress(len(listed), len(listed))


def _pages(cloud: Cloud, series: str, start: int, stop: int) -> list[dict[str, Any]]:
    """Halved until the API gives it."""
    try:
        return [cloud.ask(f"series/{quote(series)}/window?start={start}&stop={stop}&every=raw")]
    except ConfigurationError as error:
        if "more than" not in error.message or stop - start < 2:
            raise
        middle = (start + stop) // 2
        return _pages(cloud, series, start, middle) + _pages(cloud, series, middle, stop)


def _behind(kiosk: Kiosk, device: str, quantity: str, span: dict[str, Any]) -> None:
    """The last span holds: a device is set up in one way in a scenario."""
    told = kiosk.behind.get(device, DeviceOrigin(span["model"]))
    calibration, derived = span.get("calibration"), span.get("derived")
    series = SeriesOrigin(
        Calibration(gain=calibration["gain"], offset=calibration["offset"]) if calibration else None,
        Derived(derived["from"], derived["gain"], derived["offset"]) if derived else None,
    )
    kiosk.behind[device] = DeviceOrigin(span["model"], told.origin, {**told.series, quantity: series})
    kiosk.models.setdefault(device, (span["model"], "", ""))
