"""Readings between port and spool: judged, grouped, never dropped."""

from __future__ import annotations

import threading
import time

import pytest
from kampung_contract.errors import KampungError
from kampung_contract.pack import decode
from kampung_edge.clock import wall_ms
from kampung_edge.quality import Quality


@pytest.mark.parametrize(
    ("name", "value", "own", "flag"),
    [
        ("soil_moisture", 31.2, 1, 1),
        ("soil_moisture", 60.1, 1, 4),
        ("soil_moisture", 31.2, 3, 3),
        ("distance", 0.0, 4, 4),
        ("distance", 9.0, 9, 9),
        ("quantity_of_tomorrow", 5.0, 1, 2),
    ],
)
def test_judgement(name, value, own, flag):
    """Outside the catalogue's range is 4; a worse judgement of the device stays; an unknown quantity is not evaluated."""
    assert Quality().judge("d", name, (0, value), own) == flag


def waiting(edge):
    return [decode(w.payload) for w in sorted(edge.spool.peek(1000), key=lambda w: w.seq)]


def test_implausible_readings_are_sent_with_their_flag(make_edge, until):
    """Kept and told, never dropped; what is no number cannot be sent and is counted."""
    edge = make_edge(more="[spool]\ncommit_ms = 20\n")
    now = wall_ms()
    edge.intake.take("soil-1", "soil_moisture", 99.0, "%", 1, now)
    edge.intake.take("soil-1", "soil_moisture", float("nan"), "%", 1, now)
    until(lambda: edge.spool.stats().packs, "it is stored")
    (column,) = waiting(edge)[0].series
    assert (column.v, column.q) == ([99.0], [4])
    assert edge.intake.impossible == 1


def test_group_commit_by_rows_and_by_time(make_edge, until):
    """A full group is committed at once, a small one after its time; one pack a lane."""
    edge = make_edge(more="[spool]\ncommit_rows = 10\ncommit_ms = 400\n")
    now = wall_ms()
    for i in range(25):
        edge.intake.take("d", "rain", float(i), "mm", 1, now + i)
    until(lambda: edge.spool.stats().packs == 2, "two full groups", 0.4)
    until(lambda: edge.spool.stats().packs == 3, "the rest after its time", 3)
    assert [p.count for p in waiting(edge)] == [10, 10, 5]


def test_repeated_time_is_made_distinct(make_edge, until):
    """Equal readings of a series in one millisecond stay as many readings, in order; a clock set back by hours passes."""
    edge = make_edge(more="[spool]\ncommit_ms = 20\n")
    at, hours_ago = 1_790_000_000_000, 1_790_000_000_000 - 7_200_000
    for t in [at] * 5 + [at - 2, hours_ago, hours_ago]:
        edge.intake.take("d", "rain", 1.0, "mm", 1, t)
    until(lambda: sum(p.count for p in waiting(edge)) == 8, "all are stored")
    times = [t for p in waiting(edge) for c in p.series for t in c.times()]
    assert sorted(times) == [hours_ago, hours_ago + 1, *range(at, at + 6)]


def test_events_are_on_the_disk_when_told(make_edge):
    """``event`` gives the pack's number after its commit; one that no pack can hold is refused, and the next ones go through."""
    edge = make_edge(more="[spool]\ncommit_ms = 60000\n")
    edge.intake.take("d", "rain", 1.0, "mm", 1, wall_ms())
    number = edge.intake.event({"type": "request", "id": "a"})
    assert edge.spool.read([number])[0].lane == "event"
    with pytest.raises(TypeError):
        edge.intake.event({"type": "request", "id": object()})
    assert edge.intake.event({"type": "request", "id": "b"}) == number + 1
    with pytest.raises(KampungError, match="64 KB"):
        edge.intake.event({"type": "x", "noise": "".join(chr(33 + hash((i, "n")) % 90) for i in range(200_000))})


def test_disk_that_refuses_is_waited_for(make_edge, until):
    """Readings wait in memory, health says why, and all are stored once the disk takes them."""
    edge = make_edge(more="[spool]\ncommit_ms = 20\n")
    pages = edge.spool._db.execute("PRAGMA page_count").fetchone()[0]
    edge.spool._db.execute(f"PRAGMA max_page_count = {pages}")  # what a full disk looks like to sqlite
    for i in range(300):
        edge.intake.take("d", f"q{i}", float(i), "mm", 1, wall_ms())
    until(lambda: edge.saving.reason, "the writer meets the full disk")
    assert edge.health.object()["status"] == "degraded"
    assert any("make room" in t for t in edge.health.object()["troubles"])
    edge.spool._db.execute("PRAGMA max_page_count = 1000000")
    until(lambda: edge.saving.reason is None and edge.intake.queue.empty(), "it writes again", 15)
    until(lambda: sum(p.count for p in waiting(edge)) == 300, "all are stored")


def test_what_came_while_the_disk_refused_waits_no_longer(make_edge, until):
    """It is older than a group may become, so it is written at once and not after another ``commit_ms``."""
    edge = make_edge(more="[spool]\ncommit_rows = 300\ncommit_ms = 4000\n")
    pages = edge.spool._db.execute("PRAGMA page_count").fetchone()[0]
    edge.spool._db.execute(f"PRAGMA max_page_count = {pages}")
    for i in range(300):
        edge.intake.take("d", f"q{i}", float(i), "mm", 1, wall_ms())
    until(lambda: edge.saving.reason, "the writer meets the full disk")
    edge.intake.take("d", "late", 1.0, "mm", 1, wall_ms())
    refused = time.monotonic()
    until(lambda: time.monotonic() > refused + 4, "the time of a group is over", 5)
    edge.spool._db.execute("PRAGMA max_page_count = 1000000")
    until(lambda: edge.saving.reason is None, "it writes again", 15)
    until(lambda: sum(p.count for p in waiting(edge)) == 301, "the late one is stored too", 2.5)


def test_ports_wait_when_the_queue_is_full(make_edge, until):
    """A port's thread waits for room rather than drop."""
    edge = make_edge(more="[spool]\ncommit_rows = 1\ncommit_ms = 10\n")
    edge.intake.queue.maxsize = 5
    feeder = threading.Thread(target=lambda: [edge.intake.take("d", "rain", float(i), "mm", 1, wall_ms()) for i in range(200)])
    feeder.start()
    feeder.join(20)
    until(lambda: edge.spool.stats().packs == 200, "all are stored")
    assert edge.intake.waits > 0
