"""``kampung-sim sample``: CSV on standard output, a plot for a person, and what is wrong with the question."""

from __future__ import annotations

import csv

import pytest
from kampung_sim.main import cli
from typer.testing import CliRunner


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    said = CliRunner().invoke(cli, ["sample", *arguments])
    return said.exit_code, said.stdout, said.stderr


def test_a_device_as_csv_with_the_truth_beside_it() -> None:
    """Sent and true values; empty while the device is silent, at its own interval."""
    code, out, err = run("latihan-teknisi", "--device", "tamansari-licin-kios-1/udara-1", "--from", "+59 min", "--to", "+62 min", "--true")
    assert code == 0
    assert err == ""
    rows = list(csv.DictReader(out.splitlines()))
    assert [r["time"] for r in rows] == [f"2026-11-21T{t}:00.000+07:00" for t in ("00:59", "01:00", "01:01")]
    assert rows[0]["air_temperature"] == rows[0]["true.air_temperature"] != ""
    assert rows[1]["air_temperature"] == "" != rows[1]["true.air_temperature"]


def test_a_level_as_it_is_delivered_and_as_it_is_on_the_line() -> None:
    """The distance the sensor sees, and the water level the edge makes of it, add up to its mount."""
    question = ("tamansari", "--device", "kali-1", "--every", "1 h", "--no-plot")
    level, distance = (list(csv.DictReader(run(*question, *more)[1].splitlines())) for more in ((), ("--raw",)))
    for one, other in zip(level, distance, strict=True):
        assert float(one["water_level"]) + float(other["distance"]) == pytest.approx(3.5)


def test_a_process_in_a_village_and_a_plot() -> None:
    """The planned rain of the flood, as a picture on standard error; nothing in another kecamatan's plan."""
    code, out, err = run("banjir-licin", "--process", "rain", "--village", "35.10.24.2003", "--quantity", "rain_total", "--plot")
    assert code == 0
    assert out.splitlines()[-1].endswith(",120")
    assert "Jumlah hujan: 0 – 120 mm" in err
    assert "┌" in err
    town = run("banjir-licin", "--process", "rain", "--village", "35.10.16.1008", "--quantity", "rain_total")[1]
    assert town.splitlines()[-1].endswith(",15")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tamansari"], "give --device or --process; devices: kali-1"),
        (["tamansari", "--device", "udra-1"], "did you mean udara-1?"),
        (["minggu-biasa", "--device", "udara-1"], "3 nodes have one"),
        (["tamansari", "--process", "ran"], "did you mean rain?"),
        (["tamansari", "--device", "udara-1", "--quantity", "rain"], "it gives air_temperature, relative_humidity"),
        (["tamansari", "--device", "udara-1", "--to", "+2 d"], "does not lie within the scenario"),
        (["tamansari", "--device", "udara-1", "--every", "5"], "a number with its unit"),
        (["tamansari", "--process", "rain", "--village", "35.10.24.2099"], "did you mean"),
    ],
)
def test_what_is_wrong_with_the_question(arguments: list[str], message: str) -> None:
    """Exit code 2 and the remedy."""
    code, out, err = run(*arguments)
    assert code == 2
    assert message in err
    assert out == ""
