"""A farmer's phone against a real regency: registers a field, answers and reports with the line cut, and everything arrives once."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import AXE
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.health import now_ms
from kampung_cloud.modules.farming.stations import day_of
from kampung_contract import farm_key
from kampung_contract.villages import village
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.cloud.conftest import HTTP

VILLAGE = "35.10.24.2008"
PLACE = village(VILLAGE)
SHOTS = os.environ.get("KAMPUNG_SHOTS")
RICE: dict[str, Any] = {
    "village": VILLAGE, "name": "Sawah utara", "crop": "rice", "texture": "clay", "area": 2500, "latitude": PLACE.latitude,
    "longitude": PLACE.longitude, "by": "Bu Contoh",
}  # fmt: skip


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """The regency; its broker is away, which no phone minds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("regency")
    made = CloudApp(parse({"broker": {"url": f"mqtt://127.0.0.1:{port}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}, folder))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """With a place it may tell, good to 12 m."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce",
        geolocation={"latitude": PLACE.latitude, "longitude": PLACE.longitude, "accuracy": 12}, permissions=["geolocation"],
    )  # fmt: skip
    yield context
    context.close()


def ask(cloud: CloudApp, method: str, path: str, body: Any = None) -> Any:
    answer = HTTP.request(method, f"{cloud.url}/api/v1/farming/{path}", json=body, headers={"Authorization": f"Bearer {cloud.token}"})
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def answered(page: Page, question: str, text: str | None = None, choice: str = "") -> None:
    expect(page.get_by_role("heading", level=1).last).to_have_text(question)
    if text is not None:
        page.locator("input").first.fill(text)
    if choice:
        page.get_by_role("button", name=choice).first.click()
    page.get_by_role("button", name="Lanjut", exact=True).click()


def test_a_field_is_registered_with_the_line_cut(cloud: CloudApp, phone: BrowserContext) -> None:
    """By the phone's own place; what is wrong is said beside the question; it is sent by itself, once, when the line is back."""
    ask(cloud, "PUT", "fields/kebun-lama", {k: v for k, v in RICE.items() if k != "by"} | {"name": "Kebun lama", "crop": "coffee"})
    page = phone.new_page()
    page.goto(f"{cloud.url}/tani")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kebun lama")  # of the one village that has fields, without being told which
    page.get_by_role("button", name="Daftarkan lahan").click()
    answered(page, "Siapa nama Anda?", "Bu Contoh")
    page.get_by_role("button", name="Pakai tempat saya").click()
    expect(page.get_by_text("Tepat sampai kira-kira 12 m.")).to_be_visible()
    expect(page.get_by_text("Titik ini di Desa Tamansari.")).to_be_visible()
    shot(page, "hp-tempat")
    assert violations(page) == []
    phone.set_offline(True)
    answered(page, "Di mana lahannya?")
    answered(page, "Apa nama lahan ini?", "Sawah baru")
    answered(page, "Tanaman apa yang ditanam?", choice="padi sawah")
    answered(page, "Varietas apa?", "Inpari 32")
    page.get_by_role("button", name="Lanjut", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Isi tanggal tanam, atau pilih tombol di bawahnya.")
    shot(page, "hp-salah")
    page.get_by_role("button", name="Belum ditanam").click()
    answered(page, "Kapan padi sawah ditanam?")
    answered(page, "Seperti apa tanahnya di tangan?", choice="liat Lengket")
    answered(page, "Berapa luas lahannya?", "0,25", choice="hektare")
    answered(page, "Sederas apa air dari pompa atau saluran?")
    answered(page, "Sensor mana yang terpasang di lahan ini?")
    answered(page, "Nomor HP siapa yang diberi tahu tiap pagi?")
    answered(page, "Petugas yang membantu?")
    shot(page, "hp-periksa")
    page.get_by_role("button", name="Daftarkan lahan ini").click()
    expect(page.get_by_text("Belum ada jaringan. Tersimpan di HP ini")).to_be_visible()
    shot(page, "hp-menunggu")
    assert len(ask(cloud, "GET", f"fields?village={VILLAGE}")) == 1
    with page.expect_response("**/farming/registrations"):
        phone.set_offline(False)
    (field,) = [f for f in ask(cloud, "GET", f"fields?village={VILLAGE}") if f["name"] == "Sawah baru"]
    assert (field["area"], field["texture"], field["planted"], field["variety"]) == (2500.0, "clay", None, "Inpari 32")
    page.reload()
    page.get_by_role("combobox").select_option(label="Sawah baru")
    expect(page.get_by_role("button", name="Sudah:").first).to_be_visible()  # the phone has the key


def test_answers_and_leaves_with_the_line_cut_arrive_once(cloud: CloudApp, phone: BrowserContext, tmp_path: Path) -> None:
    """The kiosk's link brings the key; said without a line, shown as waiting, known after a reload, and on record once the line is back."""
    key, today = farm_key.new_key(), day_of(now_ms())
    body = RICE | {"id": "phone-kios-link", "field": "sawah-utara", "key": key, "planted": (today - timedelta(30)).isoformat()}
    ask(cloud, "POST", "registrations", body)
    page = phone.new_page()
    page.goto(f"{cloud.url}/tani?village={VILLAGE}&field=sawah-utara#kunci={key}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sawah utara")
    assert key not in page.url
    expect(page.get_by_role("button", name="Belum:").first).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => caches.open('tani-1')).then((s) => s.keys()).then((k) => k.length > 5)")
    shot(page, "hp-daftar")
    assert violations(page) == []
    phone.set_offline(True)
    page.get_by_role("button", name="Belum:").first.click()
    page.get_by_role("button", name="Tidak perlu:").first.click()
    expect(page.get_by_text("Tersimpan di HP ini, dikirim bila ada jaringan.").first).to_be_visible()
    page.get_by_role("button", name="Baca warna daun padi").click()
    for _ in range(10):
        page.get_by_role("button", name="Warna 3", exact=True).click()
    picture = page.screenshot()
    page.locator("input[type=file]").set_input_files({"name": "daun.png", "mimeType": "image/png", "buffer": picture})
    expect(page.get_by_role("img", name="Daun padi di samping")).to_be_visible()
    shot(page, "hp-daun")
    page.get_by_role("button", name="Kirim sepuluh bacaan").click()
    expect(page.get_by_text("3 laporan menunggu jaringan di HP ini.")).to_be_visible()
    shot(page, "hp-putus")
    with page.expect_response("**/said"):
        phone.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
    page.reload()
    expect(page.get_by_role("heading", name="Beri urea")).to_be_visible()
    expect(page.get_by_role("heading", name="Beri urea")).to_have_text("Beri urea 25 kg untuk lahan ini, untuk hasil 6 ton per hektare")
    page.get_by_text("Angka, dan mengapa bukan alat NPK").click()
    expect(page.get_by_text("Alat NPK mengukur daya hantar")).to_be_visible()
    page.get_by_role("button", name="Lihat foto").click()
    expect(page.get_by_role("img", name="Daun padi di samping")).to_be_visible()
    shot(page, "hp-urea")
    assert violations(page) == []
    said = ask(cloud, "GET", "fields/sawah-utara/said")
    assert len(said["leaves"]) == 1 and len(list((cloud.config.data / "farm-photos" / "sawah-utara").iterdir())) == 1
    answers = ask(cloud, "GET", "fields/sawah-utara/advice")["answers"]
    assert [a["answer"] for a in answers.values()] == ["tidak perlu"]
    page.get_by_role("button", name="Laporkan tahap padi").click()
    page.get_by_role("button", name="Masak").click()
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak cocok dengan umur padi (30 hari)")
    shot(page, "hp-tahap")
    assert violations(page) == []


def test_whoever_has_no_key_is_told_how_to_get_one(cloud: CloudApp, phone: BrowserContext) -> None:
    """A key that does not fit says so; a regency without fields says what to do."""
    ask(cloud, "PUT", "fields/sawah-kunci", {k: v for k, v in RICE.items() if k != "by"} | {"name": "Sawah kunci"})
    page = phone.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(f"{cloud.url}/tani?village={VILLAGE}&field=sawah-kunci")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sawah kunci")
    assert len([url for url in asked if "/farming/today" in url]) == 1, asked  # what the page's header had fetched is what the page asks
    page.get_by_role("button", name="Punya kunci lahan ini?").click()
    page.get_by_role("textbox", name="Kunci lahan").fill("ACDE-FGHJ-KMNP-QRTU")
    page.get_by_role("button", name="Buka", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Kunci ini tidak cocok")
    shot(page, "hp-kunci")
    assert violations(page) == []
    page.goto(f"{cloud.url}/tani?village=35.10.01.2001")
    expect(page.get_by_role("button", name="Daftarkan lahan")).to_be_visible()
    shot(page, "hp-kosong")
