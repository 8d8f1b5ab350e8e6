"""A field is registered at a real kiosk with the link cut; pages, questions and errors as a farmer meets them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import AXE
from kampung_cloud.modules.farming.village_fields import VillageFields
from kampung_contract.documents import Content
from kampung_contract.farm_field import FarmField, parse_event
from kampung_contract.pack import decode
from kampung_contract.times import WIB
from kampung_edge.app import EdgeApp
from kampung_edge.clock import wall_ms
from kampung_edge.config import load
from playwright.sync_api import Browser, Page, expect

VILLAGE = "35.10.24.2008"
TODAY = datetime.now(WIB).date()
SHOTS = os.environ.get("KAMPUNG_SHOTS")
"""A folder for pictures of each step, to be looked at."""


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeApp]:
    """A kiosk that has heard of the regency once; now there is no broker."""
    folder = tmp_path_factory.mktemp("kiosk")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = f"""
village = "{VILLAGE}"
node = "kios-1"
data = "{folder / "data"}"
[broker]
url = "mqtt://127.0.0.1:{port}"
[kiosk]
host = "127.0.0.1"
port = 0
millimetre = 2.71
languages = ["id", "jv", "osi", "mad", "en"]
"""
    (folder / "edge.toml").write_text(text, encoding="utf-8")
    made = EdgeApp(load(folder / "edge.toml"))
    made.start()
    document = {"address": "https://kampung.example", **VillageFields.choices(), "fields": [], "outcomes": {}}
    made.view.keep(Content("fields", 1, wall_ms(), document))
    yield made
    made.stop()


def said(edge: EdgeApp) -> list[FarmField]:
    return [f for p in edge.spool.peek(200) for e in decode(p.payload).events if (f := parse_event(e))]


def answer(page: Page, question: str, text: str | None = None, choice: str = "") -> None:
    """One question: typed or chosen, then on."""
    expect(page.get_by_role("heading", level=1)).to_have_text(question)
    if text is not None:
        page.locator("input").first.fill(text)
    if choice:
        page.get_by_role("button", name=choice).first.click()
    page.get_by_role("button", name="Lanjut", exact=True).click()


def wrong(page: Page, words: str) -> None:
    page.get_by_role("button", name="Lanjut", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(words)


def test_at_the_kiosk_with_the_link_cut(browser: Browser, edge: EdgeApp) -> None:
    """Twelve questions, each with its error beside it; what is on record is what was said; the key is shown once; it says that it waits."""
    page = browser.new_page(viewport={"width": 1080, "height": 1920}, reduced_motion="reduce")
    page.goto(f"http://127.0.0.1:{edge.port}/")
    page.locator(".call").click()
    page.get_by_role("button", name="Pertanian").click()
    expect(page.get_by_text("Belum ada lahan terdaftar")).to_be_visible()
    shot(page, "kios-kosong")
    page.get_by_role("button", name="Daftarkan lahan").click()
    wrong(page, "Tulis nama Anda, supaya petugas tahu siapa yang mendaftar.")
    shot(page, "kios-salah")
    answer(page, "Siapa nama Anda?", " Bu Contoh ")
    wrong(page, "Tunjuk dulu tempat lahan di peta.")
    chart = page.get_by_role("application")
    box = chart.bounding_box()
    assert box
    page.mouse.click(box["x"] + 4, box["y"] + 4)
    page.get_by_role("button", name="Lanjut", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Titik ini di")
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    expect(page.get_by_text("Titik ini di Desa Tamansari.")).to_be_visible()
    shot(page, "kios-peta")
    assert violations(page) == []
    answer(page, "Di mana lahannya?")
    answer(page, "Apa nama lahan ini?", "Kebun naga")
    expect(page.get_by_role("button", name="buah naga")).to_be_visible()
    page.get_by_role("button", name="buah naga").click()
    expect(page.get_by_role("status").filter(has_text="nasihat untuk tanaman ini lemah")).to_be_visible()
    shot(page, "kios-tanaman")
    answer(page, "Tanaman apa yang ditanam?", choice="cabai")
    answer(page, "Varietas apa?")
    wrong(page, "Isi tanggal tanam, atau pilih tombol di bawahnya.")
    late = TODAY + timedelta(3)
    for day, words in ((late, "Tanggal itu belum lewat. Isi tanggal hari ini atau sebelumnya."), (TODAY - timedelta(20), "")):
        page.get_by_label("Tanggal", exact=True).fill(str(day.day))
        page.get_by_label("Bulan").select_option(str(day.month))
        page.get_by_label("Tahun").fill(str(day.year))
        if words:
            wrong(page, words)
            shot(page, "kios-tanggal")
    answer(page, "Kapan cabai ditanam?")
    shot(page, "kios-tanah")
    answer(page, "Seperti apa tanahnya di tangan?", choice="lempung berpasir")
    wrong(page, "Isi luas dengan angka, misalnya 2.500.")
    answer(page, "Berapa luas lahannya?", "1.250")
    page.get_by_label("ember 10 liter").fill("4")
    answer(page, "Sederas apa air dari pompa atau saluran?")
    answer(page, "Sensor mana yang terpasang di lahan ini?")
    answer(page, "Nomor HP siapa yang diberi tahu tiap pagi?")
    answer(page, "Petugas yang membantu?", "Pak Petugas")
    expect(page.get_by_role("heading", level=1)).to_have_text("Periksa jawaban Anda")
    page.get_by_role("button", name="Ubah: Nama lahan").click()
    page.locator("input").first.fill("Kebun atas")
    page.get_by_role("button", name="Simpan, kembali").click()
    shot(page, "kios-periksa")
    boxes = [b.bounding_box() for b in page.locator("main button").all()]
    assert all(b and min(b["width"], b["height"]) >= 20 * 2.71 for b in boxes)
    assert violations(page) == []
    page.get_by_role("button", name="Daftarkan lahan ini").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kebun atas tercatat")
    expect(page.get_by_text("Jaringan putus. Pendaftaran tersimpan di kios ini")).to_be_visible()
    expect(page.get_by_role("img", name="Kunci untuk HP Anda")).to_be_visible()
    shot(page, "kios-tercatat")
    assert violations(page) == []
    (field,) = said(edge)
    assert (field.name, field.by, field.helped, field.crop, field.texture) == (
        "Kebun atas",
        "Bu Contoh",
        "Pak Petugas",
        "chili",
        "sandy_loam",
    )
    assert (field.area, field.flow, field.planted) == (1250.0, 2.5, (TODAY - timedelta(20)).isoformat())
    page.get_by_role("button", name="Lihat daftar lahan").click()
    expect(page.locator(".here")).to_contain_text("Menunggu jaringan")
    assert field.key is not None and page.locator(".code").count() == 0
    shot(page, "kios-menunggu")
    # the regency takes it: it is a field of the list, and can be changed
    shown = {
        k: getattr(field, k) for k in ("name", "crop", "variety", "texture", "area", "flow", "latitude", "longitude", "planted", "direct")
    }
    document = {
        "address": "https://kampung.example", **VillageFields.choices(),
        "fields": [{"id": field.field, **shown, "sensors": [], "told": 0}],
        "outcomes": {field.id: ""},
    }  # fmt: skip
    edge.view.keep(Content("fields", 2, wall_ms(), document))
    page.get_by_role("button", name="Kebun atas").click()
    page.get_by_role("button", name="Ubah: Tanggal tanam").click()
    page.get_by_role("button", name="Belum ditanam").click()
    page.get_by_role("button", name="Simpan, kembali").click()
    page.get_by_role("button", name="Simpan perubahan").click()
    expect(page.get_by_role("alert")).to_contain_text("Tulis nama Anda")
    page.locator("input").first.fill("Bu Contoh")
    page.get_by_role("button", name="Simpan, kembali").click()
    page.get_by_role("button", name="Simpan perubahan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Perubahan Kebun atas tercatat")
    assert [(f.field, f.planted, f.key) for f in said(edge)][1:] == [(field.field, None, None)]
    page.close()
