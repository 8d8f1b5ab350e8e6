"""Who stands at a real kiosk whose line is cut: NIK and PIN by touch, a PIN of his own first, gone when he leaves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from kampung_cloud.modules.services.catalogue.loading import ours
from kampung_cloud.modules.services.kiosks import offered
from kampung_cloud.roll.pins import hashed
from kampung_cloud.roll.sealing_up import sealed
from kampung_contract.documents import Content
from kampung_contract.roll import SALT, Helper, Known, Roll, short
from kampung_contract.service_request import new_reference
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from playwright.sync_api import Browser, Page, expect

from tests.edge.conftest import free_port
from tests.ui.test_services_kiosk import CONFIG, begin, shot, typed

PAGES = '[letter_printer]\nurl = "ipp://127.0.0.1:9/ipp/print"\n'
READY = new_reference()
NIK, PIN, OWN, HELPER = "3510995708800017", "730184", "492750", "815263"


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeApp]:
    folder = tmp_path_factory.mktemp("kiosk")
    (folder / "edge.toml").write_text(CONFIG.format(broker=free_port()) + PAGES)
    app = EdgeApp(load(folder / "edge.toml"))
    app.start()
    listed = [offered(s) for s in sorted(ours().values(), key=lambda s: s.title) if s.self_service]
    app.view.keep(Content("services", 1, 1, {"services": listed}))
    ready = {"state": "ready", "title": "Siap diambil", "next": "Surat siap. Ambil di loket.", "since": 1, "number": "500/1/429.505/2026"}
    app.view.keep(Content("requests", 1, 1, {"requests": [{"reference": READY, "service": "keterangan-usaha", **ready}]}))
    key, one, two = secrets.token_bytes(16), hashed(PIN), hashed(HELPER)
    known = Known("0123456789abcdef", "Sulastri Contoh", one[:SALT], one[SALT:], short(key, "nik", NIK), first=True, requests=(READY,))
    roll = Roll(key, (known,), (Helper("siti", "Siti Contoh", two[:SALT], two[SALT:]),))
    app.identity.follow(Content("roll", 1, 1, sealed(roll, "35.10.24.2008", {"kiosk-9": app.identity.key.public}, "m")))
    assert app.identity.ready
    yield app
    app.stop()


@pytest.fixture
def page(browser: Browser, kiosk: EdgeApp) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1080, "height": 1920})
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{kiosk.port}/")
    yield page
    context.close()


def test_known_by_nik_and_pin(page: Page, kiosk: EdgeApp) -> None:
    begin(page)
    page.get_by_role("button", name="Surat keterangan tidak mampu (SKTM)").click()
    page.get_by_role("button", name="Mulai mengisi").click()
    expect(page.get_by_role("heading", name="Siapa Anda?")).to_be_visible()
    shot(page, "who")
    page.get_by_role("button", name="NIK dan PIN").click()
    typed(page, NIK[:15])
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("alert")).to_have_text("NIK terdiri dari 16 angka; baru 15.")
    typed(page, NIK[15:])
    shot(page, "who-nik")
    page.get_by_role("button", name="Lanjut").click()
    typed(page, "111213")
    expect(page.get_by_role("alert")).to_contain_text("NIK atau PIN tidak cocok")
    shot(page, "who-pin")
    typed(page, PIN)
    expect(page.get_by_role("heading", name="PIN baru")).to_be_visible()
    shot(page, "who-first")
    typed(page, OWN)
    expect(page.get_by_role("heading", name="PIN baru sekali lagi")).to_be_visible()
    typed(page, OWN)
    expect(page.get_by_role("heading", name="Siapa Anda?")).to_have_count(0)
    expect(page.locator("#question")).not_to_have_text("Siapa nama lengkap Anda?")
    assert PIN not in page.content() and NIK not in page.content()

    page.get_by_role("button", name="Selesai").click()
    expect(page.locator(".kiosk.attract")).to_be_visible()
    begin(page, "Data saya")
    expect(page.get_by_role("heading", name="Siapa Anda?")).to_be_visible()
    page.get_by_role("button", name="NIK dan PIN").click()
    typed(page, NIK)
    page.get_by_role("button", name="Lanjut").click()
    typed(page, OWN)
    expect(page.get_by_role("heading", name="Sulastri Contoh")).to_be_visible()
    page.get_by_role("button", name="Cetak surat ini").click()
    expect(page.get_by_role("alert")).to_contain_text("Jaringan putus. Surat dapat dicetak setelah tersambung")
    shot(page, "who-mine")
    assert page.evaluate("fetch('/api/content/roll').then((r) => r.status)") == 404


def test_helped_by_staff(page: Page, kiosk: EdgeApp) -> None:
    """Whoever has no PIN of his own is asked for under the name that is typed, with the helper's on record."""
    begin(page)
    page.get_by_role("button", name="Surat keterangan usaha").first.click()
    page.get_by_role("button", name="Mulai mengisi").click()
    page.get_by_role("button", name="Dibantu petugas").click()
    page.get_by_role("button", name="Siti Contoh").click()
    typed(page, HELPER)
    expect(page.get_by_role("heading", name="Siapa yang dibantu?")).to_be_visible()
    typed(page, NIK)
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", name="Benar Sulastri Contoh?")).to_be_visible()
    shot(page, "who-confirm")
    page.get_by_role("button", name="Bukan, ketik namanya").click()
    typed(page, "Karto")
    shot(page, "who-helped")
    page.get_by_role("button", name="Lanjut").click()
    expect(page.locator("#question")).to_be_visible()
    assert page.evaluate("fetch('/api/identity').then((r) => r.json())")["who"] == {
        "name": "Karto", "mask": "", "way": "staff", "helper": "Siti Contoh", "known": False, "first": False,
    }  # fmt: skip
