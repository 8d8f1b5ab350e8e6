"""Where the broker is: ``mqtt://HOST:PORT``, ``mqtts://HOST:PORT`` or, on the broker's own machine, ``mqtt+unix:///FOLDER/FILE``."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

TLS = "mqtts"
SCHEME = "mqtt+unix"
LONGEST_SOCKET = 107
"""Bytes of a name in ``sockaddr_un`` (unix(7)), its end not counted."""
EXPECTED = f"mqtt://host:port, mqtts://host:port or, on the broker's own machine, {SCHEME}:///FOLDER/FILE"


def checked(url: str) -> str:
    """The URL itself. Raises ``ValueError`` when it is none of these."""
    parts = urlsplit(url)
    if parts.scheme == SCHEME:
        if parts.netloc or parts.query or parts.fragment or not parts.path.startswith("/") or parts.path.endswith("/"):
            raise ValueError(f"expected {SCHEME}:///FOLDER/FILE, with the whole path of the broker's socket on this machine")
        if (size := len(os.fsencode(host(url)))) > LONGEST_SOCKET:
            raise ValueError(f"a socket's path has at most {LONGEST_SOCKET} bytes, this one {size}: have the broker listen elsewhere")
        return url
    if parts.scheme not in {"mqtt", TLS} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(f"expected {EXPECTED}")
    if parts.username or parts.password:
        raise ValueError("a name and a password belong into broker.username and broker.password: health tells everybody the URL")
    _ = parts.port
    return url


def scheme(url: str) -> str:
    """``mqtt``, ``mqtts`` or ``mqtt+unix``."""
    return urlsplit(url).scheme


def host(url: str) -> str:
    """Name or address, or the path of a socket."""
    parts = urlsplit(url)
    return unquote(parts.path) if parts.scheme == SCHEME else parts.hostname or "127.0.0.1"


def port(url: str) -> int:
    """1883, or 8883 for mqtts, unless the URL says."""
    parts = urlsplit(url)
    return parts.port or (8883 if parts.scheme == TLS else 1883)
