"""The desk's page of open data, on a real cloud: the head of a village opens something, and everybody has it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.pack import column
from playwright.sync_api import Browser, expect
from test_pages import violations

from ..cloud.conftest import VILLAGE, free_port, now_ms
from ..cloud.desk import Desk, make


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    tables = {
        "broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"},
        "open_data": {
            "villages": [VILLAGE], "quantities": ["rain"], "publisher": "Dinas Kominfo (contoh)",
            "licence": "https://creativecommons.org/licenses/by/4.0/",
        },
    }  # fmt: skip
    app = CloudApp(parse(tables, tmp_path_factory.mktemp("openings")))
    app.start()
    make(app, "kades", ["kades"])
    make(app, "kominfo", ["officer"], None)
    now = now_ms() // 60_000 * 60_000
    for device, quantity, unit in (("hujan-1", "rain", "mm"), ("meter-1", "power", "W"), ("kali-1", "water_level", "m")):
        batch = Batch()
        rows = [(now - n * 60_000, 0.1 + n % 7 / 10, 1) for n in range(2_000, 0, -1)]
        batch.add(SeriesKey(VILLAGE, "kiosk-1", device, quantity, unit), column(f"{device}/{quantity}", unit, rows), now)
        app._worker.between(partial(app._services.store.commit, batch)).result(60)
    yield app
    app.stop()


def test_the_head_of_a_village_opens_and_closes(browser: Browser, cloud: CloudApp) -> None:
    """Asked once more before it is open, told what it means, on record; the public page has it; no wider than a phone."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    name, _, value = Desk(cloud, "kades").cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": cloud.url}])
    page = context.new_page()
    page.goto(f"{cloud.url}/petugas#data-terbuka")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(page.get_by_role("row", name="Hujan")).to_contain_text("ditetapkan kabupaten")
    page.get_by_role("button", name="Buka untuk umum Daya listrik").click()
    expect(page.get_by_role("group", name="Buka Daya listrik")).to_contain_text("2.000 pembacaan dari 1 alat")
    expect(page.get_by_role("group", name="Buka Daya listrik")).to_contain_text("kapan orang ada di rumah")
    assert violations(page) == []
    page.get_by_role("button", name="Tidak jadi").click()
    page.get_by_role("button", name="Buka untuk umum Tinggi muka air").click()
    page.get_by_role("button", name="Ya, buka").click()
    expect(page.get_by_role("status")).to_contain_text("Tinggi muka air sekarang terbuka untuk umum")
    expect(page.get_by_role("row", name="Tinggi muka air")).to_contain_text("diputuskan Kades")
    page.get_by_role("button", name="Tutup Hujan").click()
    expect(page.get_by_role("listitem").filter(has_text="Kades menutup")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{cloud.url}/data-terbuka")
    sets = page.locator(".sets li")
    expect(sets.filter(has_text="Tinggi muka air")).to_have_count(1)
    expect(sets.filter(has_text="Hujan")).to_have_count(0)
    context.close()


def test_an_officer_begins_with_a_village_that_measures_something(browser: Browser, cloud: CloudApp) -> None:
    """The others follow; one that was chosen is kept, one that was not is not."""
    context = browser.new_context()
    name, _, value = Desk(cloud, "kominfo").cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": cloud.url}])
    page = context.new_page()
    page.goto(f"{cloud.url}/petugas#data-terbuka")
    choice = page.get_by_role("combobox", name="Desa", exact=True)
    expect(choice).to_have_value(VILLAGE)
    expect(page.get_by_role("row", name="Hujan")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('desk.village')") is None
    assert choice.locator("option").count() == 217
    choice.select_option("35.10.01.2001")
    expect(page.get_by_text("Belum ada yang dapat dibuka")).to_be_visible()
    page.reload()
    expect(choice).to_have_value("35.10.01.2001")
    context.close()
