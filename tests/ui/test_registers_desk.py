"""Dukcapil, DTSEN and BSrE at the desk, through the simulators: asked by a click, in words, labelled, on a phone too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_sim.bsre.service import SimulatedBsre
from kampung_sim.bsre.web import PASSPHRASE
from kampung_sim.registers.fault import Fault
from kampung_sim.registers.people import Entry
from kampung_sim.registers.service import SimulatedRegisters
from playwright.sync_api import Browser, expect

from tests.cloud.conftest import VILLAGE, free_port
from tests.cloud.desk import Desk, make
from tests.ui.test_services_desk import entered, shot

SITI = Entry("3510995708900011", "Siti Contoh", "Banyuwangi", date(1990, 8, 17), "P", "3510990101200011", "found", 3)
PERSON = {"nama": "Siti Contoh", "lahir": "Banyuwangi, 18 Agustus 1990", "kelamin": "Perempuan", "alamat": "Dusun Krajan RT 02 RW 01"}


@pytest.fixture(scope="module")
def registers() -> Iterator[SimulatedRegisters]:
    running = SimulatedRegisters(known={SITI.nik: SITI})
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, registers: SimulatedRegisters) -> Iterator[CloudApp]:
    folder = tmp_path_factory.mktemp("registers")
    bsre = SimulatedBsre()
    bsre.start()
    (folder / "key").write_text("simulasi")
    common = {"key_file": "key", "simulated": True, "timeout_s": 60}
    tables = {
        "broker": {"url": f"mqtt://127.0.0.1:{free_port()}"},
        "api": {"port": 0},
        "telemetry": {"url": "memory:"},
        "services": {"offices": {VILLAGE: {"kades": "Contoh Kades"}}},
        "registers": {
            "dukcapil": {"url": registers.dukcapil, "user": "simulasi", **common},
            "dtsen": {"url": registers.dtsen, **common},
            "bsre": {"url": bsre.url, "user": "simulasi", **common},
        },
    }
    app = CloudApp(parse(tables, folder))
    app.start()
    make(app, "kades", ["petugas", "kades"])
    yield app
    app.stop()
    bsre.stop()


def test_others_are_asked_at_the_desk_and_each_page_says_that_it_is_a_simulation(
    browser: Browser, cloud: CloudApp, registers: SimulatedRegisters
) -> None:
    """Dukcapil and DTSEN about one request; BSrE for a letter, after a slip of the passphrase; the register says which signature it has."""
    desk, refs = Desk(cloud, "kades"), []
    for _ in range(2):
        body = {"village": VILLAGE, "service": "keterangan-kurang-mampu", "answers": {"untuk": "Sekolah"}, "person": PERSON}
        refs.append(desk.ask("POST", "requests", body).json()["id"])
    for act in ("take", "approve"):
        desk.ask("POST", f"requests/{refs[1]}/acts", {"act": act})
    desk.ask("POST", "requests/sign", {"requests": refs[1:]})
    page = entered(browser, cloud, "kades")
    page.goto(f"{cloud.url}/petugas#permohonan/{refs[0]}")
    page.get_by_role("button", name="Periksa ke Dukcapil").click()
    expect(page.get_by_role("alert")).to_contain_text("NIK belum diketahui")
    page.get_by_label("NIK pemohon").fill("3510 9957 0890 0011")
    page.get_by_role("button", name="Periksa ke Dukcapil").click()
    expect(page.get_by_text("Tanggal lahir berbeda dari catatan Dukcapil.")).to_be_visible()
    expect(page.get_by_text("SIMULASI — bukan data Dukcapil")).to_be_visible()
    page.get_by_role("button", name="Tanya desil DTSEN").click()
    expect(page.get_by_text("Desil 3 dari 10")).to_be_visible()
    expect(page.get_by_text("SIMULASI — bukan data DTSEN")).to_be_visible()
    shot(page, "lookups")
    registers.faults.set("dukcapil", Fault("quota"))
    page.get_by_role("button", name="Periksa lagi").click()
    expect(page.get_by_text("Kuota Dukcapil untuk hari ini sudah habis.")).to_be_visible()
    page.goto(f"{cloud.url}/petugas#permohonan/{refs[1]}")
    expect(page.get_by_text("tanpa kekuatan hukum tanda tangan tersertifikasi")).to_be_visible()
    page.goto(f"{cloud.url}/petugas#tandatangan")
    for passphrase, said in (("keliru", "Passphrase tidak cocok."), (PASSPHRASE, "1 surat kini bertanda tangan BSrE.")):
        page.get_by_label("Pilih semua").check()
        page.get_by_label("NIK Anda, penanda tangan").fill(SITI.nik)
        page.get_by_label("Passphrase BSrE Anda").fill(passphrase)
        page.get_by_role("button", name="Kirim 1 surat ke BSrE").click()
        expect(page.get_by_text(said).first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{cloud.url}/petugas#permohonan/{refs[1]}")
    expect(page.get_by_text("SIMULASI — bukan tanda tangan BSrE")).to_be_visible()
    shot(page, "bsre-case-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{cloud.url}/petugas#buku-surat")
    expect(page.get_by_role("cell", name="SIMULASI — bukan tanda tangan BSrE")).to_have_count(1)
    page.context.close()
