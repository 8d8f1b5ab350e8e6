"""The line to the broker: a durable session, acknowledged by hand, MQTT 5 where the broker speaks it and 3.1.1 where not."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from kampung_contract.backoff import Backoff
from kampung_contract.topics import FILTERS
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from kampung_cloud.config import Broker
from kampung_cloud.health import Health
from kampung_cloud.ingest.client import WideClient
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.pending import PATIENCE_S, Pending

log = structlog.get_logger()

SESSION_EXPIRY_S = 14 * 86_400
UNSUPPORTED_VERSION = 132
BACKOFF_S = (0.25, 5.0)
"""First and longest wait: one cloud, for which a whole regency waits, may ask more often than 217 kiosks."""
CONNECT_S = 5.0
KEEPALIVE_S = 15
"""A line that swallows everything is noticed within twice this."""
LOOK_S = 1.0
UNDER_WAY = 200
"""Publications that the broker may not have acknowledged yet."""


class Link:
    """Connects, and connects again, until stopped.

    ``deliver`` is called in the network's thread and may hold it back for seconds, not longer.
    """

    def __init__(
        self,
        config: Broker,
        deliver: Callable[[list[Message]], None],
        health: Health,
        in_flight: int = 10_000,
        *,
        filters: Sequence[str] = FILTERS,
        qos: int = 1,
        lost: threading.Event | None = None,
    ) -> None:
        """``lost``: set once the session is somebody else's, who would be thrown out by our connecting again."""
        self._config = config
        self._filters = [(topic, qos) for topic in filters]
        self._in_flight = in_flight
        self._deliver = deliver
        self._health = health
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._lost = lost or threading.Event()
        self._version: int | None = None
        self._client: WideClient | None = None
        self._refusal: tuple[int, str] | None = None
        self.line = 0
        """Number of the present connection; 0 before the first."""
        self.connected = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker-link", daemon=True)
        health.begin("broker", f"connecting to {config.url}")

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Disconnect; the broker keeps the session."""
        self._stopping.set()
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(5)

    def reconnect(self) -> None:
        """Connect anew, so that the broker delivers again what was not acknowledged."""
        self._ended.set()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """At QoS 1. While the line is down this does nothing: receipts are asked for again, documents are published on connect."""
        client = self._client
        if client is not None and client.is_connected():
            client.pending.sent(client.publish(topic, payload, qos=1, retain=retain).mid, time.monotonic())

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Give up the broker's copies, in order of arrival."""
        client, line = self._client, self.line
        if client is not None:
            client.acknowledge([m.mid for m in messages if m.line == line and m.qos])

    def _run(self) -> None:
        backoff = Backoff(*BACKOFF_S)
        while not (self._stopping.is_set() or self._lost.is_set()):
            if self._session():
                backoff.forgive()
            if self._stopping.wait(backoff.pause()):
                break

    def _session(self) -> bool:
        """One connection from beginning to end; whether it ever stood."""
        try:
            version = self._version = self._version or self._probe()
        except (OSError, ValueError) as error:
            self._unreachable(error)
            return False
        self._ended.clear()
        self._refusal = None
        client = self._make(version)
        stood = threading.Event()
        client.on_connect = lambda c, _u, _f, code, _p: self._on_connect(c, code, stood)
        client.on_disconnect = lambda *_: self._ended.set()
        client.on_publish = lambda _c, _u, number, *_: client.pending.acknowledged(number, time.monotonic())
        try:
            if version == mqtt.MQTTv5:
                properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
                properties.SessionExpiryInterval = SESSION_EXPIRY_S
                properties.ReceiveMaximum = self._in_flight
                client.connect(self._config.host, self._config.port, keepalive=KEEPALIVE_S, clean_start=False, properties=properties)
            else:
                client.connect(self._config.host, self._config.port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            self._unreachable(error)
            return False
        self._client = client
        client.loop_start()
        try:
            self._wait(stood, client.pending)
        finally:
            self.connected.clear()
            client.disconnect()
            client.loop_stop()
        if not stood.is_set():
            self._after_refusal()
        elif not self._stopping.is_set():
            self._health.set("broker", False, f"{self._config.url}: connection lost")
        return stood.is_set()

    def _wait(self, stood: threading.Event, pending: Pending) -> None:
        patience = time.monotonic() + CONNECT_S
        while not self._ended.wait(LOOK_S):
            if self._lost.is_set() or (not stood.is_set() and time.monotonic() > patience):
                return
            if pending.stuck(time.monotonic()):
                log.warning("acknowledgements of the broker are missing; connecting anew", broker=self._config.url, seconds=PATIENCE_S)
                return

    def _unreachable(self, error: Exception) -> None:
        self._health.set("broker", False, f"{self._config.url} cannot be reached: {error}")

    def _probe(self) -> int:
        """5 or 4 (3.1.1), whichever the broker speaks.

        Asked without properties, since a broker of 3.1.1 takes those for the client's name and waits for more instead of refusing.
        """
        client = self._client_for(mqtt.MQTTv5, "-probe")
        codes: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        client.on_connect = lambda _c, _u, _f, code, _p: codes.put(code.value if code.is_failure else 0)
        client.on_disconnect = lambda *_: codes.put(None)
        client.connect(self._config.host, self._config.port)
        client.loop_start()
        try:
            code = codes.get(timeout=CONNECT_S)
        except queue.Empty:
            code = None
        finally:
            client.disconnect()
            client.loop_stop()
        return mqtt.MQTTv311 if code in (None, UNSUPPORTED_VERSION) else mqtt.MQTTv5

    def _client_for(self, version: int, suffix: str = "", line: int = 0) -> WideClient:
        durable: dict[str, Any] = {} if version == mqtt.MQTTv5 else {"clean_session": False}
        client = WideClient(
            CallbackAPIVersion.VERSION2,
            deliver=self._deliver,
            line=line,
            client_id=self._config.client_id + suffix,
            protocol=MQTTProtocolVersion(version),
            reconnect_on_failure=False,
            manual_ack=True,
            transport="unix" if self._config.local else "tcp",
            **durable,
        )
        if self._config.username is not None:
            client.username_pw_set(self._config.username, self._config.password)
        if self._config.tls:
            client.tls_set(ca_certs=str(self._config.ca_file) if self._config.ca_file else None)
        return client

    def _make(self, version: int) -> WideClient:
        line = self.line + 1
        client = self._client_for(version, line=line)
        client.max_inflight_messages_set(UNDER_WAY)
        client.max_queued_messages_set(100_000)
        client.on_subscribe = lambda _c, _u, _m, codes, _p: self._on_subscribe(codes, line)
        return client

    def _on_connect(self, client: mqtt.Client, code: Any, stood: threading.Event) -> None:
        if code.is_failure:
            self._refusal = (code.value, str(code))
            self._ended.set()
            return
        stood.set()
        self.line += 1
        client.subscribe(self._filters)

    def _on_subscribe(self, codes: list[Any], line: int) -> None:
        refused = [str(code) for code in codes if code.is_failure]
        if refused:
            self._health.set("broker", False, f"{self._config.url} refuses the subscription: {refused[0]}; check its access rules")
            return
        self.connected.set()
        name = "MQTT 5" if self._version == mqtt.MQTTv5 else "MQTT 3.1.1"
        self._health.set("broker", True, f"{self._config.url}, {name}")
        log.info("connected", broker=self._config.url, protocol=name, line=line)

    def _after_refusal(self) -> None:
        """The broker may be another one than before."""
        value, text = self._refusal or (None, "no answer")
        if value in (None, UNSUPPORTED_VERSION):
            self._version = None  # ask again
        self._health.set("broker", False, f"{self._config.url} refuses the connection: {text}")
