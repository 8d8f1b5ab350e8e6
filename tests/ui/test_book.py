"""The farm book and market prices on a phone and a kiosk, and the desk where prices are entered, against a real regency and kiosk."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import AXE
from kampung_cloud.access import accounts
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.health import now_ms
from kampung_cloud.modules.farming.advice.words import said
from kampung_cloud.modules.farming.market import Market
from kampung_cloud.modules.farming.stations import day_of
from kampung_contract.documents import Content
from kampung_contract.villages import village
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from playwright.sync_api import Browser, Page, expect

from tests.cloud.conftest import HTTP

VILLAGE = "35.10.24.2008"
PLACE = village(VILLAGE)
TODAY = day_of(now_ms())
SHOTS = os.environ.get("KAMPUNG_SHOTS")
"""A folder for pictures of each step, to be looked at."""
PASSWORD = "kebun-kopi-di-licin"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


@pytest.fixture(scope="module")
def regency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """One without a broker: six rice fields, five of which harvested, and prices of a month."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {"broker": {"url": f"mqtt://127.0.0.1:{port}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}
    app = CloudApp(parse(config, tmp_path_factory.mktemp("regency")))
    app.start()
    for n in range(6):
        field = {
            "village": VILLAGE, "name": f"Sawah {n}", "crop": "padi", "texture": "clay", "area": 2500, "latitude": PLACE.latitude,
            "longitude": PLACE.longitude, "planted": (TODAY - timedelta(100)).isoformat(),
        }  # fmt: skip
        ask(app, "PUT", f"fields/sawah-{n}", field)
        if n:
            line = {"what": "Gabah", "amount": 12 + n, "unit": "kuintal", "by": "Pak Joko"}
            ask(app, "POST", f"fields/sawah-{n}/book", {**line, "kind": "harvest"})
            ask(app, "POST", f"fields/sawah-{n}/book", {**line, "kind": "sale", "income": 9_000_000 + n * 400_000})
            ask(
                app,
                "POST",
                f"fields/sawah-{n}/book",
                {"kind": "input", "what": "Pupuk urea", "cost": 900_000 + n * 50_000, "by": "Pak Joko"},
            )
    rows = [f"cabai rawit,35.10,{TODAY - timedelta(n)},{45_000 + 600 * (n % 9) + 300 * n},kg" for n in range(40, 0, -3)]
    rows.append(f"gabah kering panen,{VILLAGE},{TODAY - timedelta(20)},6500,kg")
    response = HTTP.post(
        f"{app.url}/api/v1/farming/prices/file?by=petugas", content="commodity,place,day,rupiah,unit\n" + "\n".join(rows),
        headers={"Authorization": f"Bearer {app.token}"},
    )  # fmt: skip
    assert response.json() == {"kept": len(rows)}, response.text
    yield app
    app.stop()


def ask(app: CloudApp, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {app.token}"}
    answer = HTTP.request(method, f"{app.url}/api/v1/farming/{path}", json=body, headers=headers)
    assert answer.status_code < 300, answer.text
    return answer.json()


def test_a_farmer_keeps_his_book(regency: CloudApp, browser: Browser) -> None:
    """Key once, three touches and figures, an error beside its field; without a line it waits on the phone; a stroke; neighbours."""
    key = ask(regency, "POST", "fields/sawah-0/keys", {"by": "Bu Tani"})["key"]
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{regency.url}/tani?village={VILLAGE}&field=sawah-0")
    page.get_by_role("link", name="Buku tani").click()
    page.get_by_label("Kunci lahan").fill("ACDE")
    page.get_by_role("button", name="Buka buku").click()
    expect(page.get_by_text("Kunci terdiri dari 16 huruf")).to_be_visible()
    shot(page, "buku-kunci")
    page.get_by_label("Kunci lahan").fill(key)
    page.get_by_role("button", name="Buka buku").click()
    expect(page.get_by_text("Buku masih kosong")).to_be_visible()
    expect(page.get_by_text("5 lahan di desa ini")).to_be_visible()
    assert violations(page) == []
    shot(page, "buku-kosong")

    page.get_by_role("button", name="Bahan").click()
    page.get_by_role("button", name="Pupuk urea").click()
    page.get_by_label("Biaya dalam rupiah").fill("seratus")
    page.get_by_role("button", name="Simpan catatan").click()
    expect(page.get_by_text("Tulis rupiah dengan angka bulat")).to_be_visible()
    assert violations(page) == []
    shot(page, "buku-isian")
    page.get_by_label("Biaya dalam rupiah").fill("150.000")
    page.get_by_role("button", name="Simpan catatan").click()
    expect(page.get_by_text("Sudah dicatat.")).to_be_visible()
    expect(page.get_by_text("−Rp150.000")).to_be_visible()

    context.set_offline(True)
    page.get_by_role("button", name="Penjualan").click()
    page.get_by_label("Uang yang diterima").fill("2.400.000")
    page.get_by_role("button", name="Simpan catatan").click()
    expect(page.get_by_text("1 catatan menunggu jaringan")).to_be_visible()
    expect(page.locator("tr.profit")).to_contain_text("Rp2.250.000")
    shot(page, "buku-putus")
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("menunggu jaringan")).to_have_count(0)
    assert ask(regency, "GET", "fields/sawah-0/book")["income"] == 2_400_000

    page.get_by_role("button", name="Coret Pupuk urea").click()
    page.get_by_role("button", name="Ya, coret").click()
    expect(page.locator("tr.profit")).to_contain_text("Rp2.400.000")
    with page.expect_download() as told:
        page.get_by_role("button", name="Unduh untuk lembar hitung").click()
    text = told.value.path().read_text(encoding="utf-8")
    assert "penjualan;" in text
    assert "urea" not in text
    shot(page, "buku-isi")
    page.emulate_media(color_scheme="dark")
    shot(page, "buku-malam")
    context.close()


def test_the_link_opens_the_book_and_the_page_speaks_the_farmers_language(regency: CloudApp, browser: Browser) -> None:
    """The kiosk's link is the one key; what to do in Javanese; a line that the regency refuses says why in the page's words."""
    key = ask(regency, "POST", "fields/sawah-1/keys", {"by": "Bu Tani"})["key"]
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    late = {"id": "hp-belum-tiba", "kind": "activity", "what": "Membajak", "cost": 5, "day": (TODAY + timedelta(9)).isoformat()}
    page.goto(f"{regency.url}/tani?village={VILLAGE}&field=sawah-1")
    page.evaluate("([k, v]) => localStorage.setItem(k, v)", ["tani:book:queue:sawah-1", json.dumps([{"line": late, "refused": ""}])])
    expect(page.get_by_role("link", name="Buku tani")).to_be_visible()
    page.evaluate("key => (location.hash = `kunci=${key}`)", key)  # the link, opened in the page that is open already
    page.get_by_role("link", name="Buku tani").click()
    expect(page.get_by_text("Tidak diterima: hari itu belum tiba.")).to_be_visible()
    assert "is still to come" not in page.inner_text("body")
    assert key not in page.url
    shot(page, "buku-ditolak")
    page.get_by_role("link", name="← Lahan").click()
    (action, *_) = ask(regency, "GET", "fields/sawah-1/advice")["actions"]
    expect(page.get_by_text(action["sentence"])).to_be_visible()
    for language in ("jv", "en"):
        page.get_by_role("button", name={"jv": "Jawa", "en": "English"}[language]).click()
        expect(page.get_by_text(said(action["said"], language))).to_be_visible()
        shot(page, f"nasihat-{language}")
        assert violations(page) == []
    context.close()


def test_prices_on_a_phone(regency: CloudApp, browser: Browser) -> None:
    """The village's before the district's, their way and age, a table for readers, an old one said to be old; and kept without a line."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{regency.url}/tani?village={VILLAGE}&field=sawah-0")
    page.get_by_role("link", name="Harga pasar").click()
    expect(page.get_by_text("Sudah lama: 20 hari lalu")).to_be_visible()
    expect(page.get_by_text("dalam seminggu")).to_be_visible()
    page.get_by_text("Harga cabai rawit per hari").click()
    assert page.locator("table tbody tr").count() == 14
    assert violations(page) == []
    shot(page, "harga-ponsel")
    context.set_offline(True)
    page.get_by_role("link", name="← Lahan").click()
    page.get_by_role("link", name="Harga pasar").click()
    expect(page.get_by_text("Jaringan putus. Ini harga")).to_be_visible()
    context.close()


def test_staff_enter_prices(regency: CloudApp, browser: Browser) -> None:
    """One by one with the error beside its field, and from a file that is looked through by line before the right lines are kept."""
    wanted = accounts.Wanted("siti.aminah", "Siti Aminah", ["petugas"], VILLAGE)
    accounts.add(regency._records, wanted, PASSWORD, temporary=False, now=now_ms())
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{regency.url}/petugas#harga")
    page.get_by_label("Nama akun").fill("siti.aminah")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.get_by_label("Komoditas").fill("kelapa")
    page.get_by_label("Harga (rupiah)").fill("tiga ribu")
    page.get_by_role("button", name="Simpan harga").click()
    expect(page.get_by_text("Tulis rupiah dengan angka bulat")).to_be_visible()
    page.get_by_label("Harga (rupiah)").fill("Rp3.500")
    page.get_by_label("Satuan").fill("butir")
    page.get_by_role("button", name="Simpan harga").click()
    expect(page.get_by_text("1 harga disimpan")).to_be_visible()
    day = TODAY - timedelta(1)
    file = (
        f"komoditas;tempat;tanggal;rupiah;satuan\nkopi robusta;{VILLAGE};{day};62.000;kg\nkelapa;{VILLAGE};{day};mahal;butir\n"
        f"cabai rawit;35.10;{day};47000;kg\n"
    )
    page.get_by_label("Pilih berkas").set_input_files({"name": "harga.csv", "mimeType": "text/csv", "buffer": file.encode()})
    expect(page.get_by_text("1 baris dapat disimpan")).to_be_visible()
    expect(page.get_by_text("2 baris keliru")).to_be_visible()
    expect(page.get_by_text("Rupiah mahal tidak terbaca")).to_be_visible()
    expect(page.get_by_text("Tempat 35.10 bukan wilayah Anda")).to_be_visible()
    assert violations(page) == []
    shot(page, "harga-petugas")
    page.get_by_role("button", name="Simpan 1 harga yang benar").click()
    expect(page.get_by_text("Rp62.000 per kg")).to_be_visible()
    page.close()


def test_prices_at_a_kiosk(regency: CloudApp, browser: Browser, tmp_path: Path) -> None:
    """Behind the door Ekonomi, from what the regency told the kiosk last; with no link to it."""
    Market(regency._records, regency._services.contents).tell(VILLAGE, TODAY)
    told = regency._services.contents.get(VILLAGE, "prices")
    assert told is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kiosk = ("[kiosk]", 'host = "127.0.0.1"', "port = 0", "millimetre = 2.71")
    own = (f'village = "{VILLAGE}"', 'node = "kios-1"', f'data = "{tmp_path / "data"}"', "[broker]", f'url = "mqtt://127.0.0.1:{port}"')
    (tmp_path / "edge.toml").write_text("\n".join((*own, *kiosk)), encoding="utf-8")
    edge = EdgeApp(load(tmp_path / "edge.toml"))
    edge.view.keep(Content("prices", told.version, told.at, told.document))
    edge.start()
    page = browser.new_page(viewport={"width": 1080, "height": 1920}, reduced_motion="reduce")
    try:
        page.goto(f"http://127.0.0.1:{edge.port}/")
        page.get_by_role("button", name="Sentuh untuk mulai").click()
        page.get_by_role("button", name="Ekonomi lokal").click()
        expect(page.get_by_text("Rp6.500 per kg")).to_be_visible()
        expect(page.get_by_text("dalam seminggu")).to_be_visible()
        assert violations(page) == []
        shot(page, "harga-kios")
    finally:
        page.close()
        edge.stop()
