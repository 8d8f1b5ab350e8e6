"""The regency's page of kiosks: one is withdrawn with a reason, and taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_contract.documents import State
from playwright.sync_api import Browser, expect

from tests.cloud.conftest import VILLAGE, free_port, now_ms
from tests.cloud.desk import Desk, make
from tests.ui.test_services_desk import entered, shot


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    tables = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}
    app = CloudApp(parse(tables, tmp_path_factory.mktemp("kiosks")))
    app.start()
    make(app, "siti", ["petugas"])
    make(app, "kabupaten", ["officer"], None)
    nodes = app._services.nodes
    for number, village in enumerate((VILLAGE, VILLAGE, "35.10.25.2006"), 1):
        nodes.heard(village, f"kios-{number}", State(True, "aabbccdd", "r1", key=bytes([number]) * 32), now_ms(), retained=False)
    yield app
    app.stop()


def test_a_stolen_kiosk_is_withdrawn_and_taken_back(browser: Browser, cloud: CloudApp) -> None:
    """The warning of a village's only kiosk, a reason asked for and kept, what is to be done next; on a phone, the way back."""
    siti = Desk(cloud, "siti")
    person = {"name": "Warga Contoh", "kk": "3510990101010001", "nik": "3510990101800001"}
    made = siti.ask("POST", "residents", {"kind": "move_in", "day": "2026-01-01", "person": person}).json()["id"]
    assert siti.ask("POST", f"residents/{made}/kiosk/pin").status_code == 201
    page = entered(browser, cloud, "kabupaten")
    page.goto(f"{cloud.url}/petugas#kios")
    page.get_by_role("button", name="Tarik kios-3").click()
    expect(page.get_by_role("dialog")).to_contain_text("satu-satunya kios di")
    page.get_by_role("button", name="Tarik kios ini").click()
    expect(page.get_by_text("Tulis sebabnya")).to_be_visible()
    page.get_by_role("button", name="Urung").click()
    page.get_by_role("button", name="Tarik kios-1").click()
    expect(page.get_by_role("dialog")).not_to_contain_text("satu-satunya")
    page.get_by_label("Sebab").fill("dicuri dari balai desa malam 29 November")
    page.get_by_role("button", name="Tarik kios ini").click()
    expect(page.get_by_role("status")).to_have_text("kios-1 ditarik.")
    expect(page.get_by_text("1 warga di Desa Tamansari punya PIN kios")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("oleh Kabupaten: dicuri dari balai desa")
    shot(page, "kios")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.get_by_label("Cari kios atau desa").fill("kios-1")
    page.get_by_role("button", name="Kembalikan kios-1").click()
    page.get_by_label("Sebab").fill("ditemukan polisi, disk diganti")
    page.get_by_role("button", name="Kembalikan kios ini").click()
    expect(page.get_by_role("status")).to_have_text("kios-1 dikembalikan.")
    expect(page.get_by_text("Masih memakai kunci lama")).to_be_visible()
    shot(page, "kios-ponsel")
    page.context.close()
