"""Names: found as they are written, as they were written, and by their beginnings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.residents import names
from kampung_contract.errors import InvalidRequest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Soetomo", "Sutomo"), ("Djoko Tjahjono", "Joko Cahyono"), ("H. Mochammad Toha", "Muhamad Toha"), ("Sjahrir", "Syahrir"),
        ("Joesoef", "Yusuf"), ("Chairil", "Khairil"), ("Soewarni", "Suwarni"),
        ("NUR'AINI", "Nuraini"), ("Dhani", "Dani"), ("Zainal", "Sainal"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_are_found_by_each_other(one: str, other: str) -> None:
    assert names.tokens(one) == names.tokens(other)


@given(st.lists(st.from_regex(r"[a-z]{2,12}", fullmatch=True), min_size=1, max_size=3))
def test_folded_words_are_of_a_to_y(words: list[str]) -> None:
    """So that a range ends before the next letter, in every collation."""
    for token in names.tokens(" ".join(words)):
        assert token
        assert set(token) <= set("abcdefghijklmnopqrstuvwxy")


def test_one_word_is_a_name() -> None:
    assert names.name("  Suparti ") == "Suparti"
    assert names.tokens("I") == ["i"]
    for wrong in ("", "   ", "123", "a" * 101, "a\x00b"):
        with pytest.raises(InvalidRequest):
            names.name(wrong)
