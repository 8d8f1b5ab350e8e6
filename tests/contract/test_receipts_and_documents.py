"""Receipts, states and documents: exact ranges, and errors of ours for any bytes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.documents import Content, Device, State, decode_content, decode_state, encode
from kampung_contract.errors import InvalidReceipt, KampungError
from kampung_contract.receipt import Receipt, Rejection, coalesce, decode_receipt, encode_receipt


@given(st.lists(st.integers(1, 60)))
def test_ranges_hold_exactly_the_numbers(numbers: list[int]) -> None:
    """Nothing is receipted that was not stored, and ranges neither touch nor overlap."""
    ranges = coalesce(numbers)
    assert {n for first, last in ranges for n in range(first, last + 1)} == set(numbers)
    assert all(b[0] > a[1] + 1 for a, b in itertools.pairwise(ranges))


def test_a_receipt_comes_back_as_it_went() -> None:
    """With and without rejections and credit."""
    for receipt in (Receipt("ab12cd34", [(1, 5), (9, 9)]), Receipt("ab12cd34", [], [Rejection(3, "damaged", "…")], 10)):
        assert decode_receipt(encode_receipt(receipt)) == receipt


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"epoch":"a","ranges":[[5,1]]}', b'{"epoch":"a","ranges":[[0,1]]}', b"\xff"])
def test_what_is_no_receipt_forgets_nothing(payload: bytes) -> None:
    """A wrong range would lose packs; it is refused whole."""
    with pytest.raises(InvalidReceipt):
        decode_receipt(payload)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_error_of_ours(payload: bytes) -> None:
    """A retained message that somebody else left cannot stop an edge or a cloud."""
    for decode in (decode_state, decode_content, decode_receipt):
        with pytest.raises(KampungError):
            decode(payload)


def test_documents_come_back_as_they_went() -> None:
    """State and content."""
    state = State(True, "ab12cd34", "r1", "0.1.0", 7, 2, False, [Device("soil-1", "dfrobot-sen0600", "Sawah", "recording", "n")], True)
    assert decode_state(encode(state)) == state
    document = Content("announcements", 3, 1_795_225_200_000, {"items": []})
    assert decode_content(encode(document)) == document
