"""The air at the kiosk: a number, a word, a colour that can be read, what to do; old, lacking and absent told as such."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from conftest import Visit
from playwright.sync_api import Page, expect
from test_pages import door, violations

Visiting = Callable[..., Visit]
MM = 2.71


def air(page: Page) -> None:
    door(page, "Lingkungan")
    page.get_by_role("button", name="Udara").first.click()
    expect(page.get_by_role("heading", name="Udara", level=1)).to_be_visible()


@pytest.mark.parametrize("night", [False, True])
def test_the_index_stands_large_on_its_official_colour_with_what_to_do(visit: Visiting, night: bool) -> None:
    page = visit("/kiosk", "alarm", night=night).page
    air(page)
    plate = page.locator(".plate")
    expect(plate).to_contain_text(re.compile(r"138\s*Tidak Sehat"))
    assert plate.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(204, 204, 0)"
    expect(page.get_by_text("Mengurangi aktivitas fisik yang terlalu lama")).to_be_visible()
    expect(page.get_by_text("bukan angka ISPU")).to_be_visible()
    expect(page.get_by_text("menghitung titik air")).to_be_visible()
    expect(page.locator("figure .bar")).to_have_count(22 + 6)
    assert page.locator("figure table").first.locator("tbody tr").count() == 24
    expect(page.locator("figure table").first).to_contain_text("belum lengkap")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_mountains_notice_is_pvmbgs_and_says_when(visit: Visiting) -> None:
    page = visit("/kiosk", "alarm").page
    air(page)
    notice = page.locator(".notice")
    expect(notice).to_contain_text("Gunung Ijen: Level II (Waspada)")
    expect(notice).to_contain_text("Diteruskan dari PVMBG")
    expect(notice).to_contain_text("SIMULASI")
    expect(notice).to_contain_text("“Masyarakat tidak mendekati kawah dalam radius 1,5 km.”")
    expect(notice.locator(".old")).to_have_count(0)


def test_with_the_link_down_number_and_notice_say_how_old_they_are(visit: Visiting) -> None:
    page = visit("/kiosk", "offline").page
    air(page)
    expect(page.locator(".plate")).to_contain_text("63")
    expect(page.get_by_text(re.compile(r"Keadaan pukul .*jam lalu"))).to_be_visible()
    expect(page.locator(".notice .old")).to_contain_text("mungkin bukan keadaan sekarang")


def test_a_place_with_six_hours_has_no_number(visit: Visiting) -> None:
    page = visit("/kiosk").page
    air(page)
    page.get_by_role("button", name="Pasar Tamansari").click()
    expect(page.locator(".plate")).to_contain_text("Baru 6 jam dari 24")
    expect(page.locator(".figure")).to_have_count(0)
    boxes = [b for b in (x.bounding_box() for x in page.locator("main button").all()) if b]
    assert boxes and all(min(b["width"], b["height"]) >= 20 * MM for b in boxes)
    page.get_by_role("button", name="Kembali").click()
    expect(page.get_by_role("heading", name="Lingkungan")).to_be_visible()


def test_without_a_sensor_the_page_says_what_will_appear(visit: Visiting) -> None:
    page = visit("/kiosk", "empty").page
    air(page)
    expect(page.get_by_text("Belum ada alat pengukur udara")).to_be_visible()


# -- officers' desk ---------------------------------------------------------------------------------------------


def test_officers_see_every_station_and_what_its_index_is_made_of(visit: Visiting) -> None:
    page = visit("/", "alarm").page
    page.get_by_role("link", name="Udara", exact=True).click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(re.compile(r"Halaman balai desa.*138\s*Tidak Sehat", re.DOTALL))
    expect(rows.nth(1)).to_contain_text("6/24")
    expect(page.locator(".notice")).to_contain_text("Bila mencium gas belerang")
    assert violations(page) == []
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Halaman balai desa")).to_be_visible()
    dust = page.locator("tbody tr").first
    expect(dust).to_contain_text(re.compile(r"26,4.*41,9.*24/24.*epa-2021", re.DOTALL))
    expect(page.get_by_text("31 hari terakhir").first).to_be_visible()
    expect(page.get_by_role("link", name="7 hari, per jam")).to_have_attribute("href", re.compile(r"history\.csv\?every=hour&days=7"))
    assert violations(page) == []


# -- anybody's phone --------------------------------------------------------------------------------------------


def test_on_a_phone_a_place_is_chosen_and_kept(visit: Visiting) -> None:
    page = visit("/udara", "alarm").page
    expect(page.locator(".plate")).to_contain_text(re.compile(r"138\s*Tidak Sehat"))
    expect(page.locator(".notice")).to_contain_text("Diteruskan dari PVMBG")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Tempat").select_option(label="Desa Tamansari, Pasar Tamansari")
    expect(page.locator(".plate")).to_contain_text("Baru 6 jam dari 24")
    page.reload()
    expect(page.locator(".plate")).to_contain_text("Baru 6 jam dari 24")
    expect(visit("/udara", "empty").page.get_by_text("Belum ada tempat yang udaranya diukur")).to_be_visible()
