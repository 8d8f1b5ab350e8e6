"""Every page, in every state of the world, as a person meets it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import AXE, Visit
from demo_server import Demo
from playwright.sync_api import Page, expect

Visiting = Callable[..., Visit]
JAVANESE: dict[str, str] = json.loads((Path(__file__).parents[2] / "kiosk-ui" / "src" / "messages" / "jv.json").read_text(encoding="utf-8"))
WIB_CLOCK = re.compile(r"\d\d\.\d\d\s*WIB")


def start(page: Page) -> None:
    page.locator(".call").click()


def door(page: Page, name: str) -> None:
    start(page)
    page.get_by_role("button", name=name).click()


def violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # not a script tag: the pages' policy forbids inline scripts
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:300]}" for v in found["violations"]]


# -- kiosk -----------------------------------------------------------------------------------------------------


def test_attract_says_where_and_when_and_what(visit: Visiting) -> None:
    """Village, WIB clock, link, values with their origin, one announcement, the call."""
    page = visit("/kiosk").page
    expect(page.get_by_text("Desa Tamansari")).to_be_visible()
    expect(page.locator(".clock").first).to_have_text(WIB_CLOCK)
    expect(page.get_by_text("tersambung")).to_be_visible()
    expect(page.get_by_text("Tinggi muka air")).to_be_visible()
    expect(page.get_by_text("simulasi").first).to_be_visible()
    expect(page.locator(".news h2")).not_to_be_empty()
    expect(page.locator(".call")).to_be_in_viewport()


@pytest.mark.parametrize("mm", [2.71, 4.03])
def test_the_call_is_made_in_each_language_in_turn(visit: Visiting, mm: float) -> None:
    """In one line, so that nothing moves when it changes."""
    seen = visit("/kiosk", clock=True, mm=mm)
    expect(seen.page.locator(".call span")).to_be_visible()
    page = seen.still()
    heard, heights = set(), set()
    for _ in range(5):
        heard.add(page.locator(".call span").get_attribute("lang"))
        box = page.locator(".call").bounding_box()
        assert box
        heights.add(round(box["height"]))
        page.clock.run_for(4000)
    assert heard == {"id", "jv", "osi", "mad", "en"}
    assert len(heights) == 1


def test_a_touch_anywhere_begins(visit: Visiting) -> None:
    page = visit("/kiosk").page
    page.locator("main header").click(position={"x": 20, "y": 20})
    expect(page.get_by_role("heading", name="Apa yang ingin Anda lihat?")).to_be_visible()


OUTSIDE = """() => [...document.querySelectorAll('button, h1, h2, p, td, th')].filter((e) => {
  const box = e.getBoundingClientRect()
  const seen = box.width && !e.closest('.unseen, .fill')
  return seen && (box.right > innerWidth + 1 || box.left < -1 || (e.tagName === 'BUTTON' && e.scrollWidth > e.clientWidth + 1))
}).map((e) => e.textContent)"""
"""What stands outside the page, or text outside its button. (Lines of the attract screen that do not fit are out of sight by design.)"""


@pytest.mark.parametrize("mm", [2.71, 4.03])
def test_every_language_fits_the_kiosk_and_can_be_touched(visit: Visiting, mm: float) -> None:
    """Alarms in the language, what nobody wrote in it in Indonesian; inside a session and on a small panel the languages fold."""
    page = visit("/kiosk", "alarm", mm=mm).page
    for code, call, alarm in (
        ("jv", "Panjenengan badhe mirsani napa?", "Kali Bomo minggah"),
        ("osi", "Rika arep ndeleng paran?", "Kali Bomo munggah"),
        ("mad", "Sampèyan terro ngabâssaghi ponapa?", "Songay Bomo ongghâ"),
        ("en", "What would you like to see?", "Kali Bomo is rising"),
    ):
        if mm > 3:
            page.locator(".fold").click()
        page.locator(f".languages button[lang={code}]:visible").click()
        expect(page.locator(".alarm .title").first).to_have_text(alarm)
        assert page.evaluate(OUTSIDE) == []
        for box in (button.bounding_box() for button in page.locator("footer button:visible").all()):
            assert box is not None
            assert min(box["width"], box["height"]) >= 20 * mm
        start(page)
        expect(page.get_by_role("heading", name=call)).to_be_visible()
        expect(page.locator(".languages")).to_have_count(0)
        page.locator(".fold").click()
        expect(page.locator(".languages button")).to_have_count(5)
        assert page.evaluate(OUTSIDE) == []
        page.locator(".languages button[lang=id]").click()
        expect(page.get_by_role("heading", name="Apa yang ingin Anda lihat?")).to_be_visible()
        page.get_by_role("button", name="Selesai").click()


OPEN = ["Pelayanan publik", "Ekonomi lokal, UMKM", "Informasi publik dan hukum", "Pertanian", "Lingkungan"]


def test_only_doors_with_a_service_are_shown(visit: Visiting) -> None:
    page = visit("/kiosk").page
    start(page)
    expect(page.locator(".tile .title")).to_have_text(OPEN)


def test_targets_are_twenty_millimetres_with_four_between(visit: Visiting) -> None:
    """On a 32-inch portrait panel: 2.71 pixels a millimetre."""
    page = visit("/kiosk").page
    mm = 2.71
    for step in (lambda: None, lambda: start(page), lambda: page.get_by_role("button", name="Lingkungan").click()):
        step()
        page.wait_for_timeout(100)
        boxes = [b for b in (x.bounding_box() for x in page.get_by_role("button").all()) if b]
        assert boxes
        assert min(min(b["width"], b["height"]) for b in boxes) >= 20 * mm
    page.get_by_role("button", name="Kembali").click()
    tiles = [x.bounding_box() for x in page.locator(".tile, footer button").all()]
    for i, a in enumerate(tiles):
        for b in tiles[i + 1 :]:
            assert a and b
            across = max(a["x"], b["x"]) - min(a["x"] + a["width"], b["x"] + b["width"])
            down = max(a["y"], b["y"]) - min(a["y"] + a["height"], b["y"] + b["height"])
            assert max(across, down) >= 4 * mm


def test_capitals_are_tall_enough_to_be_read(visit: Visiting) -> None:
    """7.4 mm of capital height for every text on the attract screen, measured from the font itself."""
    page = visit("/kiosk").page
    expect(page.get_by_text("Tinggi muka air")).to_be_visible()
    smallest = page.evaluate(
        """async () => {
            await document.fonts.ready
            const ctx = document.createElement('canvas').getContext('2d')
            const sizes = [...document.querySelectorAll('body *')]
                .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length)
                .map((e) => { const s = getComputedStyle(e); ctx.font = `${s.fontWeight} ${s.fontSize} ${s.fontFamily}`
                              return ctx.measureText('H').actualBoundingBoxAscent })
            return Math.min(...sizes)
        }"""
    )
    assert smallest >= 7.4 * 2.71 - 0.51


@pytest.mark.parametrize("state", ["normal", "alarm", "offline", "unsaved"])
def test_a_small_panel_shows_less_and_nothing_by_half(visit: Visiting, state: str) -> None:
    """21.5 inches, 4.03 pixels a millimetre: every child of the attract screen is whole or out of sight, and the call is there."""
    page = visit("/kiosk", state, mm=4.03).page
    expect(page.locator(".call")).to_be_in_viewport(ratio=1)
    expect(page.locator("html")).to_have_attribute("style", re.compile("4.03px"))
    foot = page.locator("footer").bounding_box()
    assert foot
    shown = [b for b in (x.bounding_box() for x in page.locator(".alarm, .saving, .line, .news").all()) if b and b["x"] < 1080]
    assert shown
    assert all(b["y"] + b["height"] <= foot["y"] + 1 for b in shown)
    tops = sorted((b["y"], b["y"] + b["height"]) for b in shown)
    assert all(after[0] >= before[1] - 1 for before, after in itertools.pairwise(tops))


def test_a_lost_edge_is_said_quietly_and_found_again(visit: Visiting) -> None:
    first = Demo("normal").start()
    seen = visit("/kiosk", origin=first.url, clock=True)
    seen.quiet = False  # the browser itself complains of the refused connection
    expect(seen.page.get_by_text("Tinggi muka air")).to_be_visible()
    with seen.page.expect_event("requestfailed"):
        first.close()
    seen.page.clock.run_for(5_000)
    expect(seen.page.get_by_text("Sedang menyambung ulang")).to_be_visible()
    expect(seen.page.get_by_text("Tinggi muka air")).to_be_visible()
    second = Demo("normal", port=first.server_address[1]).start()
    seen.page.clock.run_for(20_000)
    expect(seen.page.get_by_text("Sedang menyambung ulang")).to_have_count(0)
    expect(seen.page.get_by_text("tersambung", exact=True)).to_be_visible()
    second.close()


def test_a_door_opens_on_values_and_a_chart_of_48_hours(visit: Visiting) -> None:
    page = visit("/kiosk").page
    door(page, "Pertanian")
    page.get_by_role("button", name="Keadaan tanah").click()
    expect(page.get_by_text("48 jam terakhir").first).to_be_visible()
    expect(page.locator(".plot canvas")).to_be_visible()
    assert page.locator("figure table tbody tr").count() > 10
    page.get_by_role("button", name="Suhu tanah").click()
    expect(page.locator("figcaption")).to_contain_text("Suhu tanah")


def test_alarms_come_first_and_say_what_to_do(visit: Visiting) -> None:
    page = visit("/kiosk", "alarm").page
    alarm = page.locator(".alarm").first
    expect(alarm).to_contain_text("Waspada")
    expect(alarm).to_contain_text("Jauhi tepi sungai")
    assert alarm.bounding_box()["y"] < page.locator(".today").bounding_box()["y"]  # type: ignore[index]
    door(page, "Lingkungan")
    expect(page.locator(".alarm")).to_be_visible()


def test_offline_is_a_state_and_ages_what_is_shown(visit: Visiting) -> None:
    page = visit("/kiosk", "offline").page
    expect(page.locator(".link")).to_have_text(re.compile(r"Jaringan putus sejak .*\d\d\.\d\d"))
    expect(page.locator(".alarm .aged")).to_contain_text("jam lalu")


def test_a_kiosk_that_cannot_save_says_so_before_anyone_begins(visit: Visiting) -> None:
    """What is shown, what is not kept, what cannot be done and whom to tell; no word of a broken link, and gone when it saves again."""
    page = visit("/kiosk", "unsaved").page
    note = page.locator(".saving")
    expect(note).to_have_text(
        re.compile(r"belum dapat menyimpan.*belum tersimpan sejak .*\d\d\.\d\d.*Permohonan belum dapat diterima.*petugas", re.DOTALL)
    )
    expect(note).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Jaringan putus")).to_have_count(0)
    expect(page.get_by_text("Tinggi muka air")).to_be_visible()
    start(page)
    expect(note).to_be_in_viewport(ratio=1)
    assert violations(page) == []
    expect(visit("/kiosk").page.locator(".saving")).to_have_count(0)


def test_empty_says_what_will_appear(visit: Visiting) -> None:
    page = visit("/kiosk", "empty").page
    expect(page.get_by_text("Belum ada sensor yang melapor")).to_be_visible()
    expect(page.get_by_text("Belum ada pengumuman.")).to_be_visible()
    door(page, "Lingkungan")
    page.get_by_role("button", name="Hasil pengukuran").click()
    expect(page.get_by_text("Belum pernah menerima kabar peringatan.")).to_be_visible()
    expect(page.get_by_text("Belum ada sensor lingkungan")).to_be_visible()


def test_a_restarting_edge_is_met_quietly(visit: Visiting) -> None:
    page = visit("/kiosk", "broken").page
    expect(page.get_by_text("Angka belum dapat dibaca")).to_be_visible()
    expect(page.locator(".call")).to_be_visible()


def test_sixty_idle_seconds_return_to_the_start_after_a_seen_countdown(visit: Visiting) -> None:
    seen = visit("/kiosk", clock=True)
    seen.page.get_by_role("button", name="English").click()
    start(seen.page)
    page = seen.still()
    page.clock.run_for(40_000)
    expect(page.get_by_role("timer")).to_have_count(0)
    page.clock.run_for(10_000)
    expect(page.get_by_role("timer")).to_be_visible()
    page.get_by_role("button", name="I am still here").click()
    page.clock.run_for(1_000)
    expect(page.get_by_role("timer")).to_have_count(0)
    page.clock.run_for(61_000)
    expect(page.locator(".call")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "id"


def test_finish_leaves_nothing_behind(visit: Visiting) -> None:
    page = visit("/kiosk").page
    page.get_by_role("button", name="English").click()
    door(page, "Farming")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Hari ini di sini")).to_be_visible()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


# -- farmer's phone --------------------------------------------------------------------------------------------


def test_tani_shows_the_field_in_plain_words(visit: Visiting) -> None:
    page = visit("/tani").page
    expect(page.get_by_role("combobox")).to_have_value("sawah-timur")
    expect(page.get_by_text("Dari 100 bagian tanah")).to_be_visible()
    expect(page.get_by_text("rekaman diputar ulang").first).to_be_visible()
    expect(page.locator(".plot canvas")).to_be_visible()
    page.get_by_role("button", name="30 hari").click()
    expect(page.locator("figcaption")).to_contain_text("30 hari")


def test_tani_changes_field_and_says_when_data_are_old(visit: Visiting) -> None:
    page = visit("/tani").page
    page.get_by_role("combobox").select_option("kebun-cabai")
    expect(page.get_by_text("data lama, 3 jam lalu")).to_be_visible()
    assert "field=kebun-cabai" in page.url


def test_tani_says_what_to_do_and_why(visit: Visiting) -> None:
    """The morning's list of a registered field: one sentence each, the reason one tap away, what was answered."""
    page = visit("/tani").page
    page.get_by_role("combobox").select_option("kebun-cabai")
    expect(page.get_by_role("heading", name="Yang perlu dikerjakan")).to_be_visible()
    first, second = page.locator("section ol > li").all()
    expect(first).to_contain_text("Siram Kebun cabai pagi ini: 18 mm")
    expect(first.get_by_text("FAO Irrigation")).to_be_hidden()
    first.get_by_text("Mengapa?").click()
    expect(first.get_by_text("FAO Irrigation")).to_be_visible()
    expect(first).to_contain_text("18,2")
    expect(second).to_contain_text("Dijawab Pak Contoh: sudah.")
    expect(page.get_by_text("Daftar pagi muncul setelah")).to_have_count(0)


def test_tani_puts_alarms_over_everything(visit: Visiting) -> None:
    page = visit("/tani", "alarm").page
    expect(page.locator("main > *").first).to_contain_text("Kali Bomo naik")


def test_tani_opens_from_what_it_kept(visit: Visiting) -> None:
    """The line goes, the page is opened anew: shell from the service worker, data from the phone, with their age."""
    seen = visit("/tani")
    page = seen.page
    expect(page.locator(".plot canvas")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.locator(".plot canvas")).to_be_visible()
    seen.quiet = False
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("Tidak tersambung. Yang tampil adalah data")).to_be_visible()
    expect(page.get_by_text("Dari 100 bagian tanah")).to_be_visible()
    page.context.set_offline(False)


KEEPS = """async () => {
  const store = await caches.open('tani-1')
  const kept = (await store.keys()).map((k) => new URL(k.url).pathname)
  return ['/tani', '/assets/tani-', '/assets/base-', '/assets/jv-'].every((part) => kept.some((path) => path.startsWith(part)))
}"""


def test_tani_shows_the_last_list_in_the_chosen_language_without_a_line(visit: Visiting, own: Callable[[str], Demo]) -> None:
    """After one visit only: the list of the morning, how old what is shown is, and the words of a language that was fetched when chosen."""
    seen = visit("/tani", origin=own("normal").url)
    page = seen.page
    page.get_by_role("combobox").select_option("kebun-cabai")
    page.locator(".languages button[lang=jv]").click()
    expect(page.locator(".brand")).to_have_text(JAVANESE["tani.title"])
    page.wait_for_function(KEEPS)
    seen.quiet = False
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("Siram Kebun cabai enjing niki: 18 mm")).to_be_visible()
    expect(page.locator(".brand")).to_have_text(JAVANESE["tani.title"])
    expect(page.locator(".kept")).to_contain_text(JAVANESE["tani.kept"].partition("{")[0].strip())
    page.context.set_offline(False)


def test_tani_is_empty_and_broken_politely(visit: Visiting) -> None:
    expect(visit("/tani", "empty").page.get_by_text("Belum ada lahan terdaftar")).to_be_visible()
    expect(visit("/tani", "broken").page.get_by_text("Data belum dapat diambil")).to_be_visible()


# -- regency ---------------------------------------------------------------------------------------------------


def test_the_map_has_every_village_and_at_most_seven_classes(visit: Visiting) -> None:
    page = visit("/", "alarm").page
    expect(page.locator("path.village[role=button]")).to_have_count(217)
    expect(page.locator("[data-code='35.10.24.2008']")).to_have_class(re.compile("alarm"))
    assert 1 < page.locator(".legend li").count() <= 7


def test_what_does_not_work_in_the_centre_is_told(visit: Visiting) -> None:
    """What, since when and why; and nothing where all is well."""
    page = visit("/", "offline").page
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Penerimaan data dari desa terganggu")
    expect(told).to_contain_text(re.compile(r"Sejak .*\d\d\.\d\d\."))
    expect(told).to_contain_text("No space left on device")
    expect(told).to_contain_text("tetap tersimpan di kios")
    assert violations(page) == []
    well = visit("/").page
    expect(well.get_by_role("row", name=re.compile("kiosk-12"))).to_be_visible()
    expect(well.get_by_text("Penerimaan data dari desa terganggu")).to_have_count(0)


def test_the_map_is_walked_by_keyboard(visit: Visiting) -> None:
    page = visit("/").page
    expect(page.locator("path.village[tabindex='0']")).to_have_count(1)
    page.locator("path.village[tabindex='0']").focus()
    before = page.evaluate("document.activeElement.dataset.code")
    page.keyboard.press("ArrowDown")
    after = page.evaluate("document.activeElement.dataset.code")
    assert after
    assert after != before
    page.keyboard.press("Enter")
    expect(page.locator("main h2").first).to_be_visible()
    assert page.url.endswith("#" + after)


def test_nodes_name_the_packs_they_lack(visit: Visiting) -> None:
    page = visit("/").page
    row = page.get_by_role("row", name=re.compile("kiosk-12"))
    expect(row).to_contain_text("4 paket belum tiba: nomor 17–19, 204")
    expect(page.get_by_role("row", name=re.compile("kiosk-1 "))).to_contain_text("Semua 43.210 pembacaan ada di sini")


def test_villages_of_one_name_are_told_apart_by_code(visit: Visiting) -> None:
    page = visit("/").page
    page.get_by_role("combobox").fill("tamansari")
    expect(page.get_by_role("option")).to_have_count(2)
    page.get_by_role("option", name=re.compile("Licin")).click()
    expect(page.get_by_role("heading", name="Desa Tamansari")).to_be_visible()
    expect(page.get_by_text("35.10.24.2008").first).to_be_visible()
    expect(page.locator(".plot canvas")).to_be_visible()
    expect(page.get_by_role("link", name="Buka baris datanya (JSON)")).to_have_attribute("href", re.compile("every=raw"))


def test_rejected_messages_lead_to_their_rows(visit: Visiting) -> None:
    page = visit("/").page
    page.get_by_role("link", name="4", exact=True).click()
    expect(page.get_by_text("Satuan tidak dikenal")).to_be_visible()


@pytest.mark.parametrize("code", ["jv", "osi", "mad"])
def test_the_farmers_page_fits_in_every_language_and_is_remembered(visit: Visiting, code: str) -> None:
    page = visit("/tani", "alarm").page
    page.locator(f".languages button[lang={code}]").click()
    expect(page.locator(".alarm .title").first).to_contain_text("ongghâ" if code == "mad" else "Bomo m")
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("[document.documentElement.lang, localStorage.getItem('language')]") == [code, code]
    page.evaluate("localStorage.removeItem('language')")


def test_regency_is_empty_and_broken_politely(visit: Visiting) -> None:
    expect(visit("/", "empty").page.get_by_text("Belum ada kios yang melapor")).to_be_visible()
    expect(visit("/", "broken").page.get_by_text("Data kabupaten belum dapat diambil")).to_be_visible()


# -- all -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/kiosk", "/tani", "/"])
def test_language_switch(visit: Visiting, path: str) -> None:
    page = visit(path).page
    page.get_by_role("button", name="English").first.click()
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator("body")).to_contain_text(re.compile("Here today|My fields|Banyuwangi Regency"))


@pytest.mark.parametrize(("path", "night"), [*itertools.product(("/kiosk", "/tani", "/"), (False, True)), ("/tinjau", False)])
def test_axe_finds_nothing(visit: Visiting, path: str, night: bool) -> None:
    """The review page shows both schemes at once."""
    page = visit(path, "alarm", night=night).page
    expect(page.locator(".alarm").first).to_be_visible()
    if path != "/kiosk":
        expect(page.locator("path.village, .plot canvas").first).to_be_visible()
    assert violations(page) == []
    if path == "/kiosk":
        door(page, "Lingkungan")
        assert violations(page) == []
        page.get_by_role("button", name="Hasil pengukuran").click()
        expect(page.locator(".plot canvas")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Kembali").click()
        page.get_by_role("button", name="Kembali").click()
        assert violations(page) == []
        page.get_by_role("button", name="Informasi").click()
        assert violations(page) == []
    if path == "/":
        page.goto(page.url.split("#")[0] + "#35.10.24.2008")
        expect(page.locator(".plot canvas")).to_be_visible()
        assert violations(page) == []
