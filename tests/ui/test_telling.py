"""The regency's pages of people, silences and messages."""

from __future__ import annotations

import re
from collections.abc import Callable

from conftest import Visit
from demo_outputs import KEY
from demo_server import Demo
from playwright.sync_api import Page, expect
from test_pages import violations

Visiting = Callable[..., Visit]


def give_key(page: Page, key: str = KEY) -> None:
    page.get_by_label("Kunci petugas").fill(key)
    page.get_by_label("Kunci petugas").press("Enter")


def test_messages_say_what_became_of_them_and_names_need_the_key(own: Callable[[str], Demo], visit: Visiting) -> None:
    page = visit("/", origin=own("alarm").url).page
    page.get_by_role("link", name="Pesan").click()
    first = page.locator("main ol > li").first
    expect(first).to_contain_text("Kepada petugas desa")
    page.get_by_role("button", name="Tampilkan nama").click()
    give_key(page, "bukan-kunci")
    expect(page.get_by_role("alert")).to_be_visible()
    give_key(page)
    expect(first).to_contain_text("Kepada Bu Ratna (contoh)")
    failed = page.locator("main section > ol > li").filter(has_text="gagal")
    failed.get_by_role("button", name="Isi dan pengiriman").click()
    expect(failed).to_contain_text("number not in service")
    assert violations(page) == []
    page.get_by_label("Keadaan").select_option("expired")
    expect(page.get_by_text("Tidak ada pesan seperti itu")).to_be_visible()


def test_people_are_shown_to_those_who_have_the_key(own: Callable[[str], Demo], visit: Visiting) -> None:
    page = visit("/", origin=own("alarm").url).page
    page.get_by_role("link", name="Kontak").click()
    expect(page.get_by_role("table")).to_have_count(0)
    give_key(page)
    expect(page.get_by_role("row", name=re.compile("Pak RT 03"))).to_contain_text("Bila belum ada yang menangani")
    expect(page.get_by_role("row", name=re.compile("Pusdalops"))).to_contain_text("Siaga ke atas")
    assert violations(page) == []


def test_an_alarm_is_silenced_with_a_reason_and_heard_again(own: Callable[[str], Demo], visit: Visiting) -> None:
    page = visit("/", origin=own("alarm").url).page
    page.get_by_role("link", name="Senyap").click()
    page.get_by_role("button", name="Senyapkan peringatan").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Senyapkan 2 jam").click()
    expect(dialog.get_by_text("Isi bagian ini.")).to_have_count(4)
    assert violations(page) == []
    dialog.get_by_label("Peringatan yang mana").select_option(index=1)
    dialog.get_by_label("Berapa lama").select_option("28800")
    dialog.get_by_label("Nama Anda").fill("Bu Sari")
    dialog.get_by_label("Mengapa").fill("Sensor dibersihkan")
    dialog.get_by_label("Kunci petugas").fill(KEY)
    dialog.get_by_role("button", name="Senyapkan 8 jam").click()
    line = page.locator("main li").filter(has_text="Sensor dibersihkan")
    expect(line).to_contain_text("oleh Bu Sari")
    line.get_by_role("button", name="Akhiri").click()
    dialog.get_by_role("button", name="Akhiri").click()
    expect(line).to_contain_text("Diakhiri")
    assert violations(page) == []
