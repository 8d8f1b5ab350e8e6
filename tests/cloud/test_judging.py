"""Judgements that come after their readings: laid over rows that stay as they came, seen by alarms and charts, in any order of arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.api import quality
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.judging import book, neighbours
from kampung_cloud.judging.book import Judgement
from kampung_cloud.judging.judged import Judged
from kampung_cloud.judging.neighbours import Looking
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.judgement_models import JudgementRow
from kampung_cloud.telemetry import open_store
from kampung_cloud.telemetry.store import AGGREGATES, Batch, SeriesKey, TelemetryStore
from kampung_contract.errors import ConfigurationError
from kampung_contract.neighbours import Neighbours
from kampung_contract.pack import column
from kampung_contract.quality import Later, QualityEvent, Spoken
from kampung_contract.topics import Lane
from sqlalchemy import delete

from .conftest import HTTP, BrokerProcess, EdgeClient, get, now_ms, until

T0 = 1_790_000_000_000
MINUTE = 60_000
GAUGES = [SeriesKey("35.10.24.2008", f"kiosk-{n}", "river-1", "water_level", "m") for n in (1, 2, 3)]
NAMES = tuple(key.id for key in GAUGES)
GROUP = Neighbours(quantity="water_level", series=NAMES, most=1.0, within=600, source="the test", offsets={NAMES[2]: 2.0})
Row = tuple[int, int, float, int]
"""Which gauge, minute, value, flag."""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    opened = open_records("sqlite:records.sqlite", tmp_path_factory.mktemp("judging"))
    yield opened
    opened.close()


def empty(records: Records) -> TelemetryStore:
    """Nothing stored and nothing judged."""
    with records.session() as session:
        session.execute(delete(JudgementRow))
    return open_store("memory:", Path())


def commit(store: TelemetryStore, rows: list[Row]) -> None:
    batch = Batch()
    for gauge, minute, value, flag in rows:
        batch.add(GAUGES[gauge], column("river-1/water_level", "m", [(T0 + minute * MINUTE, value, flag)]), T0)
    store.commit(batch)


rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40), st.sampled_from([0.0, 0.5, 2.0, 2.5, 4.0]), st.sampled_from([1, 1, 1, 2, 3, 4])),
    max_size=25,
    unique_by=lambda row: row[:2],
)


def expected(found: list[Row]) -> set[tuple[str, int, float]]:
    """By the definition, over all rows at once."""
    out = set()
    for gauge, minute, value, flag in found:
        near = []
        for other in {0, 1, 2} - {gauge}:
            theirs = [(abs(m - minute), m, v) for g, m, v, q in found if g == other and q in (1, 2) and abs(m - minute) <= 10]
            near += [GROUP.level(NAMES[other], min(theirs)[2])] if theirs else []
        if flag != 4 and near and abs(GROUP.level(NAMES[gauge], value) - median(near)) > 1.0:
            out.add((NAMES[gauge], T0 + minute * MINUTE, value))
    return out


@settings(max_examples=40)
@given(rows, st.lists(st.integers(1, 4), max_size=20))
def test_neighbours_are_judged_alike_in_any_order(records: Records, found: list[Row], cuts: list[int]) -> None:
    """Rows come as they like, some late: what is judged in the end is a function of what is stored."""
    store = empty(records)
    looking = Looking([GROUP], store, records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "REST_S", 0.0)
        patch.setattr(neighbours, "CHUNK_MS", 7 * MINUTE)
        left = list(found)
        for cut in [*cuts, len(found)]:
            some, left = left[:cut], left[cut:]
            commit(store, some)
            for gauge, minute, _, _ in some:
                looking.heard(NAMES[gauge], T0 + minute * MINUTE, T0 + minute * MINUTE)
            while looking._dirty:
                looking.step()
    judged = [j for name in NAMES for j in book.within(records, name, 0, book.FOREVER)]
    assert {(j.series, j.t, j.v) for j in judged} == expected(found)
    assert {(j.flag, j.by) for j in judged} <= {(3, "regency")}


@settings(max_examples=40)
@given(rows, st.data(), st.sampled_from([None, MINUTE, 7 * MINUTE, 60 * MINUTE]), st.sampled_from([None, 1, 3]))
def test_windows_show_what_was_judged_later(records: Records, found: list[Row], data: Any, every: int | None, limit: int | None) -> None:
    """As if the rows had come with those flags, in single readings and in buckets alike, as many as asked for; rows stay as they are."""
    store, plain = empty(records), open_store("memory:", Path())
    later = data.draw(st.lists(st.sampled_from(found), unique=True)) if found else []
    flags = {row: data.draw(st.sampled_from([3, 4])) for row in later}
    commit(store, found)
    commit(plain, [(*row[:3], max(row[3], flags.get(row, 0))) for row in found])
    with records.session() as session:
        book.keep(session, [Judgement(NAMES[g], T0 + m * MINUTE, v, flags[g, m, v, q], "spike", "kiosk", T0) for g, m, v, q in later])
    for key in store.series():
        asked = (key.id, T0, T0 + 41 * MINUTE, every)
        before = store.window(*asked, aggregates=AGGREGATES)
        ours, theirs = (s.window(*asked, aggregates=AGGREGATES, limit=limit) for s in (Judged(store, records), plain))
        assert (ours.t, ours.v, ours.q) == (theirs.t, theirs.v, theirs.q)
        assert {k: pytest.approx(v) for k, v in theirs.aggregates.items()} == ours.aggregates
        assert store.window(*asked, aggregates=AGGREGATES) == before


FLOOD = {
    "id": "banjir",
    "village": "35.10.24.2008",
    "quantity": "water_level",
    "unit": "m",
    "threshold": 2.0,
    "clear": 1.5,
    "for": "0s",
    "clear_for": "0s",
    "severity": 2,
    "title": {"id": "Banjir"},
    "message": {"id": "Air {value} m"},
    "source": "a test",
    "suspect": "never",
}


def levels(*found: tuple[int, float, int]) -> Any:
    return column("river-1/water_level", "m", list(found))


def test_over_the_wire(mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]) -> None:
    """A reading that was good when it came raises an alarm, and takes it back when its kiosk says that it failed; the chart shows both."""
    app, edge = start_cloud(mosquitto.url, rule=[FLOOD]), connect(mosquitto)
    now = now_ms()
    edge.pack(1, levels((now - 3 * MINUTE, 1.0, 1), (now - 2 * MINUTE, 9.0, 1), (now - MINUTE, 1.1, 1)))
    assert until(lambda: get(app, "alarms", state="all"))
    told = QualityEvent(
        [Spoken("river-1/water_level", "spike", 3, now - 2 * MINUTE, now - 2 * MINUTE, 1)],
        [Later("river-1/water_level", now - 2 * MINUTE, 9.0, 4, "spike")],
    )
    edge.pack(2, lane=Lane.EVENT, events=[told.event(), {"type": "quality", "later": [{"n": "x"}]}])
    assert until(lambda: edge.receipted() == {1, 2})
    assert until(lambda: [a["state"] for a in get(app, "alarms", state="withdrawn")]) == ["withdrawn"]
    path = f"series/{NAMES[0]}"
    window = get(app, f"{path}/window", every="raw")
    assert (window["v"], window["q"]) == ([1.0, 9.0, 1.1], [1, 4, 1])
    assert get(app, f"{path}/window", every="1h", aggregates="max")["max"][-1] < 2
    found = get(app, f"{path}/quality")
    assert (found["flags"], found["failed"]) == ({"1": 2, "4": 1}, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quality, "MOST_COUNTED", 0)
        many = get(app, f"{path}/quality")
    assert (many["flags"], many["failed"]) == (None, 1), "what failed is known, however long the time"
    assert [(d["test"], d["flag"], d["count"], d["by"], d["name"]["id"]) for d in found["doubts"]] == [
        ("spike", 3, 1, "kiosk", "Melonjak sendiri lalu kembali")
    ]
    assert [(j["t"], j["value"], j["flag"], j["by"]) for j in found["judged"]] == [(now - 2 * MINUTE, 9.0, 4, "kiosk")]
    assert [(t["test"], t["by"]) for t in found["tests"]] == [("range", "catalogue")]
    assert [x["code"] for x in get(app, "dead-letters")] == ["invalid_event"]
    assert HTTP.get(f"{app.url}/api/v1/series/kiosk-9.a.rain/quality").status_code == 404


def test_neighbours_of_several_kiosks(
    mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    """Two gauges contradict the third before its reading can raise an alarm; its row stays as it came."""
    group = {"quantity": "water_level", "series": list(NAMES), "most": 1.0, "within": 600, "least": 2, "source": "the test"}
    app = start_cloud(mosquitto.url, rule=[FLOOD], neighbours=[group])
    edges = [connect(mosquitto, key.node) for key in GAUGES]
    now = now_ms()
    for edge in edges[1:]:
        edge.pack(1, levels((now - 2 * MINUTE, 1.0, 1)))
        assert until(lambda e=edge: e.receipted() == {1})
    edges[0].pack(1, levels((now - MINUTE, 3.0, 1)))
    assert until(lambda: edges[0].receipted() == {1})
    found = until(lambda: (q := get(app, f"series/{NAMES[0]}/quality"))["judged"] and q)
    assert [(j["test"], j["flag"], j["by"]) for j in found["judged"]] == [("neighbours", 3, "regency")]
    assert [(d["test"], d["count"], d["by"]) for d in found["doubts"]] == [("neighbours", 1, "regency")]
    assert [(t["test"], t["by"]) for t in found["tests"]] == [("range", "catalogue"), ("neighbours", "regency")]
    assert get(app, f"series/{NAMES[0]}/window", every="raw")["q"] == [3]
    assert app._pipeline.store.window(NAMES[0], 0, now).q == [1]
    assert until(lambda: not [a for a in get(app, "alarms", state="all") if a["state"] != "withdrawn"])


@pytest.mark.parametrize(
    ("change", "words"),
    [({"series": ["a", "b"]}, "write kiosk.device.water_level"), ({"source": ""}, "source is missing"), ({"most": -1}, "more than 0")],
)
def test_groups_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    table = {"quantity": "water_level", "series": list(NAMES), "most": 1.0, "within": 600, "source": "the test"}
    with pytest.raises(ConfigurationError, match=words):
        parse({"neighbours": [table | change]}, Path())
