"""paho with a wide mouth: it reads the line in large pieces, takes PUBLISH apart here, and acknowledges many at once.

paho itself asks the operating system three times for every message and once more for every acknowledgement, which is most of the
time that ingest would spend on a pack of one reading. Everything but PUBLISH still goes through paho's own handling.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.exception import MalformedPacket

from kampung_cloud.health import now_ms
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.pending import Pending

READ_BYTES = 128 * 1024
PUBLISH, PUBACK = 0x30, 0x40
GATHER_S = 0.002
KEPT_TOPICS = 10_000


class WideClient(mqtt.Client):
    """``deliver`` gets the messages of one read, in order; ``line`` is put into each."""

    def __init__(self, *arguments: Any, deliver: Callable[[list[Message]], None], line: int = 0, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deliver = deliver
        self._line = line
        self._rest = b""
        self._topics: dict[bytes, str] = {}
        self._read_at = 0.0
        self.pending = Pending()

    def acknowledge(self, mids: Iterable[int]) -> None:
        """Send PUBACK for each, in one piece."""
        numbers = np.fromiter(mids, dtype=">u2")
        if len(numbers) and self._sock is not None:
            packet = np.empty((len(numbers), 2), dtype=">u2")
            packet[:, 0], packet[:, 1] = PUBACK << 8 | 2, numbers
            self._packet_queue(PUBACK, packet.tobytes(), 0, 1)

    def _create_unix_socket_connection(self) -> socket.socket:
        """As paho's, which leaves the socket open when nobody listens."""
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(self.connect_timeout)
        try:
            made.connect(self._host)
        except OSError:
            made.close()
            raise
        return made

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Whatever the line holds now, up to about ``READ_BYTES``."""
        if self._sock is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        if time.monotonic() - self._read_at < GATHER_S:
            # Brokers send each message by itself. In a stream of them a moment's rest makes one read of what would be a hundred.
            time.sleep(GATHER_S)
        data = b""
        try:
            while len(data) < READ_BYTES and (more := self._sock_recv(READ_BYTES)):
                data = data + more if data else more
        except BlockingIOError:
            if not data:
                return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            data = b""
        self._read_at = time.monotonic()
        if not data:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        rc = self._take(self._rest + data if self._rest else data)
        return self._loop_rc_handle(rc) if rc > 0 else rc

    def _take(self, data: bytes) -> MQTTErrorCode:
        at, size = 0, len(data)
        received, five, line, topics, new = now_ms(), self._protocol == mqtt.MQTTv5, self._line, self._topics, tuple.__new__
        messages: list[Message] = []
        rc = MQTTErrorCode.MQTT_ERR_SUCCESS
        while size - at >= 2:
            first, length, begin = data[at], data[at + 1], at + 2
            if length & 0x80:
                try:
                    length, begin = _varint(data, at + 1)
                except IndexError:
                    break
                except ValueError:
                    rc = MQTTErrorCode.MQTT_ERR_PROTOCOL
                    break
            end = begin + length
            if end > size:
                break
            try:
                if first & 0xF0 == PUBLISH:
                    # All of it here: a call for each step would cost a pack of one reading more than the rest of its way.
                    place = begin + 2 + (data[begin] << 8 | data[begin + 1])
                    name = data[begin + 2 : place]
                    topic = topics.get(name)
                    if topic is None:
                        topic = self._topic(name)
                    qos, mid = (first >> 1) & 3, 0
                    if qos:
                        mid = data[place] << 8 | data[place + 1]
                        place += 2
                    if five:
                        properties, place = (data[place], place + 1) if data[place] < 0x80 else _varint(data, place)
                        place += properties
                    if place > end or qos > 1:
                        raise ValueError("a PUBLISH that does not add up")
                    messages.append(new(Message, (topic, data[place:end], bool(first & 1), received, mid, qos, line, bool(first & 8))))
                else:
                    rc = self._other(first, data[begin:end])
            except (MalformedPacket, ValueError, IndexError, struct.error):
                rc = MQTTErrorCode.MQTT_ERR_PROTOCOL
            if rc > 0:
                break
            at = end
        self._rest = data[at:]
        if messages:
            self._deliver(messages)
        return rc

    def _topic(self, name: bytes) -> str:
        if len(self._topics) >= KEPT_TOPICS:
            self._topics.clear()
        topic = self._topics[name] = name.decode("utf-8", "replace")
        return topic

    def _other(self, first: int, body: bytes) -> MQTTErrorCode:
        packet = self._in_packet
        packet["command"], packet["packet"], packet["remaining_length"], packet["pos"] = first, bytearray(body), len(body), 0
        try:
            return self._packet_handle()
        finally:
            packet["command"], packet["packet"] = 0, bytearray()


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Value and the place behind it. Raises ``IndexError`` when it is not all here, ``ValueError`` when it is none."""
    value = 0
    for place in range(4):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return value, at + place + 1
    raise ValueError("a length of more than four bytes")
