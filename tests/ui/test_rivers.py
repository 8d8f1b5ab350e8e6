"""Rivers: the plain page at the kiosk, and the officers' view over a real cloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from conftest import Visit
from playwright.sync_api import Page, expect
from test_pages import door, violations

from tests.cloud.alone import cloud_alone
from tests.ui.river_world import HULU, fill, tables

Visiting = Callable[..., Visit]


def river(page: Page) -> None:
    door(page, "Lingkungan")
    page.get_by_role("button", name="Sungai dan hujan").first.click()
    expect(page.get_by_role("heading", name="Sungai dan hujan", level=1)).to_be_visible()


@pytest.mark.parametrize("night", [False, True])
def test_a_staff_gauge_a_word_and_what_to_do(visit: Visiting, night: bool) -> None:
    """Large, with a shape beside the word; and when the water from upstream is here."""
    page = visit("/kiosk", "alarm", night=night).page
    river(page)
    expect(
        page.get_by_role("img", name=re.compile(r"Papan duga air: 1,\d\d m. Batas Siaga 3 1,50, Siaga 2 2,25, Siaga 1 2,70"))
    ).to_be_visible()
    expect(page.locator(".level")).to_contain_text(re.compile(r"1,[5-8]\d m"))
    expect(page.locator(".word")).to_contain_text("Siaga 3")
    expect(page.get_by_text("Jauhi tepi kali. Amati air.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"tiba di sini antara pukul \d\d\.\d\d dan \d\d\.\d\d WIB"))).to_be_visible()
    expect(page.get_by_text("63,4 mm, Hujan lebat")).to_be_visible()
    expect(page.get_by_text("Tebing belakang SD 2")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_link_the_own_gauge_goes_on_and_upstream_is_told_to_be_silent(visit: Visiting) -> None:
    page = visit("/kiosk", "offline").page
    river(page)
    expect(page.locator(".word")).to_contain_text("Siaga 4")
    expect(page.get_by_text("Jangan menunggu peringatan dari hulu")).to_be_visible()
    expect(page.get_by_text("sesudah itu jaringan putus")).to_be_visible()


def test_a_village_without_a_gauge_is_told_so(visit: Visiting) -> None:
    page = visit("/kiosk", "empty").page
    river(page)
    expect(page.get_by_text("Belum ada alat duga air di desa ini")).to_be_visible()


@pytest.fixture(scope="module")
def regency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with cloud_alone(tmp_path_factory.mktemp("river"), **tables()) as app:
        fill(app, days=1)
        yield app.url, app.token


def test_officers_see_the_river_from_the_spring_down(visit: Visiting, regency: tuple[str, str]) -> None:
    """Level, pace, minutes to the next level, water on its way, the chart with its levels, and a change of zero."""
    page = visit("/", origin=regency[0]).page
    page.get_by_role("link", name="Sungai", exact=True).click()
    stops = page.locator(".river .stop button")
    expect(stops).to_have_count(3)
    expect(stops.nth(0)).to_contain_text(re.compile(r"Jembatan Tamansari.*m.*Siaga 2.*cm/jam.*menit lagi ke Siaga 1"))
    expect(page.locator(".river .way").first).to_contain_text(re.compile(r"40.70 menit.*air dalam perjalanan"))
    expect(page.get_by_text("Usulan, belum ditetapkan desa.")).to_be_visible()
    stops.nth(1).click()
    expect(page.get_by_text("dua alat sepakat")).to_be_visible()
    expect(page.get_by_text("papan duga dipasang ulang")).to_be_visible()
    expect(page.get_by_text("Didengar lewat radio")).to_be_visible()
    page.get_by_text("Semua alat").click()
    expect(page.get_by_role("row", name=re.compile("Kalilo, Singonegaran"))).to_contain_text("Siaga 4")
    assert violations(page) == []


def test_a_slope_is_marked_on_the_map_and_taken_back(visit: Visiting, regency: tuple[str, str]) -> None:
    seen = visit("/", origin=regency[0])
    seen.quiet, page = False, seen.page  # the browser tells of the answer 401
    page.goto(f"{regency[0]}/#sungai")
    page.get_by_label("Hujan dan lereng desa").select_option(HULU)
    expect(page.get_by_role("listitem").filter(has_text="Tebing belakang SD 2")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Indeks longsor \d"))).to_be_visible()
    page.get_by_role("button", name="Tandai lereng").click()
    page.get_by_role("button", name="Simpan tanda lereng").click()
    expect(page.get_by_role("alert")).to_contain_text("Tulis nama lereng dan ketuk")
    page.get_by_label("Peta Tamansari").click(position={"x": 180, "y": 140})
    page.get_by_label("Nama lereng").fill("Lereng dusun atas")
    page.get_by_role("button", name="Simpan tanda lereng").click()
    page.get_by_label("Kunci petugas").fill(regency[1])
    page.get_by_role("button", name=re.compile("Tampilkan|Lanjut|Buka")).first.click()
    marked = page.get_by_role("listitem").filter(has_text="Lereng dusun atas")
    expect(marked).to_be_visible()
    marked.get_by_role("button", name="Cabut tanda").click()
    marked.get_by_label("Alasan tanda dicabut").fill("keliru menandai")
    marked.get_by_role("button", name="Cabut tanda").click()
    expect(marked).to_have_count(0)
