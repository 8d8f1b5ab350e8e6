"""Sealed fields: open with their own key and in their own place, after a change of keys too, and with nothing else."""

import json
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.sealing import Keyring, Unreadable
from kampung_contract.errors import ConfigurationError


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    return Keyring.open_at(tmp_path_factory.mktemp("data"), 1)


@given(plain=st.binary(max_size=200), context=st.text(max_size=20), other=st.text(max_size=20))
def test_a_field_opens_in_its_own_place_only(ring, plain, context, other):
    sealed = ring.seal(plain, context)
    assert ring.open(sealed, context) == plain
    assert plain not in sealed or len(plain) < 4
    if other != context:
        with pytest.raises(Unreadable):
            ring.open(sealed, other)


@given(plain=st.binary(max_size=50), data=st.data())
def test_one_changed_bit_is_seen(ring, plain, data):
    sealed = bytearray(ring.seal(plain, "row 1"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        ring.open(bytes(sealed), "row 1")


@given(st.binary(max_size=40))
def test_anything_else_is_told(ring, junk):
    with pytest.raises(Unreadable):
        ring.open(junk, "row 1")


def test_keys_change_while_fields_stay_readable(tmp_path):
    first = Keyring.open_at(tmp_path, 5)
    sealed = first.seal(b"0001", "row")
    second = first.rotated(4)
    assert second.open(sealed, "row") == b"0001" and second.stale(sealed) and not second.stale(second.seal(b"", "row"))
    again = Keyring.open_at(tmp_path, 9)
    assert again.open(sealed, "row") == b"0001" and again.lookup("nik", "1") == first.lookup("nik", "1") != first.lookup("kk", "1")
    alone = second.without_old()
    with pytest.raises(Unreadable, match="does not hold"):
        alone.open(sealed, "row")
    file = tmp_path / "keys" / "records.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(json.loads(file.read_text())["keys"]) == 1
    assert [p.name for p in file.parent.iterdir()] == ["records.json"]


def test_a_ring_that_cannot_be_read_is_never_made_anew(tmp_path):
    Keyring.open_at(tmp_path, 1)
    file = tmp_path / "keys" / "records.json"
    for wrong in ("", "{}", '{"keys": [], "lookup": "AAAA"}'):
        file.write_text(wrong)
        with pytest.raises(ConfigurationError, match="put the file back"):
            Keyring.open_at(tmp_path, 2)
