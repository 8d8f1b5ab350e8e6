"""Alarms on the regency's pages: found from wherever they are shown, explained, handled; and on the kiosk."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from conftest import Visit
from demo_outputs import KEY
from demo_server import Demo
from playwright.sync_api import Page, expect
from test_pages import violations

Visiting = Callable[..., Visit]


def to(seen: Visit, hash_: str) -> Page:
    seen.page.goto(seen.page.url.split("#")[0] + hash_)
    return seen.page


def sign(page: Page, key: str = KEY) -> None:
    page.get_by_label("Nama Anda").fill("Bu Sari")
    page.get_by_label("Kunci petugas").fill(key)


def test_from_the_banner_to_why_who_and_what_was_done(own: Callable[[str], Demo], visit: Visiting) -> None:
    """What, where, the readings with their limits, the rule in words with its source; taken up, on record, and told to open pages."""
    page = visit("/", origin=own("alarm").url).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Kali Setail tinggi").click()
    heading = page.get_by_role("heading", name="Siaga: Kali Setail tinggi, Desa Setail")
    expect(heading).to_be_focused()
    expect(page.get_by_text("Mulai bila tinggi muka air mencapai 2,00\u00a0m atau lebih, terus-menerus selama 10 menit.")).to_be_visible()
    expect(
        page.get_by_text("Selesai bila tinggi muka air turun sampai 1,90\u00a0m atau kurang, terus-menerus selama 2 jam.")
    ).to_be_visible()
    expect(page.get_by_text("Sumber: contoh: papan duga Kali Bomo")).to_be_visible()
    expect(page.get_by_text("12 peringatan, 9 ditangani, 1 salah")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Tinggi muka air, Kali Bomo, jembatan"))).to_be_visible()
    expect(page.get_by_role("list", name="Tahap aturan menurut waktu").get_by_role("listitem")).to_have_text(
        [re.compile("menunggu"), re.compile("berlaku")]
    )
    told = page.get_by_role("region", name="Siapa yang diberi tahu")
    expect(page.get_by_text("1 terkirim, 1 menunggu, 1 gagal")).to_be_visible()
    told.locator("summary", has_text="ketua RT").click()
    expect(told.get_by_text(re.compile("Percobaan 1, .*sms 0812…1234: terkirim"))).to_be_visible()
    expect(page.get_by_text("Belum ada yang menangani.")).to_be_visible()
    page.get_by_role("button", name="Saya tangani").click()
    page.get_by_label("Pesan untuk yang lain").fill("Saya ke jembatan")
    sign(page)
    page.get_by_label("Kunci petugas").press("Enter")
    expect(page.get_by_text("Ditangani Bu Sari")).to_be_visible()
    expect(page.get_by_role("button", name="Saya tangani")).to_have_count(0)
    page.get_by_role("button", name="Tugaskan").click()
    page.get_by_label("Nama atau jabatan").fill("BPBD")
    page.get_by_role("dialog").get_by_role("button", name="Tugaskan").click()
    page.get_by_role("button", name="Salah alarm").click()
    page.get_by_role("button", name="Tandai salah alarm").click()
    expect(page.get_by_text("Isi bagian ini.")).to_have_count(1)
    page.get_by_label("Mengapa salah").fill("Ranting di alat")
    page.get_by_role("button", name="Tandai salah alarm").click()
    trail = page.locator("ol li")
    expect(trail).to_have_text(
        [re.compile("dimulai"), re.compile("Menangani.*Bu Sari.*jembatan"), re.compile("Menugaskan BPBD"), re.compile("Ranting di alat")]
    )
    assert sum(url.endswith("/log") for url in asked) < 15, "the page asks when something was done, not again and again"
    page.get_by_role("link", name="← Semua peringatan").click()
    row = page.get_by_role("row", name=re.compile("Kali Setail"))
    expect(row).to_contain_text("salah alarm")
    page.evaluate("sessionStorage.clear()")


def test_a_wrong_key_loses_nothing(own: Callable[[str], Demo], visit: Visiting) -> None:
    seen = visit("/", origin=own("alarm").url)
    seen.quiet = False  # the browser itself complains of the answer 401
    page = seen.page
    page.get_by_role("link", name="Kali Bomo naik").click()
    page.get_by_role("button", name="Tulis catatan").click()
    page.get_by_label("Apa yang Anda lihat").fill("Air mulai turun")
    sign(page, "salah")
    page.get_by_role("button", name="Simpan catatan").click()
    expect(page.get_by_text("Kunci ini tidak cocok")).to_be_visible()
    expect(page.get_by_label("Apa yang Anda lihat")).to_have_value("Air mulai turun")


def test_the_list_is_filtered_and_its_address_can_be_kept(visit: Visiting) -> None:
    """What nobody has taken up first; filters are in the address; nothing that fits is said."""
    page = to(visit("/", "alarm"), "#peringatan?state=all")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Kali Setail")
    page.get_by_label("Tingkat").select_option("2")
    expect(rows).to_have_count(1)
    assert page.url.endswith("#peringatan?state=all&severity=2")
    page.reload()
    expect(page.get_by_label("Keadaan")).to_have_value("all")
    page.get_by_label("Jenis").select_option("air")
    expect(page.get_by_text("Tidak ada peringatan yang cocok")).to_be_visible()
    page = to(visit("/", "normal"), "#peringatan")
    expect(page.get_by_text("Tidak ada peringatan yang berlaku")).to_be_visible()


def test_one_that_is_over_one_unknown_and_a_cloud_that_is_down(visit: Visiting, demo: Callable[..., Demo]) -> None:
    """Each says what it is and what can be done."""
    over = demo("normal").world.alarms.history()[0]
    page = to(visit("/", "normal"), f"#alarm/{quote(over['id'], safe='')}")
    expect(page.get_by_text("Baru diketahui: selesai")).to_be_visible()
    expect(page.get_by_text("Pak RT 02, di kios")).to_be_visible()
    expect(page.get_by_role("button", name="Tugaskan")).to_have_count(0)
    expect(page.get_by_role("button", name="Tulis catatan")).to_be_visible()
    seen = visit("/", "normal")
    seen.quiet = False  # the browser itself complains of the answer 404
    expect(to(seen, "#alarm/kali-9%3Ax%3A1").get_by_text("Peringatan ini tidak dikenal")).to_be_visible()
    expect(to(visit("/", "broken"), "#alarm/kali-9%3Ax%3A1").get_by_text("Peringatan ini belum dapat diambil")).to_be_visible()
    expect(to(visit("/", "broken"), "#peringatan").get_by_text("Daftar peringatan belum dapat diambil")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "night"), [(1440, 900, True), (390, 844, False)])
def test_axe_finds_nothing(visit: Visiting, demo: Callable[..., Demo], width: int, height: int, night: bool) -> None:
    """The alarm's page, a dialog with its complaints, the list; nothing is wider than the screen."""
    seen = visit("/", "alarm", night=night)
    seen.page.set_viewport_size({"width": width, "height": height})
    alarm = demo("alarm").world.alarms.history()[0]
    page = to(seen, f"#alarm/{quote(alarm['id'], safe='')}")
    expect(page.locator(".plot canvas")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Tulis catatan").click()
    page.get_by_role("button", name="Simpan catatan").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page = to(seen, "#peringatan?state=all")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# -- kiosk -----------------------------------------------------------------------------------------------------


def reason(page: Page) -> None:
    """From the attract screen by one touch on the banner."""
    page.get_by_role("button", name="Kali Bomo naik").click()
    expect(page.get_by_role("heading", name="Mengapa ada peringatan")).to_be_visible()


def test_the_kiosk_says_why_whom_to_call_and_takes_who_has_seen_it(own: Callable[[str], Demo], visit: Visiting) -> None:
    """With the link down: said at once that it is yet to be sent. Everything that is touched is large enough and on one screen."""
    page = visit("/kiosk", origin=own("offline").url).page
    reason(page)
    expect(page.get_by_text("Posko: 0812-0000-1234")).to_be_visible()
    expect(page.get_by_text("Mulai bila tinggi muka air mencapai")).to_be_visible()
    expect(page.get_by_text("Sumber: contoh")).to_be_visible()
    expect(page.locator(".plot canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    boxes = [button.bounding_box() for button in page.locator(".who button").all()]
    assert len(boxes) == 5
    assert all(box and min(box["width"], box["height"]) >= 20 * 2.71 for box in boxes)
    page.get_by_role("button", name="Ketua RT").click()
    expect(page.get_by_role("status").get_by_text(re.compile(r"Sudah dilihat Ketua RT pukul \d\d\.\d\d\."))).to_be_visible()
    expect(page.get_by_text("Akan dikirim begitu jaringan tersambung.")).to_be_visible()
    expect(page.get_by_role("button", name="Ketua RT")).to_have_count(0)
    page.get_by_role("button", name="Nama lain").click()
    page.get_by_label("Nama atau jabatan").fill("Bu Sari")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text(re.compile("Sudah dilihat Bu Sari"))).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Selesai").click()
    expect(page.locator(".alarm")).to_contain_text("Sudah dilihat Ketua RT")


def test_a_kiosk_that_does_not_take_it_says_so(visit: Visiting) -> None:
    seen = visit("/kiosk", "alarm")
    seen.quiet = False  # the browser itself complains of the aborted request
    page = seen.page
    page.route("**/seen", lambda route: route.abort())
    reason(page)
    page.get_by_role("button", name="Warga").click()
    expect(page.get_by_text("Belum tercatat")).to_be_visible()
    expect(page.get_by_role("button", name="Warga")).to_be_enabled()
