"""Where a broker is, and what keeps a client from it, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from kampung_contract.errors import ConfigurationError

REASONS = (
    ("not authori", "menolak nama atau kata sandi: tulis mqtt://nama:sandi@host"),
    ("bad user name", "menolak nama atau kata sandi: tulis mqtt://nama:sandi@host"),
    ("refused", "menolak sambungan: apakah broker menyala, dan benarkah portnya?"),
    ("timed out", "tidak menjawab: periksa alamat dan jaringan"),
    ("unreachable", "tidak terjangkau: periksa jaringan"),
    ("no route", "tidak terjangkau: periksa jaringan"),
    ("name or service", "tidak dikenal: periksa nama host"),
    ("name resolution", "tidak dapat dicari namanya: periksa DNS"),
    ("nodename", "tidak dikenal: periksa nama host"),
    ("disconnected", "memutus sambungan"),
    ("too many open files", "tidak dapat dihubungi: batas berkas terbuka tercapai (ulimit -n)"),
)


@dataclass(frozen=True, slots=True)
class Where:
    """The broker; without a user name nobody is asked for one."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None


def parse(url: str) -> Where:
    """``mqtt://host:1883``. Raises ``ConfigurationError``."""
    try:
        parts = urlsplit(url)
        port = parts.port or 1883
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "mqtt" or not parts.hostname or not port:
        raise ConfigurationError(f"--broker {url}: write mqtt://host:1883, or mqtt://name:password@host:1883")
    name, secret = (None if p is None else unquote(p) for p in (parts.username, parts.password))
    return Where(parts.hostname, port, name, secret)


def why(where: Where, error: BaseException) -> str:
    """What is the matter, for people; the error itself where nobody has words for it."""
    said = str(error).casefold()
    words = next((words for part, words in REASONS if part in said), f"tidak terhubung ({error})")
    return f"Broker {where.host}:{where.port} {words}"
