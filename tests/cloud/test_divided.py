"""An API beside ingest processes does all that one process for everything does: the same parts run, and readings find their way."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.app import ApiApp, CloudApp
from kampung_cloud.area import Area
from kampung_cloud.bus import Bus
from kampung_cloud.config import parse
from kampung_cloud.health import Health
from kampung_cloud.leases.given import AT_ONCE, Given, Rounds
from kampung_cloud.leases.giving import LATE_MS, await_taken, divided, give, unpacked
from kampung_cloud.metrics import Metrics
from kampung_cloud.modules import MODULES
from kampung_cloud.modules.rivers.publishing import publish
from kampung_cloud.pipeline import Pipeline
from kampung_cloud.records import open_records
from kampung_cloud.records.given_models import GivenReadingsRow
from kampung_cloud.telemetry.engine import Points
from kampung_cloud.telemetry.entry import encode
from kampung_cloud.telemetry.store import Batch, SeriesKey, no_rows
from kampung_contract.errors import KampungError, StorageUnavailable
from kampung_contract.pack import column
from kampung_contract.times import text
from kampung_contract.villages import village
from sqlalchemy import func, select

from .conftest import HTTP, get, now_ms, until
from .engines import EngineUrls
from .postgres import Postgres

HERE, THERE, NOBODYS = "35.10.24.2008", "35.10.15.2012", "35.10.01.2001"
HOUR = 3_600_000
HELPERS = re.compile(r"Thread-|AnyIO|paho|asyncio")
"""Threads of libraries, which come and go."""


def threads() -> set[str]:
    """What runs, by name; of a pool its name."""
    return {re.sub(r"_\d+$", "", t.name) for t in threading.enumerate() if not HELPERS.match(t.name)}


@dataclass(frozen=True)
class Regency:
    """An API's process and two pipelines, as ingest processes run them; what runs in them, and what ran in ``serve`` before."""

    api: ApiApp
    pipelines: dict[str, Pipeline]
    runs: set[str]
    ran: set[str]
    checked: set[str]


@pytest.fixture(scope="module")
def regency(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, engine_urls: EngineUrls) -> Iterator[Regency]:
    folder, before = tmp_path_factory.mktemp("divided"), threads()
    with engine_urls("victoriametrics") as telemetry:
        tables: dict[str, Any] = {
            "data": "cloud-data",
            "broker": {"url": "mqtt://127.0.0.1:9"},
            "api": {"port": 0},
            "records": {"url": postgres.database()},
            "telemetry": {"url": telemetry},
            "landslide": {"villages": [HERE]},
        }
        config = parse(tables, folder)
        serve = CloudApp(config)
        serve.start()
        assert until(lambda: {module.name for module in MODULES} <= set(serve._health.report()))
        ran, checked = threads() - before, set(serve._health.report())
        serve.stop()

        api, records = ApiApp(config), open_records(config.records.url, config.data)
        api.start()
        codes = [code[:8] for code in (HERE, THERE, NOBODYS)]
        pipelines = {code: Pipeline(config, records, Bus(), Health(), Metrics(), area=Area(code)) for code in codes}
        held = {code: pipelines[code] for code in codes[:2]}
        for pipeline in pipelines.values():
            pipeline.start()
        rounds = Rounds(records, held, 0.05)
        rounds.start()
        yield Regency(api, pipelines, threads() - before, ran, checked)
        rounds.stop()
        for pipeline in pipelines.values():
            pipeline.stop()
        api.stop()
        records.close()


def test_every_part_of_serve_runs_in_one_or_the_other(regency: Regency) -> None:
    """By threads, and by what health tells of: a part that only ``serve`` has would be missing where a regency has several processes."""
    assert {"ingest", "given", "mail", "commands", "publishing", "messages", "cap"} <= regency.ran
    assert regency.ran - {"sole", "leases"} <= regency.runs
    told = set(regency.api._health.report()).union(*(p.health.report() for p in regency.pipelines.values()))
    assert until(lambda: regency.checked <= told | set(regency.api._health.report())), regency.checked - told


def test_a_file_is_taken_in_by_those_who_hold_its_kecamatan(regency: Regency) -> None:
    """Two kecamatan in one file: answered once both have committed, and the same file again changes nothing."""
    key, now = {"Authorization": f"Bearer {regency.api.token}"}, now_ms()
    lines = [
        f"{text(now - n * HOUR - 1000)},{node}.hujan-1.rain,{code},3.5,mm"
        for n in range(20)
        for node, code in (("a-1", HERE), ("b-1", THERE))
    ]
    file = "time,series,village,value,unit\n" + "\n".join(lines)
    found = [HTTP.post(f"{regency.api.url}/api/v1/readings", content=file, headers=key) for _ in range(2)]
    assert [f.json() for f in found] == [{"new": 40, "duplicate": 0, "estimated": 0}, {"new": 0, "duplicate": 40, "estimated": 0}]
    assert until(lambda: regency.api._services.store.find("b-1.hujan-1.rain"))
    assert get(regency.api, "series/b-1.hujan-1.rain/window", every="raw", start=now - 30 * HOUR, stop=now)["v"] == [3.5] * 20


def test_the_index_of_landslides_is_worked_out_beside_ingest_processes(regency: Regency) -> None:
    """What the regency works out becomes an ordinary series, committed by the kecamatan's own pipeline."""
    api, place = regency.api, village(HERE)
    assert until(lambda: api._services.store.find("a-1.hujan-1.rain"))
    marked = {"village": HERE, "name": "Lereng RT 04", "latitude": place.latitude, "longitude": place.longitude}
    made = HTTP.post(f"{api.url}/api/v1/slopes", json=marked, headers={"Authorization": f"Bearer {api.token}"})
    assert made.status_code == 201, made.text
    publish(api._services, now_ms())
    name = f"kabupaten-{HERE.replace('.', '')}.longsor.warning_index"
    assert until(lambda: api._services.store.find(name))
    assert until(lambda: waiting(api) == 0)


def waiting(api: ApiApp) -> int | None:
    with api._records.session() as session:
        return session.scalar(select(func.count()).select_from(GivenReadingsRow))


def one(code: str, t: int) -> Batch:
    batch = Batch()
    batch.add(SeriesKey(code, "c-1", "kali-1", "water_level", "m"), column("kali-1/water_level", "m", [(t, 1.0, 1)]), t)
    return batch


def test_where_nobody_takes_in_it_is_said_and_nothing_piles_up(regency: Regency) -> None:
    """Readings stay on record, no more are put behind them, and whoever takes in there next has them; alone, too."""
    records, now = regency.api._records, now_ms()
    put = give(records, one(NOBODYS, now), now, awaited=True)
    with pytest.raises(StorageUnavailable, match=r"no ingest process has taken them in yet for 35\.10\.01"):
        await_taken(records, put, threading.Event(), 0.1)
    with pytest.raises(StorageUnavailable, match=r"no ingest process has taken in readings for 35\.10\.01 that wait since 61 s"):
        give(records, one(NOBODYS, now), now + LATE_MS + 1000, awaited=False)
    Given(records).run({NOBODYS[:8]: regency.pipelines[NOBODYS[:8]]})
    assert await_taken(records, put, threading.Event(), 60).new == 1


def test_however_many_files_wait_all_are_taken_in(regency: Regency) -> None:
    """As ``serve`` finds them, where an API process was alone for a while."""
    records, now = regency.api._records, now_ms()
    for n in range(AT_ONCE + 1):
        give(records, one(NOBODYS, now - n), now, awaited=False)
    rounds = Rounds(records, {NOBODYS[:8]: regency.pipelines[NOBODYS[:8]]}, 0.05)
    rounds.start()
    assert until(lambda: waiting(regency.api) == 0)
    rounds.stop()


def test_readings_of_another_version_are_refused_and_hold_up_nobody(regency: Regency) -> None:
    records, now = regency.api._records, now_ms()
    for body in (b"", b"\x08" + bytes(20), encode([], NO_POINTS, [])[:-3]):
        with records.session() as session:
            row = GivenReadingsRow(area=NOBODYS[:8], at=now, body=body, awaited=True, new=0, duplicate=0)
            session.add(row)
            session.flush()
            number = row.id
        Given(records).run({NOBODYS[:8]: regency.pipelines[NOBODYS[:8]]})
        with pytest.raises(KampungError, match=r"35\.10\.01: the readings cannot be unpacked; .*of one version"):
            await_taken(records, {number: NOBODYS[:8]}, threading.Event(), 60)


NO_POINTS = Points(no_rows(), np.zeros(0, np.int64))
KEYS = [SeriesKey(code, node, "d", "water_level", "m") for node, code in (("a", HERE), ("b", THERE), ("c", HERE), ("d", NOBODYS))]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 2**44), st.floats(-1e6, 1e6), st.sampled_from((1, 2, 3, 4, 9)))))
def test_nothing_is_lost_where_a_batch_is_divided(rows: list[tuple[SeriesKey, int, float, int]]) -> None:
    batch = Batch()
    for key, t, v, q in rows:
        batch.add(key, column("d/water_level", "m", [(t, v, q)]), t + 5)
    parts = {code: unpacked(body) for code, body in divided(batch).items()}
    assert sorted(told(batch)) == sorted(line for part in parts.values() for line in told(part))
    for code, part in parts.items():
        assert all(key.village.startswith(code) for key in part.series)


def told(batch: Batch) -> list[tuple[str, int, int, float, int]]:
    rows = batch.rows()
    names = [batch.series[place].id for place in rows.series.tolist()]
    return list(zip(names, rows.t.tolist(), rows.received.tolist(), rows.v.tolist(), rows.q.tolist(), strict=True))
