"""A resident takes the receipt home: out of paper, on paper, and perhaps on paper, as the page of a real kiosk says it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kampung_contract.documents import Content
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from kampung_sim.printer.service import SimulatedPrinter
from playwright.sync_api import Browser, expect

from tests.edge.conftest import free_port
from tests.edge.test_printing import CONFIG
from tests.ui.test_services_kiosk import begin, shot

SERVICE = {
    "id": "contoh", "title": "Surat keterangan usaha", "summary": "Untuk bank.", "words": [], "kind": "letter", "identity": False,
    "oksigen": False, "fee": 0, "time": "1 hari kerja", "forward_to": "", "fields": [],
    "needs": [{"name": "KTP asli", "required": True, "shown": True}],
}  # fmt: skip


@pytest.fixture
def simulated() -> Iterator[SimulatedPrinter]:
    printer = SimulatedPrinter()
    printer.start()
    yield printer
    printer.stop()


@pytest.fixture
def kiosk(simulated: SimulatedPrinter, tmp_path: Path) -> Iterator[EdgeApp]:
    config = CONFIG.format(url=f"socket://127.0.0.1:{simulated.port}") + "patience_s = 1\n"
    (tmp_path / "edge.toml").write_text(config.replace('127.0.0.1:1"', f'127.0.0.1:{free_port()}"'))
    app = EdgeApp(load(tmp_path / "edge.toml"))
    app.start()
    app.view.keep(Content("services", 1, 1, {"services": [SERVICE]}))
    yield app
    app.stop()


def test_a_receipt_on_paper(browser: Browser, kiosk: EdgeApp, simulated: SimulatedPrinter) -> None:
    page = browser.new_context(viewport={"width": 1080, "height": 1920}).new_page()
    page.goto(f"http://127.0.0.1:{kiosk.port}/")
    begin(page)
    page.get_by_role("button", name="Surat keterangan usaha").click()
    page.get_by_role("button", name="Mulai mengisi").click()
    page.get_by_role("button", name="Kirim permohonan").click()
    shot(page, "receipt-print")
    simulated.tell("paper")
    page.get_by_role("button", name="Cetak bukti").click()
    expect(page.get_by_text("Kertas habis: panggil petugas")).to_be_visible()
    shot(page, "receipt-paper-out")
    simulated.tell("")
    expect(page.get_by_text("Sudah dicetak. Ambil kertasnya.")).to_be_visible()
    assert page.locator(".ref").inner_text() in "\n".join(simulated.strips[0])
    simulated.jam_after = 2
    page.get_by_role("button", name="Cetak lagi").click()
    expect(page.get_by_text("Mungkin sudah tercetak: lihat kertasnya.")).to_be_visible()
    shot(page, "receipt-perhaps")
    page.get_by_role("button", name="Kertasnya sudah ada").click()
    expect(page.get_by_text("Sudah dicetak. Ambil kertasnya.")).to_be_visible()
    page.context.close()
