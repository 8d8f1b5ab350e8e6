"""The regency's charts: what stands behind the numbers, what is doubted, and how they are taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from conftest import Visit
from playwright.sync_api import Route, expect

Visiting = Callable[..., Visit]


def test_a_change_of_calibration_is_told_under_the_chart(visit: Visiting) -> None:
    """With the number that the chart's mark has: what it was before, and what it is since then, by whom."""
    page = visit("/").page
    page.get_by_role("combobox").fill("tamansari")
    page.get_by_role("option", name=re.compile("Licin")).click()
    told = page.locator("section", has=page.get_by_role("heading", name="Asal angka")).last.get_by_role("listitem")
    expect(told).to_have_count(2)
    expect(told.nth(0)).to_contain_text("tanpa kalibrasi")
    expect(told.nth(1)).to_contain_text(
        "kalibrasi dua titik (10 → 12, 40 → 38): nilai alat × 0,866667 + 3,33333; oleh Teknisi; 20 November 2026"
    )


def test_what_is_doubted_is_explained_under_the_chart(visit: Visiting) -> None:
    """Which test spoke, when and how often, and by whose numbers."""
    page = visit("/").page
    page.get_by_role("combobox").fill("tamansari")
    page.get_by_role("option", name=re.compile("Licin")).click()
    page.get_by_role("button", name=re.compile("Kelembapan tanah")).first.click()
    quality = page.locator("section", has=page.get_by_role("heading", name="Pemeriksaan mutu")).last
    expect(quality).to_contain_text("78 meragukan; 1 gagal")
    told = quality.get_by_role("list").get_by_role("listitem")
    expect(told).to_have_count(3)
    expect(told.nth(1)).to_contain_text("Berbeda jauh dari alat di dekatnya (18 kali, dinilai kabupaten)")
    quality.get_by_text("Batas yang berlaku").click()
    expect(quality).to_contain_text("melonjak lebih dari 4 % meragukan, lebih dari 10 % gagal. Angka tempat ini: survei petak 3 Mei 2026")


def test_a_spike_of_one_stretch_is_seen_in_a_year(visit: Visiting) -> None:
    """730 stretches of a year, one of them with a spike: its line reaches from the river's usual level up to the spike."""
    page = visit("/").page
    asked: list[str] = []

    def answer(route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        asked.append(query["points"][0])
        half = 43_200_000
        start, stop = int(query["start"][0]), int(query["stop"][0])
        t = list(range(start - start % half + half, stop, half))
        high = [1.1] * len(t)
        high[len(t) // 2] = 4.0
        body = {"id": "kiosk-1.river-1.water_level", "unit": "m", "start": start, "stop": stop, "every": half, "thresholds": []}
        route.fulfill(json=body | {"t": t, "mean": [1.0] * len(t), "min": [0.9] * len(t), "max": high, "count": [720] * len(t)})

    page.goto(page.url.split("#")[0] + "#35.10.24.2008")
    expect(page.locator(".plot canvas")).to_be_visible()
    page.route("**/window?*", answer)
    page.get_by_role("button", name="1 tahun").click()
    expect(page.get_by_text("rata-rata tiap 12 jam")).to_be_visible()
    # rows of pixels in the middle tenth of the plot that hold something darker than paper and its pale lines
    inked = """() => {
        const canvas = document.querySelector('.plot canvas')
        const x = Math.floor(canvas.width * 0.4), w = Math.floor(canvas.width * 0.25), h = canvas.height
        const d = canvas.getContext('2d').getImageData(x, 0, w, h).data
        let rows = 0
        for (let y = 0; y < h; y++) {
            for (let i = 0; i < w; i++) {
                const at = (y * w + i) * 4
                if (d[at + 3] > 90 && d[at] < 150) { rows++; break }
            }
        }
        return rows / h
    }"""
    page.wait_for_function(f"({inked})() > 0.4")
    assert asked
    assert all(200 <= int(points) <= 1440 for points in asked)


def test_readings_can_be_taken_away_as_files(visit: Visiting) -> None:
    """The chart's own time, three formats; where there is nothing, that is said."""
    page = visit("/").page
    page.goto(page.url.split("#")[0] + "#35.10.24.2008")
    files = page.locator(".files a")
    expect(files).to_have_text(["Untuk lembar kerja (CSV)", "CSV baku", "Parquet"])
    links = [urlsplit(a.get_attribute("href") or "") for a in files.all()]
    assert [link.path for link in links] == ["/api/v1/readings.csv", "/api/v1/readings.csv", "/api/v1/readings.parquet"]
    first = parse_qs(links[0].query)
    assert (first["series"], first["separator"], first["decimal"]) == (["kiosk-1.river-1.water_level"], ["semicolon"], ["comma"])
    assert int(first["stop"][0]) - int(first["start"][0]) == 7 * 86_400_000
    empty = {
        "id": "kiosk-1.river-1.water_level",
        "unit": "m",
        "start": 0,
        "stop": 9,
        "every": None,
        "t": [],
        "v": [],
        "q": [],
        "thresholds": [],
    }
    page.route("**/window?*", lambda route: route.fulfill(json=empty))
    page.get_by_role("button", name="30 hari").click()
    expect(page.get_by_text("Tidak ada yang dapat diunduh")).to_be_visible()
    expect(files).to_have_count(0)
