"""The staff's desk on a real cloud: log in, search with a purpose, read, and what the page says when one may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import AXE
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from playwright.sync_api import Browser, Page, expect

from ..cloud.conftest import free_port
from ..cloud.desk import GOOD, Desk, make


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    folder = tmp_path_factory.mktemp("desk")
    tables = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}
    app = CloudApp(parse(tables, folder))
    app.start()
    make(app, "siti", ["petugas"])
    make(app, "baru", ["teknisi"], temporary=True)
    siti = Desk(app, "siti")
    person = {"name": "Soetomo Contoh", "sex": "P", "born": "1980-08-17", "nik": "3510991708800001", "kk": "3510990101190001"}
    assert siti.ask("POST", "residents", {"kind": "move_in", "day": "2026-01-05", "person": person}).status_code == 201
    yield app
    app.stop()


def log_in(page: Page, cloud: CloudApp, account: str, password: str = GOOD) -> None:
    page.goto(f"{cloud.url}/petugas")
    page.get_by_label("Nama akun").fill(account)
    page.get_by_label("Kata sandi", exact=True).fill(password)
    page.get_by_role("button", name="Masuk").click()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_resident_is_found_and_read_with_a_purpose(browser: Browser, cloud: CloudApp, width: int, height: int) -> None:
    """Without a purpose nothing is asked for; the number is masked; who read it is on the list; axe finds nothing."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    log_in(page, cloud, "siti", "salah sekali ini")
    expect(page.get_by_role("alert")).to_contain_text("keliru")
    log_in(page, cloud, "siti")
    expect(page.get_by_role("heading", name="Selamat bekerja")).to_be_visible()
    page.goto(f"{cloud.url}/petugas#penduduk")
    page.get_by_label("Nama, NIK, atau nomor KK").fill("sutomo")
    page.get_by_role("button", name="Cari").click()
    expect(page.get_by_text("Pilih dulu untuk apa data dibaca")).to_be_visible()
    page.get_by_label("Untuk apa data dibaca").select_option("permohonan")
    page.get_by_role("button", name="Cari").click()
    page.get_by_role("link", name="Soetomo Contoh").click()
    expect(page.get_by_text("3510••••••••0001").first).to_be_visible()
    expect(page.get_by_text("Perlu diperiksa")).to_be_visible()
    page.get_by_role("button", name="Siapa yang membaca").click()
    expect(page.get_by_text("muncul dalam pencarian").first).to_be_visible()
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [violation["id"] for violation in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_a_given_password_is_changed_before_anything_else(browser: Browser, cloud: CloudApp) -> None:
    context = browser.new_context()
    page = context.new_page()
    log_in(page, cloud, "baru")
    expect(page.get_by_text("Kata sandi Anda diberi orang lain")).to_be_visible()
    assert page.get_by_role("navigation").count() == 0
    context.close()
