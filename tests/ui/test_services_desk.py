"""The office's pages against a real cloud: a request at the counter, checked and signed by keyboard, in the register, on a phone too."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import segno
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.modules.feedback.models import RespondentRow, SurveyRow
from kampung_cloud.modules.queueing.models import QueueTicketRow
from kampung_cloud.modules.services.models import ServiceRequestRow
from kampung_cloud.modules.services.office import office
from kampung_contract.times import WIB
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.cloud.conftest import VILLAGE, free_port
from tests.cloud.desk import GOOD, Desk, make
from tests.cloud.modules.services.test_definitions import TOML

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "artifacts" / "screenshots"
PEOPLE = ["Contoh Satu", "Contoh Dua", "Contoh Tiga"]
ANSWERS = {"usaha": "Warung kopi", "alamat_usaha": "Dusun Krajan RT 02 RW 01", "keperluan": "Pinjaman modal"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """With a clerk, a village head and three requests that were checked."""
    tables = {
        "broker": {"url": f"mqtt://127.0.0.1:{free_port()}"},
        "api": {"port": 0},
        "telemetry": {"url": "memory:"},
        "services": {"offices": {VILLAGE: {"kades": "Contoh Kades", "address": "Jalan Raya Ijen, Tamansari"}}},
    }
    folder = tmp_path_factory.mktemp("office")
    asks = (ROOT / "cloud" / "sedekah-oksigen.toml").read_text(encoding="utf-8").replace('mark = "V2"', 'mark = "V"')
    (folder / "policy.toml").write_text(asks.replace('"surat-keterangan-usaha", ', ""), encoding="utf-8")
    app = CloudApp(parse(tables | {"gate": {"policy": str(folder / "policy.toml")}}, folder))
    app.start()
    make(app, "siti", ["petugas"])
    make(app, "kades", ["kades"])
    make(app, "pengelola", ["operator"])
    siti = Desk(app, "siti")
    for name in PEOPLE:
        person = {"nama": name, "lahir": "Banyuwangi, 17 Agustus 1990", "alamat": "Dusun Krajan RT 02 RW 01"}
        body = {"village": VILLAGE, "service": "keterangan-usaha", "answers": ANSWERS, "person": person}
        ref = siti.ask("POST", "requests", body).json()["id"]
        for act in ("take", "approve"):
            assert siti.ask("POST", f"requests/{ref}/acts", {"act": act}).status_code == 200
    known = {"name": "Contoh Terdaftar", "sex": "P", "born": "1990-08-17", "birthplace": "Banyuwangi", "hamlet": "Krajan"}
    known |= {"rt": "02", "rw": "01", "details": {"pekerjaan": "Petani"}}
    made = siti.ask("POST", "residents", {"village": VILLAGE, "kind": "move_in", "day": "2026-11-01", "person": known})
    assert made.status_code == 201, made.text
    yield app
    app.stop()


def entered(browser: Browser, cloud: CloudApp, who: str, width: int = 1440, height: int = 900) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, timezone_id="Pacific/Kiritimati").new_page()
    page.goto(f"{cloud.url}/petugas")
    page.get_by_label("Nama akun").fill(who)
    page.get_by_label("Kata sandi", exact=True).fill(GOOD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Selamat bekerja")).to_be_visible()
    return page


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"petugas-{name}.png", full_page=True)


def test_a_request_at_the_counter_by_keyboard(browser: Browser, cloud: CloudApp) -> None:
    """Enter before the services have come; what is wrong is said beside its field and keeps what was typed; checked without a mouse."""
    page = entered(browser, cloud, "siti")
    page.goto(f"{cloud.url}/petugas#permohonan")
    expect(page.get_by_role("link", name="Contoh Satu")).to_be_visible()
    shot(page, "inbox")
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/api/v1/services?*", hold)
    with page.expect_request("**/api/v1/services?*"):
        page.locator("body").press("n")
    page.get_by_label("Layanan apa?").fill("sktm")
    page.get_by_label("Layanan apa?").press("Enter")
    late[0].continue_()
    page.get_by_label("Nama lengkap").fill("Sulastri")
    page.get_by_role("button", name="Simpan permohonan").click()
    expect(page.get_by_text("belum dijawab")).to_be_visible()
    expect(page.get_by_label("Nama lengkap")).to_have_value("Sulastri")
    shot(page, "intake-wrong")
    page.get_by_label("Cari di buku penduduk").fill("terdaf")
    page.get_by_role("button", name="Cari", exact=True).click()
    page.get_by_role("button", name="Contoh Terdaftar").click()
    expect(page.get_by_label("Tempat, tanggal lahir").first).to_have_value("Banyuwangi, 17 Agustus 1990")
    expect(page.get_by_label("Pekerjaan")).to_have_value("Petani")
    page.get_by_label("Untuk apa surat ini?").select_option("Sekolah")
    page.get_by_role("button", name="Simpan permohonan").click()
    expect(page.get_by_role("heading", name="Surat keterangan tidak mampu")).to_be_visible()
    page.locator("body").press("m")
    expect(page.get_by_role("status")).to_have_text("Selesai. Sedang diperiksa.")
    expect(page.get_by_role("img", name="Surat seperti akan dicetak")).to_be_visible()
    shot(page, "case")
    page.get_by_role("button", name="Minta dilengkapi").click()
    page.get_by_role("textbox").fill("Kartu Keluarga belum dibawa")
    page.get_by_role("button", name="Kirim").click()
    expect(page.get_by_role("status")).to_have_text("Selesai. Perlu dilengkapi.")
    expect(page.locator(".why")).to_have_text("Kartu Keluarga belum dibawa")
    page.get_by_role("link", name="Lihat di data penduduk").click()
    page.get_by_label("Untuk apa").select_option("permohonan")
    page.get_by_role("button", name="Lihat", exact=True).click()
    page.get_by_role("button", name="Permohonannya").click()
    expect(page.get_by_role("link", name="Surat keterangan tidak mampu")).to_be_visible()
    shot(page, "resident-requests")
    page.context.close()


def test_a_letter_that_waits_for_a_tree(browser: Browser, cloud: CloudApp) -> None:
    """The page says what is missing and how, and with a pledge the request goes on; a wrong code is said."""
    siti = Desk(cloud, "siti")
    body = {
        "village": VILLAGE,
        "service": "domisili-usaha",
        "answers": {"usaha": "Warung kopi", "alamat_usaha": "Dusun Krajan RT 02 RW 01"},
        "person": {"nama": "Contoh Penanam"},
    }
    taken = siti.ask("POST", "requests", body)
    assert taken.status_code == 201, taken.text
    ref = taken.json()["id"]
    page = entered(browser, cloud, "siti")
    page.goto(f"{cloud.url}/petugas#permohonan/{ref}")
    expect(page.get_by_role("region", name="Lama pengurusan")).to_contain_text("0 dari 70 menit kerja")
    panel = page.get_by_role("region", name="Sedekah Oksigen")
    expect(panel).to_contain_text("Diminta 1 pohon. Isi yang ditunjukkan pemohon.")
    page.locator("body").press("m")
    expect(page.get_by_text("Selesai. Sedang diperiksa.")).to_be_visible()
    page.locator("body").press("b")
    expect(page.get_by_role("alert")).to_contain_text("berjanji menanam dalam 90 hari")
    shot(page, "gate")
    panel.get_by_label("Kode pohon").fill("salah")
    panel.get_by_role("button", name="Periksa pohon").click()
    expect(panel.get_by_role("alert")).to_contain_text("expected the 8 letters and figures")
    panel.get_by_label("Kode pohon").fill("")
    panel.get_by_label("Berjanji menanam dalam 90 hari").check()
    panel.get_by_role("button", name="Periksa pohon").click()
    expect(panel).to_contain_text("Boleh diteruskan")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "gate-phone")
    page.locator("h1").click()
    page.locator("body").press("b")
    expect(page.get_by_text("Selesai. Menunggu tanda tangan.")).to_be_visible()
    back = Desk(cloud, "kades").ask("POST", f"requests/{ref}/acts", {"act": "send_back", "note": "Contoh selesai"})
    assert back.status_code == 200, back.text
    page.context.close()


def test_the_head_signs_many_at_once_and_they_are_in_the_register(browser: Browser, cloud: CloudApp) -> None:
    page = entered(browser, cloud, "kades")
    page.goto(f"{cloud.url}/petugas#tandatangan")
    page.get_by_role("button", name="Baca suratnya").first.click()
    expect(page.get_by_role("img")).to_be_visible()
    expect(page.get_by_role("button", name="Pilih surat dulu")).to_be_disabled()
    page.get_by_label("Pilih semua").check()
    shot(page, "signing")
    page.get_by_role("button", name="Tanda tangani 3 surat").click()
    expect(page.get_by_role("status")).to_have_text("3 surat ditandatangani.")
    expect(page.get_by_text("Tidak ada surat yang menunggu")).to_be_visible()
    page.goto(f"{cloud.url}/petugas#buku-surat")
    expect(page.get_by_role("rowheader")).to_have_count(3)
    numbers = page.get_by_role("rowheader").all_inner_texts()
    assert [n.split("/")[1] for n in numbers] == ["001", "002", "003"]
    shot(page, "register")
    page.get_by_role("button", name="Cabut").first.click()
    page.get_by_label("Alasan pencabutan").fill("Nama salah tulis")
    page.get_by_role("button", name="Cabut").first.click()
    expect(page.get_by_text("dicabut: Nama salah tulis")).to_be_visible()
    page.context.close()


def test_on_a_phone_and_the_catalogue(browser: Browser, cloud: CloudApp) -> None:
    """Nothing is wider than the phone; a service shows its fourteen components and its letter."""
    page = entered(browser, cloud, "siti", 390, 844)
    for at in ("permohonan", "permohonan/baru", "buku-surat", "layanan/keterangan-usaha"):
        page.goto(f"{cloud.url}/petugas#{at}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, at
    shot(page, "phone-catalogue")
    expect(page.locator("article dt")).to_have_count(14)
    expect(page.get_by_role("img", name="Contoh surat")).to_be_visible()
    page.context.close()


def test_a_letter_is_checked_on_a_phone_without_a_line(browser: Browser, cloud: CloudApp) -> None:
    """Keys once fetched, everything else on the phone; one changed letter of the code is refused; a withdrawn letter is told."""
    row = office(cloud._services).book.register(VILLAGE, 2026)[1]
    context = browser.new_context(viewport={"width": 390, "height": 844}, timezone_id="Pacific/Kiritimati")
    page = context.new_page()
    page.goto(f"{cloud.url}/periksa")
    expect(page.get_by_text("Daftar kunci dan surat yang dicabut")).to_be_visible()
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    page.get_by_label("Isi kode QR").fill(row.code)
    page.get_by_role("button", name="Periksa").click()
    expect(page.get_by_role("heading", name="Surat ini asli")).to_be_visible()
    expect(page.get_by_text(row.number)).to_be_visible()
    shot(page, "verify-good")
    page.get_by_role("button", name="Periksa surat lain").click()
    photo, blank = io.BytesIO(), io.BytesIO()
    segno.make(row.code, error="m").save(photo, kind="png", scale=6, border=4)
    Image.new("RGB", (400, 300), "white").save(blank, "PNG")
    picture = page.get_by_label("Ambil foto kode QR")
    picture.set_input_files({"name": "foto.png", "mimeType": "image/png", "buffer": blank.getvalue()})
    expect(page.get_by_role("alert")).to_contain_text("Tidak ada kode QR")
    picture.set_input_files({"name": "foto.png", "mimeType": "image/png", "buffer": photo.getvalue()})
    expect(page.get_by_role("heading", name="Surat ini asli")).to_be_visible()
    page.get_by_role("button", name="Periksa surat lain").click()
    page.get_by_label("Isi kode QR").fill(row.code[:60] + ("A" if row.code[60] != "A" else "B") + row.code[61:])
    page.get_by_role("button", name="Periksa").click()
    expect(page.get_by_role("heading", name="Surat ini tidak dapat dipastikan")).to_be_visible()
    context.set_offline(False)
    withdrawn = office(cloud._services).book.register(VILLAGE, 2026)[0]
    page.reload()
    expect(page.get_by_text("Daftar kunci dan surat yang dicabut")).to_be_visible()
    page.get_by_label("Isi kode QR").fill(withdrawn.code)
    page.get_by_role("button", name="Periksa").click()
    expect(page.get_by_role("heading", name="Surat ini sudah dicabut")).to_be_visible()
    context.close()


def test_satisfaction_by_period_element_and_service(browser: Browser, cloud: CloudApp) -> None:
    """Of the last year, whose quarters are over; the year that runs says what will be there."""
    year = datetime.now(WIB).year - 1
    with cloud._services.records.session() as session:
        for n in range(24):
            scores = {f"u{u}": 3 + (n + u) % 2 - 2 * (u == 3) for u in range(1, 10)}
            day, service = f"{year}-{(n % 2) * 3 + 2:02}-15", ("keterangan-usaha", "permohonan-ktp")[n // 2 % 2]
            session.add(SurveyRow(survey=f"{n:032x}", village=VILLAGE, service=service, day=day, **scores))
            said = {
                "sex": "LP"[n % 2],
                "age": ("30-39", "50-59", "over-59")[n % 3],
                "schooling": "SMP",
                "work": ("farmer", "own")[n // 5 % 2],
            }
            session.add(RespondentRow(respondent=f"{n:032x}", village=VILLAGE, quarter=f"{year}-Q{n % 2 + 1}", **said))
    page = entered(browser, cloud, "siti")
    page.goto(f"{cloud.url}/petugas#kepuasan")
    expect(page.get_by_text("Belum ada hasil untuk tahun")).to_be_visible()
    page.get_by_label("Tahun").select_option(str(year))
    expect(page.get_by_role("button", name=f"Triwulan 2 tahun {year}")).to_be_visible()
    page.get_by_role("button", name=f"Triwulan 1 tahun {year}").click()
    expect(page.get_by_role("heading", name=f"Menurut layanan, Triwulan 1 tahun {year}")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=f"Triwulan 1 tahun {year}")
    expect(row).to_contain_text("12")
    expect(row).to_contain_text("Waktu")
    expect(page.get_by_role("img", name="Indeks kepuasan masyarakat tiap triwulan")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Petani atau pekebun")).to_contain_text("14")
    shot(page, "kepuasan")


def test_how_long_people_waited_is_shown_by_hour(browser: Browser, cloud: CloudApp) -> None:
    """Empty, the page says how figures come; then half and nine of ten, a plot by hour, and the same in tables."""
    page = entered(browser, cloud, "siti")
    page.goto(f"{cloud.url}/petugas#antrian")
    expect(page.get_by_text("Belum ada nomor yang selesai")).to_be_visible()
    today = datetime.now(WIB).date()
    eight = round(datetime(today.year, today.month, today.day, 8, tzinfo=WIB).timestamp() * 1000)
    same = {"rev": 3, "village": VILLAGE, "node": "kiosk-1", "day": today.isoformat(), "line": "A", "title": "Surat", "calls": 1}
    same |= {"priority": False, "doubtful": False, "simulated": True}
    with cloud._services.records.session() as session:
        for n in range(12):
            called = eight + (n + n % 4) * 300_000
            times = {"taken": eight + n * 300_000, "called": called, "began": called, "ended": called + 240_000}
            outcome = "absent" if n == 5 else "served"
            session.add(QueueTicketRow(token=f"{n:032x}", number=f"A{n + 1}", outcome=outcome, counter=1 + n % 2, **same, **times))
    page.get_by_label("Periode").select_option("1")
    expect(page.get_by_role("img", name="Menunggu, menurut jam")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="08.00")).to_contain_text("12")
    expect(page.get_by_role("row").filter(has_text="A · Surat")).to_contain_text("7,5")
    expect(page.get_by_text("12 nomor di antaranya SIMULASI")).to_be_visible()
    shot(page, "antrian")
    page.context.close()


def test_a_definition_is_tried_before_it_counts(browser: Browser, cloud: CloudApp) -> None:
    """What is wrong is named; then the kiosk's own questions, the letter of what was answered, put in force, and back."""
    page = entered(browser, cloud, "pengelola")
    page.goto(f"{cloud.url}/petugas#definisi")
    expect(page.get_by_text("Desa ini memakai semua layanan bawaan")).to_be_visible()
    page.get_by_label("Teks definisi").fill(TOML.replace("{dagangan}", "{dagagan}"))
    page.get_by_role("button", name="Periksa", exact=True).click()
    expect(page.get_by_text("{dagagan} tidak dikenal; yang ada: dagangan")).to_be_visible()
    page.get_by_label("Teks definisi").fill(TOML)
    page.get_by_role("button", name="Periksa", exact=True).click()
    expect(page.get_by_role("heading", name="Dapat dipakai: Surat izin warung")).to_be_visible()
    asks = page.get_by_role("region", name="Seperti ditanyakan di kios")
    asks.get_by_role("textbox").fill("Contoh Warga")
    asks.get_by_role("button", name="Lanjut").click()
    expect(asks.get_by_role("heading", name="Apa yang dijual?")).to_be_visible()
    shot(page, "definition-good")
    asks.get_by_role("textbox").fill("Kopi bubuk")
    asks.get_by_role("button", name="Lanjut").click()
    asks.get_by_role("button", name="Kirim permohonan").click()
    expect(asks.get_by_role("status")).to_contain_text("Contoh surat di bawah memakai jawaban ini")
    expect(page.get_by_role("img", name="Contoh surat")).to_be_visible()
    page.get_by_label("Mengapa diberlakukan?").fill("Perdes contoh")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "definition-phone")
    page.get_by_role("button", name="Berlakukan untuk desa ini").click()
    expect(page.get_by_role("status")).to_contain_text("Berlaku sejak sekarang")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Mengapa diberlakukan?").fill("Tidak jadi")
    page.get_by_role("button", name="Cabut definisi desa").click()
    expect(page.get_by_text("Definisi desa dicabut")).to_be_visible()
    assert Desk(cloud, "siti").ask("GET", f"services/surat-warung?village={VILLAGE}").status_code == 404
    page.context.close()


def test_what_is_over_its_time_is_destroyed_by_two(browser: Browser, cloud: CloudApp) -> None:
    """The clerk proposes, the head of the village agrees after a second question, and the certificate can be opened."""
    siti = Desk(cloud, "siti")
    records = cloud._services.records
    refs = []
    for name in ("Contoh Lama", "Contoh Lama Sekali"):
        body = {"village": VILLAGE, "service": "keterangan-usaha", "answers": ANSWERS, "person": {"nama": name}}
        refs.append(siti.ask("POST", "requests", body).json()["id"])
        assert siti.ask("POST", f"requests/{refs[-1]}/acts", {"act": "cancel", "note": "Contoh batal"}).status_code == 200
    with records.session() as session:
        for n, ref in enumerate(refs):
            row = session.get(ServiceRequestRow, ref)
            assert row is not None and row.closed is not None
            row.closed -= (900 + 100 * n) * 86_400_000
    behind = {"village": VILLAGE, "kinds": ["permohonan"], "note": "Penertiban arsip", "clock": 0}
    assert siti.ask("POST", "retention/proposals", behind).status_code == 409
    page = entered(browser, cloud, "siti")
    page.goto(f"{cloud.url}/petugas#masa-simpan")
    page.get_by_role("checkbox", name="Usulkan Isi permohonan layanan").check()
    page.get_by_label("Mengapa sekarang?").fill("Penertiban arsip")
    page.get_by_role("button", name="Usulkan pemusnahan").click()
    expect(page.get_by_role("status")).to_contain_text("sampai itu tidak ada yang musnah")
    shot(page, "retention")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "retention-phone")
    page.context.close()
    page = entered(browser, cloud, "kades")
    page.goto(f"{cloud.url}/petugas#masa-simpan")
    page.get_by_role("button", name="Setujui dan musnahkan").click()
    page.get_by_role("button", name="Ya, musnahkan sekarang").click()
    expect(page.get_by_role("status")).to_contain_text(f"Berita acara 001/BA-PDP/{VILLAGE}")
    expect(page.get_by_text("Rantai berita acara utuh")).to_be_visible()
    href = page.get_by_role("link", name="Buka untuk dicetak").get_attribute("href")
    assert href is not None
    assert siti.ask("GET", href.removeprefix("/api/v1/")).content.startswith(b"%PDF")
    assert siti.ask("GET", f"requests/{refs[0]}").json()["person"] == {}
    page.context.close()


def test_data_that_got_out(browser: Browser, cloud: CloudApp) -> None:
    """Recorded with its clock, those concerned counted and put down, told and closed; each letter can be opened."""
    siti = Desk(cloud, "siti")
    found = siti.ask("POST", "residents/search", {"q": "terdaftar", "purpose": "permohonan", "village": VILLAGE}).json()["residents"]
    assert siti.ask("GET", f"residents/{found[0]['id']}?purpose=permohonan").status_code == 200
    page = entered(browser, cloud, "kades")
    page.goto(f"{cloud.url}/petugas#kebocoran")
    expect(page.get_by_text("Belum ada kejadian yang dicatat")).to_be_visible()
    page.get_by_role("button", name="Catat kejadian").click()
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Isi semua")
    page.get_by_label("Sejak kapan terungkap").fill("2026-11-01T08:00")
    page.get_by_role("checkbox", name="Nama", exact=True).check()
    page.get_by_role("checkbox", name="Nomor Induk Kependudukan").check()
    page.get_by_label("Bagaimana terungkapnya").fill("Akun seorang petugas dipakai orang lain di komputer loket.")
    page.get_by_label("Apa yang sudah dan akan dilakukan").fill("Akun ditutup dan kata sandi diganti.")
    page.get_by_label("Siapa yang dapat ditanya warga").fill("Sekretaris desa, 0812-0000-1234")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_role("heading", name="Kejadian 1")).to_be_visible()
    expect(page.get_by_text("Sisa 71 jam")).to_be_visible()
    page.get_by_label("Akun yang dipakai").fill("siti")
    page.get_by_role("button", name="Hitung").click()
    page.get_by_role("button", name="Tambahkan ke daftar").click()
    expect(page.get_by_role("link", name=f"Warga nomor {found[0]['id']}")).to_be_visible()
    shot(page, "breach")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "breach-phone")
    page.set_viewport_size({"width": 1440, "height": 900})
    for kind in ("agency", "persons", "public"):
        assert siti.ask("GET", f"breaches/1/paper/{kind}").content.startswith(b"%PDF"), kind
    for whom, button in (
        ("Surat untuk lembaga", "lembaga sudah diberi tahu"),
        ("Surat untuk yang belum", "semua di daftar sudah diberi tahu"),
    ):
        form = page.locator("form").filter(has=page.get_by_role("heading", name=whom))
        form.get_by_label("Dengan cara apa").fill("Surat diantar")
        form.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text("Tersimpan")
    expect(page.get_by_text("Semua sudah diberi tahu")).to_be_visible()
    page.get_by_label("Apa pelajarannya").fill("Layar loket mengunci sendiri")
    page.get_by_role("button", name="Tutup kejadian").click()
    expect(page.get_by_text("✓ Ditutup")).to_be_visible()
    readers = siti.ask("GET", f"residents/{found[0]['id']}/readers").json()["readings"]
    assert any(r["purpose_title"] == "Menangani kegagalan pelindungan data" for r in readers)
    page.context.close()
