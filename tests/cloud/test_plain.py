"""The quick ways for usual packs, compiled or not, come to the same as the way that looks at everything."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.alarms import Alarms
from kampung_cloud.bus import Bus
from kampung_cloud.ingest.intake import Intake
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.plain import AT_ONCE
from kampung_cloud.ingest.usual import build
from kampung_cloud.ingest.work import Work
from kampung_cloud.nodes import Nodes
from kampung_cloud.records import open_records
from kampung_cloud.telemetry.memory import MemoryStore
from kampung_cloud.telemetry.order import newest_rows, split_fresh
from kampung_cloud.telemetry.store import Rows
from kampung_contract.pack import Clock, Pack, column, encode
from kampung_contract.rules import parse_rule

T0 = 1_795_280_400_000
EPOCH = "00ff34ab56cd78ef"
RULE = {
    "id": "kali-1", "village": "35.10.24.2008", "quantity": "water_level", "unit": "m", "threshold": 1.5, "clear": 1.3, "severity": 2,
    "for": "10m", "clear_for": "5m", "place": "Jembatan Bomo", "source": "a test",
    "title": {"id": "naik", "en": "rising"}, "message": {"id": "{value} m", "en": "{value} m"},
}  # fmt: skip

steps = st.one_of(st.integers(1, 60_000), st.sampled_from([0, -5_000, 2**46, -(2**46), 2**62, 2**63, -(2**70)]))
usual = st.fixed_dictionaries(
    {
        "n": st.sampled_from(["alat-1/soil_moisture", "alat-2/soil_moisture"]),
        "u": st.just("%"),
        "t": st.integers(T0 - 10**6, T0),
        "v": st.lists(st.floats(-50, 50), min_size=1, max_size=4),
        "dt": st.lists(st.integers(1, 60_000), min_size=3, max_size=3),
    }
)
odd = st.fixed_dictionaries(
    {
        "n": st.sampled_from(["alat-1/soil_moisture", "alat-3/water_level", "Alat/x", "alat-4/new_quantity"]),
        "u": st.sampled_from(["%", "m", "Cel"]),
        "t": st.sampled_from([T0, T0 - 5000, 0, T0 + 10**9, 2**63 - 1, 2**63, -(2**63)]),
        "v": st.lists(st.floats(-5, 5), max_size=4),
        "dt": st.lists(steps, min_size=3, max_size=4),
    },
    optional={"q": st.lists(st.sampled_from([1, 3, 4, 9, 0, 7]), min_size=1, max_size=4)},
)
packs = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 30),
        "series": st.lists(st.one_of(usual, usual, odd), max_size=4),
        "events": st.one_of(st.just([]), st.just([]), st.just([{"type": "hello"}])),
        "synchronised": st.sampled_from([True, True, True, False]),
        "node": st.sampled_from(["kios-1", "kios-2"]),
        "retained": st.booleans(),
        "junk": st.sampled_from([b"", b"", b"", b"", b"}"]),
    }
)


def message(pack: dict[str, Any], at: int) -> Message:
    series = [{**c, "dt": c["dt"] if len(c["dt"]) == 4 else c["dt"][: max(len(c["v"]) - 1, 0)]} for c in pack["series"]]
    body = {"v": 1, "epoch": EPOCH, "seq": pack["seq"], "boot": "0a1b2c3d", "clock": {"synchronised": pack["synchronised"], "up": 5}}
    if not pack["synchronised"]:
        body["clock"]["at"] = 10  # type: ignore[index]
    whole = {**body, "series": series, "events": pack["events"]}
    if at % 3:  # as edges write it
        whole = {name: value for name, value in whole.items() if value or name not in ("series", "events")}
        whole["series"] = [{name: value for name, value in c.items() if value or name != "dt"} for c in series]
        plain = json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode() + pack["junk"]
    else:
        plain = json.dumps(whole).encode() + pack["junk"]
    payload = zlib.compress(plain) if at % 2 else plain
    return Message(f"kampung/v1/351024/2008/{pack['node']}/up/live", payload, pack["retained"], T0 + at, at + 1, 1, 1)


def rows_of(rows: Rows, keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    columns = (rows.series.tolist(), rows.t.tolist(), rows.received.tolist(), rows.v.tolist(), rows.q.tolist())
    return sorted((keys[s].id, *rest) for s, *rest in zip(*columns, strict=True))


def summary(work: Work) -> dict[str, Any]:
    return {
        "rows": rows_of(work.batch.rows(), work.batch.series),
        "repeated": {node: rows_of(batch.rows(), batch.series) for node, batch in work.repeated.items()},
        "taken": work.taken,
        "packs": sorted(work.batch.packs),
        "estimates": len(work.batch.estimates),
        "letters": sorted((x.topic, x.payload, x.reason, x.code, x.detail, x.at, x.node or "", x.seq or 0) for x in work.letters),
        "receipts": {place: sorted(numbers) for place, numbers in work.receipts.items()},
        "rejections": work.rejections,
        "events": len(work.events),
        "seen": work.seen,
        "watched": {key.id: sorted(readings) for key, readings in work.watched.items()},
        "lanes": work.lanes,
    }


class Exact(Intake):
    """Without the quick way."""

    def take(self, messages: Iterable[Message]) -> Work:
        self._plain.take = lambda messages, work: list(messages)  # type: ignore[method-assign]
        return super().take(messages)


class Interpreted(Intake):
    """The quick way without compiled code."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._plain._compiled = None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Nodes]:
    assert build.build() == ""  # the compiled code, which is part of the quick way
    records = open_records("sqlite:x.sqlite", tmp_path_factory.mktemp("plain"))
    return records, Nodes(records, Bus())


@settings(max_examples=35, deadline=None)
@given(st.lists(packs, max_size=12), st.lists(packs, max_size=12))
def test_both_ways_come_to_the_same(made: tuple[Any, Nodes], first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    records, nodes = made
    found = []
    for kind in (Intake, Interpreted, Exact):
        store = MemoryStore()
        intake = kind(store, nodes, Alarms([parse_rule(RULE)], store, records), 500)
        out = []
        warm = [message({**p, "seq": 100, "retained": False, "synchronised": True}, 1) for p in WARM]
        for batch in (warm, [message(p, i) for i, p in enumerate(first)], [message(p, i) for i, p in enumerate(second)]):
            work = intake.take(batch)
            store.commit(work.batch)
            out.append(summary(work))
        found.append(out)
    assert found[0] == found[1] == found[2]


@settings(max_examples=35, deadline=None)
@given(st.lists(packs, min_size=40, max_size=60))
def test_both_ways_come_to_the_same_when_nothing_is_known(made: tuple[Any, Nodes], first: list[dict[str, Any]]) -> None:
    """As after a start with a backlog; numbers are told apart, since of one number it matters which came first."""
    records, nodes = made
    found = []
    for kind in (Intake, Interpreted, Exact):
        store = MemoryStore()
        intake = kind(store, nodes, Alarms([parse_rule(RULE)], store, records), 500)
        found.append(summary(intake.take([message({**p, "seq": i + 1}, i) for i, p in enumerate(first)])))
    assert found[0] == found[1] == found[2]


def test_of_a_backlog_one_pack_a_node_is_looked_at_alone(made: tuple[Any, Nodes]) -> None:
    records, nodes = made
    store, alone = MemoryStore(), []

    class Counting(Intake):
        def _message(self, message: Message, work: Work) -> None:
            alone.append(message.topic)
            super()._message(message, work)

    intake = Counting(store, nodes, Alarms([], store, records), 500)
    backlog = [message({**WARM[i % 2], "seq": i + 1, "retained": False, "synchronised": True}, i) for i in range(200)]
    work = intake.take(backlog)
    assert (len(work.taken), len(work.batch), len(alone)) == (200, 400, 2)


WARM: list[dict[str, Any]] = [
    {
        "node": node,
        "series": [
            {"n": n, "u": u, "t": T0, "v": [1.0], "dt": [1, 1, 1]} for n, u in (("alat-1/soil_moisture", "%"), ("alat-3/water_level", "m"))
        ],
        "events": [],
        "junk": b"",
    }
    for node in ("kios-1", "kios-2")
]


def test_many_numbers_come_in_pieces_and_stay_in_their_place(tmp_path: Path, made: tuple[Any, Nodes]) -> None:
    records, nodes = made
    store = MemoryStore()
    intake = Intake(store, nodes, Alarms([], store, records), 500)
    topic = "kampung/v1/351024/2008/kios-1/up/live"

    def pack(seq: int, size: int) -> Message:
        rows = [(T0 + seq * 10**6 + i, seq + i / 1000, 1 if i % 7 else 4) for i in range(size)]
        columns = [column(f"alat-{d}/soil_moisture", "%", rows) for d in (1, 2)]
        return Message(topic, encode(Pack(1, EPOCH, seq, "0a1b2c3d", Clock(True, 5), columns)), False, T0 + 10**9, seq, 1, 1)

    first = intake.take([pack(1, 3)])
    store.commit(first.batch)
    sizes = [900, 1, 777, 3, 1000] * 6
    work = intake.take([pack(seq, size) for seq, size in enumerate(sizes, 2)])
    assert sum(sizes) > AT_ONCE
    expected = [
        (f"kios-1.alat-{d}.soil_moisture", T0 + seq * 10**6 + i, T0 + 10**9, seq + i / 1000, 1 if i % 7 else 4)
        for seq, size in enumerate(sizes, 2)
        for d in (1, 2)
        for i in range(size)
    ]
    assert rows_of(work.batch.rows(), work.batch.series) == sorted(expected)


rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(0, 2), st.sampled_from([0.0, 1.0])), max_size=40)


@given(rows, st.lists(st.one_of(st.just(-(2**62)), st.integers(0, 12)), min_size=4, max_size=4))
def test_what_is_called_fresh_needs_no_look_at_what_is_stored(found: list[tuple[int, int, int, float]], marks: list[int]) -> None:
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    kinds = (np.int32, np.int64, np.int64, np.float64)
    series, t, received, v = (np.asarray(c, k) for c, k in zip(columns, kinds, strict=True))
    given_rows = Rows(cast(Any, series), cast(Any, t), cast(Any, received), cast(Any, v), np.ones(len(t), np.uint8))
    fresh, late = split_fresh(given_rows, np.asarray(marks, np.int64))
    seen = dict(enumerate(marks))
    for number, at in zip(fresh.series.tolist(), fresh.t.tolist(), strict=True):
        assert at > seen[number]
        seen[number] = at
    together = [*zip(fresh.series.tolist(), fresh.t.tolist(), strict=True), *zip(late.series.tolist(), late.t.tolist(), strict=True)]
    assert sorted(together) == sorted((n, at) for n, at, _, _ in found)
    where, counts = newest_rows(given_rows)
    newest = {n: max(r[1:] for r in found if r[0] == n) for n, *_ in found}
    assert {int(series[i]): (int(t[i]), int(received[i]), float(v[i])) for i in where} == newest
    assert dict(zip(series[where].tolist(), counts.tolist(), strict=True)) == {n: sum(r[0] == n for r in found) for n in newest}
