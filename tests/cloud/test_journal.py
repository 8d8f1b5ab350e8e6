"""The journal: what is committed is read back as it was, by whatever way it is asked for, and what an older version left is taken over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.telemetry import duckdb as engine
from kampung_cloud.telemetry.covered import Covered
from kampung_cloud.telemetry.days import Days
from kampung_cloud.telemetry.duckdb import DuckDBStore
from kampung_cloud.telemetry.held import AS_IS, Held
from kampung_cloud.telemetry.order import judged, newest_of_rows
from kampung_cloud.telemetry.record import decode, encode
from kampung_cloud.telemetry.store import Batch, PackId, Rows, Runs, SeriesKey, runs_of
from kampung_cloud.telemetry.tail import Block, Part, Tail, find
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from kampung_contract.pack import Column

NODE, EPOCH, T0 = "kios-1", "00ff34ab56cd78ef", 1_795_280_400_000
KEYS = [SeriesKey("35.10.24.2008", NODE, f"alat-{i}", "water_level", "m") for i in range(3)]

steps = st.one_of(st.integers(1, 60_000), st.sampled_from([0, -5_000, 2**31 - 1, 2**31, 2**40, -(2**40)]))
values = st.one_of(
    st.sampled_from([0.5, 1.5, -2.25]),
    st.integers(-(2**36), 2**36).map(lambda n: n / 10),
    st.sampled_from([0.1 + 0.2, 1e300, 2.0**31, 214_748.3648, 5e-324]),
)
pieces = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(T0, T0 + 100),
        st.lists(st.tuples(steps, values, st.sampled_from([1, 1, 1, 3, 4])), min_size=1, max_size=5),
    ),
    max_size=6,
)
Piece = tuple[int, int, list[tuple[int, float, int]]]


def made(found: Sequence[Piece]) -> Runs:
    """Pieces as they come in packs: the first step of each is put on T0."""
    numbers = [(T0 + s if i == 0 else s, v, q) for _, _, rows in found for i, (s, v, q) in enumerate(rows)]
    step, v, q = (np.asarray([n[i] for n in numbers], kind) for i, kind in enumerate((np.int64, np.float64, np.uint8)))
    series, received = np.asarray([p[0] for p in found], np.int32), np.asarray([p[1] for p in found], np.int64)
    counts = np.asarray([len(p[2]) for p in found], np.int64)
    return Runs(series, counts, received, step, v, None if (q == 1).all() else q)


def listed(rows: Rows) -> list[tuple[Any, ...]]:
    return list(zip(*(c.tolist() for c in (rows.series, rows.t, rows.received, rows.v, rows.q)), strict=True))


identities = st.lists(st.tuples(st.just(NODE), st.just(EPOCH), st.integers(1, 2**63 - 1), st.integers(0, 9)), max_size=3)


@given(st.lists(st.tuples(pieces, identities), max_size=4))
def test_records_are_read_back_as_they_were(records: list[tuple[list[Piece], list[tuple[str, str, int, int]]]]) -> None:
    runs, packs = decode([encode(Held.of(made(found)), [PackId(*p) for p in some]) for found, some in records])
    assert listed(runs.rows()) == [row for found, _ in records for row in listed(made(found).rows())]
    assert packs == [PackId(*p) for _, some in records for p in some]
    assert (runs.q is None) is all(made(found).q is None for found, _ in records)


@given(pieces, st.lists(st.sampled_from([-(2**62), T0 + 5, T0 + 2**41]), min_size=3, max_size=3))
def test_pieces_and_rows_say_the_same(found: list[Piece], marks: list[int]) -> None:
    runs = made(found)
    rows = runs.rows()
    assert listed(runs_of(rows).rows()) == listed(rows)
    chosen = np.asarray([at % 2 == 0 for at in range(len(found))], np.bool_)
    assert listed(runs.take(chosen).rows()) == listed(rows.take(np.repeat(chosen, runs.counts)))
    covered = Covered()  # everything up to its mark may be there
    covered.add(np.arange(3), np.full(3, -(2**60)), np.asarray(marks, np.int64))
    fresh, late = judged(runs, np.asarray(marks, np.int64), covered)
    assert sorted([*listed(fresh.rows()), *listed(late)]) == sorted(listed(rows))
    times = [(number, t) for number, t, *_ in listed(fresh.rows())]
    assert len(set(times)) == len(times) and all(t > marks[number] for number, t in times)  # nothing that may be a duplicate
    assert [c.tolist() for c in Block.of(fresh).newest()] == [c.tolist() for c in newest_of_rows(fresh.rows())]


@given(pieces, st.data())
def test_readings_are_held_as_they_were(found: list[Piece], data: st.DataObject) -> None:
    runs = made(found)
    held = Held.of(runs)
    assert len(held) == len(runs.v)
    assert listed(held.runs().rows()) == listed(runs.rows())
    chosen = np.asarray(data.draw(st.lists(st.sampled_from(range(len(found))), unique=True) if found else st.just([])), np.int64)
    assert listed(held.take(chosen).rows()) == listed(runs.take(chosen).rows())


def test_a_few_odd_values_do_not_make_the_others_long() -> None:
    """One calibrated sensor with nine digits among those of a regency."""
    usual = [(n % 3, T0, [(n + 1, n / 10, 1)] * 4) for n in range(50)]
    held = Held.of(made([*usual, (1, T0, [(1, 0.1 + 0.2, 1), (2, 0.5, 1)])]))
    assert (held.scale, held.odd.tolist(), held.v.tolist()) == (1, [50], [0.1 + 0.2, 0.5])
    assert (held.whole.itemsize, held.steps.itemsize, held.counts.itemsize) == (2, 2, 2)
    assert Held.of(made([(0, T0, [(1, 0.1 + 0.2, 1), (2, 1 / 3, 1)])])).scale == AS_IS


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.sampled_from([0.5, 1.5])), max_size=6), max_size=8),
    st.integers(0, 30),
    st.integers(0, 31),
    st.one_of(st.none(), st.lists(st.integers(0, 3), min_size=1, max_size=2)),
)
def test_the_tail_finds_what_lies_in_it(
    commits: list[list[tuple[int, int, float]]], start: int, span: int, asked: list[int] | None
) -> None:
    tail, expected = Tail([Part("journal_1")]), []
    for at, rows in enumerate(commits):
        columns = list(zip(*rows, strict=True)) or [(), (), ()]
        series, t, v = (np.asarray(c, k) for c, k in zip(columns, (np.int32, np.int64, np.float64), strict=True))
        tail.append(Block.of(runs_of(Rows(series, t, np.full(len(t), at), v, np.ones(len(t), np.uint8)))))  # type: ignore[arg-type]
        if at % 3 == 2:
            tail.turn(f"journal_{at}")
        tail.join()
        expected += [(n, t, at, v, 1) for n, t, v in rows if start <= t < start + span and (asked is None or n in asked)]
    found = find(tail.parts, start, start + span, None if asked is None else np.asarray(asked))
    assert sorted(listed(found)) == sorted(expected)
    assert sum(map(len, tail.parts)) == sum(map(len, commits))
    assert len(tail.open.blocks) <= 2


def commit(store: DuckDBStore, seq: int) -> None:
    batch = Batch()
    for key in KEYS:
        batch.add(key, Column(f"{key.device}/{key.quantity}", "m", T0 + seq * 1000, [seq / 4, seq / 4 + 1], [10]), T0 + seq * 1000 + 50)
    batch.packs.append(PackId(NODE, EPOCH, seq, 6))
    store.commit(batch)


def stands(store: DuckDBStore, last: int) -> None:
    """It holds packs 1 to ``last``, each once."""
    assert [(e.ranges, e.readings) for e in store.packs()] == [(((1, last),), 6 * last)]
    assert [x.readings for x in store.latest()] == [2 * last] * 3
    assert [x.t for x in store.latest()] == [T0 + last * 1000 + 10] * 3
    for key in KEYS:
        window = store.window(key.id, 0, 2 * T0)
        assert window.v == [v for seq in range(1, last + 1) for v in (seq / 4, seq / 4 + 1)]
        assert store.count(key.id, 0, 2 * T0) == 2 * last
    assert store.counts(0, 2 * T0) == {NODE: 6 * last}


def test_several_parts_of_the_journal_are_read_at_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill, or when there was no room for files: each pack counts once, though its numbers are in ranges already."""

    def full(*_given: Any) -> NoReturn:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Days, "write", full)
        store = DuckDBStore(tmp_path / "t.duckdb", turn_rows=12)
        for seq in range(1, 8):
            commit(store, seq)
        stands(store, 7)
        assert len(store.tail.parts) == 4
        store.close()
        store = DuckDBStore(tmp_path / "t.duckdb", turn_rows=12)
        assert len(store.tail.parts) == 4
        commit(store, 7)  # once more
        stands(store, 7)
    commit(store, 8)
    store.maintain(T0)
    store.settle()
    stands(store, 8)
    assert len(store.tail.parts) == 1 and store.days.segments
    store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    stands(store, 8)
    store.close()


def test_nothing_is_taken_in_while_too_much_waits_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would all be held in memory. Edges keep what has no receipt; once there is room, all goes on by itself."""
    store = DuckDBStore(tmp_path / "t.duckdb", turn_rows=6)
    monkeypatch.setattr(engine, "MOST_HELD", 3)
    monkeypatch.setattr("kampung_cloud.telemetry.keeper.ENOUGH_WAITING", 3)

    def full(*_given: Any) -> NoReturn:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Days, "write", full)
        for seq in (1, 2, 3):
            commit(store, seq)
        store.settle()
        with pytest.raises(StorageUnavailable, match=r"wait for files of their days: .*No space left"):
            commit(store, 4)
        store.settle()
        stands(store, 3)
    with pytest.raises(StorageUnavailable):
        commit(store, 4)  # which has them written
    store.settle()
    commit(store, 4)
    stands(store, 4)
    store.close()


def test_what_an_older_version_left_is_taken_over(tmp_path: Path) -> None:
    """It committed rows into a table, and renamed that when it was full."""
    store = DuckDBStore(tmp_path / "t.duckdb")
    commit(store, 1)  # so that there are series
    store.close()
    with duckdb.connect(str(tmp_path / "t.duckdb")) as old:
        old.execute("DROP TABLE journal_1")
        for table, seqs in (("closing_3", (1, 2)), ("readings", (3, 4))):
            old.execute(f"CREATE TABLE {table} (series INTEGER, t BIGINT, received BIGINT, v DOUBLE, q UTINYINT)")
            for seq in seqs:
                for number in range(3):
                    for step, more in ((0, 0), (10, 1)):
                        row = [number, T0 + seq * 1000 + step, T0 + seq * 1000 + 50, seq / 4 + more, 1]
                        old.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", row)
                old.execute("INSERT INTO packs VALUES (?, ?, ?, 6, ?)", [NODE, EPOCH, seq, T0])
    for last in (5, 6):
        store = DuckDBStore(tmp_path / "t.duckdb")
        stands(store, last - 1)
        commit(store, last - 1)
        commit(store, last)
        stands(store, last)
        store.close()
    store = DuckDBStore(tmp_path / "t.duckdb")
    assert store.closing == ("closing_3", "closing_4")
    store.maintain(T0)
    store.settle()
    assert store.closing == ()
    stands(store, 6)
    store.close()


def test_a_journal_of_the_version_before_is_read() -> None:
    """It held values as doubles, and nothing compressed."""
    runs = made([(0, T0, [(0, 0.5, 1), (70_000, 1e300, 1)]), (2, T0 + 1, [(5, -2.25, 1)])])
    numbers = (("series", "<i4"), ("counts", "<u2"), ("received", "<i8"), ("first", "<i8"), ("steps", "<i4"), ("v", "<f8"))
    given = {"first": [T0, T0 + 5], "steps": [0, 70_000, 0]}
    columns = [np.asarray(given.get(name, getattr(runs, name, None)), kind).tobytes() for name, kind in numbers]
    runs, packs = decode([msgspec.msgpack.encode([1, [0, 1], *columns, b"", [[NODE, EPOCH, 1, 3]]])])
    assert listed(runs.rows()) == [(0, T0, T0, 0.5, 1), (0, T0 + 70_000, T0, 1e300, 1), (2, T0 + 5, T0 + 1, -2.25, 1)]
    assert packs == [PackId(NODE, EPOCH, 1, 3)]


def test_a_large_record_is_small() -> None:
    """A backlog of 16 minutes of 30 sensors a pack: DuckDB holds it in memory until its readings are in files."""
    found = [(n % 3, T0, [(60_000, 20 + (n * 7 + at) % 20 / 10, 1) for at in range(16)]) for n in range(1_000)]
    body = encode(Held.of(made(found)), [])
    assert len(body) < 3 * 16_000
    runs, _ = decode([body, encode(Held.of(made(found[:1])), [])])
    assert listed(runs.rows()) == [*listed(made(found).rows()), *listed(made(found[:1]).rows())]
    with pytest.raises(ConfigurationError, match=r"journal entry cannot be read"):
        decode([body[:-40] + bytes(40)])


def test_a_journal_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    DuckDBStore(tmp_path / "t.duckdb").close()
    with duckdb.connect(str(tmp_path / "t.duckdb")) as newer:
        newer.execute("INSERT INTO journal_1 VALUES (?)", [encode(Held.of(made([])), []).replace(b"\x9f\x02", b"\x9f\x03", 1)])
    with pytest.raises(ConfigurationError, match=r"form 3; this version reads 2"):
        DuckDBStore(tmp_path / "t.duckdb")


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_damaged_records_are_told_in_words(data: st.DataObject) -> None:
    body = bytearray(encode(Held.of(made([(0, T0, [(5, 0.5, 1)])])), [PackId(NODE, EPOCH, 1, 1)]))
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(ConfigurationError, match=r"journal entry"):
        decode([bytes(body[:cut])])
