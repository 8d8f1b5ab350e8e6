"""Pumps and sirens on the pages: anybody at the kiosk may stop them, the regency switches with name, reason and an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from conftest import Visit
from demo_outputs import KEY
from demo_server import Demo
from playwright.sync_api import Page, expect
from test_pages import start, violations

Visiting = Callable[..., Visit]
HOME = "#35.10.24.2008"


@pytest.fixture
def alone() -> Iterator[Callable[[str], str]]:
    """``alone("running")``: the address of a demo of this test's own, for tests that switch something."""
    made: list[Demo] = []

    def of(state: str) -> str:
        made.append(Demo(state).start())
        return made[-1].url

    yield of
    for demo in made:
        demo.close()


# -- kiosk -----------------------------------------------------------------------------------------------------


def test_what_runs_is_on_the_attract_screen_with_a_stop(visit: Visiting, alone: Callable[[str], str]) -> None:
    """One touch, no link, no name: off, and said so. Touching the stop does not begin a session."""
    page = visit("/kiosk", origin=alone("running")).page
    pump = page.locator(".tools li", has_text="Pompa kebun cabai")
    expect(pump).to_contain_text(re.compile(r"menyala\s*mati sendiri pukul \d\d\.\d\d"))
    expect(page.locator(".tools li", has_text="Sirene")).to_contain_text("putuskan listriknya")
    box = page.get_by_role("button", name="Hentikan Pompa kebun cabai").bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 20 * 2.71
    page.get_by_role("button", name="Hentikan Pompa kebun cabai").click()
    expect(pump).to_have_count(0)
    expect(page.locator(".call")).to_be_visible()
    start(page)
    expect(pump).to_contain_text("mati")
    expect(pump).not_to_contain_text("menyala")


def test_the_kiosk_never_switches_on(visit: Visiting) -> None:
    """Each output has a stop, also one that is off: a page may be wrong. What is quiet is not on the attract screen."""
    page = visit("/kiosk").page
    expect(page.get_by_text("Tinggi muka air")).to_be_visible()
    expect(page.locator(".tools")).to_have_count(0)
    start(page)
    expect(page.locator(".tools li")).to_have_count(2)
    expect(page.locator(".tools button")).to_have_text(["Hentikan", "Hentikan"])
    expect(page.get_by_role("button", name="Nyalakan")).to_have_count(0)


def test_a_village_without_outputs_shows_none(visit: Visiting) -> None:
    page = visit("/kiosk", "empty").page
    start(page)
    expect(page.get_by_role("heading", name="Apa yang ingin Anda lihat?")).to_be_visible()
    expect(page.locator(".tools")).to_have_count(0)


def test_a_stop_that_nobody_answers_says_what_to_do(visit: Visiting) -> None:
    """The kiosk's own program may be down while its page is open."""
    seen = visit("/kiosk", "running")
    seen.quiet = False  # the browser itself complains of the aborted request
    page = seen.page
    page.route("**/stop", lambda route: route.abort())
    page.get_by_role("button", name="Hentikan Pompa kebun cabai").click()
    expect(page.get_by_text("Kios tidak menjawab")).to_be_visible()
    expect(page.get_by_role("button", name="Hentikan Pompa kebun cabai")).to_be_enabled()


# -- regency ---------------------------------------------------------------------------------------------------


def detail(visit: Visiting, state: str = "normal", *, night: bool = False, origin: str = "") -> Visit:
    seen = visit("/", state, night=night, origin=origin)
    seen.page.goto(seen.page.url.split("#")[0] + HOME)
    expect(seen.page.get_by_role("heading", name="Alat desa")).to_be_visible()
    return seen


def fill(page: Page, key: str = KEY) -> None:
    page.get_by_label("Nama Anda").fill("Bu Sari")
    page.get_by_label("Alasan").fill("Tanah kebun kering")
    page.get_by_label("Kunci petugas").fill(key)


def test_switching_on_is_asked_answered_and_on_record(visit: Visiting, alone: Callable[[str], str]) -> None:
    """Name, reason, time; the kiosk's answer comes by itself; the history names who and why. The key is asked for once."""
    page = detail(visit, origin=alone("normal")).page
    pump = page.locator("li", has_text="Pompa kebun cabai")
    expect(pump).to_contain_text("menyala paling lama 10 menit · hanya bila Kelembapan tanah, Tanah sawah blok timur terdengar")
    page.get_by_role("button", name="Nyalakan Pompa kebun cabai").click()
    expect(page.get_by_role("dialog", name="Nyalakan Pompa kebun cabai?")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(3)
    page.get_by_text("10 menit", exact=True).click()
    fill(page)
    page.get_by_role("button", name="Nyalakan selama 10 menit").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(pump.get_by_role("status")).to_have_text(re.compile(r"Kios menjawab: menyala, mati sendiri pukul \d\d\.\d\d\."))
    expect(pump.locator(".state")).to_contain_text("menyala")
    row = page.get_by_role("row", name=re.compile("diminta menyala 10 menit"))
    expect(row).to_contain_text("Bu Sari")
    expect(row).to_contain_text("Tanah kebun kering")
    page.get_by_role("button", name="Matikan Pompa kebun cabai").click()
    expect(page.get_by_label("Nama Anda")).to_have_value("Bu Sari")
    expect(page.get_by_label("Kunci petugas")).to_have_count(0)
    page.get_by_label("Alasan").fill("Sudah cukup basah")
    page.get_by_role("button", name="Matikan sekarang").click()
    expect(pump.get_by_role("status")).to_have_text("Kios menjawab: sudah mati.")
    page.evaluate("sessionStorage.clear()")


def test_an_answer_goes_once_it_is_no_longer_so(visit: Visiting, alone: Callable[[str], str]) -> None:
    """Somebody at the kiosk stops what the regency switched on: the old answer must not stand beside the new state."""
    address = alone("normal")
    page = detail(visit, origin=address).page
    pump = page.locator("li", has_text="Pompa kebun cabai")
    page.get_by_role("button", name="Nyalakan Pompa kebun cabai").click()
    fill(page)
    page.get_by_role("button", name="Nyalakan selama 5 menit").click()
    expect(pump.get_by_role("status")).to_contain_text("Kios menjawab: menyala")
    page.request.post(f"{address}/api/outputs/pompa-cabai/stop")
    page.reload()
    expect(pump.locator(".state")).to_contain_text("dihentikan di kios")
    expect(pump).not_to_contain_text("Kios menjawab")
    page.evaluate("sessionStorage.clear()")


def test_what_is_missing_or_wrong_stands_beside_its_field(visit: Visiting) -> None:
    """Nothing that was typed is lost, and nothing is sent."""
    seen = detail(visit)
    seen.quiet = False  # the browser itself complains of the answer 401
    page = seen.page
    page.get_by_role("button", name="Nyalakan Sirene").click()
    page.get_by_role("button", name="Nyalakan selama 3 menit").click()
    expect(page.get_by_text("Isi bagian ini.")).to_have_count(3)
    expect(page.get_by_label("Nama Anda")).to_be_focused()
    fill(page, "salah")
    page.get_by_role("button", name="Nyalakan selama 3 menit").click()
    expect(page.get_by_text("Kunci ini tidak cocok")).to_be_visible()
    expect(page.get_by_label("Alasan")).to_have_value("Tanah kebun kering")
    page.get_by_role("button", name="Batal").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("li", has_text="Sirene").locator(".state")).to_contain_text("mati")


def test_a_kiosk_that_is_away_is_named_before_and_after(visit: Visiting, alone: Callable[[str], str]) -> None:
    """The state is the last known one, with its age; the command waits for so long and no longer."""
    page = detail(visit, origin=alone("offline")).page
    pump = page.locator("li", has_text="Pompa kebun cabai")
    expect(pump).to_contain_text("terakhir diketahui 4 jam lalu")
    page.get_by_role("button", name="Nyalakan Pompa").click()
    expect(page.get_by_text("Perintah menunggu paling lama 5 menit")).to_be_visible()
    fill(page)
    page.get_by_role("button", name="Nyalakan selama 5 menit").click()
    expect(pump.get_by_role("status")).to_have_text(re.compile(r"Menunggu kios tersambung. Batal sendiri pukul \d\d\.\d\d\."))
    page.evaluate("sessionStorage.clear()")


def test_the_history_says_what_happened_by_itself_and_why(visit: Visiting) -> None:
    """Refusals and expiries in words, changes with their cause, answers that change nothing left out."""
    page = detail(visit).page
    table = page.get_by_role("region", name="Riwayat alat")
    expect(table.get_by_role("row", name=re.compile("ditolak: jam kios belum cocok"))).to_have_count(1)
    expect(table.get_by_role("row", name=re.compile("batal, tidak sempat terkirim"))).to_have_count(1)
    expect(table.get_by_role("row", name=re.compile("mati: waktunya habis"))).to_contain_text("kios")
    expect(table.get_by_role("row", name=re.compile(r"menyala sampai"))).to_contain_text("Sari, petugas pertanian")
    expect(table.get_by_text("dijawab: selesai")).to_have_count(0)


def test_a_village_without_outputs_says_how_they_come(visit: Visiting) -> None:
    page = visit("/").page
    page.goto(page.url.split("#")[0] + "#35.10.09.2004")
    expect(page.get_by_text("Belum ada alat yang dapat dinyalakan dari sini")).to_be_visible()
    expect(page.get_by_role("heading", name="Riwayat alat")).to_have_count(0)


@pytest.mark.parametrize("night", [False, True])
def test_axe_finds_nothing(visit: Visiting, night: bool) -> None:
    """Stop buttons, list, dialog with its complaints."""
    page = visit("/kiosk", "running", night=night).page
    expect(page.locator(".tools li")).to_have_count(2)
    assert violations(page) == []
    start(page)
    expect(page.get_by_role("heading", name="Alat desa")).to_be_visible()
    assert violations(page) == []
    page = detail(visit, "running", night=night).page
    expect(page.locator(".plot canvas")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Matikan Pompa").click()
    page.get_by_role("button", name="Matikan sekarang").click()
    expect(page.get_by_text("Isi bagian ini.").first).to_be_visible()
    assert violations(page) == []
