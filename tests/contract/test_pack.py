"""The pack: what is encoded comes back, and no bytes whatever do more than raise ``InvalidPack``."""

import contextlib
import json
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from kampung_contract.errors import InvalidColumn, InvalidPack
from kampung_contract.pack import MAX_BYTES, MAX_READINGS, Clock, Column, Pack, check_column, column, decode, dictionary, encode
from kampung_contract.schema import FOLDER, render, schemas

PACK_SCHEMA = Draft202012Validator(schemas()["pack.json"])
NOW = 1_795_225_200_000
DICTIONARY_1 = 3056127805
names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}/[a-z][a-z0-9_]{0,12}", fullmatch=True)
rows = st.lists(
    st.tuples(st.integers(1_577_836_800_000, NOW), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([1, 2, 3, 4, 9])),
    min_size=1,
    max_size=30,
)
columns = st.builds(column, names, st.sampled_from(["%", "Cel", "m"]), rows)
clocks = st.builds(Clock, st.booleans(), st.integers(0, 2**40), st.none() | st.integers(0, 2**42))
packs = st.builds(
    Pack,
    st.just(1),
    st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    st.integers(1, 2**63 - 1),
    st.just("0a1b2c3d"),
    clocks,
    st.lists(columns, max_size=5),
    st.lists(st.fixed_dictionaries({"type": st.just("gap"), "first": st.integers(1, 9)}), max_size=2),
)


@given(packs)
def test_a_pack_comes_back_as_it_went(pack: Pack) -> None:
    """Encode then decode gives an equal pack, and the first byte tells which form it took."""
    payload = encode(pack)
    assert payload[:1] in (b"{", b"x")
    assert decode(payload) == pack


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda b: b"{" + b) | st.binary(max_size=300).map(zlib.compress))
def test_any_bytes_raise_nothing_but_invalid_pack(payload: bytes) -> None:
    """Poison is refused in one way."""
    with pytest.raises(InvalidPack):
        decode(payload)


@given(packs, st.data())
def test_a_damaged_pack_never_comes_back_changed_when_deflated(pack: Pack, data: st.DataObject) -> None:
    """zlib's checksum: a flipped bit in a deflated pack is an error or no change, never other readings."""
    payload = encode(pack)
    if payload[:1] != b"x":
        return
    index = data.draw(st.integers(0, len(payload) - 1))
    flipped = bytearray(payload)
    flipped[index] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(InvalidPack):
        assert decode(bytes(flipped)) == pack


@given(columns)
def test_a_column_keeps_times_and_flags(col: Column) -> None:
    """Steps add up to the times given, forwards and backwards, and every column built here passes the check."""
    assert len(col.times()) == len(col.v)
    assert [b - a for a, b in zip(col.times(), col.times()[1:], strict=False)] == col.dt
    if not (col.quantity in {"rain"} or col.n.split("/")[1] in {"rain", "distance"}):
        try:
            check_column(col, NOW)
        except InvalidColumn as error:
            assert error.code == "wrong_unit"


def test_identity_is_read_from_a_pack_that_is_otherwise_wrong() -> None:
    """The edge can be told which of its packs was refused."""
    wrong = json.dumps({"v": 1, "epoch": "00ff00ff00ff00ff", "seq": 7, "boot": "b", "clock": {}, "series": "no"}).encode()
    with pytest.raises(InvalidPack) as caught:
        decode(wrong)
    assert caught.value.identity == ("00ff00ff00ff00ff", 7)


def test_another_version_is_named() -> None:
    """Version 2 will stand beside version 1, not inside it."""
    pack = Pack(2, "00ff00ff00ff00ff", 1, "b", Clock(True, 1))
    with pytest.raises(InvalidPack, match="version 2") as caught:
        decode(encode(pack))
    assert caught.value.code == "unknown_version"


def test_unknown_optional_fields_are_ignored() -> None:
    """A newer edge may add fields without changing the version."""
    plain = {"v": 1, "epoch": "00ff00ff00ff00ff", "seq": 1, "boot": "b", "clock": {"synchronised": True, "up": 1, "leap": 0}, "later": [1]}
    assert decode(json.dumps(plain).encode()).seq == 1


def test_limits_are_refused_before_the_spool_and_after_the_wire() -> None:
    """2,000 readings and 64 KB; a small deflate bomb never inflates past its bound."""
    many = column("a/rain", "mm", [(NOW + i, 0.0, 1) for i in range(MAX_READINGS + 1)])
    pack = Pack(1, "00ff00ff00ff00ff", 1, "b", Clock(True, 1), [many])
    with pytest.raises(InvalidPack, match="2001 readings"):
        encode(pack)
    with pytest.raises(InvalidPack, match="inflates to more"):
        decode(zlib.compress(b" " * 30_000_000))
    with pytest.raises(InvalidPack, match="at most"):
        decode(b"{" * (MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("col", "says"),
    [
        (Column("Soil/x", "%", NOW, [1.0]), "lower case"),
        (Column("a/rain", "mm", NOW, [1.0, 2.0]), "need 1 steps"),
        (Column("a/rain", "mm", NOW, []), "at least one"),
        (Column("a/rain", "mm", NOW, [1.0], q=[7]), "QARTOD"),
        (Column("a/rain", "mm", NOW, [float("inf")]), "finite"),
        (Column("a/rain", "mm", 0, [1.0]), "before 2020"),
        (Column("a/rain", "mm", NOW, [1.0, 1.0], [90_000_000]), "24 h ahead"),
        (Column("a/rain", "in", NOW, [1.0]), "measured in 'mm'"),
    ],
)
def test_a_column_that_must_not_be_stored_says_why(col: Column, says: str) -> None:
    """What was wrong, the value, the remedy."""
    with pytest.raises(InvalidColumn, match=says):
        check_column(col, NOW)


def test_schema_files_are_what_the_code_says() -> None:
    """``python -m kampung_contract.schema`` was run after the last change."""
    on_disk = {f.name: f.read_text(encoding="utf-8") for f in Path(FOLDER).glob("*.json")}
    assert on_disk == {name: render(schema) for name, schema in schemas().items()}


@given(packs)
def test_every_pack_is_valid_by_its_schema(pack: Pack) -> None:
    """Somebody else's edge, written from the schema, is understood."""
    payload = encode(pack)
    plain = zlib.decompressobj(zdict=dictionary()).decompress(payload) if payload[:1] == b"x" else payload
    PACK_SCHEMA.validate(json.loads(plain))


def test_the_preset_dictionary_is_the_one_of_version_1() -> None:
    """It is frozen: packs that wait in a spool, or in somebody's archive, were deflated with exactly this."""
    assert zlib.adler32(dictionary()) == DICTIONARY_1


def test_a_stream_without_the_dictionary_is_read_too() -> None:
    """Another maker's edge may use plain zlib; a stream with somebody else's dictionary is refused."""
    pack = Pack(1, "00ff00ff00ff00ff", 1, "b", Clock(True, 1))
    plain = json.dumps({"v": 1, "epoch": pack.epoch, "seq": 1, "boot": "b", "clock": {"synchronised": True, "up": 1}}).encode()
    assert decode(zlib.compress(plain)) == pack
    other = zlib.compressobj(zdict=b"another dictionary, epoch seq boot clock")
    with pytest.raises(InvalidPack, match="damaged"):
        decode(other.compress(plain) + other.flush())
