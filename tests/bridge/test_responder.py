"""Simulated devices switch: every output of every profile, by its own frames, with its own timer."""

import pytest
from kampung_bridge.modbus import Reply, ReplyDecoder, read_request, write_request, write_several
from kampung_bridge.output import ModbusOutput
from kampung_bridge.profile import ModbusProfile, load_profile, profile_ids
from kampung_bridge.responder import Request, RequestDecoder, Responder, encode_exception

RELAYS = [p for p in map(load_profile, profile_ids()) if isinstance(p, ModbusProfile) and p.outputs]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def state(responder: Responder, output: ModbusOutput) -> bool | None:
    """As it is read over the line."""
    read = output.read
    decoder = ReplyDecoder(responder.address, read.function, read.byte_count)
    (reply,) = decoder.feed(responder.answer(read.request(responder.address), {}))
    assert isinstance(reply, Reply)
    return read.state(reply.raw[3:-2])


@pytest.mark.parametrize("profile", RELAYS, ids=lambda profile: profile.id)
def test_each_output_is_switched_alone_and_read_back(profile: ModbusProfile) -> None:
    responder = Responder(profile)
    for output in profile.outputs:
        for on in (True, False):
            for request in output.requests(responder.address, on, None):
                assert responder.answer(request, {})[:6] == request[:6]
            assert state(responder, output) is on
            assert [name for name, is_on in responder.states.items() if is_on] == [output.name] * on


@pytest.mark.parametrize("profile", [p for p in RELAYS if p.outputs[0].hardware_timer], ids=lambda profile: profile.id)
def test_a_timer_switches_off_with_nobody_there(profile: ModbusProfile) -> None:
    clock, output = Clock(), profile.outputs[-1]
    responder = Responder(profile, now=clock)
    assert output.longest is not None
    for seconds in (10, output.longest):
        responder.answer(output.requests(responder.address, True, seconds)[0], {})
        clock.now += seconds - 0.05
        assert state(responder, output) is True
        clock.now += 0.1
        assert (state(responder, output), responder.states[output.name]) == (False, False)


def test_what_no_output_understands_is_refused() -> None:
    profile = load_profile("waveshare-relay-8")
    assert isinstance(profile, ModbusProfile)
    responder = Responder(profile)
    refusals = [(write_request(1, 0, 0x1234, 5), 3), (write_request(1, 99, 0xFF00, 5), 2), (write_request(1, 0, 1), 1)]
    for request, number in [*refusals, (read_request(1, 1, 0, 9), 2), (read_request(1, 3, 0, 1), 2)]:
        assert responder.answer(request, {}) == encode_exception(1, request[1], number)
    assert not any(responder.states.values())


def test_several_registers_are_written_whatever_stands_before() -> None:
    request = write_several(7, 3, [4, 20])
    for cut in range(len(request)):
        decoder = RequestDecoder({7})
        found = [*decoder.feed(b"\x07\x10\x00" + request[:cut]), *decoder.feed(request[cut:])]
        assert [r for r in found if isinstance(r, Request)] == [Request(request, 7, 16, 3, 2)]
        assert isinstance(found[-1], Request)
        assert found[-1].written == (4, 20)
