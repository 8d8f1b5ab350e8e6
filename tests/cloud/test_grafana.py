"""What docs/grafana.md says to ask is asked here as Grafana asks it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.telemetry.store import Batch, SeriesKey
from kampung_contract.pack import column
from kampung_sim.engines import EngineServer, Influx, Victoria

from .conftest import HTTP, VILLAGE, get, now_ms, until
from .engines import started

RIVER = SeriesKey(VILLAGE, "kiosk-1", "river-1", "water_level", "m")
PAGE = (Path(__file__).parents[2] / "docs" / "grafana.md").read_text(encoding="utf-8")
BOARDS = Path(__file__).parents[2] / "docs" / "grafana"
T0 = now_ms() // 60_000 * 60_000 - 7_200_000


def fill(app: CloudApp) -> None:
    """Two hours, a reading a minute of 0.8 m, one spike of 3.5 m, one reading that failed its check."""
    rows = [(T0 + i * 60_000, 3.5 if i == 40 else 0.8, 1) for i in range(119)] + [(T0 + 119 * 60_000, 9.9, 4)]
    batch = Batch()
    batch.add(RIVER, column("river-1/water_level", "m", rows), T0)
    app._worker.between(partial(app._services.store.commit, batch)).result(60)


Start = Callable[..., CloudApp]


def queries(board: str) -> list[dict[str, Any]]:
    """Every query of a dashboard: panels, variables, annotations."""
    found: list[dict[str, Any]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict) and value.keys() & {"url", "expr"}:
            found.append(value)
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(each)

    look(json.loads((BOARDS / board).read_text(encoding="utf-8")))
    return found


def at(row: Any, selector: str) -> Any:
    for name in selector.split("."):
        row = row[name]
    return row


def test_infinity(start_cloud: Start) -> None:
    """The documented address with Grafana's variables filled in: rows with the documented columns, within the budget, spike and all."""
    app = start_cloud("mqtt://127.0.0.1:9", wait=False)
    fill(app)
    address = next(u for u in re.findall(r"`(http://127\.0\.0\.1:8080/\S+)`", PAGE) if "/rows" in u)
    address = address.replace("http://127.0.0.1:8080", app.url).replace("${__from}", str(T0)).replace("${__to}", str(T0 + 7_200_000))
    rows = HTTP.get(address).json()
    assert rows[0] == {"time": T0, "value": 0.8, "min": 0.8, "max": 0.8, "count": 1}
    assert [row["value"] for row in rows].count(3.5) == 1
    assert (len(rows), max(row["max"] for row in rows)) == (119, 3.5), "what failed its check is left out"
    few = HTTP.get(address.replace("points=1000", "points=20")).json()
    assert len(few) <= 20
    assert (max(row["max"] for row in few), sum(row["count"] for row in few)) == (3.5, 119)
    assert [s["id"] for s in get(app, "series", quantity="water_level")] == [RIVER.id]
    assert get(app, "alarms", state="all") == []
    assert b"kampung_commit_seconds" in HTTP.get(f"{app.url}/api/v1/metrics").content
    filled = {"cloud": app.url, "quantity": "water_level", "series": RIVER.id, "__from": str(T0), "__to": str(T0 + 7_200_000)}
    asked = [query for query in queries("series-infinity.json") if "url" in query]
    assert len(asked) == 5
    for query in asked:
        answer = HTTP.get(re.sub(r"\$\{(\w+)\}", lambda m: filled[m[1]], query["url"]))
        assert answer.status_code == 200, answer.text
        for row in answer.json():
            assert all(at(row, c["selector"]) is not None for c in query["columns"]), (query["url"], row)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineServer]:
    server = started(request.param, tmp_path / "engine")
    yield server
    server.kill()


@pytest.mark.parametrize("engine", [Victoria], indirect=True)
def test_prometheus(start_cloud: Start, engine: Victoria) -> None:
    """As the data source does it: the check of the connection, the list of labels, then query_range as a form."""
    fill(start_cloud("mqtt://127.0.0.1:9", wait=False, telemetry={"url": engine.url}))

    def ask(path: str, **form: Any) -> Any:
        answer = HTTP.post(f"{engine.root}/api/v1/{path}", data=form)
        assert answer.json()["status"] == "success", answer.text
        return answer.json()["data"]

    assert ask("query", query="1+1", time=T0 // 1000)["result"][0]["value"][1] == "2"
    assert HTTP.get(f"{engine.root}/api/v1/status/buildinfo").status_code == 200
    span = {"start": T0 // 1000, "end": T0 // 1000 + 7080}

    def there() -> bool:
        """A new series shows in the engine's own answers some seconds late (docs/engines.md); asked without filling its cache."""
        found = ask("query_range", query="sum(count_over_time(kampung_reading[1m]))", step=60, nocache=1, **span)["result"]
        return bool(found) and sum(float(v) for _, v in found[0]["values"]) >= 119

    assert until(there, 120)
    match = {"match[]": 'kampung_reading{quantity="water_level"}', **{k: str(v) for k, v in span.items()}}
    assert HTTP.get(f"{engine.root}/api/v1/label/node/values", params=match).json()["data"] == ["kiosk-1"]
    told = [line for line in PAGE.splitlines() if "over_time(kampung_reading" in line]
    for query, most in zip(told, (0.8, 3.5), strict=True):
        form = {"query": query.replace("$__interval", "1m"), "step": 60, **span}
        (series,) = ask("query_range", **form)["result"]
        assert series["metric"] == {"node": "kiosk-1"}
        heights = [float(v) for _, v in series["values"]]
        assert (max(heights), min(heights)) == (3.5, 0.8), most
        wide = form | {"query": query.replace("$__interval", "1h"), "step": 3600, "start": T0 // 1000 + 3600, "end": T0 // 1000 + 3600}
        (hour,) = ask("query_range", **wide)["result"]
        assert (float(hour["values"][0][1]) > 3) == (most == 3.5), "only the maximum keeps the spike"
    filled = {"$quantity": "water_level", "$village": VILLAGE, "$__interval": "1m", "$__range": "2h"}
    for query in queries("quantity-victoriametrics.json"):
        text = re.sub(r"\$\w+", lambda m: filled[m[0]], query["expr"])
        when = {"time": span["end"]} if query["instant"] else {"step": 60, **span}
        (series,) = ask("query" if query["instant"] else "query_range", query=text, **when)["result"]
        assert series["metric"].items() >= {"node": "kiosk-1", "device": "river-1"}.items()


@pytest.mark.parametrize("engine", [Influx], indirect=True)
def test_influxql(start_cloud: Start, engine: Influx) -> None:
    """The documented query with Grafana's macros filled in, as GET with epoch=ms."""
    fill(start_cloud("mqtt://127.0.0.1:9", wait=False, telemetry={"url": engine.url}))
    query = re.search(r"```\n(SELECT.*?)```", PAGE, re.DOTALL)
    assert query is not None
    text = query[1].replace("$timeFilter", f"time >= {T0}ms AND time < {T0 + 7_200_000}ms").replace("$__interval", "10m").replace("\n", " ")
    answer = HTTP.get(f"{engine.root}/query", params={"db": "kampung", "q": text, "epoch": "ms"}).json()
    (series,) = answer["results"][0]["series"]
    assert (series["tags"], series["columns"]) == ({"node": "kiosk-1"}, ["time", "mean", "max"])
    assert max(row[2] for row in series["values"] if row[2] is not None) == 3.5
