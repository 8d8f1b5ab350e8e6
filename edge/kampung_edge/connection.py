"""One connection to the broker. MQTT 5 where it is spoken, else 3.1.1. Adapter of paho-mqtt."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from kampung_edge.config import Broker

CONNECT_S = 10.0
TRY_S = 2.0
KEEPALIVE_S = 30
INFLIGHT = 20
"""Publications without a PUBACK that are under way at once; a broker may allow fewer."""
GOODBYE_S = 1.0
CLOSED = "it closes the line without a word"
REFUSED_VERSION = {"Unsupported protocol version", "Protocol error", "Malformed packet", CLOSED}


class Unreachable(Exception):
    """The broker cannot be reached or refuses us; the text says why. ``at_once``: something was learned, and a new try may succeed."""

    def __init__(self, reason: str, at_once: bool = False) -> None:
        super().__init__(reason)
        self.at_once = at_once


@dataclass(frozen=True, slots=True)
class Message:
    """``retained``: it stood on the broker before we came."""

    topic: str
    payload: bytes
    retained: bool


class Dialect:
    """What has been learned of this broker; survives connections."""

    def __init__(self) -> None:
        self.version = MQTTProtocolVersion.MQTTv5
        self.inflight = INFLIGHT
        self._proven = False

    @property
    def patience_s(self) -> float:
        """How long an answer to CONNECT may take. Some 3.1.1 brokers (amqtt) leave one of MQTT 5 unanswered and the line open."""
        trying = self.version is MQTTProtocolVersion.MQTTv5 and not self._proven
        return TRY_S if trying else CONNECT_S

    def worked(self) -> None:
        """A connection stood."""
        self._proven = True

    def failed(self) -> bool:
        """The broker answered the connection attempt with anything but success; True when another version is worth a try at once."""
        if self._proven:
            return False
        first = self.version is MQTTProtocolVersion.MQTTv5
        self.version = MQTTProtocolVersion.MQTTv311 if first else MQTTProtocolVersion.MQTTv5
        return first


class Connection:
    """``open`` to ``close``; never reconnects by itself. Callbacks come from paho's thread."""

    def __init__(
        self,
        *,
        broker: Broker,
        client_id: str,
        will: tuple[str, bytes],
        dialect: Dialect,
        on_message: Callable[[Message], None],
        on_change: Callable[[], None],
        on_taken: Callable[[float, int, int], None] = lambda *_: None,
    ) -> None:
        """``on_change``: the connection is lost, or the broker has taken something.

        ``on_taken``: the broker took a publication; the seconds that took, its bytes, and the bytes under way just before.
        """
        self._on_taken = on_taken
        self._counting = threading.Lock()
        self._under: dict[int, tuple[float, int]] = {}
        self._early: set[int] = set()
        self.under_way = 0
        """Bytes of publications that the broker has not taken."""
        self._broker, self._dialect, self._on_message, self._on_change = broker, dialect, on_message, on_change
        self._answered = threading.Event()
        self._refusal = ""
        self._aliases: dict[str, int] = {}
        self._alias_room = 0
        self._fewer = False
        self.lost = threading.Event()
        self.reason = ""
        self.published = self.acknowledged = 0
        """Publications made, and those the broker has taken."""
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=dialect.version, reconnect_on_failure=False, manual_ack=False
        )
        client = self._client
        client.max_inflight_messages_set(dialect.inflight)
        client.connect_timeout = CONNECT_S
        client.will_set(*will, qos=1, retain=True)
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls:
            client.tls_set()
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_message, client.on_publish = self._received, self._taken

    def open(self) -> None:
        """Returns when the broker has accepted us. Raises ``Unreachable``."""
        v5 = self._dialect.version is MQTTProtocolVersion.MQTTv5
        clean: dict[str, Any] = {"clean_start": True} if v5 else {}
        try:
            self._client.connect(self._broker.host, self._broker.port, KEEPALIVE_S, **clean)
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from None
        self._client.loop_start()
        if not self._answered.wait(self._dialect.patience_s):
            self.close()
            raise self._unreachable("the broker does not answer the connection attempt", self._dialect.failed())
        if self._fewer:
            self.close()
            raise Unreachable(f"the broker takes {self._dialect.inflight} publications at once; connecting again with that", at_once=True)
        if self._refusal:
            self.close()
            other = self._refusal in REFUSED_VERSION and self._dialect.failed()
            raise self._unreachable(f"the broker refuses: {self._refusal}", other)
        self._dialect.worked()

    @staticmethod
    def _unreachable(reason: str, other: bool) -> Unreachable:
        return Unreachable(f"{reason}; trying MQTT 3.1.1" if other else reason, at_once=other)

    def subscribe(self, *filters: str) -> None:
        """At QoS 1."""
        if self._is_v5():
            self._client.subscribe([(f, SubscribeOptions(qos=1)) for f in filters])
        else:
            self._client.subscribe([(f, 1) for f in filters])

    @property
    def room(self) -> int:
        """Publications worth handing over now; more would only wait in memory."""
        return max(0, 2 * self._dialect.inflight - (self.published - self.acknowledged))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None) -> paho.MQTTMessageInfo | None:
        """At QoS 1; None when the connection is gone."""
        properties = None
        if self._is_v5() and not retain:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            if content_type:
                properties.ContentType = content_type
            topic = self._aliased(topic, properties)
        self.published += 1
        info = self._client.publish(topic, payload, 1, retain, properties)
        with self._counting:
            if info.mid in self._early:
                self._early.discard(info.mid)
            else:
                self._under[info.mid] = monotonic(), len(payload)
                self.under_way += len(payload)
        return info if info.rc in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_QUEUE_SIZE) else None

    def _aliased(self, topic: str, properties: Properties) -> str:
        """The topic once, then a number for it, as far as the broker keeps numbers: a village pays for its bytes."""
        number = self._aliases.get(topic)
        if number is not None:
            properties.TopicAlias = number
            return ""
        if len(self._aliases) < self._alias_room:
            self._aliases[topic] = properties.TopicAlias = len(self._aliases) + 1
        return topic

    def close(self) -> None:
        """Politely where the broker still listens (the last will is then not published), and within about a second in any case."""
        if self._client.disconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.lost.wait(GOODBYE_S)
        self.drop()

    def drop(self) -> None:
        """Without a goodbye, so that the broker publishes the last will."""
        line = self._client.socket()
        if line is not None:
            with contextlib.suppress(OSError):
                cast(socket.socket, line).shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def _is_v5(self) -> bool:
        return self._dialect.version is MQTTProtocolVersion.MQTTv5

    def _connected(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, properties: Properties | None) -> None:
        if code.is_failure:
            self._refusal = str(code)
        else:
            self._alias_room = getattr(properties, "TopicAliasMaximum", 0)
            allowed = getattr(properties, "ReceiveMaximum", None)
            if isinstance(allowed, int) and allowed < self._dialect.inflight:
                self._dialect.inflight = max(1, allowed)
                self._fewer = True
        self._answered.set()

    def _disconnected(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        self.reason = str(code)
        if not self._answered.is_set():
            self._refusal = CLOSED
            self._answered.set()
        self.lost.set()
        self._on_change()

    def _received(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self._on_message(Message(message.topic, bytes(message.payload), message.retain))

    def _taken(self, _client: Any, _data: Any, number: int, *_: Any) -> None:
        self.acknowledged += 1
        with self._counting:
            sent, before = self._under.pop(number, None), self.under_way
            if sent is None:
                self._early.add(number)
            else:
                self.under_way -= sent[1]
        if sent is not None:
            self._on_taken(monotonic() - sent[0], sent[1], before)
        self._on_change()
