"""A photo as it may travel: JPEG without what a camera writes beside the picture (place, owner, serial numbers, a small copy of it)."""

from __future__ import annotations

from collections.abc import Iterator

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""
KEPT_APPS = frozenset({0xE0, 0xEE})
"""JFIF, and Adobe's word on how colours are coded; without that some pictures turn green."""


def bare(data: bytes) -> bytes:
    """The picture alone: EXIF, XMP, IPTC, comments and whatever follows its end are gone, its pixels are as they were.

    Raises ``ValueError`` for what is no whole JPEG.
    """
    if data[:2] != bytes((0xFF, SOI)):
        raise ValueError(f"a photo must be JPEG; this begins with {data[:4].hex(' ')}")
    out = bytearray(data[:2])
    for marker, start, stop in _segments(data):
        if 0xE0 <= marker <= 0xEF or marker == 0xFE:
            if marker in KEPT_APPS and data[start + 4 : start + 9] in (b"JFIF\0", b"Adobe"):
                out += data[start:stop]
            continue
        out += data[start:stop]
    return bytes(out)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each piece after the first two bytes; a scan's coded picture belongs to its piece."""
    at = 2
    while True:
        if at + 2 > len(data) or data[at] != 0xFF:
            raise ValueError(f"the JPEG is broken at byte {at} of {len(data)}")
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == EOI:
            yield marker, at, at + 2
            return
        if marker in ALONE:
            yield marker, at, at + 2
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        stop = at + 2 + length
        if length < 2 or stop > len(data):
            raise ValueError(f"the JPEG is broken at byte {at} of {len(data)}")
        if marker == SOS:
            stop = _scan_end(data, stop)
        yield marker, at, stop
        at = stop


def _scan_end(data: bytes, at: int) -> int:
    """Where the next marker is that is no part of the coded picture."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ValueError(f"the JPEG ends at byte {len(data)} in the middle of the picture")
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
