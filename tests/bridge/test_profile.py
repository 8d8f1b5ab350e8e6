"""Device profiles are data with a source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_bridge.error import BadProfileError, BadValueError, UnknownProfileError
from kampung_bridge.modbus import sealed
from kampung_bridge.output import ModbusOutput
from kampung_bridge.profile import ModbusProfile, load_profile, parse_profile, profile_ids
from kampung_bridge.reading import FAIL, GOOD

MINIMAL = """
id = "probe"
title = "A probe"
maker = "Somebody"
source = "a document"
kind = "modbus"
"""
STREAM = """
decoder = "x"
[fields.d]
quantity = "d"
unit = "m"
span = [0, 1]
"""
SDI12 = (
    MINIMAL.replace("modbus", "stream")
    + """
decoder = "sdi12-crc"
[sdi12]
command = "CC"
[fields."1"]
quantity = "d"
unit = "m"
span = [0, 1]
"""
)
REGISTER = """
[[registers]]
address = {address}
quantity = "{quantity}"
unit = "1"
span = [0, 65535]
"""


OUTPUT = """
[[outputs]]
name = "{name}"
title = "An output"
address = 0
{more}
read = {{ function = 1, start = 0, at = {at} }}
"""


def output(more: str = "", name: str = "relay_1", at: int = 0) -> str:
    return OUTPUT.format(name=name, more=more, at=at)


@pytest.mark.parametrize("profile_id", profile_ids())
def test_a_profile_is_sound(profile_id: str) -> None:
    profile = load_profile(profile_id)
    assert profile.source
    assert all(unit.isascii() for unit in profile.quantities.values()), "SenML units are ASCII"
    if isinstance(profile, ModbusProfile):
        assert sum(len(block.registers) for block in profile.blocks) == len(profile.registers)
    for output in profile.outputs:
        assert output.hardware_timer is (output.longest is not None)
        assert output.time_on(None) == output.longest
        if isinstance(output, ModbusOutput):
            requests = [r for on, seconds in ((True, None), (True, 0.01), (False, None)) for r in output.requests(1, on, seconds)]
            assert all(sealed(request) for request in requests)


@given(
    st.sampled_from([o for p in map(load_profile, profile_ids()) for o in p.outputs if isinstance(o, ModbusOutput)]), st.floats(0.01, 7000)
)
def test_a_timer_is_set_to_what_was_asked_rounded_up(output: ModbusOutput, seconds: float) -> None:
    (request,) = output.requests(1, True, seconds)
    if output.timer is None:
        assert request == output.requests(1, True, None)[0]
        return
    steps = (request[-4] << 8 | request[-3]) - output.timer.base
    assert 1 <= steps <= output.timer.most
    if seconds <= (output.longest or 0):
        assert seconds - 1e-6 <= steps * output.timer.step < seconds + output.timer.step


def test_the_probes_of_the_design_are_there() -> None:
    probe, air = load_profile("dfrobot-sen0600"), load_profile("xy-md02")
    assert isinstance(probe, ModbusProfile)
    assert isinstance(air, ModbusProfile)
    assert [(b.function, b.start, b.size) for b in probe.blocks] == [(3, 0, 2)]
    assert [(b.function, b.start, b.size) for b in air.blocks] == [(4, 1, 2)]
    assert [tuple(r[1:]) for r in probe.blocks[0].readings([312, 0xFFE7])] == [(31.2, "%", GOOD), (-2.5, "Cel", GOOD)]
    assert [r.quality for r in probe.blocks[0].readings([1001, 801])] == [FAIL, FAIL]


@given(st.sampled_from([p for p in map(load_profile, profile_ids()) if isinstance(p, ModbusProfile)]), st.data())
def test_what_is_encoded_is_read_back(profile: ModbusProfile, data: st.DataObject) -> None:
    for register in profile.registers:
        step = data.draw(st.integers(round(register.span[0] / register.scale), round(register.span[1] / register.scale)))
        value = round(step * register.scale, 9)
        image = profile.image({register.quantity: value})
        words = [image[register.function, register.address + i] for i in range(register.size)]
        assert register.decode(words).value == value


def test_two_register_numbers_and_gaps() -> None:
    """32-bit values in either word order; registers that are not neighbours are not read over."""
    text = MINIMAL + REGISTER.format(address=0, quantity="a") + 'type = "s32"\nwords = "little"'
    text += REGISTER.format(address=2, quantity="b") + REGISTER.format(address=9, quantity="c") + 'type = "u32"'
    profile = parse_profile(text, "probe.toml")
    assert isinstance(profile, ModbusProfile)
    assert [(b.start, b.size) for b in profile.blocks] == [(0, 3), (9, 2)]
    assert [r.value for r in profile.blocks[0].readings([0xFFFE, 0xFFFF, 7])] == [-2, 7]
    assert profile.image({"a": -2, "c": 65536}) == {(3, 0): 0xFFFE, (3, 1): 0xFFFF, (3, 9): 1, (3, 10): 0}


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (MINIMAL, "probe.toml", "neither registers nor outputs"),
        (MINIMAL.replace('source = "a document"', "") + REGISTER.format(address=0, quantity="a"), "probe.toml", "modbus.source"),
        (MINIMAL + REGISTER.format(address=0, quantity="a"), "other.toml", "must be called probe.toml"),
        (MINIMAL + REGISTER.format(address=0, quantity="a") * 2, "probe.toml", "overlaps"),
        (MINIMAL + REGISTER.format(address=0, quantity="a") + "colour = 1", "probe.toml", "colour"),
        (MINIMAL.replace("modbus", "telepathy"), "probe.toml", "telepathy"),
        (MINIMAL.replace("modbus", "stream") + STREAM, "probe.toml", "decoder 'x' does not exist; known: a02yyuw, bme280"),
        (SDI12.replace("sdi12-crc", "nmea"), "probe.toml", "fields.1: decoder 'nmea' names its fields"),
        (SDI12.replace("sdi12-crc", "sdi12"), "probe.toml", "sdi12.command 'CC' asks for a CRC: the decoder must be 'sdi12-crc'"),
        (SDI12.replace("CC", "M"), "probe.toml", "sdi12.command 'M' asks for no CRC: the decoder must be 'sdi12', not 'sdi12-crc'"),
        (SDI12.replace("CC", "D0"), "probe.toml", "stream.sdi12.command"),
        (SDI12.replace("[sdi12]", 'request = "00"\n[sdi12]'), "probe.toml", "exclude one another"),
        ("id =", "probe.toml", "not TOML"),
        (MINIMAL + output() * 2, "probe.toml", "an output is named twice: relay_1, relay_1"),
        (MINIMAL + output("off = 0xFF00"), "probe.toml", "relay_1: 65280 would mean both on and off"),
        (MINIMAL + output(at=1), "probe.toml", "at = 1 is not among the 1 from start = 0"),
        (MINIMAL + output(name="Relay 1"), "probe.toml", "outputs.0.name"),
        (MINIMAL + output("function = 15"), "probe.toml", "outputs.0.function"),
        (MINIMAL + output().replace("read = ", "# "), "probe.toml", "outputs.0.read"),
        (
            MINIMAL + output("timer = { function = 5, address = 0, step = 0.1, base = 1, most = 65535 }"),
            "probe.toml",
            "do not fit a register",
        ),
        (
            MINIMAL + output("timer = { function = 5, address = 0, before = [4], step = 0.1, most = 9 }"),
            "probe.toml",
            "goes with function 16",
        ),
        (
            MINIMAL.replace("modbus", "stream")
            + STREAM.replace('"x"', '"sdi12"').replace("fields.d", 'fields."1"')
            + "[[outputs]]\nname = 'a'\ntitle = 'A'\nnumber = 0\n",
            "probe.toml",
            "decoder 'sdi12' only listens",
        ),
    ],
)
def test_a_bad_profile_is_refused_with_file_and_key(text: str, name: str, message: str) -> None:
    with pytest.raises(BadProfileError, match=message) as caught:
        parse_profile(text, name)
    assert str(caught.value).startswith(name)


@pytest.mark.parametrize(("asked", "named"), [("sen0600", "dfrobot-sen0600"), ("DFRobot-SEN0600", "dfrobot-sen0600"), ("zzz", "a02yyuw")])
def test_an_unknown_profile_names_the_nearest(asked: str, named: str) -> None:
    with pytest.raises(UnknownProfileError, match=named):
        load_profile(asked)


def test_a_value_that_does_not_fit_its_register_is_refused() -> None:
    profile = load_profile("dfrobot-sen0600")
    assert isinstance(profile, ModbusProfile)
    for value in (-0.2, 1e9, float("nan"), float("inf")):
        with pytest.raises(BadValueError, match="soil_moisture"):
            profile.image({"soil_moisture": value})
