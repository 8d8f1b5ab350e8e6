"""The page of open data: files anybody may take, and what they say while there are none."""

from __future__ import annotations

from collections.abc import Callable

from conftest import Visit
from playwright.sync_api import expect
from test_pages import violations

Visiting = Callable[..., Visit]


def test_open_data_page_leads_to_the_files(visit: Visiting) -> None:
    """Who publishes, under which licence, from when to when, and a file a year; nothing wider than the phone."""
    page = visit("/data-terbuka").page
    expect(page.get_by_text("Dinas Kominfo Kabupaten Banyuwangi (contoh)")).to_be_visible()
    expect(page.locator(".sets li")).to_have_count(2)
    expect(page.get_by_role("row", name="Tamansari 3/2026")).to_contain_text("3,5")
    expect(page.get_by_role("row", name="Inspektorat kabupaten")).to_contain_text("–")
    expect(page.locator(".sets li").first).to_contain_text("Tinggi muka air")
    spreadsheet, plain, parquet = (a.get_attribute("href") for a in page.locator(".sets li").first.locator("a.file").all()[:3])
    base = "/api/v1/open-data/35.10.24.2008/water_level"
    span = "?start=2026-01-01T00:00:00&stop=2027-01-01T00:00:00"
    assert [spreadsheet, plain, parquet] == [
        f"{base}.csv{span}&separator=semicolon&decimal=comma",
        f"{base}.csv{span}",
        f"{base}.parquet{span}",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []


def test_open_data_page_is_empty_and_broken_politely(visit: Visiting) -> None:
    empty = visit("/data-terbuka", "empty").page
    expect(empty.get_by_text("Belum ada data yang dibuka")).to_be_visible()
    expect(empty.get_by_text("Belum ada triwulan yang sudah berakhir")).to_be_visible()
    expect(visit("/data-terbuka", "broken").page.get_by_text("Daftar data belum dapat diambil")).to_be_visible()
