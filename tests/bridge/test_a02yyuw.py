"""The ultrasonic stream: the lock-out others have, and what a weak checksum allows."""

import pytest
from kampung_bridge.a02yyuw import A02yyuwDecoder, encode_a02yyuw
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.profile import StreamProfile, load_profile
from kampung_bridge.reading import FAIL, GOOD, SUSPECT


def decoder() -> A02yyuwDecoder:
    profile = load_profile("a02yyuw")
    assert isinstance(profile, StreamProfile)
    return A02yyuwDecoder(profile.fields)


def values(results: list[Frame | FrameError]) -> list[tuple[float, int]]:
    return [(r.readings[0].value, r.readings[0].quality) for r in results if isinstance(r, Frame)]


@pytest.mark.parametrize("late", [0, 1, 2, 3])
def test_a_steady_255_mm_joined_late_is_read(late: int) -> None:
    """FF 00 FF FE over and over: decoders that clear their buffer on a bad sum read none of it, for ever."""
    stream = (encode_a02yyuw(255) * 1000)[late:]
    assert stream.startswith(b"\xff\x00\xff\xfe"[late:])
    got = values(decoder().feed(stream))
    assert got == [(0.255, GOOD)] * (1000 - bool(late))


def test_no_steady_reading_is_misread_from_any_byte() -> None:
    """Every distance the frame can carry, joined at every byte of the frame."""
    for number in range(0, 0xFF00, 1):
        stream = encode_a02yyuw(number) * 3
        frames = [f.raw for f in decoder().feed(stream[1 + number % 3 :]) if isinstance(f, Frame)]
        assert frames == [stream[:4]] * 2, number


@pytest.mark.parametrize(("number", "quality"), [(0, FAIL), (29, FAIL), (30, GOOD), (4500, GOOD), (4501, FAIL), (65279, FAIL)])
def test_what_the_sensor_cannot_measure_is_flagged(number: int, quality: int) -> None:
    assert values(decoder().feed(encode_a02yyuw(number))) == [(number / 1000, quality)]


def test_a_frame_alone_in_garbage_is_suspect_and_the_next_is_good() -> None:
    stream = bytes(16) + encode_a02yyuw(1500) + encode_a02yyuw(1501)
    assert values(decoder().feed(stream)) == [(1.5, SUSPECT), (1.501, GOOD)]


def test_a_stray_byte_before_each_frame_costs_nothing() -> None:
    for stray in range(256):
        got = values(decoder().feed((bytes([stray]) + encode_a02yyuw(1953)) * 10))
        assert got.count((1.953, GOOD)) == 10, stray


def test_a_false_frame_across_a_true_one_does_not_take_its_place() -> None:
    """FF 07 | FF 05 FF 03: the first four bytes pass by accident and cover half of the true frame."""
    stream = b"\xff\x07" + b"\xff\x05\xff\x03" + encode_a02yyuw(1530)
    assert values(decoder().feed(stream)) == [(2.047, GOOD), (1.535, SUSPECT), (1.53, GOOD)]


def test_a_damaged_frame_is_told_with_its_sum() -> None:
    results = decoder().feed(bytes.fromhex("FF07A1A8") + encode_a02yyuw(1953))
    assert results[0] == FrameError("checksum", "sum is A8, expected A7", bytes.fromhex("FF07A1A8"))


def test_what_does_not_fit_is_not_encoded() -> None:
    with pytest.raises(BadValueError, match="65280"):
        encode_a02yyuw(65280)
