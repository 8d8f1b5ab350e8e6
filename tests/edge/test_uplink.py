"""The way to the cloud over real brokers."""

from __future__ import annotations

import time

import pytest
from kampung_contract.documents import State, encode
from kampung_contract.receipt import Rejection
from kampung_edge.clock import wall_ms

FAST = "[uplink]\nresend_s = 0.3\n[spool]\ncommit_ms = 50\n"


def feed(edge, value=1.4, at=None):
    edge.intake.take("river-1", "water_level", value, "m", 1, wall_ms() if at is None else at)


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_delivers_over_both_brokers_and_forgets_on_receipt_alone(kind, make_broker, make_cloud, make_edge, until):
    """MQTT 5 with Mosquitto, 3.1.1 with the embedded broker; a PUBACK forgets nothing."""
    broker = make_broker(kind)
    cloud = make_cloud(broker)
    cloud.silent = True
    edge = make_edge(broker=broker.url, more=FAST)
    feed(edge)
    until(lambda: cloud.packs, "the pack has come")
    assert edge.uplink._dialect.version.name == ("MQTTv5" if kind == "mosquitto" else "MQTTv311")
    lane, pack = cloud.packs[0]
    assert (lane, pack.seq, pack.series[0].n, pack.series[0].v) == ("live", 1, "river-1/water_level", [1.4])
    until(lambda: len(cloud.packs) > 2, "it is sent again without a receipt")
    assert edge.spool.stats().packs == 1
    cloud.receipt(pack.epoch, [pack.seq])
    until(lambda: edge.spool.stats().packs == 0, "the receipt lets go")
    state = until(lambda: next((s for s in cloud.states if s.online), None), "the birth has come")
    assert (state.epoch, state.run) == (edge.spool.epoch, edge.presence.run)


def test_foreign_and_early_receipts_change_nothing(make_broker, make_cloud, make_edge, until):
    """A receipt of another epoch, or for numbers that do not exist, is ignored and counted."""
    broker = make_broker()
    cloud = make_cloud(broker)
    cloud.silent = True
    edge = make_edge(broker=broker.url, more=FAST)
    feed(edge)
    until(lambda: cloud.packs, "the pack has come")
    cloud.receipt("00000000deadbeef", [1])
    cloud.receipt(edge.spool.epoch, [77, 78])
    cloud.publish(cloud.address.receipt, b"\xff nonsense")
    until(lambda: edge.spool.stats().ignored_receipts == 2, "both are counted")
    assert edge.spool.stats().packs == 1


def test_rejected_packs_are_kept_apart(make_broker, make_cloud, make_edge, until):
    """A rejected pack waits no more, but its bytes, code and detail stay."""
    broker = make_broker()
    cloud = make_cloud(broker)
    cloud.silent = True
    edge = make_edge(broker=broker.url, more=FAST)
    feed(edge)
    until(lambda: cloud.packs, "the pack has come")
    cloud.receipt(edge.spool.epoch, [], rejected=[Rejection(1, "invalid_column", "no such thing")])
    until(lambda: edge.spool.stats().rejected == 1, "it is put apart")
    assert edge.spool.stats().packs == 0


def test_lane_follows_age_at_sending(make_broker, make_cloud, make_edge, until):
    """Old readings travel as backfill, events before everything."""
    broker = make_broker()
    edge = make_edge(broker=broker.url, more=FAST)
    feed(edge, 1.0, wall_ms() - 3_600_000)
    feed(edge, 2.0)
    edge.intake.event({"type": "request", "id": "r1"})
    cloud = make_cloud(broker)
    cloud_lanes = until(lambda: {lane for lane, _ in cloud.packs} == {"live", "backfill", "event"} and cloud.packs, "all three lanes")
    assert {lane: p.events or p.series[0].v for lane, p in cloud_lanes} == {
        "backfill": [1.0],
        "live": [2.0],
        "event": [{"type": "request", "id": "r1"}],
    }


def test_broker_restart_loses_nothing(make_broker, make_cloud, make_edge, until):
    """What was not receipted before the broker died comes again after; the link's state follows."""
    broker = make_broker()
    cloud = make_cloud(broker)
    cloud.silent = True
    edge = make_edge(broker=broker.url, more=FAST)
    feed(edge, 1.0)
    until(lambda: cloud.packs, "the first pack has come")
    until(lambda: edge.link.state.up, "the link is up")
    broker.stop()
    until(lambda: not edge.link.state.up, "the link is down")
    feed(edge, 2.0)
    cloud.packs.clear()
    cloud.silent = False
    broker.start()
    until(lambda: edge.spool.stats().packs == 0, "everything is receipted", 20)
    assert sorted(set(cloud.seqs())) == [1, 2]


def test_window_bounds_what_is_under_way(make_broker, make_cloud, make_edge, until):
    """At most ``window`` packs without a receipt; the cloud's credit lowers it; all arrive in the end."""
    broker = make_broker()
    cloud = make_cloud(broker)
    cloud.silent = True
    edge = make_edge(broker=broker.url, more="[uplink]\nresend_s = 60\nwindow = 3\n")
    for n in range(9):
        edge.intake.event({"type": "note", "n": n})
    until(lambda: len(cloud.packs) == 3, "three packs")
    cloud.receipt(edge.spool.epoch, [1], credit=2)
    time.sleep(0.3)
    assert len(cloud.packs) == 3
    cloud.receipt(edge.spool.epoch, [2], credit=2)
    until(lambda: len(cloud.packs) == 4, "the fourth")
    cloud.silent = False
    cloud.receipt(edge.spool.epoch, [3, 4])
    until(lambda: edge.spool.stats().packs == 0, "the rest")
    assert cloud.seqs() == list(range(1, 10))


def test_two_edges_of_one_name_are_told(make_broker, make_edge, make_cloud, until):
    """Both say so in their health and in the state the cloud reads."""
    broker = make_broker()
    cloud = make_cloud(broker)
    one = make_edge(broker=broker.url, folder="one")
    until(lambda: one.link.state.up, "the first is connected")
    two = make_edge(broker=broker.url, folder="two")
    until(lambda: one.presence.conflict and two.presence.conflict, "both see each other")
    assert "rename one" in one.health.object()["conflict"]
    until(lambda: {s.run for s in cloud.states if s.conflict} == {one.presence.run, two.presence.run}, "both say so to the cloud")


def test_last_will_of_an_earlier_run_is_answered(make_broker, make_cloud, make_edge, until):
    """A late last will must not leave a living edge offline on the broker; it is no conflict."""
    broker = make_broker()
    cloud = make_cloud(broker)
    edge = make_edge(broker=broker.url)
    until(lambda: cloud.states, "the birth has come")
    cloud.publish(cloud.address.state, encode(State(False, edge.spool.epoch, "oldrun")), retain=True)
    until(lambda: len(cloud.states) >= 3 and cloud.states[-1].online, "the birth is published again")
    assert edge.presence.conflict is None


def test_stopping_says_offline(make_broker, make_cloud, write_config, until):
    """A planned stop publishes the state itself."""
    from kampung_edge.app import EdgeApp
    from kampung_edge.config import load

    broker = make_broker()
    cloud = make_cloud(broker)
    edge = EdgeApp(load(write_config(broker=broker.url)))
    edge.start()
    until(lambda: edge.link.state.up, "the link is up")
    begun = time.monotonic()
    edge.stop()
    assert time.monotonic() - begun < 20
    until(lambda: cloud.states[-1].online is False, "offline")


def test_documents_come_and_stay(make_broker, make_cloud, make_edge, write_config, until, api):
    """A higher version replaces, a lower one only when it is newer; all of it survives a restart without a broker."""
    broker = make_broker()
    cloud = make_cloud(broker)
    cloud.content("announcements", 3, 1_000, {"items": [{"id": "a"}]})
    edge = make_edge(broker=broker.url)
    until(lambda: api(edge.port, "/api/content/announcements")[0] == 200, "the retained document is here")
    cloud.content("announcements", 2, 900, {"items": [{"id": "old"}]})
    cloud.content("alarms", 1, 1_000, {"alarms": []})
    until(lambda: api(edge.port, "/api/content/alarms")[0] == 200, "the second document is here")
    body = api(edge.port, "/api/content/announcements")[1]
    assert (body["key"], body["version"], body["document"]) == ("announcements", 3, {"items": [{"id": "a"}]})
    cloud.content("announcements", 1, 2_000, {"items": [{"id": "afresh"}]})
    until(lambda: api(edge.port, "/api/content/announcements")[1]["version"] == 1, "a cloud that counts afresh is believed")
    edge.stop()
    broker.stop()
    again = make_edge(broker=broker.url)
    assert api(again.port, "/api/content/announcements")[1]["document"] == {"items": [{"id": "afresh"}]}
