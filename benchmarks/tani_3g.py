"""The farmer's page opened for the first time on a phone, over a mobile line as Chromium throttles it, from a real cloud.

The main rows are of Chrome DevTools' *Fast 3G* (now called *Slow 4G* there): 1.6 Mbit/s × 0.9 down, 750 kbit/s × 0.9 up, 150 ms × 3.75
before each answer. The row ``tani_slow_3g_first_view`` is of its *Slow 3G* (now *3G*): 500 kbit/s × 0.8 both ways, 400 ms × 5 before
each answer; there a page and what it refers to take four seconds whatever they weigh. Factors and numbers are those of DevTools'
``NetworkManager.ts``. The screen is 390 × 844, the processor four times slower than this machine's.

First view: from the navigation until the field's first sentence, of a sensor or of the morning's list, has been drawn. Transferred:
TCP payload of both directions until the chart is drawn and the page is kept for want of a line, so all of it, not the first view alone.
``KAMPUNG_BENCH_LOADS`` is the number of loads (7).
"""

from __future__ import annotations

import json
import math
import os
import shutil
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kampung_cloud.modules.farming.stations import day_of, midnight
from kampung_contract.times import text
from kampung_contract.villages import village
from playwright.sync_api import Browser, sync_playwright

from benchmarks.place import VILLAGE, Place, place
from benchmarks.proxy import Proxy
from benchmarks.result import Result

LOADS = int(os.environ.get("KAMPUNG_BENCH_LOADS", "7"))
SLOW_LOADS = 3
DAYS = 30
LIMIT_MS, LIMIT_BYTES = 3_000, 150_000
"""Of the farmer's page, for the main rows."""
CPU_SLOWER = 4
PATIENCE_MS = 60_000


@dataclass(frozen=True)
class Line:
    """Bits per second, and milliseconds before each answer."""

    down: float
    up: float
    latency: float


FAST_3G = Line(1_600_000 * 0.9, 750_000 * 0.9, 150 * 3.75)
SLOW_3G = Line(500_000 * 0.8, 500_000 * 0.8, 400 * 5)

WATCH = """
new MutationObserver((_, observer) => {
  const said = [...document.querySelectorAll('.plain, .do')].find((e) => e.textContent.trim() && e.getBoundingClientRect().height)
  if (!said) return
  observer.disconnect()
  requestAnimationFrame(() => setTimeout(() => { window.firstView = [performance.now(), said.textContent.trim()] }))
}).observe(document, { childList: true, subtree: true, characterData: true })
"""
"""When the frame with the first sentence has been drawn, ms since the navigation began."""
KEPT = "navigator.serviceWorker.ready.then(() => caches.open('tani-1')).then((s) => s.keys()).then((k) => k.length > 5)"


def readings(now: int) -> bytes:
    """A station by the hour and a soil probe; synthetic, as the API takes them in."""
    lines = ["time,series,village,value,unit,quality,estimated,received"]
    first = midnight(day_of(now) - timedelta(DAYS))
    for hour in range((now - first) // 3_600_000 + 1):
        when, sun = text(first + hour * 3_600_000), max(0.0, math.sin((hour % 24 - 6) / 12 * math.pi))
        values = {
            "cuaca.air_temperature": ("Cel", 23 + 8 * sun),
            "cuaca.relative_humidity": ("%RH", 92 - 35 * sun),
            "cuaca.wind_speed": ("m/s", 1.2 + sun),
            "cuaca.solar_irradiance": ("W/m2", 780 * sun),
            "cuaca.rain": ("mm", 0.0),
            "tanah.soil_moisture": ("%", 24 - 6 * hour / (24 * DAYS)),
        }
        lines += [f"{when},kios-1.{name},{VILLAGE},{value:.2f},{unit},1,0,{when}" for name, (unit, value) in values.items()]
    return ("\r\n".join(lines) + "\r\n").encode()


def field(now: int) -> dict[str, Any]:
    """A registered field of chili with the probe in it."""
    where = village(VILLAGE)
    planted = (day_of(now) - timedelta(DAYS - 2)).isoformat()
    return {
        "village": VILLAGE, "name": "Blok timur", "crop": "cabai", "texture": "loam", "area": 1000, "flow": 2, "latitude": where.latitude,
        "longitude": where.longitude, "altitude": 60, "planted": planted, "sensors": [{"series": "kios-1.tanah.soil_moisture"}],
    }  # fmt: skip


def give(here: Place, method: str, path: str, body: bytes, kind: str) -> None:
    """Sent as staff."""
    token = (here.folder / "cloud" / "token").read_text(encoding="utf-8").strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    asked = urllib.request.Request(f"http://127.0.0.1:{here.api_port}/api/v1/{path}", data=body, headers=headers, method=method)
    with urllib.request.urlopen(asked, timeout=60):
        pass


def opened(browser: Browser, here: Place, line: Line) -> tuple[float, int]:
    """One cold load, in a browser that was never here: first view in ms, and bytes. Raises ``AssertionError`` for a page without advice."""
    proxy = Proxy(here.api_port)
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True)
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        shaped = {"offline": False, "latency": line.latency, "downloadThroughput": line.down / 8, "uploadThroughput": line.up / 8}
        session.send("Network.emulateNetworkConditions", shaped)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
        page.goto(f"http://127.0.0.1:{proxy.port}/tani?village={VILLAGE}", wait_until="commit", timeout=PATIENCE_MS)
        ms, said = page.wait_for_function("window.firstView").json_value()
        page.locator(".plot canvas").wait_for()
        page.wait_for_function(KEPT)
        page.wait_for_load_state("load")
        if not page.locator(".do").count():
            raise AssertionError(f"the page says {said!r}, and nothing of what to do")
        return ms, proxy.count
    finally:
        context.close()
        proxy.close()


def quantile(values: list[float], share: float) -> float:
    """The least value that ``share`` of all do not exceed."""
    return sorted(values)[math.ceil(len(values) * share) - 1]


def run() -> Iterator[Result]:
    """``ratio`` is the figure over its limit: 3 s and 150 kB."""
    path = os.environ.get("KAMPUNG_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise FileNotFoundError("no Chromium found: install Debian's package chromium, or name one in KAMPUNG_CHROMIUM")
    with place() as here, sync_playwright() as playwright:
        here.start_cloud()
        now = time.time_ns() // 1_000_000
        give(here, "POST", "readings", readings(now), "text/csv")
        give(here, "PUT", "farming/fields/blok-timur", json.dumps(field(now)).encode(), "application/json")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-background-networking"])
        loads = [opened(browser, here, FAST_3G) for _ in range(LOADS)]
        slow = [opened(browser, here, SLOW_3G)[0] for _ in range(SLOW_LOADS)]
        browser.close()
    times, sizes = [ms for ms, _ in loads], [float(size) for _, size in loads]
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ms, size = quantile(times, share), quantile(sizes, share)
        yield Result(f"tani_3g_first_view_{name}", ms, "ms", ms / LIMIT_MS, "the limit of 3 s, Fast 3G", LOADS)
        yield Result(f"tani_3g_transferred_{name}", size, "bytes", size / LIMIT_BYTES, "the limit of 150 kB", LOADS)
    yield Result("tani_slow_3g_first_view_p50", quantile(slow, 0.5), "ms", None, None, SLOW_LOADS)
