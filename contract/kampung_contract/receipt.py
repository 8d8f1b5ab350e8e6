"""The receipt: the only thing that lets an edge forget a pack. Sent after the commit that holds the packs it names."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kampung_contract.errors import InvalidReceipt


class Rejection(msgspec.Struct, frozen=True):
    """A pack the cloud will never store; ``code`` and ``detail`` say why. Its bytes are in the cloud's dead letters."""

    seq: int
    code: str
    detail: str


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """``ranges`` of sequence numbers, both ends included, that are stored; ``credit``: packs the edge may have in flight."""

    epoch: str
    ranges: list[tuple[int, int]]
    rejected: list[Rejection] = []
    credit: int | None = None


_decoder = msgspec.json.Decoder(Receipt)


def coalesce(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Inclusive ranges that hold exactly ``numbers``, in order."""
    out: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if out and out[-1][1] == number - 1:
            out[-1] = (out[-1][0], number)
        else:
            out.append((number, number))
    return out


def encode_receipt(receipt: Receipt) -> bytes:
    """JSON."""
    return msgspec.json.encode(receipt)


def decode_receipt(payload: bytes) -> Receipt:
    """Raises ``InvalidReceipt``."""
    try:
        receipt = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidReceipt(f"not a receipt: {error}; it begins with {payload[:40]!r}") from None
    for first, last in receipt.ranges:
        if not 0 < first <= last:
            raise InvalidReceipt(f"range {first} to {last} of epoch {receipt.epoch!r} is not a range")
    return receipt
