"""The ISPU against the table of the norms page, cell by cell, and against itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.modules.environment.gases import micrograms, micrograms_per_ppb
from kampung_cloud.modules.environment.ispu import NO_DATA, POLLUTANTS, READABLE, Pollutant, category, contrast, ispu, table
from kampung_contract.errors import InvalidRequest

COLUMNS: tuple[Pollutant, ...] = ("pm10", "pm25", "so2", "co", "o3", "no2", "hc")
ROWS = [
    [cell.strip() for cell in line.strip("|\n ").split("|")]
    for line in (Path(__file__).parent / "ispu_norm.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| *[>\d]", line)
]
NODES = (50.0, 100.0, 200.0, 300.0, 400.0)
CELLS = [(p, row, float(ROWS[row][2 + i])) for i, p in enumerate(COLUMNS) for row in range(len(ROWS))]


def named(row: int) -> tuple[str, str]:
    """Category and colour of a row of the norm."""
    name, colour = (part.strip(" *") for part in ROWS[row][1].split("–"))
    return name, colour


@pytest.mark.parametrize(("pollutant", "row", "limit"), CELLS, ids=str)
def test_each_cell_of_the_norm_is_a_node(pollutant: Pollutant, row: int, limit: float) -> None:
    """At the limit the index is the node and the category the row's; just above it, the next one's."""
    at, below, above = ispu(pollutant, limit), ispu(pollutant, limit - 0.001), ispu(pollutant, limit + 0.001)
    assert (at.value, at.index, at.text) == (pytest.approx(NODES[row]), round(NODES[row]), str(round(NODES[row])))
    assert (at.band.name, at.band.colour) == (below.band.name, below.band.colour) == named(row)
    if row < len(ROWS) - 1:
        assert (above.band.name, above.index) == (named(row + 1)[0], NODES[row] + 1)
    else:
        assert (above.band.name, above.text) == (named(row)[0], ">400")


def test_every_parameter_of_the_norm_is_there() -> None:
    assert set(COLUMNS) == set(POLLUTANTS) == set(table().limits)
    assert (len(ROWS), len(CELLS)) == (5, 35)


@given(st.sampled_from(POLLUTANTS), st.floats(0, 60_000), st.floats(0, 60_000))
def test_more_is_never_better(pollutant: Pollutant, one: float, other: float) -> None:
    low, high = sorted((one, other))
    if {low, high} & set(NO_DATA):
        return
    less, more = ispu(pollutant, low), ispu(pollutant, high)
    assert 0 <= less.value <= more.value <= 500
    assert less.index <= more.index
    assert less.band.low <= less.index <= less.band.high
    assert table().band.index(less.band) <= table().band.index(more.band)
    assert category(pollutant, low) == less.band


@pytest.mark.parametrize("wrong", [8888.0, 9999.0, -0.1, float("nan"), float("inf")])
def test_what_is_no_concentration_gets_no_index(wrong: float) -> None:
    with pytest.raises(InvalidRequest, match=r"co = .*(code|give a concentration)"):
        ispu("co", wrong)


def test_official_colours_can_be_read() -> None:
    assert {band.colour: band.hex for band in table().band} == {
        "hijau": "#00cc00", "biru": "#0000cc", "kuning": "#cccc00", "merah": "#cc0000", "hitam": "#000000",
    }  # fmt: skip
    assert all(contrast(band.ink, band.hex) >= READABLE for band in table().band)


def test_gases_at_the_reference_state() -> None:
    """The rounded factors in circulation, at 25 °C and 1 atm."""
    found = [micrograms_per_ppb(gas) for gas in ("so2", "no2", "o3", "co")]
    assert found == pytest.approx([2.62, 1.88, 1.96, 1.15], abs=0.006)
    assert micrograms("so2", 0.020) == pytest.approx(52.4, abs=0.1)
    with pytest.raises(InvalidRequest, match="so2 = -1 ppm: give a mixing ratio"):
        micrograms("so2", -1)
