"""An answer's head and body in one write: uvicorn makes two, and each wakes whoever is waiting for it."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Gathering(asyncio.Transport):
    """Over another transport. A first piece waits for the second, or for the loop's next round."""

    def __init__(self, over: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._over, self._loop = over, loop
        self._held = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See ``asyncio.WriteTransport``."""
        if self._held:
            held, self._held = self._held, b""
            self._over.write(held + data)
        elif data:
            self._held = bytes(data)
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._over.write(held)

    def close(self) -> None:
        """What was written goes out first."""
        self._flush()
        self._over.close()

    def abort(self) -> None:
        """At once."""
        self._held = b""
        self._over.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._over.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Of the line."""
        return self._over.get_extra_info(name, default)

    def is_reading(self) -> bool:
        """Whether what comes is taken."""
        return self._over.is_reading()

    def pause_reading(self) -> None:
        """Take nothing for now."""
        self._over.pause_reading()

    def resume_reading(self) -> None:
        """Take again."""
        self._over.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Who is told what comes."""
        self._over.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who is told what comes."""
        return self._over.get_protocol()


class OneWrite(HttpToolsProtocol):
    """uvicorn's own, over ``Gathering``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See ``asyncio.Protocol``."""
        super().connection_made(Gathering(transport, self.loop))
