"""The three pages of a running village in Chromium, on live data; screenshots are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_sim.tamansari import VILLAGE
from kampung_sim.village import Village
from playwright.sync_api import Browser, Page, expect

from tests.e2e.support import until

AXE = Path(__file__).parent.parent.parent / "kiosk-ui" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def open_page(chromium: Browser, village: Village) -> Iterator[Any]:
    """Open a path of the running village at a size; the page must log no error and ask no other host."""
    expect.set_options(timeout=60_000)
    until("alarm on the kiosk", lambda: village.ask("/api/content/alarms")["document"]["alarms"], 60)
    pages: list[tuple[Page, list[str]]] = []

    def start(port: int, path: str, width: int, height: int, scale: float = 1) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale, locale="id-ID")
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(("http://127.0.0.1:", "data:", "blob:")) else None)
        page.goto(f"http://127.0.0.1:{port}{path}")
        pages.append((page, wrong))
        return page

    yield start
    for page, wrong in pages:
        page.context.close()
        assert wrong == []


def axe(page: Page) -> list[str]:
    """Accessibility violations axe-core finds."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


def test_kiosk_screenshots(open_page: Any, village: Village, artifacts: Path) -> None:
    """Attract screen with village, clock, alarm and live values; a touch opens the doors that have a service."""
    page: Page = open_page(village.kiosk_port, "/", 1080, 1920)
    expect(page.get_by_text("Tamansari").first).to_be_visible()
    expect(page.get_by_text("Kali Bomo naik").first).to_be_visible()
    expect(page.get_by_text("Waspada").first).to_be_visible()
    expect(page.get_by_text("tersambung", exact=False).first).to_be_visible()
    page.screenshot(path=artifacts / "kios-menarik.png")
    assert axe(page) == []
    page.mouse.click(540, 1500)
    expect(page.get_by_text("Pertanian").first).to_be_visible()
    expect(page.get_by_text("Pendidikan dan budaya")).to_have_count(0)
    page.screenshot(path=artifacts / "kios-pintu.png")
    assert axe(page) == []
    page.get_by_text("Lingkungan").first.click()
    page.get_by_role("button", name="Hasil pengukuran").click()
    expect(page.get_by_text("Tinggi muka air").first).to_be_visible()
    page.wait_for_timeout(800)
    page.screenshot(path=artifacts / "kios-lingkungan.png")


def test_farmer_screenshots(open_page: Any, village: Village, artifacts: Path) -> None:
    """Fields, the alarm in plain Indonesian, and a chart of the last days."""
    page: Page = open_page(village.cloud_port, f"/tani?village={VILLAGE}", 390, 844, 2)
    expect(page.get_by_role("heading", name="Sawah Blok Timur")).to_be_visible()
    expect(page.get_by_text("Kali Bomo naik").first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_timeout(800)
    page.screenshot(path=artifacts / "tani.png", full_page=True)
    assert axe(page) == []


def test_regency_screenshots(open_page: Any, village: Village, artifacts: Path) -> None:
    """217 villages on the map, the node's state and the sentence that says everything is here."""
    page: Page = open_page(village.cloud_port, "/", 1440, 900)
    expect(page.locator("svg path, svg [data-code]").nth(216)).to_be_attached()
    expect(page.get_by_text("Tamansari").first).to_be_visible()
    expect(page.get_by_text("pembacaan", exact=False).first).to_be_visible()
    page.wait_for_timeout(800)
    page.screenshot(path=artifacts / "kabupaten.png", full_page=True)
    assert axe(page) == []
