"""An answer in one write: what goes in comes out, in order, whatever the loop does in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.one_write import Gathering


class _Taking(asyncio.Protocol):
    """The other end of the line."""

    def __init__(self) -> None:
        self.got, self.over = b"", asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.got += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set_result(None)


@given(st.lists(st.tuples(st.binary(max_size=300_000), st.integers(0, 2)), max_size=6))
def test_what_is_written_arrives_in_order(pieces: list[tuple[bytes, int]]) -> None:
    """Each piece is followed by so many rounds of the loop; the line is closed right behind the last."""

    async def run() -> bytes:
        loop = asyncio.get_running_loop()
        here, there = socket.socketpair()
        over, _ = await loop.connect_accepted_socket(asyncio.Protocol, here)
        _, taking = await loop.connect_accepted_socket(_Taking, there)
        line = Gathering(over, loop)
        for data, rounds in pieces:
            line.write(data)
            for _ in range(rounds):
                await asyncio.sleep(0)
        line.close()
        await asyncio.wait_for(taking.over, 60)
        return taking.got

    assert asyncio.run(run()) == b"".join(data for data, _ in pieces)


def test_an_answer_comes_whole(start_cloud: Callable[..., CloudApp]) -> None:
    """Head and body in one piece, on a line that stays open; and a stream still comes piece by piece."""
    app = start_cloud("mqtt://127.0.0.1:9", wait=False)
    where = urlsplit(app.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), 60) as line:
        for path in ("/api/v1/series", "/api/v1/healthz", "/api/v1/nothing-here"):
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head, _, body = line.recv(65_536).partition(b"\r\n\r\n")
            length = next(int(part.split(b":")[1]) for part in head.lower().split(b"\r\n") if part.startswith(b"content-length"))
            assert len(body) == length
        line.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        while b"event: " not in got:
            got += line.recv(65_536)
        assert got.startswith(b"HTTP/1.1 200 OK\r\n")
