"""SenML from foreign devices: RFC 8428's own examples, and anything else refused in one way."""

import contextlib
import json

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.errors import InvalidSenml
from kampung_contract.senml import decode_senml

NOW = 1_795_225_200_000


def test_base_values_and_times_resolve() -> None:
    """RFC 8428, section 5.1.2: base name, base time, relative times; here with a quantity as the name."""
    payload = json.dumps(
        [
            {"bn": "urn:dev:ow:10e2073a01080063:", "bt": 1.276020076001e9, "bu": "A", "bver": 10, "n": "current", "v": 1.2, "t": -1},
            {"n": "current", "v": 1.3},
            {"n": "voltage", "u": "V", "v": 120.1},
        ]
    ).encode()
    current, voltage = decode_senml(payload, "meter-1", NOW)
    assert (current.n, current.u, current.times(), current.v) == ("meter-1/current", "A", [1276020075001, 1276020076001], [1.2, 1.3])
    assert (voltage.n, voltage.u, voltage.times(), voltage.v) == ("meter-1/voltage", "V", [1276020076001], [120.1])


def test_cbor_labels_are_numbers() -> None:
    """RFC 8428, section 6: the same records in CBOR give the same columns."""
    records = [
        {"bn": "urn:x:", "bt": 1.7e9, "n": "air_temperature", "u": "Cel", "v": 29.5},
        {"n": "air_temperature", "u": "Cel", "v": 30, "t": 60},
    ]
    labels = {"bn": -2, "bt": -3, "n": 0, "u": 1, "v": 2, "t": 6}
    as_cbor = cbor2.dumps([{labels[k]: v for k, v in r.items()} for r in records])
    assert decode_senml(as_cbor, "d", NOW) == decode_senml(json.dumps(records).encode(), "d", NOW)


def test_readings_without_a_time_do_not_collapse() -> None:
    """Fifty readings that share the receive millisecond stay fifty."""
    payload = json.dumps([{"n": "rain", "u": "mm", "v": i} for i in range(50)]).encode()
    (rain,) = decode_senml(payload, "d", NOW)
    assert len(set(rain.times())) == 50
    assert rain.times()[0] == NOW
    assert rain.v == [float(i) for i in range(50)]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"n": "rain", "vs": "banyak"}, "only numbers"),
        ({"n": "rain", "v": "1"}, "not a number"),
        ({"n": "rain", "v": True}, "not a number"),
        ({"n": "rain", "v": 1, "must_": 1}, "must be understood"),
        ({"n": "rain", "v": 1, "bver": 11}, "version 11"),
        ({"n": "rain", "v": 1, "bs": 1}, "sums"),
        ({"n": "", "v": 1}, "does not end in a quantity"),
        (["rain"], "not an object"),
    ],
)
def test_what_cannot_be_stored_whole_is_refused(record: object, says: str) -> None:
    """Nothing is half taken."""
    with pytest.raises(InvalidSenml, match=says):
        decode_senml(json.dumps([record]).encode(), "d", NOW)


@given(
    st.binary(max_size=200)
    | st.binary(max_size=100).map(lambda b: b"[" + b)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
        lambda c: (
            st.lists(c, max_size=4) | st.dictionaries(st.sampled_from(["n", "v", "t", "bt", "bn", "u", 0, 2, 6, -2, -3]), c, max_size=4)
        ),
    ).map(cbor2.dumps)
)
def test_any_bytes_give_columns_or_invalid_senml(payload: bytes) -> None:
    """A foreign device cannot stop ingest."""
    with contextlib.suppress(InvalidSenml):
        assert all(len(c.dt) == len(c.v) - 1 for c in decode_senml(payload, "d", NOW))
