"""From MQTT to receipt, over both brokers where the broker matters."""

from __future__ import annotations

import base64
import signal
import threading
from collections.abc import Callable

import cbor2
import pytest
from kampung_cloud.app import CloudApp
from kampung_contract.pack import Clock, Column, Pack, column, encode
from kampung_contract.topics import Lane

from .conftest import HTTP, BrokerProcess, EdgeClient, get, make_pack, now_ms, until

Cloud = Callable[..., CloudApp]
Edge = Callable[..., EdgeClient]
MEMORY = {"telemetry": {"url": "memory:"}}
SOIL = "kiosk-1.soil-1.soil_moisture"


def soil(t: int, *values: float) -> Column:
    return column("soil-1/soil_moisture", "%", [(t + i * 1000, v, 1) for i, v in enumerate(values)])


def test_packs_are_stored_and_receipted(broker: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(broker.url), connect(broker)
    t = now_ms() - 60_000
    for seq in range(1, 21):
        edge.pack(seq, soil(t + seq * 10, 30.0 + seq, 31.0))
    assert until(lambda: len(edge.receipted()) == 20)
    assert {r.credit for r in edge.receipts} == {256}
    assert len(get(app, f"series/{SOIL}/window", every="raw")["t"]) == 40
    name = "MQTT 5" if broker.kind == "mosquitto" else "MQTT 3.1.1"
    assert name in get(app, "healthz")["checks"]["broker"]["detail"]
    (node,) = get(app, "nodes")
    assert (node["readings"], node["complete"]) == (40, True)
    assert node["summary"] == {"id": "Semua 40 pembacaan ada di sini", "en": "All 40 readings are here"}
    assert node["epochs"][0]["known"] == 20


def test_a_pack_again_is_receipted_again_and_changes_nothing(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    t = now_ms() - 60_000
    for _ in range(3):
        count = len(edge.receipts)
        edge.pack(1, soil(t, 30.0, 31.0))
        assert until(lambda count=count: len(edge.receipts) > count)  # type: ignore[misc]
    edge.pack(1, soil(t, 30.0, 31.0, 32.0), lane=Lane.BACKFILL)  # partly new
    assert until(lambda: get(app, "nodes")[0]["readings"] == 3)
    assert get(app, "nodes")[0]["epochs"][0]["known"] == 1
    assert "kampung_duplicate_readings_total 6.0" in HTTP.get(f"{app.url}/api/v1/metrics").text


def test_a_hundred_poisoned_messages_in_a_row_stall_nothing(broker: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(broker.url, **MEMORY), connect(broker)
    poison = [b"", b"\x00" * 20, b"x\x9c broken", b"{" * 5000, b'{"v":1}', b"\xff\xfe", b"[]", b"null", b'{"v":1,"epoch":1}', b"x" * 70_000]
    for n in range(100):
        edge.send(edge.address.up(Lane.LIVE), poison[n % 10] + (b"" if n < 10 else b" %d" % n))
    edge.pack(1, soil(now_ms() - 5000, 30.0))
    assert until(lambda: 1 in edge.receipted(), 60)
    letters = get(app, "dead-letters", limit=1000)
    assert sum(x["count"] for x in letters) == 100
    assert {x["reason"] for x in letters} == {"pack"}
    assert any(base64.b64decode(x["bytes"]) == b"\x00" * 20 and x["size"] == 20 for x in letters)


def test_the_same_bytes_count_up(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    for _ in range(5):
        edge.send(edge.address.up(Lane.LIVE), b"junk")
    assert until(lambda: [x["count"] for x in get(app, "dead-letters")] == [5])
    (letter,) = get(app, "dead-letters")
    assert (letter["code"], letter["topic"]) == ("invalid_pack", edge.address.up(Lane.LIVE))
    assert "junk" in letter["detail"]


def test_what_can_be_named_is_rejected(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    live = edge.address.up(Lane.LIVE)
    edge.send(live, b'{"v":2,"epoch":"aabbccdd","seq":7,"boot":"b","clock":{"synchronised":true,"up":1}}')
    edge.send(live, b'{"v":1,"epoch":"aabbccdd","seq":8,"boot":"b","clock":5}')
    edge.send("kampung/v1/999999/2008/kiosk-9/up/live", encode(make_pack(3, epoch="eeeeeeee")))
    edge.send("kampung/v1/351024/2008/kiosk-1/up/strange", encode(make_pack(4)))
    assert until(lambda: len(edge.rejected()) == 4)
    assert edge.rejected() == {7: "unknown_version", 8: "invalid_pack", 3: "unknown_village", 4: "invalid_topic"}
    assert any(topic == "kampung/v1/999999/2008/kiosk-9/down/receipt" for topic, _, _ in edge.got)
    assert edge.receipted() == set()
    assert sorted(x["reason"] for x in get(app, "dead-letters")) == ["pack", "pack", "topic", "topic"]


def test_a_bad_column_is_set_aside_and_the_others_are_stored(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    t = now_ms() - 5000
    far = now_ms() + 25 * 3_600_000
    edge.pack(
        1,
        soil(t, 30.0),
        column("air/air_temperature", "F", [(t, 80.0, 1)]),
        column("old/soil_ph", "pH", [(1_500_000_000_000, 6.0, 1)]),
        column("ahead/soil_ph", "pH", [(far, 6.0, 1)]),
        column("Bad Name/x", "1", [(t, 6.0, 1)]),
        column("new-1/never_heard_of", "furlong", [(t, 6.0, 1)]),
    )
    assert until(lambda: edge.receipted() == {1})
    assert {s["id"] for s in get(app, "series")} == {SOIL, "kiosk-1.new-1.never_heard_of"}
    letters = get(app, "dead-letters")
    assert sorted(x["code"] for x in letters) == ["implausible_time", "implausible_time", "invalid_column", "wrong_unit"]
    assert all(x["reason"] == "column" and base64.b64decode(x["bytes"]).startswith(b'{"n":') for x in letters)
    edge.pack(2, column("new-1/never_heard_of", "ell", [(t + 1, 6.0, 1)]))
    assert until(lambda: edge.receipted() == {1, 2})
    assert get(app, "dead-letters")[0]["code"] == "wrong_unit"


def test_a_node_cannot_flood_the_store_with_series(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY, ingest={"max_series_per_node": 3}), connect(mosquitto)
    edge.pack(1, *(column(f"d{n}/soil_ph", "pH", [(now_ms() - 10, 6.0, 1)]) for n in range(5)))
    assert until(lambda: edge.receipted() == {1})
    assert len(get(app, "series")) == 3
    assert {x["code"] for x in get(app, "dead-letters")} == {"too_many_series"}


def test_a_node_of_another_village_is_refused(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge, thief = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto), connect(mosquitto, village="35.10.01.2001")
    edge.pack(1, soil(now_ms() - 10, 30.0))
    assert until(lambda: edge.receipted() == {1})
    thief.pack(2, soil(now_ms() - 10, 1.0))
    assert until(lambda: thief.rejected() == {2: "node_elsewhere"})
    assert get(app, "nodes")[0]["readings"] == 1


def test_foreign_devices_speak_senml(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    t = now_ms() / 1000 - 60
    topic = f"{edge.address.base}/senml/weather"
    timed = b'[{"bn":"urn:dev:1:","bt":%f,"n":"air_temperature","u":"Cel","v":27.5},{"n":"relative_humidity","u":"%%RH","v":81}]' % t
    edge.send(topic, timed)
    edge.send(topic, timed)
    edge.send(topic, cbor2.dumps([{-3: t + 1, 0: "air_temperature", 1: "Cel", 2: 28.5}, {0: "air_temperature", 1: "Cel", 2: 999.0, 6: 1}]))
    for _ in range(3):
        edge.send(topic, b'[{"n":"rain","u":"mm","v":0.2}]')
    edge.send(topic, b'[{"n":"air_temperature","vs":"warm"}]')
    assert until(lambda: {s["quantity"]: s["last"]["value"] for s in get(app, "series")}.keys() >= {"rain", "air_temperature"})
    assert until(lambda: len(get(app, "dead-letters")) == 1)
    air = get(app, "series/kiosk-1.weather.air_temperature/window", every="raw")
    assert (air["v"], air["q"]) == ([27.5, 28.5, 999.0], [1, 1, 4])
    rain = get(app, "series/kiosk-1.weather.rain/window", every="raw", stop=now_ms() + 1000)
    assert rain["v"] == [0.2, 0.2, 0.2]
    assert len(set(rain["t"])) == 3
    (letter,) = get(app, "dead-letters")
    assert (letter["reason"], letter["code"]) == ("senml", "invalid_senml")


def test_events_are_kept_before_the_receipt(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    for _ in range(2):
        edge.pack(1, events=[{"type": "gap", "from": 1, "to": 9}, {"type": "request", "name": "surat"}], lane=Lane.EVENT)
    assert until(lambda: edge.receipted() == {1})
    assert until(lambda: 'lane="event"} 2.0' in HTTP.get(f"{app.url}/api/v1/metrics").text)
    with app._records.session() as session:
        rows = session.connection().exec_driver_sql("SELECT position, type FROM events ORDER BY position").all()
    assert [tuple(r) for r in rows] == [(0, "gap"), (1, "request")]


def test_a_broker_that_comes_later_is_waited_for(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    mosquitto.stop()
    app = start_cloud(mosquitto.url, wait=False, **MEMORY)
    assert until(lambda: "cannot be reached" in get(app, "healthz")["checks"]["broker"]["detail"])
    assert get(app, "healthz")["status"] == "degraded"
    mosquitto.start()
    assert until(lambda: get(app, "healthz")["status"] == "ok", 60)
    edge = connect(mosquitto)
    edge.pack(1, soil(now_ms() - 10, 30.0))
    assert until(lambda: edge.receipted() == {1})


def test_a_broker_that_is_killed_comes_back(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app = start_cloud(mosquitto.url, **MEMORY)
    mosquitto.stop(signal.SIGKILL)
    assert until(lambda: get(app, "healthz")["status"] == "degraded")
    mosquitto.start()
    assert until(lambda: get(app, "healthz")["status"] == "ok", 60)
    edge = connect(mosquitto)
    edge.pack(1, soil(now_ms() - 10, 30.0))
    assert until(lambda: edge.receipted() == {1})


def test_another_kind_of_broker_in_the_same_place(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    """Down from MQTT 5 to 3.1.1 within one process."""
    app = start_cloud(mosquitto.url, **MEMORY)
    mosquitto.stop()
    mosquitto.kind = "amqtt"
    mosquitto.start()
    assert until(lambda: "3.1.1" in get(app, "healthz")["checks"]["broker"]["detail"], 60)
    edge = connect(mosquitto)
    edge.pack(1, soil(now_ms() - 10, 30.0))
    assert until(lambda: edge.receipted() == {1})


def test_an_unsynchronised_clock_is_shown(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    pack = Pack(1, "aabbccdd", 1, "b", Clock(False, 10, now_ms()), [soil(now_ms() - 10, 30.0)])
    edge.send(edge.address.up(Lane.LIVE), encode(pack))
    assert until(lambda: edge.receipted() == {1})
    assert get(app, "nodes")[0]["clock"] == "unsynchronised"


@pytest.mark.parametrize("payload", [b"", b"{}", b"junk", b'{"online":1}'])
def test_a_strange_state_is_a_dead_letter(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, payload: bytes) -> None:
    """An empty one only clears what was retained."""
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    edge.send(edge.address.state, payload)
    edge.pack(1, soil(now_ms() - 10, 30.0))
    assert until(lambda: edge.receipted() == {1})
    assert [x["reason"] for x in get(app, "dead-letters")] == (["state"] if payload else [])


def test_a_thousand_poisoned_messages_in_a_row_do_not_hold_up_what_is_fresh(
    mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge
) -> None:
    app, edge, other = start_cloud(mosquitto.url), connect(mosquitto), connect(mosquitto, node="kiosk-2")
    for n in range(1, 1001):
        poison = b'{"v":2,"epoch":"aabbccdd","seq":%d,"boot":"b","clock":{"synchronised":true,"up":1}}' % n
        edge._client.publish(edge.address.up(Lane.BACKFILL), poison, qos=1)
    for seq in range(1, 6):
        other.pack(seq, column("soil-1/soil_moisture", "%", [(now_ms(), 30.0, 1)]))
        assert until(lambda seq=seq: seq in other.receipted())  # type: ignore[misc]
    assert until(lambda: len(edge.rejected()) == 1000, 60)
    assert sum(x["count"] for x in get(app, "dead-letters", limit=1000)) == 1000


def test_two_epochs_at_once_are_two_sets_of_packs(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url, **MEMORY), connect(mosquitto)
    t = now_ms() - 60_000
    for seq in (1, 2, 3):
        edge.pack(seq, soil(t + seq, 30.0))
        edge.pack(seq, soil(t + 10_000 + seq, 31.0), epoch="eeeeeeee")
    assert until(lambda: edge.receipted() == edge.receipted("eeeeeeee") == {1, 2, 3})
    assert [(e["epoch"], e["known"]) for e in get(app, "nodes")[0]["epochs"]] == [("aabbccdd", 3), ("eeeeeeee", 3)]


def test_numbers_that_are_used_again_after_an_old_spool_was_restored(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge) -> None:
    app, edge = start_cloud(mosquitto.url), connect(mosquitto)
    t = now_ms() - 60_000
    for seq in (1, 2):
        edge.pack(seq, soil(t + seq, 30.0))
    assert until(lambda: edge.receipted() == {1, 2})
    edge.pack(1, soil(t + 1, 30.0))  # only repeated
    edge.pack(2, soil(t + 2, 30.0), column("air/air_temperature", "Cel", [(t, 25.0, 1), (t + 1, 26.0, 1)]))
    assert until(lambda: get(app, "nodes")[0]["reused"] == 2)
    assert get(app, "nodes")[0]["readings"] == 4
    assert "kampung_reused_readings_total 2.0" in HTTP.get(f"{app.url}/api/v1/metrics").text


@pytest.mark.parametrize("batch_packs", [1, 256])
def test_numbers_used_again_at_once_are_counted_too(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, batch_packs: int) -> None:
    """Packs of one number in batches that follow one another, the second taken apart while the first is committed; and in one batch."""
    app, edge = start_cloud(mosquitto.url, ingest={"batch_packs": batch_packs}), connect(mosquitto)
    t = now_ms() - 60_000
    edge.pack(1, soil(t, 30.0))
    assert until(lambda: edge.receipted() == {1}, 60)
    hold, held = threading.Event(), threading.Event()

    def wait() -> None:
        held.set()
        assert hold.wait(60)

    app._worker.between(wait)
    assert held.wait(60)
    for seq, value in ((2, 31.0), (2, 32.0), (3, 33.0), (3, 33.0), (4, 34.0), (5, 35.0)):  # with another content; only repeated
        edge.pack(seq, soil(t + seq * 1000, value))
    assert until(lambda: app._worker.waiting == 6, 60)
    hold.set()
    assert until(lambda: edge.receipted() == set(range(1, 6)), 60)
    assert until(lambda: get(app, "nodes")[0]["readings"] == 6, 60)
    assert get(app, "nodes")[0]["reused"] == 1
    assert "kampung_reused_readings_total 1.0" in HTTP.get(f"{app.url}/api/v1/metrics").text
