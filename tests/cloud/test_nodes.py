"""Who is there, two of one name, and what of a node is here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.bus import Bus
from kampung_cloud.completeness import Known, report
from kampung_cloud.events import Told, Wreck
from kampung_cloud.nodes import CONFLICT_MS, Node, Nodes
from kampung_cloud.records import open_records
from kampung_cloud.telemetry.store import EpochPacks
from kampung_cloud.week import week
from kampung_contract.documents import Device, State
from kampung_contract.pack import column

from .conftest import VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

NOTHING = Known()
T0 = 1_795_280_400_000


def born(run: str, *, online: bool = True, conflict: bool = False, last: int = 0, spooled: int = 0) -> State:
    return State(online, "aabbccdd", run, "0.1.0", last, spooled, conflict=conflict)


def hear(nodes: Nodes, *states: tuple[int, State], retained: bool = False) -> str:
    for seconds, state in states:
        nodes.heard(VILLAGE, "kiosk-1", state, T0 + seconds * 1000, retained=retained)
    node = nodes.get("kiosk-1")
    assert node is not None
    return node.shown(T0)


@pytest.fixture
def nodes(tmp_path: Path) -> Nodes:
    return Nodes(open_records("sqlite:r.sqlite", tmp_path), Bus())


def test_a_restart_is_no_conflict(nodes: Nodes) -> None:
    assert hear(nodes, (0, born("a")), (10, born("b")), (20, born("b")), (30, born("c"))) == "online"


def test_two_runs_that_take_turns_are_two_edges(nodes: Nodes) -> None:
    assert hear(nodes, (0, born("a")), (10, born("b")), (20, born("a"))) == "conflict"
    assert hear(nodes, (30, born("b")), (40, born("b"))) == "conflict"
    after = 40 + CONFLICT_MS // 1000
    assert hear(nodes, (after, born("b"))) == "online"


def test_the_will_of_a_run_that_was_followed_means_nothing(nodes: Nodes) -> None:
    assert hear(nodes, (0, born("a")), (10, born("b")), (11, born("a", online=False))) == "online"
    assert hear(nodes, (20, born("b", online=False))) == "offline"


def test_the_edge_says_so_itself(nodes: Nodes) -> None:
    assert hear(nodes, (0, born("a", conflict=True))) == "conflict"
    assert hear(nodes, (10, born("a"))) == "online"


def test_what_the_broker_kept_proves_no_life(nodes: Nodes) -> None:
    assert hear(nodes, (0, born("a"))) == "online"
    hear(nodes, (100, born("b")), (200, born("a")), retained=True)
    node = nodes.get("kiosk-1")
    assert node is not None
    assert (node.last_seen, node.state) == (T0, "online")


def test_nodes_survive_a_restart(tmp_path: Path, records_url: str) -> None:
    records = open_records(records_url, tmp_path)
    nodes = Nodes(records, Bus())
    nodes.heard(VILLAGE, "kiosk-1", State(True, "aa", "r", devices=[Device("soil-1", "m", origin="recording")]), T0, retained=False)
    with records.session() as session:
        nodes.saved(nodes.save(session))
    assert Nodes(records, Bus()).get("kiosk-1") == nodes.get("kiosk-1")
    records.close()


def judge(node: Node, *packs: EpochPacks, readings: int = 43_210, known: Known = NOTHING) -> tuple[bool, str, str]:
    found = report(node, packs, readings, known)
    return found.complete, found.summary["id"], found.summary["en"]


def epoch(name: str, *ranges: tuple[int, int]) -> EpochPacks:
    return EpochPacks("kiosk-1", name, ranges, 0)


def test_sentences() -> None:
    node = Node("kiosk-1", VILLAGE, "online", epoch="now", last=30, spooled=0)
    assert judge(node, epoch("now", (1, 30))) == (True, "Semua 43.210 pembacaan ada di sini", "All 43,210 readings are here")
    assert judge(node, epoch("now", (1, 16), (20, 30))) == (False, "3 paket hilang: 17–19", "3 packs lost: 17–19")
    waits = Node("kiosk-1", VILLAGE, "online", epoch="now", last=30, spooled=12)
    assert judge(waits, epoch("now", (1, 18))) == (False, "Menunggu 12 paket dari kios", "Waiting for 12 packs from the kiosk")
    assert judge(waits, epoch("now", (1, 30)))[0]
    assert judge(waits, epoch("old", (2, 5)), epoch("now", (1, 18))) == (
        False,
        "Menunggu 12 paket dari kios; 1 paket hilang: 1",
        "Waiting for 12 packs from the kiosk; 1 pack lost: 1",
    )
    unborn = Node("kiosk-1", VILLAGE)
    assert judge(unborn, epoch("x", (2, 2))) == (False, "1 paket hilang: 1", "1 pack lost: 1")
    assert judge(unborn, readings=0) == (True, "Belum ada pembacaan", "No readings yet")
    assert judge(node, epoch("now", (1, 29)), known=Known(rejected={"now": {30}}))[:2] == (
        True,
        "Semua 43.210 pembacaan ada di sini; 1 paket ditolak dan disimpan terpisah",
    )


def test_what_a_full_spool_gave_up_is_lost_and_not_waited_for() -> None:
    node = Node("kiosk-1", VILLAGE, "online", epoch="now", last=30, spooled=12)
    dropped = Known(dropped={"now": [(5, 9), (8, 10)]})
    assert judge(node, epoch("now", (1, 5), (11, 18)), known=dropped)[1] == "Menunggu 12 paket dari kios; 5 paket hilang, tercatat: 6–9, 10"


def test_what_a_damaged_spool_gave_is_not_missed_and_the_rest_is_told() -> None:
    node = Node("kiosk-1", VILLAGE, "online", epoch="now", last=7, spooled=0)
    salvaged = Known(salvaged={"old": [(5, 8), (12, 12)]})
    found = report(node, [epoch("old", (1, 4), (13, 13)), epoch("now", (1, 7))], 9, salvaged)
    old = found.epochs[0]
    assert (old.missing, old.recorded, old.unrecorded, old.salvaged) == ([(9, 11)], [(9, 11)], [], 5)
    assert found.summary == {"id": "3 paket hilang, tercatat: 9–11", "en": "3 packs lost, on record: 9–11"}


def test_of_a_damaged_spool_only_what_the_edge_told_is_on_record() -> None:
    """Numbers that did not read and are not here are lost, to the last one given; those nobody told of are another matter."""
    node = Node("kiosk-1", VILLAGE, "online", epoch="now", last=7, spooled=0)
    stored = [EpochPacks("kiosk-1", "old", ((1, 4), (13, 13)), 5), EpochPacks("kiosk-1", "now", ((1, 7),), 7)]
    told = Known(salvaged={"old": [(5, 8)]}, wrecks={"old": Wreck(((3, 3), (9, 10), (15, 16)), 16, open_end=False)})
    old = report(node, stored, 9, told).epochs[0]
    assert (old.last, old.missing, old.recorded, old.unrecorded) == (16, [(9, 12), (14, 16)], [(9, 10), (15, 16)], [(11, 12), (14, 14)])
    open_end = Known(salvaged={"old": []}, wrecks={"old": Wreck((), 10, open_end=True)})
    assert report(node, stored, 9, open_end).epochs[0].recorded == [(11, 12)]
    assert week(0, report(node, stored, 12, told), Told(damaged=[(900, T0, "old")]), T0).expected_missing == 4 + 3


def test_the_week_in_a_sentence() -> None:
    node = Node("kiosk-1", VILLAGE, "online", epoch="now", last=30, spooled=0)
    whole = report(node, [EpochPacks("kiosk-1", "now", ((1, 30),), 300)], 300, NOTHING)
    assert week(201_600, whole, Told(), T0).summary == {
        "id": "Semua 201.600 pembacaan pekan ini ada di sini",
        "en": "All 201,600 readings of this week are here",
    }
    part = report(node, [EpochPacks("kiosk-1", "now", ((1, 20),), 200)], 200, Known(dropped={"now": [(21, 25)]}))
    old = (999, T0 - 30 * 86_400_000, T0 - 20 * 86_400_000)
    judged = week(200, part, Told(gaps=[(48, T0 - 5000, T0 - 1000), old], damaged=[(1, T0, "old")]), T0)
    assert judged.expected_missing == 48 + 10 * 5 + 10
    assert week(0, report(node, [], 0, NOTHING), Told(), T0).expected_missing == 30


def test_only_the_first_twenty_gaps_are_listed() -> None:
    node = Node("kiosk-1", VILLAGE, epoch="now", last=200, spooled=0)
    (found,) = report(node, [epoch("now", *((n, n) for n in range(2, 201, 2)))], 1, NOTHING).epochs
    assert (len(found.missing), found.missing_count, found.missing[:2]) == (20, 100, [(1, 1), (3, 3)])


def test_over_the_wire(mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]) -> None:
    edge = connect(mosquitto)
    edge.state(born("a", last=3, spooled=3))
    app = start_cloud(mosquitto.url, telemetry={"url": "memory:"})
    assert until(lambda: get(app, "nodes"))
    assert get(app, "nodes")[0]["last_seen"].startswith("1970")
    for seq in (1, 3):
        edge.pack(seq, column("soil-1/soil_moisture", "%", [(now_ms() - 100 + seq, 30.0, 1)]))
    assert until(lambda: edge.receipted() == {1, 3})
    (node,) = get(app, "nodes", village=VILLAGE)
    assert (node["state"], node["version"], node["spooled"], node["complete"]) == ("online", "0.1.0", 3, False)
    assert node["summary"]["id"] == "Menunggu 1 paket dari kios"
    (shown,) = node["epochs"]
    assert {k: shown[k] for k in ("epoch", "first", "last", "known", "missing", "missing_count", "readings", "current")} == {
        "epoch": "aabbccdd", "first": 1, "last": 3, "known": 2, "missing": [[2, 2]], "missing_count": 1, "readings": 2, "current": True
    }  # fmt: skip
    assert (shown["recorded"], shown["recorded_count"], shown["salvaged"]) == ([], 0, 0)
    assert node["week"] == {
        "readings": 2,
        "expected_missing": 1,
        "summary": {
            "id": "2 pembacaan pekan ini ada di sini, sekitar 1 belum atau tidak sampai",
            "en": "2 readings of this week are here, about 1 are not",
        },
    }
    edge.state(born("b", last=3))
    edge.state(born("a", last=3))
    assert until(lambda: get(app, "nodes")[0]["state"] == "conflict")
    assert get(app, "nodes", village="35.10.01.2001") == []
