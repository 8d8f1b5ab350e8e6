"""The public map of 100,000 trees in a real browser, from a real cloud: how long until it is drawn once its data has come.

Trees are synthetic: each village has its share by area, within its rectangle, in clumps as gardens and roadsides are. ``drawn``: from
the last byte of the map document until the first frame with all trees has been painted, so reading the columns, gathering, outlines and
the canvas. ``desk`` is 1440 × 900 at this machine's pace, ``phone`` 390 × 844 with a processor four times slower, both without a GPU.
``filtered``: from choosing a species until its frame. ``opened``: from the navigation on, over loopback. The peer is the limit of 1 s.
``KAMPUNG_BENCH_TREES`` is the number of trees (100,000), ``KAMPUNG_BENCH_LOADS`` of loads (5).
"""

from __future__ import annotations

import gzip
import math
import os
import random
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kampung_cloud.modules.trees.judging import STATUSES
from kampung_cloud.modules.trees.species import species
from kampung_cloud.records import open_records
from kampung_cloud.records.tree_models import TreeRow
from kampung_contract.tree_code import new_code
from kampung_contract.villages import villages
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import insert

from benchmarks.place import Place, place
from benchmarks.result import Result

TREES = int(os.environ.get("KAMPUNG_BENCH_TREES", "100000"))
LOADS = int(os.environ.get("KAMPUNG_BENCH_LOADS", "5"))
LIMIT_MS = 1_000
SCREENS = {"desk": (1440, 900, 1), "phone": (390, 844, 4)}
PAINTED = """
new Promise(done => {
  const look = () => performance.getEntriesByName('trees-drawn').length
    ? requestAnimationFrame(() => setTimeout(() => done({
        loaded: performance.getEntriesByName('trees-loaded').at(-1).startTime,
        painted: performance.now(), trees: document.querySelector('canvas').getAttribute('aria-label'),
      })))
    : setTimeout(look, 4)
  look()
})
"""
FILTER = """
() => new Promise(done => {
  const select = document.querySelectorAll('.filters select')[1]
  const begun = performance.now()
  select.value = 'mangga'
  select.dispatchEvent(new Event('change', { bubbles: true }))
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)))
})
"""


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Trees as the register has them."""
    dice = random.Random(7)
    kinds = [*species(), ""]
    places = list(villages())
    weights = [math.sqrt((v.bounds[2] - v.bounds[0]) * (v.bounds[3] - v.bounds[1])) for v in places]
    codes: set[str] = set()
    clump: dict[str, tuple[float, float]] = {}
    for number, where in enumerate(dice.choices(places, weights, k=count)):
        south, west, north, east = where.bounds
        if where.code not in clump or dice.random() < 0.05:
            clump[where.code] = (dice.uniform(south, north), dice.uniform(west, east))
        latitude, longitude = clump[where.code]
        while (code := new_code(dice.randrange)) in codes:
            pass
        codes.add(code)
        yield {
            "code": code, "village": where.code, "species": dice.choice(kinds), "said": "pohon", "latitude": dice.gauss(latitude, 4e-4),
            "longitude": dice.gauss(longitude, 4e-4), "accuracy": 6.0, "plot": "", "planter_name": f"Warga {number}", "planter_account": "",
            "planter_phone": "", "public": False, "planted": "2026-01-05", "height": 1.0, "dbh": None,
            "status": dice.choices(STATUSES, (4, 3, 2, 1, 1))[0], "since": 1, "growth": {}, "replaces": "", "replaced_by": "",
            "source": "phone", "event": f"bench/{number}", "at": number, "changed": number,
        }  # fmt: skip


def fill(folder: Path, count: int) -> None:
    """Into the records of a cloud that is not running."""
    records = open_records("sqlite:records.sqlite", folder)
    made = list(rows(count))
    with records.transaction() as connection:
        for start in range(0, count, 5_000):
            connection.execute(insert(TreeRow), made[start : start + 5_000])
    records.close()


def opened(browser: Browser, here: Place, screen: tuple[int, int, int]) -> tuple[float, float, float]:
    """One cold load: drawn, opened, and filtered in ms. Raises ``AssertionError`` unless the page shows every tree."""
    width, height, slower = screen
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(60_000)
    try:
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto(f"http://127.0.0.1:{here.api_port}/pohon", wait_until="commit")
        seen = page.evaluate(PAINTED)
        if f"{TREES:,}".replace(",", ".") not in seen["trees"]:
            raise AssertionError(f"the map says {seen['trees']!r}, expected {TREES:,} trees")
        return seen["painted"] - seen["loaded"], seen["painted"], page.evaluate(FILTER)
    finally:
        context.close()


def run() -> Iterator[Result]:
    """``ratio`` is the time over its limit."""
    path = os.environ.get("KAMPUNG_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise FileNotFoundError("no Chromium found: install Debian's package chromium, or name one in KAMPUNG_CHROMIUM")
    with place() as here, sync_playwright() as playwright:
        fill(here.folder / "cloud", TREES)
        here.start_cloud()
        begun = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{here.api_port}/api/v1/trees/map", timeout=60) as answer:
            data = answer.read()
        yield Result("tree_map_made_by_the_cloud", (time.monotonic() - begun) * 1000, "ms", None, None, TREES)
        yield Result("tree_map_document", float(len(data)), "bytes", None, None, TREES)
        yield Result("tree_map_document_gzip", float(len(gzip.compress(data, 5))), "bytes", None, None, TREES)
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for name, screen in SCREENS.items():
            loads = [opened(browser, here, screen) for _ in range(LOADS)]
            for index, what in enumerate(("drawn", "opened", "filtered")):
                worst = max(load[index] for load in loads)
                limited = what != "opened"
                yield Result(
                    f"tree_map_{name}_{what}_worst",
                    worst,
                    "ms",
                    worst / LIMIT_MS if limited else None,
                    "the limit of 1 s" if limited else None,
                    LOADS,
                )
        browser.close()
