"""The morning's lists at the kiosk: found behind their door, answered with the link down, and honest where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable

from conftest import Visit
from demo_server import Demo
from playwright.sync_api import Page, expect
from test_pages import door, violations

Visiting = Callable[..., Visit]
MM = 2.71


def field(page: Page, name: str) -> None:
    door(page, "Pertanian")
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_a_list_is_found_read_and_answered_with_the_link_down(own: Callable[[str], Demo], visit: Visiting) -> None:
    """Three touches from the attract screen; nobody has to give a name; what was answered is there when one comes back to it."""
    demo = own("offline")
    page = visit("/kiosk", origin=demo.url).page
    door(page, "Pertanian")
    expect(page.locator(".fields .name")).to_have_text(["Kebun cabai", "Pekarangan Bu Contoh", "Sawah blok timur"])
    expect(page.locator(".fields li").nth(1)).to_contain_text("Tidak ada pekerjaan pagi ini")
    expect(page.locator(".fields li").nth(2)).to_contain_text(re.compile(r"Sekarang\s+3 pekerjaan"))
    expect(page.get_by_text("jawaban Anda disimpan di kios ini")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Sawah blok timur").click()
    expect(page.get_by_text("Daftar dibuat pukul")).to_be_visible()
    first = page.locator("ol > li").first
    expect(page.locator("ol > li")).to_have_count(3)
    expect(first.get_by_text("Bouman")).to_be_hidden()
    first.get_by_text("Mengapa?").click()
    expect(first.get_by_text("Bouman")).to_be_visible()
    expect(first.locator("dd").first).to_have_text("\u221217")
    first.get_by_role("button", name="Sudah:").click()
    expect(first.get_by_role("status")).to_contain_text(re.compile(r"Sudah, kata Warga pukul \d\d\.\d\d\."))
    expect(first.get_by_role("status")).to_contain_text("Tercatat, dikirim bila jaringan tersambung.")
    expect(first.get_by_role("button", name="Sudah:")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Penyuluh").click()
    page.locator("ol > li").nth(1).get_by_role("button", name="Tidak perlu:").click()
    expect(page.locator("ol > li").nth(1)).to_contain_text("Tidak perlu, kata Penyuluh")
    page.get_by_role("button", name="Nama lain").click()
    page.get_by_label("Nama atau jabatan").fill(" Bu Sari ")
    page.locator("ol > li").nth(2).get_by_role("button", name="Belum:").click()
    expect(page.locator("ol > li").nth(2)).to_contain_text("Belum, kata Bu Sari")
    assert [(g["action"], g["answer"], g["by"]) for g in demo.world.farming.given] == [
        ("water", "sudah", "Warga"),
        ("look.blast", "tidak perlu", "Penyuluh"),
        ("record.lcc", "belum", "Bu Sari"),
    ]
    boxes = [b.bounding_box() for b in page.locator("main button, main summary, main input").all()]
    assert len(boxes) == 3 * 4 + 5
    assert all(box and min(box["width"], box["height"]) >= 20 * MM for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.get_by_role("button", name="Kembali").click()
    page.get_by_role("button", name="Pekarangan Bu Contoh").click()
    expect(page.get_by_role("heading", name="Pagi ini tidak ada yang perlu dikerjakan")).to_be_visible()
    expect(page.get_by_role("heading", name="Siapa yang menjawab?")).to_have_count(0)


def test_the_list_is_said_in_the_language_of_the_kiosk(visit: Visiting) -> None:
    """What to do and why in the language that was touched; an action that no sentence came with stays Indonesian."""
    page = visit("/kiosk").page
    field(page, "Kebun cabai")
    page.get_by_role("button", name="Bahasa").click()
    page.locator(".languages button[lang=mad]:visible").click()
    expect(page.get_by_text("Sèram Kebun cabai ghulagghu ka'dinto: 18 mm, pompa kèra-kèra 2 jhâm 30 mennèt.")).to_be_visible()
    page.get_by_text("Arapa?").first.click()
    expect(page.get_by_text("Tanpa sensor tana; èètong ḍâri cuaca")).to_be_visible()
    expect(page.get_by_text("18,2").first).to_be_visible()
    expect(page.get_by_text("Periksa buah cabai di Kebun cabai")).to_be_visible()
    assert violations(page) == []


def test_no_field_no_answer_taken_and_a_line_that_holds(visit: Visiting, own: Callable[[str], Demo]) -> None:
    """Each says what it is, and what to do."""
    page = visit("/kiosk", "empty").page
    door(page, "Pertanian")
    expect(page.get_by_text("Belum ada lahan terdaftar")).to_be_visible()
    expect(page.get_by_role("button", name="Keadaan tanah")).to_be_visible()
    assert violations(page) == []
    seen = visit("/kiosk", origin=own("normal").url)
    seen.quiet = False  # the browser itself complains of the aborted request
    page = seen.page
    field(page, "Kebun cabai")
    expect(page.get_by_text("Dijawab Pak Contoh: sudah.")).to_be_visible()
    page.route("**/answer", lambda route: route.abort())
    water = page.locator("ol > li").first
    water.get_by_role("button", name="Belum:").click()
    expect(water.get_by_role("alert")).to_contain_text("Belum tercatat")
    page.unroute("**/answer")
    water.get_by_role("button", name="Belum:").click()
    expect(water).to_contain_text("Tercatat dan sudah dikirim.")
    expect(water.get_by_role("alert")).to_have_count(0)


def test_the_reason_opens_to_numbers_and_a_chart_on_the_phone(visit: Visiting) -> None:
    """The chart is fetched by who opens the reason, and a table says the same; a field of the configuration has neither key nor chart."""
    page = visit("/tani").page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.get_by_role("combobox").select_option(label="Kebun cabai")
    expect(page.get_by_role("heading", name="Yang perlu dikerjakan")).to_be_visible()
    assert not [url for url in fetched if "balance" in url]
    page.get_by_text("Mengapa?").first.click()
    water = page.locator("figure", has_text="Kekurangan air tanah (mm), 30 hari")
    expect(water.locator("canvas")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Kekurangan kemarin .* sekarang 16,7 mm \(FAO-56, rumus 85\)"))).to_be_visible()
    water.get_by_text("Angka tiap hari").click()
    expect(water.locator("tbody tr")).to_have_count(30)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
