"""The parts of ingest that a broker seldom shows: odd framing, redelivery, bounds, credit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from kampung_cloud.alarms import Alarms
from kampung_cloud.app import CloudApp
from kampung_cloud.bus import Bus
from kampung_cloud.ingest import link as link_module
from kampung_cloud.ingest import pending as pending_module
from kampung_cloud.ingest.client import WideClient
from kampung_cloud.ingest.credit import Credit
from kampung_cloud.ingest.intake import Intake
from kampung_cloud.ingest.message import Message, Waiting
from kampung_cloud.ingest.pending import PATIENCE_S, Pending
from kampung_cloud.nodes import Nodes
from kampung_cloud.records import open_records
from kampung_cloud.telemetry import open_store
from kampung_contract.pack import column
from kampung_sim.proxy import Mode, Proxy
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from .conftest import BrokerProcess, EdgeClient, now_ms, until

TOPIC = "kampung/v1/351024/2008/kiosk-1/senml/weather"
T0 = 1_795_280_400_000


def publish(payload: bytes, mid: int, *, five: bool, flags: int = 2, topic: bytes = b"a/b") -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + mid.to_bytes(2, "big") + (b"\x05\x02\x00\x00\x00\x09" if five else b"") + payload
    length, out = len(body), b""
    while True:
        length, byte = length >> 7, length & 0x7F
        out += bytes([byte | (0x80 if length else 0)])
        if not length:
            return bytes([0x30 | flags]) + out + body


@pytest.mark.parametrize("version", [mqtt.MQTTv311, mqtt.MQTTv5])
@pytest.mark.parametrize("piece", [1, 3, 50, 10_000])
def test_publish_is_read_whatever_the_pieces(version: int, piece: int) -> None:
    got: list[Message] = []
    client = WideClient(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion(version), deliver=got.extend, line=7)
    five = version == mqtt.MQTTv5
    stream = publish(b"", 1, five=five) + publish(b"x" * 300, 2, five=five, flags=0x0B) + b"\xd0\x00" + publish(b"y", 65535, five=five)
    for at in range(0, len(stream), piece):
        client._rest, data = b"", client._rest + stream[at : at + piece]
        assert client._take(data) == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert [(m.topic, m.payload, m.retained, m.mid, m.qos, m.line, m.again) for m in got] == [
        ("a/b", b"", False, 1, 1, 7, False),
        ("a/b", b"x" * 300, True, 2, 1, 7, True),
        ("a/b", b"y", False, 65535, 1, 7, False),
    ]


@pytest.mark.parametrize("wrong", [b"\x32\xff\xff\xff\xff\x01", b"\x32\x03\x00\x09a", b"\x36\x07\x00\x01a\x00\x01xx", b"\x32\x00"])
def test_what_is_no_mqtt_ends_the_line(wrong: bytes) -> None:
    client = WideClient(CallbackAPIVersion.VERSION2, deliver=lambda _: None)
    assert client._take(wrong) == MQTTErrorCode.MQTT_ERR_PROTOCOL


def message(payload: bytes, mid: int = 1, line: int = 1, *, again: bool = False, received: int = T0) -> Message:
    return Message(TOPIC, payload, False, received, mid, 1, line, again)


def test_the_queue_is_bounded_by_number_and_by_bytes() -> None:
    waiting = Waiting(3, 100)
    assert waiting.put([message(b"x" * 60)], 0)
    assert waiting.put([message(b"x" * 60)], 0)
    assert not waiting.put([message(b"")], 0)
    assert (len(waiting), waiting.size) == (2, 120)
    assert len(waiting.take(10, 50, 0, 0)) == 1
    assert waiting.put([message(b""), message(b"")], 0)
    assert not waiting.put([message(b"")], 0)
    taker = threading.Timer(0.05, lambda: waiting.take(10, 1000, 0, 0))
    taker.start()
    assert waiting.put([message(b"")], 5)
    taker.join()
    assert waiting.take(10, 1000, 0, 0) == [message(b"")]
    assert (len(waiting), waiting.size, waiting.take(1, 1, 0, 0)) == (0, 0, [])


def test_credit_falls_when_commits_are_slow() -> None:
    credit = Credit(256, 500)
    assert [credit.after(0.01, 0) for _ in range(5)] == [256] * 5
    assert credit.after(0.01, 2_000) == 256
    slow = [credit.after(20.0, 1_000) for _ in range(12)]
    assert slow == sorted(slow, reverse=True)
    assert slow[-1] == 4
    fast = [credit.after(0.01, 0) for _ in range(12)]
    assert fast == sorted(fast)
    assert fast[-1] == 256


def test_acknowledgements_that_are_missing_for_good() -> None:
    """A slow line is none: it acknowledges in order. A gap in that order is one, and so is silence."""
    slow, gap, silent, early = Pending(), Pending(), Pending(), Pending()
    for number in range(1, 200):
        slow.sent(number, 0.0)
    for number in range(1, 100):
        slow.acknowledged(number, number * 10.0)
        assert not slow.stuck(number * 10.0 + PATIENCE_S)
    for pending in (gap, silent):
        pending.sent(1, 0.0)
        pending.sent(2, 1.0)
    gap.acknowledged(2, 2.0)
    assert [gap.stuck(PATIENCE_S - 0.1), gap.stuck(PATIENCE_S + 0.1)] == [False, True]
    gap.acknowledged(1, PATIENCE_S)
    assert not gap.stuck(1e9)
    assert [silent.stuck(PATIENCE_S - 0.1), silent.stuck(PATIENCE_S + 0.1)] == [False, True]
    early.acknowledged(7, 0.0)
    early.sent(7, 0.0)
    assert not early.stuck(1e9)


def test_lost_acknowledgements_do_not_end_receipts(
    mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each keeps a place among the publications under way; when all places are taken, the cloud connects anew."""
    monkeypatch.setattr(pending_module, "PATIENCE_S", 1e9)
    monkeypatch.setattr(link_module, "UNDER_WAY", 20)
    link = Proxy(mosquitto.port)
    start_cloud(f"mqtt://127.0.0.1:{link.port}")
    edge, t, seq = connect(mosquitto), now_ms() - 600_000, 0
    link.set(Mode.NO_PUBACK)
    while not seq or until(lambda n=seq: n in edge.receipted(), 2):  # type: ignore[misc]
        seq += 1
        edge.pack(seq, column("soil-1/soil_moisture", "%", [(t + seq, 30.0, 1)]))
    assert 10 < seq < 30, "all places are taken"
    link.set(Mode.PASS)
    monkeypatch.setattr(pending_module, "PATIENCE_S", 1.0)

    def again() -> bool:
        edge.pack(seq, column("soil-1/soil_moisture", "%", [(t + seq, 30.0, 1)]))
        return until(lambda: seq in edge.receipted(), 0.5)

    assert until(again, 60)
    link.close()


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    store, records = open_store("memory:", tmp_path), open_records("sqlite:r.sqlite", tmp_path)
    return Intake(store, Nodes(records, Bus()), Alarms((), store, records), 10)


RAIN = b'[{"n":"rain","u":"mm","v":0.2}]'


def test_foreign_readings_of_one_millisecond_stay_apart(intake: Intake) -> None:
    work = intake.take(message(RAIN, mid) for mid in range(1, 1001))
    work.batch.rows()
    assert intake._store.commit(work.batch).new == 1000
    after_a_start = Intake(intake._store, intake._nodes, intake._alarms, 10)
    assert intake._store.commit(after_a_start.take([message(RAIN, received=T0 + 5)]).batch).new == 1


def test_a_foreign_message_delivered_again_over_another_line_is_not_doubled(intake: Intake) -> None:
    batches = [
        intake.take([message(RAIN, 5, line=1)]),
        intake.take([message(RAIN, 5, line=2, again=True, received=T0 + 9)]),
        intake.take([message(RAIN, 5, line=3, again=True, received=T0 + 19)]),
        intake.take([message(RAIN, 6, line=3, again=True, received=T0 + 19)]),  # never seen by us
        intake.take([message(RAIN, 5, line=3, received=T0 + 29)]),  # the number is used again
    ]
    assert [len(work.batch) for work in batches] == [1, 0, 0, 1, 1]
