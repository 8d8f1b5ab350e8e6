"""What every decoder holds to, whatever the bytes: decoder.Decoder, as properties."""

import os
import pickle
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.decoder import Decoder, Frame, FrameError
from kampung_bridge.ds18b20 import encode_ds18b20
from kampung_bridge.link import encode_link
from kampung_bridge.measure import Measure
from kampung_bridge.modbus import ReplyDecoder, read_request
from kampung_bridge.mysensors import encode_mysensors
from kampung_bridge.nmea import encode_nmea
from kampung_bridge.pms import encode_pms
from kampung_bridge.profile import StreamProfile, load_profile
from kampung_bridge.reading import GOOD
from kampung_bridge.responder import RequestDecoder, encode_exception, encode_reply
from kampung_bridge.sdi12 import encode_sdi12
from kampung_bridge.sds011 import encode_sds011
from kampung_bridge.sht3x import encode_sht3x
from kampung_bridge.stream import STREAM_DECODERS

from tests.bridge.frame_checks import FRAME_CHECKS


def of(profile_id: str) -> Callable[[], Decoder[Any]]:
    """Makes the decoder of a stream profile."""
    profile = load_profile(profile_id)
    assert isinstance(profile, StreamProfile)
    return lambda: STREAM_DECODERS[profile.decoder](profile.fields)


MAKERS: dict[str, Callable[[], Decoder[Any]]] = {
    "reply": lambda: ReplyDecoder(4, 4, 4, read_request(4, 4, 0, 2)),
    "request": lambda: RequestDecoder({3, 4}),
    "a02yyuw": of("a02yyuw"),
    "pms3003": of("pms3003"),
    "pms5003": of("pms5003"),
    "pms5003t": of("pms5003t"),
    "pms7003": of("pms7003"),
    "sds011": of("sds011"),
    "ds18b20": of("ds18b20"),
    "sht3x": of("sht3x"),
    "nmea": of("nmea-mwv"),
    "sdi12-crc": of("sdi12-soil"),
    "link": of("kampung-node"),
    # Nothing on these wires is checked, so noise in a line costs the line.
    "sdi12": lambda: STREAM_DECODERS["sdi12"]({"1": Measure(quantity="a", unit="1", span=(-1e9, 1e9))}),
    "mysensors": of("mysensors"),
    "ezo": of("atlas-ezo-ph"),
    # A record has neither head nor check: `finish` is what tells records apart.
    "bme280": of("bme280"),
}
SLIDING = ["a02yyuw", "pms3003", "pms5003", "pms5003t", "pms7003", "sds011", "ds18b20"]
UNCHECKED = ["sdi12", "mysensors", "ezo"]
WITHOUT_RECORDS = [name for name in MAKERS if name != "bme280"]


few = settings(max_examples=int(os.environ.get("KAMPUNG_LONG") or 25), deadline=None)
everyone = pytest.mark.parametrize("name", MAKERS)
resyncing = pytest.mark.parametrize("name", WITHOUT_RECORDS)

# Bytes that look like the beginnings and ends of frames are where parsers lose their way.
nasty = [0xFF, 0, 1, 2, 3, 4, 5, 7, 0x84, 0xFD, 0xFE, 0x42, 0x4D, 0x14, 0x1C, 0xAA, 0xC0, 0xAB, 0x7F, 0x10, *b"$!*0+-;,\r\n"]
noise = st.one_of(st.binary(max_size=24), st.lists(st.sampled_from(nasty), max_size=24).map(bytes))
words = st.lists(st.integers(0, 0xFFFF), min_size=2, max_size=2)
long_pms = st.lists(st.one_of(st.integers(0, 0xFFFF), st.sampled_from([0x424D, 0x4D00, 0x1C42, 0x42])), min_size=13, max_size=13).map(
    encode_pms
)
sds_word = st.one_of(st.integers(0, 0xFFFF), st.sampled_from([0xC0AA, 0xAAAB, 0xABAA, 9999, 19999]))
tenths = st.integers(-9999, 9999).map(lambda n: n / 10)
frames: dict[str, st.SearchStrategy[bytes]] = {
    "reply": st.one_of(words.map(lambda w: encode_reply(4, 4, w)), st.integers(1, 11).map(lambda n: encode_exception(4, 4, n))),
    "request": st.builds(read_request, st.sampled_from([3, 4]), st.sampled_from([3, 4]), st.integers(0, 0xFFFF), st.integers(1, 125)),
    "a02yyuw": st.one_of(st.integers(0, 0xFEFF), st.sampled_from([0, 255, 511, 767, 1279, 1535])).map(encode_a02yyuw),
    "pms3003": st.lists(st.integers(0, 0xFFFF), min_size=9, max_size=9).map(encode_pms),
    "pms5003": long_pms,
    "pms5003t": long_pms,
    "pms7003": long_pms,
    "sds011": st.builds(encode_sds011, sds_word, sds_word, sds_word),
    "ds18b20": st.builds(encode_ds18b20, st.one_of(st.integers(-880, 2000), st.just(1360)), st.integers(9, 12)),
    "sht3x": st.builds(encode_sht3x, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
    "nmea": st.builds(lambda a, s: encode_nmea(f"WIMWV,{a},R,{s},N,A"), tenths, tenths),
    "sdi12-crc": st.builds(lambda a, v: encode_sdi12(a, v, crc=True), st.sampled_from("09azAZ"), st.lists(tenths, min_size=1, max_size=4)),
    "link": st.builds(encode_link, st.integers(1, 255), st.integers(0, 255), st.binary(max_size=240)),
    "sdi12": st.builds(encode_sdi12, st.sampled_from("09azAZ"), st.lists(tenths, min_size=1, max_size=4)),
    "mysensors": st.builds(encode_mysensors, st.just(12), st.just(6), st.sampled_from([0, 1, 6, 38]), tenths.map(str)),
    "ezo": tenths.map(lambda n: f"{n}\r".encode()),
    "bme280": st.binary(min_size=41, max_size=41),
}


def line(name: str) -> st.SearchStrategy[list[tuple[bool, bytes]]]:
    """(is a frame, bytes): frames and noise in any order."""
    end = b"\n" if name in UNCHECKED else b""
    return st.lists(st.one_of(noise.map(lambda b: (False, b + end)), frames[name].map(lambda b: (True, b))), max_size=12)


def bare(name: str, frame: bytes) -> bytes:
    """Without what only tells frames apart."""
    return frame.strip(b"\x00") if name == "link" else frame.rstrip(b"\r\n") if name in TEXT else frame


TEXT = [*UNCHECKED, "nmea", "sdi12-crc"]


def feed_all(decoder: Decoder[Any], data: bytes, cuts: list[int]) -> list[Any]:
    out: list[Any] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(edges):
        out += decoder.feed(data[begin:end])
    return out + decoder.finish()


@everyone
@few
@given(data=st.data())
def test_cutting_the_bytes_changes_nothing(name: str, data: st.DataObject) -> None:
    stream = b"".join(part for _, part in data.draw(line(name)))
    cuts = data.draw(st.lists(st.integers(0, 400), max_size=12))
    whole, cut, single = MAKERS[name](), MAKERS[name](), MAKERS[name]()
    expected = feed_all(whole, stream, [])
    assert feed_all(cut, stream, cuts) == expected == feed_all(single, stream, list(range(len(stream))))
    assert whole.counters == cut.counters == single.counters


@resyncing
@few
@given(data=st.data())
def test_nothing_is_delivered_whose_check_fails(name: str, data: st.DataObject) -> None:
    stream = data.draw(st.one_of(st.binary(max_size=400), line(name).map(lambda parts: b"".join(b for _, b in parts))))
    decoder = MAKERS[name]()
    for result in decoder.feed(stream):
        if not isinstance(result, FrameError):
            assert FRAME_CHECKS[name](result.raw)
            assert result.raw in stream


@resyncing
@few
@given(data=st.data())
def test_noise_costs_only_the_frames_it_overlaps(name: str, data: st.DataObject) -> None:
    """Stronger than asked: noise between frames overlaps none, so every frame that was sent is delivered."""
    parts = data.draw(line(name))
    results = feed_all(MAKERS[name](), b"".join(b for _, b in parts), [])
    delivered = Counter(r.raw for r in results if not isinstance(r, FrameError) or r.code in ("exception", "power_on", "wrong_length"))
    sent = Counter(bare(name, b) for is_frame, b in parts if is_frame)
    if name == "link":  # an error shows the beginning of a frame only
        sent = Counter({raw: n for raw, n in sent.items() if raw in delivered or not any(raw.startswith(d) for d in delivered)})
    assert not sent - delivered


@pytest.mark.parametrize("name", [name for name in WITHOUT_RECORDS if name not in (*TEXT, "link")])
@few
@given(data=st.data())
def test_no_byte_disappears(name: str, data: st.DataObject) -> None:
    """Frames and errors together are the line; what was in no frame is counted."""
    stream = b"".join(part for _, part in data.draw(line(name)))
    decoder = MAKERS[name]()
    results = feed_all(decoder, stream, [])
    in_frames = sum(len(r.raw) for r in results if not isinstance(r, FrameError) or r.code not in ("garbage", "checksum"))
    if name in SLIDING:  # frames may lie across one another
        assert len(stream) - in_frames <= decoder.counters.garbage <= len(stream)
    else:
        assert in_frames + decoder.counters.garbage == len(stream)


@given(st.lists(st.integers(30, 4500), min_size=1, max_size=40))
def test_a_clean_stream_is_good_and_nothing_else_is(numbers: list[int]) -> None:
    """However the distances jump, what passes across two frames by accident is not called good."""
    results = of("a02yyuw")().feed(b"".join(map(encode_a02yyuw, numbers)))
    good = [r.readings[0].value for r in results if isinstance(r, Frame) and r.readings[0].quality == GOOD]
    assert good == [number / 1000 for number in numbers]


@pytest.mark.parametrize("name", SLIDING)
def test_a_stray_byte_before_each_frame_costs_none(name: str) -> None:
    """A stray 42 or AA before each PMS or SDS frame makes others lose them all."""
    frame = SAMPLES[name]
    for stray in range(256):
        results = MAKERS[name]().feed((bytes([stray]) + frame) * 10)
        assert sum(isinstance(r, Frame) and r.raw == frame for r in results) == 10, stray


SAMPLES = {
    "a02yyuw": bytes.fromhex("FF07A1A7"),
    "pms3003": encode_pms([12, 20, 25, 11, 18, 22, 0, 0, 0]),
    "pms5003": bytes.fromhex("424d001c00000008000800000008000800d20046002d001e00000000970002c5"),
    "pms5003t": encode_pms([5, 9, 12, 5, 8, 11, 210, 70, 45, 30, 283, 812, 0x9100]),
    "pms7003": bytes.fromhex("424d001c00000008000800000008000800d20046002d001e00000000970002c5"),
    "sds011": bytes.fromhex("AAC0D4043A0AA1601DAB"),
    "ds18b20": encode_ds18b20(401),
}


@pytest.mark.parametrize("name", ["pms5003", "sds011"])
@pytest.mark.parametrize("late", range(1, 10))
def test_a_stream_joined_late_loses_one_frame_at_most(name: str, late: int) -> None:
    results = MAKERS[name]().feed((SAMPLES[name] * 1000)[late:])
    assert sum(isinstance(r, Frame) for r in results) == 999


@everyone
def test_memory_is_bounded(name: str) -> None:
    """A megabyte of noise of the nasty kind leaves a few kilobytes behind, whatever came before."""
    source = random.Random(20)
    decoder = MAKERS[name]()
    small = len(pickle.dumps(decoder))
    for _ in range(256):
        decoder.feed(bytes(source.choices([*nasty, source.randrange(256)], k=1024)))
        assert len(pickle.dumps(decoder)) - small < 8192
