"""The office's page of complaints against a real cloud: by time left, answered on one page, counted by quarter."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.health import now_ms
from kampung_cloud.modules.complaints.desk import book
from kampung_contract import complaint as contract
from kampung_contract.complaint import Complaint, Suggestion
from playwright.sync_api import Browser, Page, expect

from tests.cloud.alone import cloud_alone
from tests.cloud.conftest import VILLAGE
from tests.cloud.desk import make
from tests.ui.test_services_desk import SHOTS, entered

DAY = 86_400_000
TEXT = "Surat usaha saya sudah tiga minggu belum jadi.\nSetiap datang disuruh kembali besok. Saya berharap diberi tanggal yang pasti."


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """With complaints of a year, synthetic, half of them answered; and some that wait, one of them late."""
    cost, contract.COST = contract.COST, 2
    dice, now = random.Random(7), now_ms()
    with cloud_alone(tmp_path_factory.mktemp("complaints")) as app:
        make(app, "siti", ["petugas"])
        make(app, "rini", ["inspektur"], None)
        desk = book(app._services)

        def came(about: str, ago: int, **more: object) -> int:
            said = {"id": f"{dice.getrandbits(128):032x}", "about": about, "at": now, "text": TEXT} | more
            return desk.take_in(Complaint(**said), VILLAGE, now - ago * DAY)  # type: ignore[arg-type]

        for n in range(12):
            number = came(("service", "service", "letter", "conduct", "facility")[n % 5], 30 + n * 24)
            desk.act(number, "answer", "Sudah kami perbaiki, mohon maaf.", "siti", now - (30 + n * 24 - n % 9 - 1) * DAY)
        came("service", 24, known="office", name="Contoh Warga", contact="0812-0000-0001", reference="K7M3-9QXR")
        came("conduct", 6, known="inspectorate", name="Contoh Dua")
        came("letter", 1)
        came("fee", 2, asked=50_000)
        desk.suggest(Suggestion("c" * 32, now, "Sediakan kursi dan air minum di ruang tunggu."), VILLAGE, now)
        desk.tend(now)
        yield app
    contract.COST = cost


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"desk-{name}.png", full_page=True)


def test_a_complaint_is_answered_and_counted(browser: Browser, cloud: CloudApp) -> None:
    page = entered(browser, cloud, "siti")
    page.goto(f"{cloud.url}/petugas#pengaduan")
    rows = page.locator("tbody tr").filter(has_not_text="menunggu pengadu")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("terlambat")
    shot(page, "complaints")
    page.keyboard.press("j")
    rows.first.get_by_role("link").click()
    expect(page.get_by_text("disuruh kembali besok")).to_be_visible()
    page.get_by_role("button", name="Baca nama dan kontak").click()
    expect(page.get_by_text("Contoh Warga")).to_be_visible()
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.get_by_role("alert")).to_contain_text("paling sedikit 10 huruf")
    page.get_by_label("Tulisan untuk pengadu").fill("Surat Anda sudah jadi dan dapat diambil hari ini. Mohon maaf atas keterlambatannya.")
    shot(page, "complaint")
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.get_by_text("Sudah dijawab")).to_be_visible()
    page.goto(f"{cloud.url}/petugas#pengaduan/saran")
    page.get_by_role("button", name="Sudah dibaca").click()
    expect(page.get_by_text("dibaca siti")).to_be_visible()
    page.goto(f"{cloud.url}/petugas#pengaduan/angka")
    expect(page.get_by_role("img", name="Pengaduan tiap triwulan")).to_be_visible()
    shot(page, "complaints-figures")
    page.context.close()


def test_what_the_village_does_not_see(browser: Browser, cloud: CloudApp) -> None:
    page = entered(browser, cloud, "rini", 390, 844)
    page.goto(f"{cloud.url}/petugas#pengaduan")
    page.get_by_role("link", name="Diminta membayar").click()
    expect(page.get_by_text("Pengaduan ini tidak terlihat oleh kantor desa.")).to_be_visible()
    expect(page.get_by_text("Rp50.000")).to_be_visible()
    shot(page, "complaint-past-phone")
    page.context.close()
