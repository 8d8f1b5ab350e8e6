"""The trees' page against a real cloud: registered and visited without a line, sent once when there is one, answered; and the map."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from kampung_cloud.access import accounts
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.health import now_ms
from kampung_cloud.records.tree_models import TreePhotoRow, TreeRow, TreeVisitRow
from kampung_contract.times import WIB
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select

VILLAGE, LAT, LON = "35.10.24.2008", -8.1872, 114.2594
PASSWORD = "kata sandi panjang sekali"
AXE = Path(__file__).resolve().parents[2] / "kiosk-ui" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """A cloud without a broker, with one verifier."""
    tables = {"data": "d", "broker": {"url": "mqtt://127.0.0.1:1"}, "api": {"port": 0}}
    app = CloudApp(parse(tables, tmp_path_factory.mktemp("trees")))
    app.start()
    wanted = accounts.Wanted("verif-satu", "Budi Santoso", ("verifikator",), VILLAGE)
    accounts.add(app._records, wanted, PASSWORD, temporary=False, now=now_ms())
    yield app
    app.stop()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that may tell its place."""
    place = {"latitude": LAT, "longitude": LON, "accuracy": 6}
    context = browser.new_context(viewport={"width": 390, "height": 844}, geolocation=place, permissions=["geolocation"], locale="id-ID")
    yield context
    context.close()


def photo(seed: int, *, taken: bool = True) -> dict[str, object]:
    """A camera's picture of four megapixels with its time and place in it."""
    noise = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((2272, 1704), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    if taken:
        exif[0x8769] = {0x9003: datetime.now(WIB).strftime("%Y:%m:%d %H:%M:%S")}
    exif[0x8825] = {1: "S", 2: (8.0, 11.0, 13.0), 3: "E", 4: (114.0, 15.0, 34.0)}
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, exif=exif)
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def settle(context: BrowserContext, page: Page) -> None:
    """Fixes that agree, until the page says so."""
    settled = page.get_by_text("Letak sudah tenang")
    for step in range(40):
        if settled.count():
            break
        context.set_geolocation({"latitude": LAT + step * 1e-7, "longitude": LON, "accuracy": 6})
        page.wait_for_timeout(50)
    expect(settled).to_be_visible()


def ready(page: Page) -> None:
    """The page can do without a line from here on."""
    page.evaluate(
        "navigator.serviceWorker.ready.then(async () => { for (;;) { const s = await caches.open('pohon-1');"
        " if ((await s.keys()).length > 6 && await s.match('/api/v1/trees/species')) return; await new Promise(r => setTimeout(r, 30)) } })"
    )


def test_a_tree_registered_and_visited_without_a_line(cloud: CloudApp, phone: BrowserContext) -> None:
    """Registered offline and sent once; a verifier logs in and takes the village along; visited offline; accepted when the line is back."""
    page = phone.new_page()
    page.goto(f"{cloud.url}/pohon#periksa")
    ready(page)
    page.goto("about:blank")
    phone.set_offline(True)
    page.goto(f"{cloud.url}/pohon#daftar")
    page.get_by_label("Desa").select_option(VILLAGE)
    page.get_by_label("Jenis pohon").fill("Kayu Ulin")
    expect(page.get_by_text("belum ada di daftar")).to_be_visible()
    page.get_by_role("button", name="Simpan pohon").click()
    expect(page.get_by_text("Ambil satu foto pohon utuh.")).to_be_visible()
    page.get_by_role("button", name="Cari letak saya").click()
    settle(phone, page)
    page.locator("input[type=file]").set_input_files(photo(1))
    expect(page.get_by_text("Letak di dalam foto sudah dibuang")).to_be_visible()
    page.get_by_label("Nama penanam").fill("Sri Wahyuni")
    page.get_by_role("button", name="Simpan pohon").click()
    code = page.locator(".code").inner_text().replace("-", "")
    expect(page.get_by_text("menunggu sinyal")).to_be_visible()
    with cloud._records.session() as session:
        assert session.get(TreeRow, code) is None
    phone.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("terkirim", exact=True)).to_be_visible()
    with cloud._records.session() as session:
        row = session.get_one(TreeRow, code)
        assert (row.said, row.planter_name, row.status) == ("Kayu Ulin", "Sri Wahyuni", "ditanam")
        assert session.scalar(select(func.count()).select_from(TreePhotoRow)) == 1

    page.goto(f"{cloud.url}/pohon#periksa")
    page.get_by_label("Akun").fill("verif-satu")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_text("Anda masuk sebagai Budi Santoso")).to_be_visible()
    page.get_by_role("button", name="Unduh daftar pohon desa").click()
    expect(page.get_by_text("1 pohon Tamansari ada di ponsel ini")).to_be_visible()
    phone.set_offline(True)
    page.get_by_role("button", name=f"{code[:4]}-{code[4:]}").click()
    settle(phone, page)
    page.get_by_role("button", name="Hidup").click()
    page.get_by_label("Tinggi (m)").fill("1.2")
    page.locator("input[type=file]").set_input_files(photo(3))
    expect(page.get_by_text("Letak di dalam foto sudah dibuang")).to_be_visible()
    page.get_by_role("button", name="Simpan kunjungan").click()
    expect(page.get_by_text("menunggu sinyal")).to_be_visible()
    phone.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online')); dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Kunjungan pertama sudah diterima")).to_be_visible()
    with cloud._records.session() as session:
        visits = session.scalars(select(TreeVisitRow)).all()
        assert [(v.tree, v.accepted, v.verifier) for v in visits] == [(code, True, "verif-satu")]
        assert session.get_one(TreeRow, code).status == "hidup"
    page.goto(f"{cloud.url}/pohon/{code}")
    expect(page.get_by_text("sudah melihat pohon ini hidup")).to_be_visible()
    assert "Sri Wahyuni" not in page.content()


def test_the_map_and_the_figures(cloud: CloudApp, phone: BrowserContext) -> None:
    """Drawn, filtered, and fit for a screen reader."""
    page = phone.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.goto(f"{cloud.url}/pohon")
    page.wait_for_function("performance.getEntriesByName('trees-drawn').length > 0")
    canvas = page.get_by_role("application")
    before = canvas.get_attribute("aria-label")
    page.get_by_label("Keadaan").select_option("mati")
    expect(canvas).to_have_attribute("aria-label", str(before).replace("1 pohon", "0 pohon"))
    page.get_by_label("Keadaan").select_option("")
    page.get_by_label("Desa").select_option(VILLAGE)
    canvas.focus()
    for _ in range(14):
        page.keyboard.press("+")
    page.add_script_tag(path=str(AXE))
    for place in ("", "#daftar", "#periksa"):
        page.evaluate(f"location.hash = '{place}'")
        page.wait_for_timeout(100)
        found = page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] })")
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert complaints == []
