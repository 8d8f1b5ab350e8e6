"""The monthly report: months, charts with gaps, what is said of nothing, and the PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.main import cli
from kampung_cloud.regency import catalogue
from kampung_cloud.regency.month import DAY_MS, Month, date
from kampung_cloud.regency.report.chart_svg import HEIGHT, WIDTH, svg
from kampung_cloud.regency.report.compose import compose, shown
from kampung_cloud.regency.report.figures import figure
from kampung_cloud.regency.report.pdf import pages
from kampung_cloud.regency.section import Chart, Column, Line, Mark, Part, Scope, Table
from kampung_contract.errors import InvalidRequest, UnknownVillage
from typer.testing import CliRunner

from ..alone import cloud_alone, put_readings
from ..conftest import HTTP, VILLAGE, get, now_ms

MONTH = Month(2026, 10)
REPORT = Path("cloud/kampung_cloud/regency/report")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """Measured from the third day of October on, but not on the tenth."""
    folder = tmp_path_factory.mktemp("report")
    with cloud_alone(folder) as app:
        days = [n for n in range(3, 31) if n != 10]
        put_readings(app, [(MONTH.start + n * DAY_MS, "kiosk-1.gauge.water_level", VILLAGE, 1.0, "m") for n in days])
        (folder / "cloud.toml").write_text(f'data = "cloud-data"\n[api]\nport = {app.port}\n')
        yield app


@given(st.integers(2000, 2099), st.integers(1, 12))
def test_months(year: int, month: int) -> None:
    """They follow one another without a gap, and begin at local midnight."""
    one = Month(year, month)
    assert Month.parse(one.key) == one
    assert one.next.before == one
    assert one.stop == one.next.start
    assert Month.of(one.start) == one == Month.of(one.stop - 1)
    assert 28 <= len(one.days) <= 31
    assert date(one.start) == f"1 {one.title}"


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "26-11", "2026-11-01", "x"])
def test_no_month(text: str) -> None:
    with pytest.raises(InvalidRequest, match="write year and month, as 2026-11"):
        Month.parse(text)


def test_places() -> None:
    """A village, a kecamatan by its prefix, the regency; anything else is refused."""
    assert [len(Scope.of(code).villages) for code in (None, "35.10", "35.10.24", VILLAGE)] == [217, 217, 8, 1]
    with pytest.raises(InvalidRequest, match=r"35\.10\.24 \(Licin\)"):
        Scope.of("35.10.99")
    with pytest.raises(UnknownVillage):
        Scope.of("Tamansari")


VALUES = st.none() | st.floats(-1e6, 1e6)


@settings(max_examples=50)
@example([0.0, 5e-324], "line", [])
@given(st.lists(VALUES, min_size=1, max_size=40), st.sampled_from(["line", "bar"]), st.lists(st.floats(0, 100), max_size=3))
def test_any_chart_is_drawn_within_its_frame(values: list[float | None], kind: str, marks: list[float]) -> None:
    """It is XML, and nothing of it lies outside."""
    at = tuple(MONTH.start + n * DAY_MS for n in range(len(values)))
    chart = Chart("X", "m", at, (Line("a", tuple(values)),), kind, tuple(Mark("<batas>", v) for v in marks))  # type: ignore[arg-type]
    root = ElementTree.fromstring(svg(chart))
    for each in root.iter():
        for name, most in (("x", WIDTH), ("cx", WIDTH), ("y", HEIGHT), ("cy", HEIGHT)):
            if name in each.attrib:
                assert -1 <= float(each.attrib[name]) <= most + 1
    assert ("tidak ada data" in "".join(root.itertext())) == all(v is None for v in values)


def test_gaps_are_gaps() -> None:
    """A line is broken where nothing is known, a lonely value is a dot, a bar of nothing differs from no bar."""
    at = tuple(MONTH.start + n * DAY_MS for n in range(7))
    drawn = svg(Chart("X", "m", at, (Line("a", (1.0, 2.0, None, 3.0, None, 2.0, 1.0)),)))
    assert len(re.findall(r'<path d="M[^"]*L[^"]*" fill="none"', drawn)) == 2
    assert drawn.count("<circle") == 1
    assert svg(Chart("X", "m", at[:3], (Line("a", (0.0, None, 2.0)),), "bar")).count("<rect") == 2


def test_what_does_not_fit_is_not_made() -> None:
    with pytest.raises(ValueError, match="each row has a cell"):
        Table("X", (Column("a"),), (("1", "2"),))
    with pytest.raises(ValueError, match="each line has a value"):
        Chart("X", "", (1, 2), (Line("a", (1.0,)),))


@pytest.mark.parametrize(("value", "said"), [(1234.5, "1.234,5"), (-0.04, "0,0"), (-2.25, "−2,2"), (0, "0,0")])
def test_figures(value: float, said: str) -> None:
    assert figure(value, 1) == said


def test_a_month_with_data(cloud: CloudApp) -> None:
    """Days without readings are told, n and sources stand with each section, what says nothing is listed."""
    found = compose(cloud._services, catalogue.sections(), Scope.of(VILLAGE), MONTH, now_ms())
    said = shown(found)
    assert said["empty"] == said["under_way"] == ""
    assert (said["place"], said["period"]) == ("Desa Tamansari, Kecamatan Licin", "1 sampai 31 Oktober 2026")
    data = said["sections"][0]
    assert data["title"] == "Data yang masuk"
    assert data["n"] == "27 pembacaan, 1 deret"
    assert "Pada 4 hari tidak ada satu pun pembacaan." in data["paragraphs"]
    assert data["charts"][0]["svg"].count("<rect") == 31
    assert "Peringatan" in said["silent"]
    assert all(each["sources"] and each["n"] for each in said["sections"])
    assert pages(found)[0].startswith(b"\x89PNG")


def test_a_month_without_data_says_so(cloud: CloudApp) -> None:
    """And that nothing known is not nothing happened."""
    found = compose(cloud._services, catalogue.sections(), Scope.of("35.10.01"), Month(2026, 2), now_ms())
    assert shown(found)["empty"] == (
        "Tidak ada data dari Kecamatan Pesanggaran pada Februari 2026. Tidak ada data bukan berarti tidak ada kejadian."
    )
    assert len(found.silent) == len(catalogue.sections())
    assert len(pages(found)) == 1


def test_the_month_that_is_under_way(cloud: CloudApp) -> None:
    """Days to come are gaps, not zeros."""
    now = MONTH.start + 20 * DAY_MS
    found = compose(cloud._services, catalogue.sections(), Scope.of(None), MONTH, now)
    assert "belum selesai" in shown(found)["under_way"]
    (chart,) = found.parts[0][1].charts
    assert [v is None for v in chart.lines[0].values] == [False] * 21 + [True] * 10


def test_over_api_and_command(cloud: CloudApp, tmp_path: Path) -> None:
    """The same file by both; what cannot be is refused with what can."""
    listed = get(cloud, "regency/report", month="2026-10", place=VILLAGE)
    assert listed["file"] == f"laporan-{VILLAGE}-2026-10.pdf"
    assert listed["parts"][0]["key"] == "data"
    answer = HTTP.get(f"{cloud.url}/api/v1/regency/report.pdf", params={"month": "2026-10", "place": VILLAGE})
    assert answer.content.startswith(b"%PDF-")
    assert listed["file"] in answer.headers["content-disposition"]
    config, out = cloud.config.data.parent / "cloud.toml", tmp_path / "laporan.pdf"
    run = CliRunner().invoke(cli, ["report", "2026-10", "--village", VILLAGE, "--config", str(config), "--out", str(out)])
    assert run.exit_code == 0, run.output
    assert "Desa Tamansari, Oktober 2026" in run.output
    assert out.read_bytes().startswith(b"%PDF-")
    for args, says in (
        (["2026-10", "--village", VILLAGE, "--kecamatan", "35.10.24"], "give one of them"),
        (["2031-01"], "has not begun"),
        (["Oktober"], "as 2026-11"),
    ):
        refused = CliRunner().invoke(cli, ["report", *args, "--config", str(config), "--out", str(tmp_path / "none.pdf")])
        assert refused.exit_code in (1, 2)
        assert says in refused.output
    assert not (tmp_path / "none.pdf").exists()


def test_the_mark_is_the_pages_own() -> None:
    """The line drawing of the letterhead is the one of the pages."""
    page, letter = Path("kiosk-ui/src/components/Mark.svelte").read_text(), (REPORT / "gajah-oling.svg").read_text()
    (drawn,) = re.findall(r' d="([^"]+)"', letter)
    assert drawn in page


def test_every_section_of_every_module(cloud: CloudApp) -> None:
    """Titles differ; each makes a part with n and sources, or nothing, for a place and month without data."""
    titles = [each.title for each in catalogue.sections()]
    assert len(set(titles)) == len(titles)
    for section in catalogue.sections():
        made = section.make(cloud._services, Scope.of("35.10.01"), Month(2026, 2), now_ms())
        assert made is None or isinstance(made, Part)
