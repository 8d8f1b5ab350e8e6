"""Biomass: monotone, bounded, and silent below 5 cm; species and the tree's code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.modules.trees.biomass import stock
from kampung_cloud.modules.trees.norms import norms
from kampung_cloud.modules.trees.species import find_species, near, species
from kampung_contract.errors import InvalidRequest
from kampung_contract.tree_code import ALPHABET, new_code, parse_code, shown


@given(st.floats(0.1, 1.2), st.floats(5, 200), st.floats(1.3, 60), st.floats(0, 0.2))
def test_stock(density: float, diameter: float, height: float, spread: float) -> None:
    """The mean lies within its bounds; thicker and taller is more; carbon is less than the whole."""
    found = stock(density, diameter, height, spread=spread)
    assert found.low < found.above < found.high
    assert stock(density, diameter * 1.1, height).above > found.above
    assert stock(density, diameter, height * 1.1).above > found.above
    assert found.carbon < found.above + found.below < found.carbon_dioxide


@given(st.floats(0.01, 4.999))
def test_no_kilograms_of_a_seedling(diameter: float) -> None:
    """Not even a small number."""
    with pytest.raises(ValueError, match="below 5 cm"):
        stock(0.5, diameter, 3.0)


def test_species_by_what_people_say() -> None:
    """Ours, Latin, local; a palm has no density; an unknown one is no error."""
    assert {s.name for s in map(find_species, ("trembesi", "Samanea saman", " MUNGGUR ")) if s} == {"trembesi"}
    assert find_species("kayu ulin") is None
    assert near("tremebsi") == "trembesi"
    assert species()["kelapa"].density is None
    with pytest.raises(InvalidRequest, match="say what tree it is"):
        find_species("  ")


def test_norms_have_sources() -> None:
    """Each number of the module."""
    assert len(norms()) > 30
    assert all(n.source and n.mark in {"V", "V2", "K"} for n in norms())


@given(st.integers(0, 2**35 - 1), st.integers(0, 7), st.sampled_from(ALPHABET))
def test_a_wrong_letter_is_found(number: int, place: int, letter: str) -> None:
    """As typed by hand, in any spelling; one wrong letter is never another tree."""
    digits = iter([(number >> (5 * i)) & 31 for i in range(7)])
    code = new_code(lambda _most: next(digits))
    assert parse_code(shown(code).lower().replace("0", "o").replace("1", "l")) == code
    if code[place] != letter:
        with pytest.raises(InvalidRequest, match="one letter of it is wrong"):
            parse_code(code[:place] + letter + code[place + 1 :])


@pytest.mark.parametrize("text", ["", "K7QM", "K7QM-2X9U", "K7QM-2X9W1", "https://example.org"])
def test_what_is_no_code(text: str) -> None:
    """It is said what one looks like."""
    with pytest.raises(InvalidRequest, match="as K7QM-2X9W"):
        parse_code(text)
