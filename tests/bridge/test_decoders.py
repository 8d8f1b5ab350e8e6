"""What every decoder holds to, whatever the bytes: decoder.Decoder, as properties."""

import pickle
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_bridge.a02yyuw import A02yyuwDecoder, encode_a02yyuw
from kampung_bridge.decoder import Decoder, Frame, FrameError
from kampung_bridge.modbus import ReplyDecoder, read_request, sealed
from kampung_bridge.profile import StreamProfile, load_profile
from kampung_bridge.reading import GOOD
from kampung_bridge.responder import RequestDecoder, encode_exception, encode_reply


def _a02yyuw() -> A02yyuwDecoder:
    profile = load_profile("a02yyuw")
    assert isinstance(profile, StreamProfile)
    return A02yyuwDecoder(profile.outputs)


MAKERS: dict[str, Callable[[], Decoder[Any]]] = {
    "a02yyuw": _a02yyuw,
    "reply": lambda: ReplyDecoder(4, 4, 4, read_request(4, 4, 0, 2)),
    "request": lambda: RequestDecoder({3, 4}),
}
CHECKS: dict[str, Callable[[bytes], bool]] = {
    "a02yyuw": lambda raw: len(raw) == 4 and raw[0] == 0xFF and sum(raw[:3]) % 256 == raw[3],
    "reply": sealed,
    "request": sealed,
}
everyone = pytest.mark.parametrize("name", MAKERS)

# Bytes that look like the beginnings and ends of frames are where parsers lose their way.
noise = st.one_of(st.binary(max_size=24), st.lists(st.sampled_from([0xFF, 0, 1, 2, 3, 4, 5, 7, 0x84, 0xFD, 0xFE]), max_size=24).map(bytes))
words = st.lists(st.integers(0, 0xFFFF), min_size=2, max_size=2)
frames: dict[str, st.SearchStrategy[bytes]] = {
    "a02yyuw": st.one_of(st.integers(0, 0xFEFF), st.sampled_from([0, 255, 511, 767, 1279, 1535])).map(encode_a02yyuw),
    "reply": st.one_of(words.map(lambda w: encode_reply(4, 4, w)), st.integers(1, 11).map(lambda n: encode_exception(4, 4, n))),
    "request": st.builds(read_request, st.sampled_from([3, 4]), st.sampled_from([3, 4]), st.integers(0, 0xFFFF), st.integers(1, 125)),
}


def line(name: str) -> st.SearchStrategy[list[tuple[bool, bytes]]]:
    """(is a frame, bytes): frames and noise in any order."""
    return st.lists(st.one_of(noise.map(lambda b: (False, b)), frames[name].map(lambda b: (True, b))), max_size=12)


def feed_all(decoder: Decoder[Any], data: bytes, cuts: list[int]) -> list[Any]:
    out: list[Any] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(edges):
        out += decoder.feed(data[begin:end])
    return out + decoder.finish()


@everyone
@given(data=st.data())
def test_cutting_the_bytes_changes_nothing(name: str, data: st.DataObject) -> None:
    stream = b"".join(part for _, part in data.draw(line(name)))
    cuts = data.draw(st.lists(st.integers(0, 400), max_size=12))
    whole, cut, single = MAKERS[name](), MAKERS[name](), MAKERS[name]()
    expected = feed_all(whole, stream, [])
    assert feed_all(cut, stream, cuts) == expected == feed_all(single, stream, list(range(len(stream))))
    assert whole.counters == cut.counters == single.counters


@everyone
@given(data=st.data())
def test_nothing_is_delivered_whose_check_fails(name: str, data: st.DataObject) -> None:
    stream = data.draw(st.one_of(st.binary(max_size=400), line(name).map(lambda parts: b"".join(b for _, b in parts))))
    decoder = MAKERS[name]()
    for result in decoder.feed(stream):
        if not isinstance(result, FrameError):
            assert CHECKS[name](result.raw)
            assert result.raw in stream


@everyone
@given(data=st.data())
def test_noise_costs_only_the_frames_it_overlaps(name: str, data: st.DataObject) -> None:
    """Stronger than asked: noise between frames overlaps none, so every frame that was sent is delivered."""
    parts = data.draw(line(name))
    results = feed_all(MAKERS[name](), b"".join(b for _, b in parts), [])
    delivered = Counter(r.raw for r in results if not isinstance(r, FrameError) or r.code == "exception")
    assert not Counter(b for is_frame, b in parts if is_frame) - delivered


@everyone
@given(data=st.data())
def test_no_byte_disappears(name: str, data: st.DataObject) -> None:
    """Frames and errors together are the line; what was in no frame is counted."""
    stream = b"".join(part for _, part in data.draw(line(name)))
    decoder = MAKERS[name]()
    results = feed_all(decoder, stream, [])
    in_frames = sum(len(r.raw) for r in results if not isinstance(r, FrameError) or r.code not in ("garbage", "checksum"))
    if name == "a02yyuw":  # frames may lie across one another
        assert len(stream) - in_frames <= decoder.counters.garbage <= len(stream)
    else:
        assert in_frames + decoder.counters.garbage == len(stream)


@given(st.lists(st.integers(30, 4500), min_size=1, max_size=40))
def test_a_clean_stream_is_good_and_nothing_else_is(numbers: list[int]) -> None:
    """However the distances jump, what passes across two frames by accident is not called good."""
    results = _a02yyuw().feed(b"".join(map(encode_a02yyuw, numbers)))
    good = [r.readings[0].value for r in results if isinstance(r, Frame) and r.readings[0].quality == GOOD]
    assert good == [number / 1000 for number in numbers]


@everyone
def test_memory_is_bounded(name: str) -> None:
    """A megabyte of noise of the nasty kind leaves a few hundred bytes behind."""
    source = random.Random(20)
    decoder = MAKERS[name]()
    small = len(pickle.dumps(decoder))
    for _ in range(256):
        decoder.feed(bytes(source.choices([0xFF, 0, 3, 4, 0x84, source.randrange(256)], k=1024)))
        assert len(pickle.dumps(decoder)) - small < 1024
