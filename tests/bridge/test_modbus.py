"""The RTU codec against stray bytes, echoes, strangers, and two other people's implementations."""

from itertools import pairwise

import minimalmodbus
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kampung_bridge.decoder import FrameError
from kampung_bridge.error import BadValueError
from kampung_bridge.modbus import Reply, ReplyDecoder, WriteReplyDecoder, crc16, read_request, sealed, write_request, write_several
from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.responder import Request, RequestDecoder, Responder, encode_exception, encode_reply
from pymodbus.framer import FramerRTU


def test_a_stray_byte_before_the_reply_loses_nothing() -> None:
    """All 256 bytes × all 247 addresses, 4 registers: 0 lost, 0 wrong."""
    registers = (312, 0xFFE7, 4, 1027)
    lost = wrong = 0
    for address in range(1, 248):
        reply = encode_reply(address, 3, registers)
        for stray in range(256):
            replies = [r for r in ReplyDecoder(address, 3, 8).feed(bytes([stray]) + reply) if isinstance(r, Reply)]
            lost += not replies
            wrong += any(r.registers != registers for r in replies)
    assert (lost, wrong) == (0, 0)


@given(st.binary(max_size=64), st.integers(1, 247), st.sampled_from([3, 4]), st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=8))
def test_whatever_precedes_the_reply_it_is_found_with_its_last_byte(before: bytes, address: int, function: int, regs: list[int]) -> None:
    decoder = ReplyDecoder(address, function, 2 * len(regs))
    reply = encode_reply(address, function, regs)
    early = decoder.feed(before + reply[:-1])
    assert reply in [r.raw for r in early + decoder.feed(reply[-1:])]


WRITES = st.one_of(
    st.builds(write_request, st.integers(1, 247), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.sampled_from([5, 6])),
    st.builds(write_several, st.integers(1, 247), st.integers(0, 0xFFFF), st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=4)),
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


@given(WRITES, st.binary(max_size=64), st.binary(max_size=32), st.lists(st.integers(0, 1000), max_size=8))
def test_an_answer_to_a_write_is_found_once_and_however_it_is_cut(request: bytes, before: bytes, after: bytes, places: list[int]) -> None:
    whole, pieces = WriteReplyDecoder(request), WriteReplyDecoder(request)
    assume(whole.wanted not in before + whole.wanted[:-1] + after)
    line = before + whole.wanted + after
    at_once = [r.raw for r in whole.feed(line) if isinstance(r, Reply)]
    assert [r.raw for piece in cut(line, places) for r in pieces.feed(piece) if isinstance(r, Reply)] == at_once
    assert at_once.count(whole.wanted) == 1


@given(WRITES, st.lists(st.one_of(st.binary(max_size=24), st.integers(0, 7)), max_size=12))
def test_no_noise_and_no_damaged_answer_confirms_a_write(request: bytes, parts: list[bytes | int]) -> None:
    """A number is the answer with one byte of it changed."""
    decoder, line = WriteReplyDecoder(request), b""
    for part in parts:
        wanted = decoder.wanted
        line += part if isinstance(part, bytes) else wanted[:part] + bytes((wanted[part] ^ 0x10,)) + wanted[part + 1 :]
    assume(decoder.wanted not in line)
    assert decoder.wanted not in [r.raw for r in decoder.feed(line)]


def test_a_stray_byte_before_the_answer_to_a_write_loses_nothing() -> None:
    """All 256 bytes × all 247 addresses."""
    lost = 0
    for address in range(1, 248):
        request = write_request(address, 3, 0xFF00, 5)
        for stray in range(256):
            lost += [r.raw for r in WriteReplyDecoder(request).feed(bytes([stray]) + request)] != [request]
    assert lost == 0


@pytest.mark.parametrize(
    ("heard", "code", "detail"),
    [
        (write_request(5, 0, 0xFF00, 5), "wrong_device", "device 5 answered for 1"),
        (write_request(1, 3, 0xFF00, 5), "wrong_length", "device 1 answered about register 3"),
        (write_request(1, 0, 0xFF00, 6), "other_master", "somebody else asks device 1: one master a bus"),
        (encode_reply(1, 3, [1, 2]), "wrong_function", "device 1 answered function 3, not 5"),
        (b"\x55\x00\x13", "garbage", "3 bytes in no frame"),
    ],
)
def test_what_came_instead_of_the_answer_to_a_write_is_named(heard: bytes, code: str, detail: str) -> None:
    decoder = WriteReplyDecoder(write_request(1, 0, 0xFF00, 5))
    assert decoder.feed(heard) == []
    assert [(e.code, e.detail) for e in decoder.finish() if isinstance(e, FrameError)] == [(code, detail)]


def test_a_refused_write_is_known_at_once() -> None:
    (error,) = WriteReplyDecoder(write_request(1, 0, 0xFF00, 5)).feed(b"\x01" + encode_exception(1, 5, 2))
    assert isinstance(error, FrameError)
    assert (error.code, error.number, error.detail) == ("exception", 2, "device 1 refused: illegal data address (2)")


@given(st.binary(max_size=260))
def test_crc_is_minimalmodbuses_and_pymodbuses(data: bytes) -> None:
    assert crc16(data).to_bytes(2, "little") == minimalmodbus._calculate_crc(data)
    assert crc16(data).to_bytes(2, "little") == FramerRTU.compute_CRC(data).to_bytes(2, "big")


def test_the_echo_of_the_request_is_skipped() -> None:
    request, reply = read_request(4, 4, 0x0401, 2), encode_reply(4, 4, [1, 2])
    decoder = ReplyDecoder(4, 4, 4, request)
    assert [r.raw for r in decoder.feed(request + reply)] == [reply]
    assert [e.code for e in decoder.finish() if isinstance(e, FrameError)] == ["echo"]


@pytest.mark.parametrize(
    ("heard", "code", "detail"),
    [
        (encode_reply(5, 3, [1, 2]), "wrong_device", "device 5 answered for 1"),
        (encode_reply(1, 4, [1, 2]), "wrong_function", "device 1 answered function 4, not 3"),
        (encode_reply(1, 3, [1]), "wrong_length", "device 1 sent 2 bytes, not 4"),
        (read_request(9, 3, 0, 2), "other_master", "somebody else asks device 9: one master a bus"),
        (read_request(1, 3, 0, 2), "echo", "our own request came back: switch the adapter's local echo off"),
        (encode_exception(5, 3, 2), "wrong_device", "device 5 answered for 1"),
        (b"\x55\x00\x13", "garbage", "3 bytes in no frame"),
        (encode_reply(1, 3, [1, 2])[:-1] + b"\x00", "checksum", "9 bytes in no frame"),
    ],
)
def test_what_came_instead_of_the_reply_is_named(heard: bytes, code: str, detail: str) -> None:
    decoder = ReplyDecoder(1, 3, 4, read_request(1, 3, 0, 2))
    assert decoder.feed(heard) == []
    assert [(e.code, e.detail) for e in decoder.finish() if isinstance(e, FrameError)] == [(code, detail)]


def test_a_refusal_is_known_at_once_with_its_number() -> None:
    (error,) = ReplyDecoder(1, 3, 4).feed(b"\x01" + encode_exception(1, 3, 2))
    assert isinstance(error, FrameError)
    assert (error.code, error.number, error.detail) == ("exception", 2, "device 1 refused: illegal data address (2)")


def test_a_stranger_before_the_reply_does_not_hide_it() -> None:
    """A frame of another device that claims to be long never makes the decoder wait past the true reply."""
    for byte_count in range(256):
        reply = encode_reply(1, 3, [312, 250])
        assert [r.raw for r in ReplyDecoder(1, 3, 4).feed(bytes((5, 3, byte_count)) + reply)] == [reply]


def test_a_table_row_with_a_wrong_crc_is_rejected_whoever_printed_it() -> None:
    assert not sealed(encode_reply(1, 3, [100])[:-2] + b"\x12\x34")


def test_requests_are_read_back() -> None:
    wanted = [Request(read_request(7, 3, 30, 3), 7, 3, 30, 3), Request(write_request(7, 0x7D0, 9), 7, 6, 0x7D0, 9)]
    assert RequestDecoder({7}).feed(b"\x07\x03" + wanted[0].raw + read_request(8, 3, 0, 1)[:3] + wanted[1].raw)[1::2] == wanted


@pytest.mark.parametrize("numbers", [(0, 3, 0, 1), (248, 3, 0, 1), (1, 5, 0, 1), (1, 0, 0, 1), (1, 3, 0, 126), (1, 3, 70000, 1)])
def test_what_modbus_does_not_have_is_not_asked(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(BadValueError, match="use"):
        read_request(*numbers)


def test_minimalmodbus_reads_our_simulated_probe(plug) -> None:
    """An independent master agrees with our answering side."""
    profile = load_profile("dfrobot-sen0600")
    assert isinstance(profile, ModbusProfile)
    responder = Responder(profile)
    wire = plug("probe", lambda data: responder.answer(data, {"soil_moisture": 31.2, "soil_temperature": -2.5}))
    instrument = minimalmodbus.Instrument(str(wire.path), 1)
    try:
        assert instrument.read_registers(0, 2, 3) == [312, 65511]
        assert instrument.read_register(1, 1, 3, signed=True) == -2.5
        with pytest.raises(minimalmodbus.IllegalRequestError):
            instrument.read_registers(0, 3, 3)
    finally:
        instrument.serial.close()


def test_minimalmodbus_switches_our_simulated_relay(plug) -> None:
    """An independent master writes coils, several registers and a timer."""
    profile = load_profile("lctech-relay-4")
    assert isinstance(profile, ModbusProfile)
    responder = Responder(profile)
    instrument = minimalmodbus.Instrument(str(plug("relay", lambda data: responder.answer(data, {})).path), 1)
    try:
        instrument.write_bit(2, 1)
        assert (instrument.read_bits(0, 8, 1), responder.states["relay_3"]) == ([0, 0, 1, 0, 0, 0, 0, 0], True)
        instrument.write_bit(2, 0)
        instrument.write_registers(0x0008, [4, 600])
        assert [name for name, on in responder.states.items() if on] == ["relay_2"]
        with pytest.raises(minimalmodbus.IllegalRequestError):
            instrument.write_bit(9, 1)
    finally:
        instrument.serial.close()
