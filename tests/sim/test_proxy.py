"""The link of our own: what it passes, what it loses, and what it never resets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from kampung_sim.proxy import Mode, Packets, Proxy, is_receipt


def publish(topic: str, payload: bytes) -> bytes:
    """A QoS 1 PUBLISH of MQTT 3.1.1."""
    body = len(topic).to_bytes(2, "big") + topic.encode() + b"\0\1" + payload
    length, left = bytearray(), len(body)
    while True:
        left, low = divmod(left, 128)
        length.append(low | (0x80 if left else 0))
        if not left:
            return b"\x32" + bytes(length) + body


RECEIPT = publish("kampung/v1/351024/2008/kios-1/down/receipt", b"{}")
CONTENT = publish("kampung/v1/351024/2008/all/content/alarms", b"x" * 300)
PUBACK = b"\x40\x02\x00\x01"


class Echo:
    """Sends everything back."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            while True:
                end, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(end,), daemon=True).start()
        except OSError:
            return

    @staticmethod
    def _serve(end: socket.socket) -> None:
        with end:
            try:
                while data := end.recv(4096):
                    end.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def link() -> Iterator[Proxy]:
    echo = Echo()
    proxy = Proxy(echo.port, seed=1)
    yield proxy
    proxy.close()
    echo.close()


def connect(proxy: Proxy) -> socket.socket:
    end = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
    end.settimeout(5)
    return end


def ask(end: socket.socket, data: bytes, expected: int) -> bytes:
    """Send, and what comes back up to ``expected`` bytes."""
    end.sendall(data)
    got = b""
    while len(got) < expected and (more := end.recv(4096)):
        got += more
    return got


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000])
def test_packets_are_whole_however_they_are_cut(step: int) -> None:
    """A remaining length of one, two bytes, over any borders."""
    packets, stream = Packets(), RECEIPT + PUBACK + CONTENT + b"\xc0\x00"
    got = [p for start in range(0, len(stream), step) for p in packets.feed(stream[start : start + step])]
    assert got == [RECEIPT, PUBACK, CONTENT, b"\xc0\x00"]
    assert [is_receipt(p) for p in got] == [True, False, False, False]


def test_what_is_no_mqtt_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="no MQTT packet"):
        list(Packets().feed(b"\x30\xff\xff\xff\xff\xff"))


@pytest.mark.parametrize(("mode", "left"), [(Mode.PASS, RECEIPT + PUBACK), (Mode.NO_PUBACK, RECEIPT), (Mode.NO_RECEIPT, PUBACK)])
def test_only_what_the_mode_names_is_lost(link: Proxy, mode: Mode, left: bytes) -> None:
    """The packet behind a lost one arrives."""
    link.set(mode)
    with connect(link) as end:
        assert ask(end, RECEIPT + PUBACK + CONTENT, len(left + CONTENT)) == left + CONTENT
    assert (link.dropped > 0) == (mode is not Mode.PASS)


def test_a_cut_resets_and_takes_nobody_until_it_is_mended(link: Proxy) -> None:
    with connect(link) as end:
        assert ask(end, PUBACK, 4) == PUBACK
        link.set(Mode.CUT)
        with pytest.raises(ConnectionResetError):
            end.recv(1)
    with pytest.raises(OSError, match="reset"), connect(link) as end:
        ask(end, PUBACK, 4)
    link.set(Mode.PASS)
    with connect(link) as end:
        assert ask(end, PUBACK, 4) == PUBACK


def test_half_open_swallows_for_ever_without_a_reset(link: Proxy) -> None:
    """A connection that stood stays a hole after the link is mended; a new one works."""
    with connect(link) as hole:
        assert ask(hole, PUBACK, 4) == PUBACK
        link.set(Mode.HALF_OPEN)
        hole.sendall(PUBACK)
        link.set(Mode.PASS)
        with connect(link) as end:
            assert ask(end, PUBACK, 4) == PUBACK
        hole.sendall(PUBACK)
        hole.settimeout(0.2)
        with pytest.raises(TimeoutError):
            hole.recv(1)
