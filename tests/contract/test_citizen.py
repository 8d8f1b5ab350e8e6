"""Residents' reports on the wire: tickets and words, and photos without what the camera wrote beside them."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.citizen import (
    MOST_PHOTO,
    MOST_SPOT,
    MOST_TEXT,
    CitizenReport,
    event,
    parse_event,
    photo_of,
    read_ticket,
    ticket,
)
from kampung_contract.errors import InvalidEvent
from kampung_contract.jpeg import bare
from kampung_contract.pack import MAX_BYTES, Clock, Pack, encode
from kampung_contract.tickets import read_word, shadow, word
from PIL import Image

IDS = st.integers(0, 2**128 - 1).map(lambda n: f"{n:032x}")


def picture(size: tuple[int, int] = (320, 240), *, exif: bool = True, quality: int = 70) -> bytes:
    """A JPEG whose camera wrote down a place, an owner, a comment and a small copy."""
    image, out = Image.effect_noise(size, 60).convert("RGB"), io.BytesIO()
    if exif:
        data = Image.Exif()
        data[0x010F] = "PABRIK CONTOH"
        data.get_ifd(0x8825)[2] = (8.0, 12.0, 34.5)
        image.save(out, "JPEG", quality=quality, exif=data, comment=b"MILIK CONTOH")
    else:
        image.save(out, "JPEG", quality=quality)
    return out.getvalue()


SMALL = picture((64, 48))


@given(IDS)
def test_ticket_and_word(name: str) -> None:
    """As people type them: small letters, spaces, O for 0; neither tells the other, and the document's name tells neither."""
    number, said = ticket(name), word(name)
    assert read_ticket(f" {number.lower().replace('-', ' ')} ") == number
    assert read_ticket(number.replace("0", "o").replace("1", "l")) == number
    assert read_word(said.upper().replace("-", "  ")) == read_word(said)
    assert len(said) == 14
    assert number not in shadow(number)


@pytest.mark.parametrize("text", ["", "LP", "LP-7K3M-Q2X", "LP-7K3M-Q2XAA", "LP-7K3M-Q2X!", "LP-7K3U-Q2XA"])
def test_no_ticket(text: str) -> None:
    assert read_ticket(text) is None


def test_a_photo_without_its_place() -> None:
    """EXIF, comment and what hangs on behind are gone; the pixels are the same."""
    with_exif = picture() + b"EKOR RAHASIA"
    found = bare(with_exif)
    for secret in (b"Exif", b"PABRIK", b"MILIK", b"RAHASIA"):
        assert secret in with_exif
        assert secret not in found
    before, after = (Image.open(io.BytesIO(data)) for data in (with_exif, found))
    assert before.tobytes() == after.tobytes()
    assert not after.getexif()


@given(st.data())
def test_any_bytes_are_a_picture_or_refused(data: st.DataObject) -> None:
    """Cut and broken JPEGs never come through with more than they had."""
    whole = SMALL
    cut = data.draw(st.integers(0, len(whole)))
    flipped = bytearray(whole[:cut])
    if flipped:
        at = data.draw(st.integers(0, len(flipped) - 1))
        flipped[at] ^= data.draw(st.integers(0, 255))
    try:
        found = bare(bytes(flipped))
    except ValueError as error:
        assert "JPEG" in str(error)
    else:
        assert len(found) <= len(flipped)


def report(**more: object) -> CitizenReport:
    return CitizenReport(**({"id": "0" * 31 + "1", "kind": "tree", "at": 1_790_000_000_000, "spot": "Dusun Krajan"} | more))  # type: ignore[arg-type]


def test_the_largest_report_fits_a_pack() -> None:
    """A photo of the greatest size that cannot be made smaller, beside the longest words."""
    photo = picture((1200, 900), exif=False, quality=5)
    photo = (photo[:2] + b"\xff\xdb\x00\x03\x00" + photo[2:-2])[: MOST_PHOTO - 2] + b"\xff\xd9"
    big = report(photo=base64.b64encode(photo).decode(), text="ü" * MOST_TEXT, spot="ñ" * MOST_SPOT, latitude=-8.1, longitude=114.3)
    assert len(photo_of(big)) <= MOST_PHOTO
    assert len(encode(Pack(1, "aabbccdd", 1, "b00t", Clock(True, 1), [], [event(big)]))) < MAX_BYTES


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"spot": " "}, "the place is missing"),
        ({"latitude": -8.1}, "go together"),
        ({"text": "a\x00b"}, "no"),
        ({"photo": "!!"}, "cannot be read"),
        ({"photo": base64.b64encode(b"GIF89a").decode()}, "must be JPEG"),
    ],
)
def test_what_is_no_report(change: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidEvent, match=says):
        parse_event(event(report(**change)))


def test_events() -> None:
    """There and back; another type is nobody's; another kind is refused."""
    said = report(photo=base64.b64encode(picture()).decode())
    found = parse_event(event(said))
    assert found is not None
    assert b"Exif" not in photo_of(found)
    assert parse_event({"type": "alarm"}) is None
    with pytest.raises(InvalidEvent, match="kind"):
        parse_event(event(said) | {"kind": "ufo"})
