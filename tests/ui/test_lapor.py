"""Reporting from a phone, with a line and without, and the staff's work on it, over a real cloud."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from conftest import Visit
from kampung_cloud.app import CloudApp
from kampung_cloud.modules.reports.book import Book
from PIL import Image
from playwright.sync_api import Page, expect
from test_pages import violations

from tests.cloud.alone import cloud_alone
from tests.cloud.desk import GOOD, make

Visiting = Callable[..., Visit]
VILLAGE = "35.10.24.2008"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    with cloud_alone(tmp_path_factory.mktemp("lapor")) as app:
        make(app, "siti", ["petugas"])
        yield app


def photo() -> bytes:
    """Larger than what may travel, with a place in it."""
    image, out, exif = Image.effect_noise((1600, 1200), 40).convert("RGB"), io.BytesIO(), Image.Exif()
    exif[0x010F] = "PABRIK CONTOH"
    image.save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def write(page: Page, spot: str, *, picture: bool = False) -> None:
    """From the first page to the check of the answers."""
    page.get_by_role("button", name="Buat laporan").click()
    page.get_by_role("button", name="Pohon tumbang").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("alert")).to_have_text("Sentuh peta atau tuliskan nama tempatnya.")
    page.get_by_label("Desa atau kelurahan").select_option(VILLAGE)
    page.get_by_role("application").click(position={"x": 150, "y": 150})
    expect(page.get_by_text("Tempat sudah ditandai di peta.")).to_be_visible()
    page.get_by_label("Nama tempat").fill(spot)
    page.get_by_role("button", name="Lanjut").click()
    if picture:
        page.locator("input[type=file]").set_input_files({"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        expect(page.get_by_role("img", name="Foto yang akan dikirim")).to_be_visible()
        page.get_by_role("button", name="Lanjut").click()
    else:
        page.get_by_role("button", name="Lewati").click()
    page.get_by_role("button", name="Lewati").click()
    expect(page.get_by_role("heading", name="Periksa sebelum dikirim")).to_be_visible()


def test_reported_worked_on_and_followed(visit: Visiting, cloud: CloudApp) -> None:
    """A photo made small on the phone; a ticket; the desk of the village; and what the reporter reads."""
    page = visit("/lapor", origin=cloud.url).page
    assert violations(page) == []
    write(page, "Dekat jembatan", picture=True)
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_role("heading", name="Laporan diterima")).to_be_visible()
    assert violations(page) == []
    book = Book(cloud._records, cloud.config.data)
    (row,) = book.listed([VILLAGE])
    kept = book.photo(row.id)
    assert kept is not None
    assert len(kept) < 300_000
    assert b"PABRIK" not in kept

    desk = visit("/petugas", origin=cloud.url).page
    desk.get_by_label("Nama akun").fill("siti")
    desk.get_by_role("textbox", name="Kata sandi").fill(GOOD)
    desk.keyboard.press("Enter")
    desk.get_by_role("link", name="Laporan warga").first.click()
    desk.get_by_role("link", name="Pohon tumbang").click()
    expect(desk.get_by_role("img", name="Foto dari pelapor")).to_be_visible()
    assert violations(desk) == []
    desk.get_by_role("button", name="Selesai").click()
    expect(desk.get_by_role("alert")).to_contain_text("Tulis dahulu catatannya")
    desk.get_by_label("Catatan").fill("Jalan sudah bersih")
    desk.get_by_role("button", name="Selesai").click()
    expect(desk.get_by_role("list").last).to_contain_text("Jalan sudah bersih")

    page.get_by_role("button", name="Selesai").click()
    page.get_by_role("button", name="Lihat kabarnya: LP-").click()
    expect(page.get_by_text("Selesai sejak")).to_be_visible()
    expect(page.locator("ol")).to_contain_text("Jalan sudah bersih")
    assert "Siti" not in page.locator("main").inner_text()


def test_without_a_line(visit: Visiting, cloud: CloudApp) -> None:
    """The ticket is there at once; the report goes by itself, once, when the line is back; a wrong word opens nothing."""
    page = visit("/lapor", state="broken", origin=cloud.url).page
    write_page = page.get_by_role("button", name="Buat laporan")
    expect(write_page).to_be_visible()
    page.route("**/api/v1/reports", lambda route: route.abort())
    write(page, "Dusun Krajan")
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_role("heading", name="Laporan tersimpan")).to_be_visible()
    ticket = page.locator("dd").first.inner_text()
    page.unroute("**/api/v1/reports")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="Laporan diterima")).to_be_visible()
    book = Book(cloud._records, cloud.config.data)
    assert [r.spot for r in book.listed([VILLAGE]) if r.ticket == ticket] == ["Dusun Krajan"]
    page.get_by_role("button", name="Selesai").click()
    page.get_by_label("Nomor laporan").fill(ticket.lower().replace("-", " "))
    page.get_by_label("Kata kunci").fill("salah-salah-salah")
    page.get_by_role("button", name="Lihat kabarnya", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Periksa nomor dan kata kuncinya sekali lagi.")
