"""The class table cell by cell, and the Indeks Pencemaran."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.modules.waterquality.index import Conditions, pollution_index, status_of, term_of
from kampung_cloud.modules.waterquality.norms import norms
from kampung_cloud.modules.waterquality.oxygen import saturation
from kampung_cloud.modules.waterquality.parameters import CLASSES, Parameter, WaterClass, parameter, parameters
from kampung_cloud.modules.waterquality.probe import sensor_index

TABLE = {
    "pH": ((6, 9),) * 4, "temperature": (3, 3, 3, 3), "TSS": (40, 50, 100, 400), "TDS": (1000, 1000, 1000, 2000),
    "warna": (15, 50, 100, None), "BOD": (2, 3, 6, 12), "COD": (10, 25, 40, 80), "DO": (6, 4, 3, 1), "NO3-N": (10, 10, 20, 20),
    "NO2-N": (0.06, 0.06, 0.06, None), "NH3-N": (0.1, 0.2, 0.5, None), "total-P": (0.2, 0.2, 1, None),
    "fecal coliform": (100, 1000, 2000, 2000), "total coliform": (1000, 5000, 10000, 10000),
}  # fmt: skip
"""PP 22/2021, Lampiran VI, as the norms of this project print it."""
RISING = [each for each in parameters().values() if each.sense == "up"]


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("water", CLASSES)
def test_every_cell(name: str, water: WaterClass) -> None:
    """The limit is the table's, and has a mark and a source."""
    row = parameter(name)
    assert row.limit(water) == TABLE[name][water - 1]
    cell = next(each for each in norms() if each.id == f"class.{water}.{row.key}")
    assert cell.mark in ("V2", "K")
    assert "PP 22/2021" in cell.source


def test_the_table_has_no_other_rows() -> None:
    """What a test does not hold is not judged by."""
    assert set(parameters()) == {parameter(name).key for name in TABLE}


@pytest.mark.parametrize("row", parameters().values(), ids=lambda row: row.key)
@pytest.mark.parametrize("water", CLASSES)
def test_both_sides_of_a_limit(row: Parameter, water: WaterClass) -> None:
    """At its limit a parameter's term is 1 exactly; a little better is less, a little worse is more."""
    limit = row.limit(water)
    nature = Conditions(natural=25.0)
    if limit is None:
        assert term_of(row, 1.0, water, nature) is None
        return
    for at, worse in ((limit[0], -1), (limit[1], 1)) if isinstance(limit, tuple) else ((limit, -1 if row.sense == "down" else 1),):
        value = at + (25.0 if row.sense == "deviation" else 0)
        step = at * 1e-6
        found = [term_of(row, value + worse * side * step, water, nature) for side in (-1, 0, 1)]
        better, exact, beyond = (each.term for each in found if each is not None)
        assert better < exact < beyond
        assert exact == pytest.approx(1.0, abs=1e-12)


@given(st.sampled_from(RISING), st.sampled_from(CLASSES), st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_is_never_better(row: Parameter, water: WaterClass, one: float, other: float) -> None:
    """Rising parameters, alone and in the index beside another."""
    if row.limit(water) is None or row.key == "cod":
        return
    less, more = sorted((one, other))
    indices = [pollution_index(water, {row.key: value, "cod": 8.0}) for value in (less, more)]
    assert indices[0].value <= indices[1].value
    assert indices[0].terms[0].term <= indices[1].terms[0].term


@given(st.sampled_from(CLASSES), st.floats(0, 20), st.floats(0, 20))
def test_less_oxygen_is_never_better(water: WaterClass, one: float, other: float) -> None:
    """Beyond saturation there is nothing to gain; and the term is not divided by the limit once more."""
    less, more = sorted((one, other))
    bad, good = (pollution_index(water, {"do": value}).value for value in (less, more))
    assert good <= bad
    limit = TABLE["DO"][water - 1]
    ratio = max((7 - less) / (7 - limit), 0)
    assert bad == pytest.approx(ratio if ratio <= 1 else 1 + 5 * math.log10(ratio))


@given(st.floats(0, 14))
def test_ph_is_a_range(value: float) -> None:
    """0 in the middle of it, 7.5, and the same at equal distances."""
    found = pollution_index(2, {"ph": value}).value
    mirrored = pollution_index(2, {"ph": 15 - value}).value
    assert found == pytest.approx(mirrored, abs=1e-9)
    assert (found <= 1) == (6 <= value <= 9)


@given(st.dictionaries(st.sampled_from([r.key for r in RISING]), st.floats(0, 1e6), min_size=1))
def test_between_mean_and_greatest(values: dict[str, float]) -> None:
    """The index lies between the mean of the terms and the greatest of them."""
    found = pollution_index(1, values)
    assert found.average - 1e-9 <= found.value <= found.greatest + 1e-9


@pytest.mark.parametrize(
    ("index", "status"),
    [(0, "good"), (1, "good"), (1.0001, "light"), (5, "light"), (5.0001, "moderate"), (10, "moderate"), (10.0001, "heavy"), (99, "heavy")],
)
def test_status(index: float, status: str) -> None:
    """A boundary belongs to the better side."""
    assert status_of(index) == status


def test_oxygen_at_saturation() -> None:
    """The norms' two figures, and falling with warmth."""
    assert round(saturation(25), 2) == 8.26
    assert round(saturation(30), 2) == 7.56
    assert all(saturation(t) > saturation(t + 1) for t in range(45))
    with pytest.raises(ValueError, match="0 to 45"):
        saturation(60)
    with pytest.raises(ValueError, match="not above the class's limit"):
        pollution_index(1, {"do": 3}, Conditions(oxygen=5.5))
    with pytest.raises(ValueError, match="natural_temperature"):
        pollution_index(1, {"temperature": 30})


def test_probes_have_an_index_of_their_own() -> None:
    """Its name says so; acid water is usual at Banyupait and off elsewhere."""
    assert sensor_index({"ph": 3.0}, "Kali Banyupait").status == "usual"
    assert sensor_index({"ph": 3.0}, "Kali Bomo").status == "off"
    assert sensor_index({"ph": 9.0}).status == "usual"
    assert sensor_index({"ph": 9.01}).status == "look"
    with pytest.raises(ValueError, match="no reading"):
        sensor_index({})
