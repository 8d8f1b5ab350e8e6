"""A number from the kiosk to the counter: taken by touch, called by keyboard, large on the television."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from playwright.sync_api import Browser, Page, expect

from tests.edge.conftest import free_port
from tests.edge.test_queue_routes import CODE, QUEUE
from tests.ui.test_services_kiosk import CONFIG, begin, shot

VOICE = """
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => [{ lang: 'id-ID', name: 'Suara tiruan' }], cancel() {},
  speak(words) { document.documentElement.dataset.said = `${words.lang}: ${words.text}`; setTimeout(() => words.onend(), 50) },
} })
"""
"""A browser with an Indonesian voice, which no machine of ours has: what it is given to say is kept."""


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeApp]:
    folder = tmp_path_factory.mktemp("kiosk")
    (folder / "edge.toml").write_text(CONFIG.format(broker=free_port()) + QUEUE)
    app = EdgeApp(load(folder / "edge.toml"))
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    made: list[Page] = []

    def at(url: str, width: int, height: int, script: str = "") -> Page:
        made.append(browser.new_context(viewport={"width": width, "height": height}, timezone_id="Pacific/Kiritimati").new_page())
        made[-1].add_init_script(script)
        made[-1].goto(url)
        return made[-1]

    yield at
    for page in made:
        page.context.close()


def test_from_the_kiosk_to_the_counter(kiosk: EdgeApp, opened: Callable[..., Page]) -> None:
    assert kiosk.queue is not None
    here, lan = f"http://127.0.0.1:{kiosk.port}", f"http://127.0.0.1:{kiosk.queue.port}"
    screen = opened(f"{lan}/antrian", 1920, 1080, VOICE)
    expect(screen.get_by_text("Belum ada panggilan")).to_be_visible()
    screen.get_by_role("main").click()  # until somebody touches it, a browser keeps a page silent
    expect(screen.get_by_text("Panggilan dengan nada dan ucapan")).to_be_visible()
    page = opened(f"{here}/", 1080, 1920)
    begin(page, "Ambil nomor antrian")
    page.get_by_role("button", name="Lansia, ibu hamil").click()
    page.get_by_role("button", name="Surat dan kependudukan").click()
    expect(page.locator(".number")).to_have_text("A001")
    expect(page.get_by_text("tidak ada, Anda berikutnya")).to_be_visible()
    shot(page, "queue-number")
    assert kiosk.queue.office.now()[0].tickets["A1"].priority

    desk = opened(f"{lan}/loket#kode=salah-sekali", 1440, 900)
    desk.get_by_label("Kode loket").fill("salah lagi")
    desk.get_by_role("button", name="Masuk").click()
    expect(desk.get_by_role("alert")).to_contain_text("kode tidak cocok")
    desk.get_by_label("Kode loket").fill(CODE)
    desk.get_by_role("button", name="Masuk").click()
    desk.get_by_role("button", name="1", exact=True).click()
    expect(desk.get_by_role("row", name="A001")).to_contain_text("didahulukan")
    desk.keyboard.press("Space")
    expect(desk.get_by_role("status")).to_contain_text("Dipanggil")
    expect(screen.locator(".call .number")).to_have_text("A001")
    expect(screen.locator(".call .counter")).to_have_text("Loket 1")
    expect(page.get_by_text("Silakan ke loket 1")).to_be_visible()
    shot(screen, "queue-display")
    expect(screen.locator("html")).to_have_attribute("data-said", "id-ID: Nomor A nol nol satu, silakan ke loket satu.")
    desk.keyboard.press("t")
    expect(page.get_by_text("sudah dipanggil, tetapi tidak ada yang datang")).to_be_visible()
    desk.get_by_role("button", name="Panggil A001").click()
    desk.get_by_role("button", name="Datang, mulai dilayani").click()
    phone = opened(f"{lan}/loket#kode={CODE}", 390, 844)
    phone.get_by_role("button", name="1", exact=True).click()
    expect(phone.locator(".number")).to_have_text("A001")
    assert CODE not in phone.url
    desk.keyboard.press("s")
    expect(phone.get_by_text("Tidak ada yang sedang dipanggil")).to_be_visible()  # what one screen does, the other shows
    expect(page.get_by_text("Sudah dilayani. Terima kasih.")).to_be_visible()
    kiosk.queue.stop()
    expect(desk.get_by_text("Sambungan ke kios terputus")).to_be_visible()
