"""The regency's map over a real cloud: layers, levels, the slider, and the way down to a village."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from conftest import Visit
from playwright.sync_api import expect
from test_pages import violations

from tests.cloud.alone import cloud_alone
from tests.ui.regency_world import HOME, fill

Visiting = Callable[..., Visit]


@pytest.fixture(scope="module")
def regency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cloud_alone(tmp_path_factory.mktemp("regency")) as app:
        fill(app, few=True)
        yield app.url


def test_map_table_and_slider(visit: Visiting, regency: str) -> None:
    """The same in colours and in rows; by keyboard alone; old and missing data are said to be."""
    page = visit("/", origin=regency).page
    page.get_by_role("link", name="Peta kabupaten").click()
    village = page.locator(f'path[data-code="{HOME}"]')
    expect(village).to_have_attribute("aria-label", "Tamansari, Kecamatan Licin: Siaga · 1\u00a0peringatan · n = 1")
    assert violations(page) == []
    page.get_by_label("Lapisan").select_option("readings")
    expect(page.locator("caption")).to_have_text("Umur data menurut kecamatan, sekarang")
    expect(page.get_by_role("row", name="Licin")).to_contain_text("2 dari 8")
    expect(page.get_by_role("list", name="Arti warna dan bentuk")).to_contain_text("Tidak ada data")

    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", page.locator(".at").inner_text())
    expect(page.locator("caption")).to_contain_text("WIB")
    page.get_by_role("button", name="30 hari").click()
    expect(page.locator(".at")).to_have_text("Sekarang")
    page.keyboard.press("Tab")

    page.get_by_label("Kecamatan", exact=True).check()
    licin = page.locator('path[data-code="35.10.24"]')
    licin.focus()
    page.keyboard.press("Enter")
    expect(page.locator("caption")).to_have_text("Kecamatan Licin, sekarang")
    expect(page.get_by_role("row", name="Segobang")).to_contain_text("Tidak ada data")
    page.get_by_role("link", name="Tamansari").click()
    expect(page.get_by_role("heading", name="Desa Tamansari")).to_be_visible()


def test_it_plays_and_stops(visit: Visiting, regency: str) -> None:
    """From the oldest time on, until it is stopped."""
    page = visit("/", origin=regency).page
    page.goto(f"{regency}/#peta?lapisan=water")
    page.get_by_role("button", name="Putar").click()
    slider = page.get_by_role("slider")
    expect(slider).not_to_have_value("24")
    page.get_by_role("button", name="Berhenti").click()
    expect(page.get_by_role("button", name="Putar")).to_be_visible()


def test_a_phone(visit: Visiting, regency: str) -> None:
    """Nothing runs out of a narrow page."""
    page = visit("/", origin=regency).page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{regency}/#peta?lapisan=reports&tempat={HOME}")
    expect(page.get_by_role("row", name="Tamansari")).to_contain_text("4–9 terbuka")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []
