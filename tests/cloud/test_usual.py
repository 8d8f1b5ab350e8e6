"""Packs taken apart by compiled code: each number as JSON says it, and nothing that is not a usual pack to the last byte."""

from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.ingest.usual import build
from kampung_cloud.ingest.usual.library import MOST_PACKS, Library
from kampung_contract.errors import InvalidPack
from kampung_contract.pack import MAX_JSON_BYTES, MAX_READINGS, Pack, decode, dictionary, inflate

NAMES = ["alat-1/soil_moisture", "alat-2/air_temperature"]
UNITS = ["%", "°C"]
DAMAGE = [b"", b"\0", b'"', b"9", b",", b"]", b"}", b"\xff", b"\\"]
COLUMN = {"n": NAMES[0], "u": "%", "t": 1_795_280_400_000, "v": ["21.5", "22"], "q": None, "dt": 0}
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-1000, 1000, places=2).map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        ["-0", "-0.0", "0.1e1", "1E-22", "9007199254740993", "1e23", "00", "1.", ".5", "+1", "1e", "null", "", "-", "NaN", "1 "]
    ),
)
columns = st.fixed_dictionaries(
    {
        "n": st.sampled_from([*NAMES, "alat-1/other"]),
        "u": st.sampled_from(UNITS),
        "t": st.integers(-(2**64), 2**64) | st.just(1_795_280_400_000),
        "v": st.lists(numbers, min_size=1, max_size=5),
        "q": st.none() | st.lists(st.integers(0, 12), min_size=1, max_size=5),
        "dt": st.integers(-1, 1),
    }
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Compiled anew, so that the sources are what is tested."""
    path = tmp_path_factory.mktemp("usual") / "usual.so"
    assert build.build(path) == ""
    library = Library(path)
    known = [(n, u) for n in NAMES for u in UNITS]
    library.know([f'"{n}","u":"{u}"'.encode() for n, u in known], [5] * len(known))
    return library


def written(column: dict[str, Any]) -> str:
    steps = ",".join(["60000"] * (len(column["v"]) - 1 + column["dt"]))
    more = f',"dt":[{steps}]' if steps else ""
    flags = "" if column["q"] is None else f',"q":{json.dumps(column["q"], separators=(",", ":"))}'
    return f'{{"n":"{column["n"]}","u":"{column["u"]}","t":{column["t"]},"v":[{",".join(column["v"])}]{more}{flags}}}'


def pack(series: str, seq: str = "7") -> bytes:
    clock = '{"synchronised":true,"up":5}'
    return f'{{"v":1,"epoch":"00ff34ab56cd78ef","seq":{seq},"boot":"0a1b2c3d","clock":{clock},"series":[{series}]}}'.encode()


def read(text: bytes) -> Pack | None:
    try:
        return decode(text)
    except InvalidPack:
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(columns, min_size=1, max_size=4), st.integers(-1, 2**64))
def test_what_is_taken_is_what_an_exact_reader_reads(library: Library, series: list[dict[str, Any]], seq: int) -> None:
    text = pack(",".join(map(written, series)), str(seq))
    found = library.take([text], [5])
    if not found.columns[0]:
        assert (found.readings, len(found.v)) == ([0], 0)
        return
    exact = read(text)
    assert exact is not None
    assert (found.seqs, found.epochs, found.columns) == ([exact.seq], [exact.epoch.encode()], [len(exact.series)])
    assert [(NAMES[w // 2], UNITS[w % 2]) for w in found.which.tolist()] == [(c.n, c.u) for c in exact.series]
    assert found.counts.tolist() == [len(c.v) for c in exact.series]
    assert found.v.tolist() == [v for c in exact.series for v in c.v]
    assert "-0.0" not in map(str, found.v.tolist())
    assert found.steps.tolist() == [step for c in exact.series for step in (c.t, *c.dt)]
    flags = [q for c in exact.series for q in (c.q or [1] * len(c.v))]
    assert (found.q.tolist() if found.q is not None else [1] * len(flags)) == flags


def test_a_usual_pack_is_taken_with_its_flags(library: Library) -> None:
    column = {"n": NAMES[0], "u": "°C", "t": 1_795_280_400_000, "v": ["21.5", "-3", "1e-3"], "q": [1, 4, 9], "dt": 0}
    both = pack(written(column) + "," + written({**column, "n": NAMES[1], "q": None}))
    found = library.take([both, both[:-1], both], [5, 5, 6])
    assert (found.columns, found.readings, found.which.tolist()) == ([2, 0, 0], [6, 0, 0], [1, 3])
    assert found.q is not None
    assert (found.v.tolist(), found.q.tolist()) == ([21.5, -3.0, 0.001] * 2, [1, 4, 9, 1, 1, 1])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_text_is_never_taken_for_another_pack(library: Library, data: st.DataObject) -> None:
    column = {"n": NAMES[0], "u": "%", "t": 1_795_280_400_000, "v": ["21.5", "22"], "q": [1, 4], "dt": 0}
    text = bytearray(pack(written(column)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"", b"\0", b'"', b"9", b",", b"]", b"}", b"\xff", b"\\"])
        )
        if not text:
            return
    found = library.take([bytes(text)], [5])
    if found.columns[0]:
        exact = read(bytes(text))
        assert exact is not None
        assert (found.seqs[0], found.v.tolist()) == (exact.seq, [v for c in exact.series for v in c.v])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_deflated_is_what_it_was_before(library: Library, data: st.DataObject) -> None:
    """With the dictionary of the wire and without; damaged anywhere, it is whatever Python's zlib makes of it, or left."""
    assert library.inflates
    text = pack(written(COLUMN), str(data.draw(st.integers(1, 2**40))))
    deflater = zlib.compressobj(9, zdict=dictionary()) if data.draw(st.booleans()) else zlib.compressobj(9)
    whole = deflater.compress(text) + deflater.flush()
    assert library.take([whole, text], [5, 5]).columns == [1, 1]
    damaged = bytearray(whole)
    damaged[data.draw(st.integers(1, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    for payload in (bytes(damaged), whole[: data.draw(st.integers(1, len(whole) - 1))], whole + b"more"):
        found = library.take([payload, whole], [5, 5])
        assert found.columns[1] == 1
        if found.columns[0]:
            assert inflate(payload) == text


def test_what_inflates_beyond_measure_is_left(library: Library) -> None:
    bomb, usual = zlib.compress(b"[" * (MAX_JSON_BYTES + 1)), pack(written({**COLUMN, "v": ["1"]}))
    assert library.take([bomb, usual, zlib.compress(b""), b"x", b""], [5] * 5).columns == [0, 1, 0, 0, 0]


def test_as_many_are_taken_as_there_is_room_for(library: Library) -> None:
    """One at least, whatever it holds, and the others with the next call."""
    full = pack(written({**COLUMN, "v": ["1"] * MAX_READINGS}))
    packs, counts = [full] * 40, list[int]()
    while len(counts) < len(packs):
        found = library.take(packs[len(counts) :], [5] * (len(packs) - len(counts)))
        assert found.readings
        counts += found.readings
    assert counts == [MAX_READINGS] * 40
    assert len(library.take([pack(written(COLUMN))] * (MOST_PACKS + 1), [5] * (MOST_PACKS + 1)).seqs) == MOST_PACKS


def test_a_pack_of_too_many_readings_is_left(library: Library) -> None:
    column = {"n": NAMES[0], "u": "%", "t": 1, "v": ["1"] * 2_001, "q": None, "dt": 0}
    assert library.take([pack(written(column))], [5]).columns == [0]
    assert library.take([pack(written({**column, "v": ["1"] * 2_000}))], [5]).readings == [2_000]


def test_without_a_compiler_it_is_said_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert "no C compiler" in build.build(tmp_path / "usual.so")
    monkeypatch.setenv("CC", "/nowhere/cc")
    assert "/nowhere/cc" in build.build(tmp_path / "usual.so")
    with pytest.raises(OSError, match=r"usual\.so"):
        Library(tmp_path / "usual.so")


def test_what_was_compiled_from_other_sources_is_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build.build(tmp_path / "usual.so") == ""
    older = tmp_path / "usual.c"
    older.write_text(build.SOURCE.read_text() + "/* another line */\n")
    monkeypatch.setattr(build, "SOURCE", older)
    with pytest.raises(OSError, match=r"usual\.so was compiled from another usual\.c"):
        Library(tmp_path / "usual.so")
