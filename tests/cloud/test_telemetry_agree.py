"""Whatever is done to it, an engine tells the same as the one in memory; also after a restart, and after kill -9 of the server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from kampung_cloud.engine_address import parse
from kampung_cloud.records import open_records
from kampung_cloud.telemetry import _engine, open_store
from kampung_cloud.telemetry.external import ExternalStore
from kampung_cloud.telemetry.influxdb import InfluxEngine
from kampung_cloud.telemetry.store import AGGREGATES, Batch, Correction, PackId, SeriesKey, TelemetryStore, Window
from kampung_cloud.telemetry.victoriametrics import VictoriaEngine
from kampung_contract.pack import Column, column
from kampung_sim.engines import ENGINES, EngineServer

from .conftest import HTTP, now_ms
from .engines import started

HOUR = 3_600_000
T0 = now_ms() // HOUR * HOUR - 72 * HOUR
EXAMPLE = itertools.count()

rows = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 12), st.integers(0, 4 * HOUR)),
        st.one_of(st.integers(0, 2).map(float), st.sampled_from([-0.0, 0.1, 21.37, -1e-7, 123456.789])),
        st.sampled_from([1, 1, 1, 2, 3, 4, 9]),
    ),
    min_size=1,
    max_size=6,
)
part = st.tuples(st.integers(0, 2), rows)
true = st.tuples(st.just("true"), st.integers(1, 9), st.lists(part, max_size=3))
doubtful = st.tuples(st.just("doubtful"), st.integers(1, 9), st.lists(part, min_size=1, max_size=2), st.sampled_from(["b1", "b2"]))
correction = st.tuples(st.just("correction"), st.sampled_from(["b1", "b2"]), st.integers(0, 5000))
again = st.tuples(st.just("again"))
kill = st.tuples(st.just("kill"))
restart = st.tuples(st.just("restart"))
steps = st.lists(st.one_of(true, true, true, doubtful, correction, again, restart), min_size=1, max_size=9)


def keys(example: int) -> list[SeriesKey]:
    node = f"kiosk-{example}"
    return [SeriesKey("35.10.24.2008", node, f"dev-{i}", "temp", ["Cel", "m3/s, wet=1", "°"][i]) for i in range(2)] + [
        SeriesKey("35.10.24.2008", f"{node}-b", "dev-0", "temp", "%")
    ]


def made(step: tuple[Any, ...], names: list[SeriesKey], number: int) -> Batch:
    batch = Batch()
    kind, *rest = step
    if kind == "correction":
        boot, at = rest
        batch.corrections.append(Correction(names[0].node, boot, 1000, T0 + at))
        return batch
    seq, parts = rest[:2]
    count = 0
    for which, found in parts:
        key = names[which if kind == "true" else which % 2]
        col: Column = column("dev-0/temp", key.unit, [(T0 + t, v, q) for t, v, q in found])
        received = T0 + 5 * HOUR + number
        if kind == "true":
            batch.add(key, col, received)
            count += len(found)
        else:
            batch.estimate(key, col, received, epoch="aa", seq=seq, boot=rest[2], lead=-T0 + 7)
    batch.packs.append(PackId(names[0].node, "aa", seq, count))
    return batch


def told(store: TelemetryStore, names: list[SeriesKey]) -> dict[str, Any]:
    nodes = {key.node for key in names}
    out: dict[str, Any] = {
        "latest": [replace(x) for x in store.latest() if x.key.node in nodes],
        "series": [k for k in store.series() if k.node in nodes],
        "packs": [p for p in store.packs() if p.node in nodes],
        "counts": {n: c for n, c in store.counts(T0, T0 + 3 * HOUR).items() if n in nodes},
    }
    for key in out["series"]:
        for start, stop in ((T0 - HOUR, T0 + 9 * HOUR), (T0 + 1, T0 + HOUR + 5)):
            out[key.id, start, stop, "n"] = store.count(key.id, start, stop)
            for every, limit in ((None, None), (None, 3), (700, 3), (HOUR, None), (24 * HOUR, 1)):
                out[key.id, start, stop, every, limit] = store.window(key.id, start, stop, every, aggregates=AGGREGATES, limit=limit)
    return out


def nearly(answers: dict[str, Any]) -> dict[str, Any]:
    """Means to the last digits but a few: engines add in different orders."""
    windows = {at: w for at, w in answers.items() if isinstance(w, Window) and "mean" in w.aggregates}
    means = {at: [pytest.approx(x, rel=1e-9, abs=1e-9) for x in w.aggregates["mean"]] for at, w in windows.items()}
    return answers | {at: replace(w, aggregates={**w.aggregates, "mean": means[at]}) for at, w in windows.items()}


@pytest.fixture(scope="module", params=list(ENGINES))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineServer]:
    server = started(ENGINES[request.param], tmp_path_factory.mktemp("engine"))
    yield server
    server.kill()


def agree(server: EngineServer, folder: Path, todo: list[tuple[Any, ...]]) -> None:
    names = keys(next(EXAMPLE))
    memory = open_store("memory:", folder)
    store = open_store(server.url, folder)
    last = Batch()
    for number, step in enumerate(todo):
        if step[0] == "kill":
            server.kill()
            server.up()
        elif step[0] == "restart":
            store.close()
            store = open_store(server.url, folder)
        else:
            last = last if step[0] == "again" else made(step, names, number)
            one, other = memory.commit(last), store.commit(last)
            assert other == one
        if step[0] in {"kill", "restart"}:
            assert told(store, names) == nearly(told(memory, names))
    assert told(store, names) == nearly(told(memory, names))
    store.close()


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_an_engine_tells_what_memory_tells(
    server: EngineServer, tmp_path_factory: pytest.TempPathFactory, todo: list[tuple[Any, ...]]
) -> None:
    agree(server, tmp_path_factory.mktemp("agree"), todo)


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.one_of(true, true, kill, again, restart), min_size=4, max_size=9))
def test_also_when_the_server_is_killed(
    server: EngineServer, tmp_path_factory: pytest.TempPathFactory, todo: list[tuple[Any, ...]]
) -> None:
    agree(server, tmp_path_factory.mktemp("agree"), [todo[0], ("kill",), *todo[1:]])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(values=st.lists(st.one_of(st.floats(-1e6, 1e6), st.decimals(-9999, 9999, places=4).map(float)), min_size=1, max_size=30))
def test_any_value_is_the_same_when_it_comes_again(
    server: EngineServer, tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    """Also when the engine has rounded it: nothing is stored twice, and nothing is off by more than the docs say."""
    key = keys(next(EXAMPLE))[0]
    todo = Batch()
    todo.add(key, column("dev-0/temp", key.unit, [(T0 + i, v, 1) for i, v in enumerate(values)]), T0)
    engine = _engine(parse(server.url))
    store = ExternalStore(engine, open_records("sqlite:r.sqlite", tmp_path_factory.mktemp("any")), own=True)
    store.commit(todo)
    if isinstance(engine, VictoriaEngine):
        HTTP.get(f"{server.root}/internal/force_flush")
    store._journal.forget(list(store._journal.entries))  # so that the engine alone answers
    assert store.commit(todo).new == 0
    found = store.window(key.id, T0, 2 * T0).v
    assert found == (values if isinstance(engine, InfluxEngine) else [pytest.approx(v, rel=1e-11, abs=1e-9) for v in values])
    store.close()
