"""A resident asks for a letter at a real kiosk whose line is cut: by touch, checked at once, followed by his number, completed later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kampung_cloud.modules.services.catalogue.loading import ours
from kampung_cloud.modules.services.kiosks import offered
from kampung_contract.documents import Content
from kampung_contract.service_request import new_reference
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from playwright.sync_api import Browser, Page, expect

from tests.edge.conftest import free_port

SHOTS = Path(__file__).resolve().parents[2] / "artifacts" / "screenshots"
CONFIG = """
node = "kiosk-9"
village = "35.10.24.2008"
data = "data"
[broker]
url = "mqtt://127.0.0.1:{broker}"
[kiosk]
port = 0
"""


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeApp]:
    """With the list of services, and without a broker."""
    folder = tmp_path_factory.mktemp("kiosk")
    (folder / "edge.toml").write_text(CONFIG.format(broker=free_port()))
    app = EdgeApp(load(folder / "edge.toml"))
    app.start()
    listed = [offered(s) for s in sorted(ours().values(), key=lambda s: s.title) if s.self_service]
    app.view.keep(Content("services", 1, 1, {"services": listed}))
    yield app
    app.stop()


@pytest.fixture
def page(browser: Browser, kiosk: EdgeApp) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1080, "height": 1920}, timezone_id="Pacific/Kiritimati")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{kiosk.port}/")
    begin(page)
    yield page
    context.close()


def begin(page: Page, entry: str = "Ajukan layanan") -> None:
    """From the attract screen, whose call is in one language after another: a touch anywhere begins. Then a page behind the door."""
    expect(page.locator(".kiosk.attract")).to_be_visible()
    page.get_by_role("main").click(position={"x": 30, "y": 300})
    page.get_by_role("button", name="Layanan").click()
    page.get_by_role("button", name=entry).click()


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"kiosk-{name}.png")


def typed(page: Page, text: str) -> None:
    """By the keys on the screen."""
    board = page.get_by_role("group", name="Papan ketik")
    for c in text:
        if c == " ":
            board.get_by_role("button", name="spasi").click()
        else:
            board.get_by_role("button", name=c, exact=True).click()


def test_from_the_door_to_a_number_that_can_be_followed(page: Page, kiosk: EdgeApp) -> None:
    """One question a page; an answer that is missing or wrong is said and kept; the request waits in the spool for its line."""
    shot(page, "services")
    page.get_by_role("button", name="Cari layanan").click()
    typed(page, "Sktm")
    shot(page, "services-search")
    page.get_by_role("button", name="Surat keterangan tidak mampu (SKTM)").click()
    shot(page, "services-about")
    page.get_by_role("button", name="Mulai mengisi").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("alert")).to_have_text("Jawab dulu pertanyaan ini.")
    typed(page, "Sri")
    expect(page.get_by_role("textbox")).to_have_value("Sri")
    shot(page, "services-name")
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_role("button", name="Lainnya").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", name="Sebutkan keperluannya")).to_be_visible()
    page.get_by_role("button", name="Kembali").click()
    page.get_by_role("button", name="Sekolah").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", name="Untuk siapa?")).to_be_visible()
    page.get_by_role("button", name="Lewati").click()
    expect(page.get_by_role("heading", name="Periksa jawaban Anda")).to_be_visible()
    shot(page, "services-check")
    page.get_by_role("button", name="Kirim permohonan").click()
    expect(page.get_by_role("heading", name="Permohonan diterima")).to_be_visible()
    expect(page.get_by_text("Jaringan putus. Permohonan disimpan")).to_be_visible()
    shot(page, "services-receipt")
    reference = page.locator(".ref").inner_text()
    assert kiosk.requests.stands(None, reference)["sent"] is False
    page.get_by_role("button", name="Selesai").click()
    expect(page.get_by_text(reference)).to_have_count(0)
    follow(page, reference)
    expect(page.get_by_role("heading", name="Menunggu jaringan")).to_be_visible()
    page.get_by_role("button", name="Kembali").click()
    page.get_by_role("button", name="Kembali").click()
    shot(page, "services-menu")
    page.get_by_role("button", name="Ajukan layanan").click()
    expect(page.get_by_role("heading", name="Layanan desa")).to_be_visible()
    told = {"reference": reference, "service": "keterangan-kurang-mampu", "state": "returned", "title": "Perlu dilengkapi"}
    told |= {"next": "Lengkapi yang kurang.", "since": 1_700_000_000_000, "note": "Untuk siapa surat ini?"}
    spent = {"village_minutes": 4, "elsewhere_minutes": 185, "resident_minutes": 0, "limit_minutes": 10, "counting": "resident"}
    kiosk.view.keep(Content("requests", 1, 1, {"requests": [told | {"clock": spent}]}))
    page.get_by_role("button", name="Selesai").click()
    follow(page, reference)
    expect(page.get_by_text("Dari petugas: Untuk siapa surat ini?")).to_be_visible()
    clock = page.get_by_role("region", name="Lama pengurusan")
    for words in ("4 dari 10 menit kerja", "3 jam 5 menit kerja, dihitung terpisah", "Waktu desa berhenti."):
        expect(clock).to_contain_text(words)
    shot(page, "services-returned")
    page.get_by_role("button", name="Lengkapi sekarang").click()
    page.get_by_role("button", name="Untuk siapa?").click()
    typed(page, "Budi")
    page.get_by_role("button", name="Kirim permohonan").click()
    expect(page.get_by_role("heading", name="Sudah dilengkapi")).to_be_visible()


def follow(page: Page, reference: str) -> None:
    begin(page, "Lihat permohonan saya")
    typed(page, reference)
    page.get_by_role("button", name="Lihat", exact=True).click()


def test_a_day_and_a_number_by_touch_and_an_unknown_number_is_told(page: Page) -> None:
    page.get_by_role("button", name="Surat pengantar laporan kehilangan").click()
    page.get_by_role("button", name="Mulai mengisi").click()
    for answer in ("Sri", "Dompet", "Pasar"):
        typed(page, answer)
        page.get_by_role("button", name="Lanjut").click()
    page.get_by_label("Tanggal", exact=True).click()
    typed(page, "31")
    page.get_by_label("Bulan").select_option("2")
    page.get_by_label("Tahun").click()
    typed(page, "2026")
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("alert")).to_have_text("Tanggal ini tidak ada. Periksa hari, bulan dan tahunnya.")
    page.get_by_label("Bulan").select_option("1")
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_text("31 Januari 2026")).to_be_visible()
    page.get_by_role("button", name="Selesai").click()
    begin(page, "Lihat permohonan saya")
    typed(page, "ABCD")
    page.get_by_role("button", name="Lihat", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("bukan nomor permohonan")


def test_the_survey_after_a_hand_over_by_touch_once_and_without_a_line(page: Page, kiosk: EdgeApp) -> None:
    """Nine questions, one a page, a step back kept; the hand-over is not asked about twice, and the public result is shown with thanks."""
    reference = new_reference()
    told = {"reference": reference, "service": "keterangan-usaha", "state": "handed_over", "title": "Sudah diserahkan"}
    told |= {"next": "Selesai. Terima kasih.", "since": 1_700_000_000_000}
    kiosk.view.keep(Content("requests", 2, 2, {"requests": [told]}))
    kiosk.view.keep(Content("satisfaction", 1, 1, {"period": "2026-Q3", "n": 12, "index": 82.35, "grade": "B", "words": "Baik"}))
    page.get_by_role("button", name="Selesai").click()
    follow(page, reference)
    shot(page, "survey-invite")
    page.get_by_role("button", name="Beri penilaian").click()
    expect(page.get_by_text("Pertanyaan 1 dari 9")).to_be_visible()
    shot(page, "survey-question")
    page.get_by_role("button", name="Sangat sesuai").click()
    expect(page.get_by_text("Pertanyaan 2 dari 9")).to_be_visible()
    page.get_by_role("button", name="Kembali").click()
    expect(page.get_by_role("button", name="Sangat sesuai")).to_have_attribute("aria-pressed", "true")
    for answer in ("Sangat sesuai", "Mudah", "Cepat", "Gratis", "Sesuai", "Mampu", "Sopan", "Baik", "Ditangani dengan baik"):
        page.get_by_role("button", name=answer, exact=True).click()
    for answer in ("Perempuan", "30–39 tahun", "Lewati"):
        page.get_by_role("button", name=answer, exact=True).click()
    shot(page, "survey-profile")
    page.get_by_role("button", name="Petani atau pekebun").click()
    expect(page.get_by_role("heading", name="Terima kasih")).to_be_visible()
    expect(page.get_by_text("Hasil triwulan 3 tahun 2026: 82,35, mutu B (baik), dari 12 responden")).to_be_visible()
    shot(page, "survey-thanks")
    assert not kiosk.surveys.open({"requests": [told]}, reference)
    page.get_by_role("button", name="Selesai").click()
    follow(page, reference)
    expect(page.get_by_role("heading", name="Sudah diserahkan")).to_be_visible()
    expect(page.get_by_role("button", name="Beri penilaian")).to_have_count(0)
