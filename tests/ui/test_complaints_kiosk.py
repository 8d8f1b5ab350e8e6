"""At a real kiosk whose line is cut: a complaint without a name, its answer by ticket and word, an objection; a suggestion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kampung_cloud.modules.complaints.told import sealed
from kampung_contract.complaint import opening
from kampung_contract.documents import Content
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from playwright.sync_api import Browser, Page, expect

from tests.edge.conftest import free_port
from tests.ui.test_services_kiosk import CONFIG, begin, shot, typed

DUE = 1_798_000_000_000


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeApp]:
    folder = tmp_path_factory.mktemp("complaints")
    (folder / "edge.toml").write_text(CONFIG.format(broker=free_port()))
    app = EdgeApp(load(folder / "edge.toml"))
    app.start()
    yield app
    app.stop()


@pytest.fixture
def page(browser: Browser, kiosk: EdgeApp) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1080, "height": 1920}, timezone_id="Pacific/Kiritimati")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{kiosk.port}/")
    begin(page, "Pengaduan dan saran")
    yield page
    context.close()


def touch(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)


def test_from_a_complaint_without_a_name_to_an_objection(page: Page, kiosk: EdgeApp) -> None:
    shot(page, "complaints")
    touch(page, "Saya mau mengadu")
    shot(page, "complaint-about")
    touch(page, "Saya diminta membayar")
    expect(page.get_by_role("heading")).to_have_text("Berapa yang diminta?")
    typed(page, "50000")
    touch(page, "Lanjut")
    touch(page, "Kemarin")
    expect(page.get_by_role("heading")).to_have_text("Apa yang terjadi?")
    write(page, "diminta")
    touch(page, "Lanjut")
    expect(page.get_by_role("alert")).to_have_text("Tulis paling sedikit sepuluh huruf.")
    write(page, "Petugas di loket meminta uang untuk surat yang gratis.")
    shot(page, "complaint-text")
    touch(page, "Lanjut")
    expect(page.get_by_role("button", name="Kantor desa juga")).to_have_count(0)
    shot(page, "complaint-known")
    touch(page, "Tidak seorang pun")
    expect(page.get_by_role("heading")).to_have_text("Periksa pengaduan Anda")
    shot(page, "complaint-check")
    touch(page, "Kirim pengaduan")
    expect(page.get_by_role("heading", name="Pengaduan diterima")).to_be_visible()
    expect(page.get_by_text("Kantor desa tidak dapat melihatnya.")).to_be_visible()
    shot(page, "complaint-ticket")
    number, word = page.locator(".big").all_inner_texts()
    opened = opening(number, word)
    told = sealed(opened, note="Uangnya dikembalikan. Petugasnya ditegur.", may=["object", "accept"], due=DUE, office="inspectorate")
    listed = {"complaints": [{"complaint": opened.name, "state": "answered", "since": 1, "told": told}]}
    kiosk.view.keep(Content("complaints", 1, 1, listed))
    touch(page, "Selesai, kembali")
    touch(page, "Lihat jawaban")
    write(page, number.lower().replace("-", " "))
    touch(page, "Lanjut")
    write(page, "salah-salah")
    page.get_by_role("button", name="Lihat", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("tidak cocok")
    shot(page, "complaint-wrong-word")
    write(page, word.replace("-", " "))
    page.get_by_role("button", name="Lihat", exact=True).click()
    expect(page.get_by_role("heading", name="Sudah dijawab")).to_be_visible()
    expect(page.get_by_text("Uangnya dikembalikan.")).to_be_visible()
    shot(page, "complaint-answered")
    touch(page, "Belum selesai, saya keberatan")
    write(page, "Belum dikembalikan semuanya.")
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_role("heading", name="Sudah diterima kios")).to_be_visible()
    touch(page, "Kembali")
    touch(page, "Saya punya saran")
    write(page, "Sediakan kursi di ruang tunggu.")
    shot(page, "suggestion")
    touch(page, "Kirim saran")
    expect(page.get_by_role("heading", name="Terima kasih")).to_be_visible()
