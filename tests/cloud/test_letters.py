"""Dead letters: replayed by API and command, and never more of them than is configured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from kampung_cloud import letters
from kampung_cloud.app import CloudApp
from kampung_cloud.letters import Letter, Letters
from kampung_cloud.main import cli
from kampung_cloud.records import open_records
from kampung_contract.pack import column, encode
from kampung_contract.topics import Lane
from typer.testing import CliRunner

from .conftest import HTTP, BrokerProcess, EdgeClient, get, make_pack, now_ms, until

Cloud = Callable[..., CloudApp]
Edge = Callable[..., EdgeClient]


def post(app: CloudApp, number: int, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {app.token if token is None else token}"}
    return HTTP.post(f"{app.url}/api/v1/dead-letters/{number}/replay", headers=headers)


def run(app: CloudApp, folder: Path, *arguments: str) -> Result:
    file = folder / "cloud.toml"
    file.write_text(f"[api]\nport = {app.port}\n")
    return CliRunner().invoke(cli, ["dead-letters", *arguments, "--config", str(file)])


def test_a_replay_goes_through_the_same_intake(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, tmp_path: Path) -> None:
    t = now_ms() - 5000
    narrow = start_cloud(mosquitto.url, ingest={"max_series_per_node": 1})
    edge = connect(mosquitto)
    soil, air = column("soil-1/soil_moisture", "%", [(t, 30.0, 1)]), column("air/air_temperature", "Cel", [(t, 25.0, 1), (t + 1, 26.0, 1)])
    edge.pack(1, soil, air)
    edge.send(edge.address.up(Lane.LIVE), b"junk")
    assert until(lambda: len(get(narrow, "dead-letters")) == 2)
    ids = {x["code"]: x["id"] for x in get(narrow, "dead-letters")}
    assert set(ids) == {"too_many_series", "invalid_pack"}
    again = post(narrow, ids["too_many_series"]).json()
    assert (again["stored"], again["code"], again["new"]) == (False, "too_many_series", 0)
    assert [x["count"] for x in get(narrow, "dead-letters")] == [1, 1]
    narrow.stop()
    wide = start_cloud(mosquitto.url)
    assert post(wide, ids["too_many_series"], "wrong").status_code == 401
    assert post(wide, 99).status_code == 404
    done = post(wide, ids["too_many_series"]).json()
    assert (done["stored"], done["new"], done["duplicate"], done["code"]) == (True, 2, 0, None)
    assert post(wide, ids["too_many_series"]).json()["duplicate"] == 2
    assert get(wide, "series/kiosk-1.air.air_temperature/window", every="raw")["v"] == [25.0, 26.0]
    (letter,) = get(wide, "dead-letters", replayed=True)
    assert letter["result"] == "stored: 0 new readings, 2 that were here already"
    listed = run(wide, tmp_path, "list")
    assert "invalid_pack" in listed.stdout
    assert "stored: 0 new" in listed.stdout
    rest = run(wide, tmp_path, "replay", "--all")
    assert (rest.exit_code, rest.stdout.splitlines()[-1]) == (1, "0 stored, 1 refused again")
    assert run(wide, tmp_path, "replay", "--id", str(ids["too_many_series"])).exit_code == 0
    which = run(wide, tmp_path, "replay")
    assert (which.exit_code, which.stderr) == (2, "say which: one of --id, --code and --all\n")
    assert 'result="refused"} 1.0' in HTTP.get(f"{wide.url}/api/v1/metrics").text


def test_a_pack_that_was_refused_whole_is_complete_once_replayed(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    """A node that was taken for another village's, until its register said otherwise."""
    app, edge = start_cloud(mosquitto.url, telemetry={"url": "memory:"}), connect(mosquitto)
    thief = connect(mosquitto, village="35.10.01.2001")
    thief.send(thief.address.up(Lane.LIVE), encode(make_pack(1, column("soil-1/soil_moisture", "%", [(now_ms() - 10, 30.0, 1)]))))
    assert until(lambda: thief.receipted() == {1})
    edge.pack(2, column("soil-1/soil_moisture", "%", [(now_ms() - 5, 31.0, 1)]))
    assert until(lambda: edge.rejected() == {2: "node_elsewhere"})
    (letter,) = get(app, "dead-letters")
    app._worker._intake._homes["kiosk-1"] = edge.address.village
    assert post(app, letter["id"]).json()["new"] == 1
    assert get(app, "nodes")[0]["complete"]


def junk(at: int, size: int = 10) -> Letter:
    return Letter("t", at.to_bytes(8, "big").ljust(size, b"."), "pack", "invalid_pack", "d", at)


@pytest.mark.parametrize(("most", "most_bytes"), [(10, 10**6), (10**6, 1000)])
def test_the_oldest_go_and_first_what_was_repeated_or_replayed(tmp_path: Path, records_url: str, most: int, most_bytes: int) -> None:
    records = open_records(records_url, tmp_path)
    kept = Letters(records, most, most_bytes)

    def keep(*some: Letter) -> int:
        with records.session() as session:
            gone = kept.keep(session, some)
        kept.kept()
        return gone

    assert keep(*(junk(at, 100) for at in range(10))) == 0
    with records.session() as session:
        letters.note(session, letters.Replayed(5, 99, True, 1, 0, None, "x"))
    assert keep(junk(7, 100), junk(20, 100)) == 2  # 20 is new; 4 was replayed, 7 came twice
    assert [row.last_at for row in letters.newest(records, 99)] == [20, 9, 8, 6, 5, 3, 2, 1, 0]
    kept = Letters(records, most, most_bytes)
    assert keep(junk(21, 100), junk(22, 100)) == 2
    assert [row.last_at for row in letters.newest(records, 99)] == [22, 21, 20, 9, 8, 6, 5, 3, 2]
    records.close()


def test_discarding_is_never_silent(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app = start_cloud(mosquitto.url, telemetry={"url": "memory:"}, dead_letters={"most": 100})
    edge = connect(mosquitto)
    for n in range(150):
        edge.send(edge.address.up(Lane.LIVE), b"junk %d" % n)
    assert until(lambda: get(app, "healthz")["status"] == "degraded")
    assert "dead_letters" in get(app, "healthz")["checks"]
    assert until(lambda: get(app, "dead-letters", limit=1000)[0]["detail"].find("junk 149") > 0)
    assert 90 <= len(get(app, "dead-letters", limit=1000)) <= 100
    assert "kampung_dead_letters_discarded_total" in HTTP.get(f"{app.url}/api/v1/metrics").text
