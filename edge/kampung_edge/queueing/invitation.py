"""The link that opens a counter's page: the code stands behind ``#``, where no server and no log sees it."""

from __future__ import annotations

import socket
from typing import NamedTuple, Protocol, TextIO
from urllib.parse import quote

import segno
from kampung_contract.errors import ConfigurationError

from kampung_edge.queueing.setting import QueueSetting


class Served(Protocol):
    """Where the kiosk's own server listens."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


class Links(NamedTuple):
    """Addresses of the queue's pages."""

    counter: str
    display: str


def links(setting: QueueSetting | None, kiosk: Served, file: str) -> Links:
    """In the office's network where the file opens it, else on this machine. Raises ``ConfigurationError``."""
    if setting is None:
        raise ConfigurationError(f"{file}: queue: missing; write the table [queue], see docs/queue.md")
    if not setting.code:
        raise ConfigurationError(f"{file}: queue.code: missing; write eight characters or more, such as four random words")
    host, port = (setting.host, setting.port) if setting.host else (kiosk.host, kiosk.port)
    place = f"http://{_own_address() if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104 - compared, not bound
    return Links(f"{place}/loket#kode={quote(setting.code, safe='')}", f"{place}/antrian")


def picture(link: str, out: TextIO) -> None:
    """For the camera of a phone."""
    segno.make(link, error="m").terminal(out, compact=True)


def _own_address() -> str:
    """By which others in the network reach this machine: that from which it would reach them. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])
