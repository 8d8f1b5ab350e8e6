"""Where an engine outside this process is: the URL as people write it, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from kampung_contract.errors import ConfigurationError

EXPECTED = {
    "influxdb": "influxdb:http://HOST:8086/DATABASE",
    "victoriametrics": "victoriametrics:http://HOST:8428",
}
EXPECTED_URL = f"duckdb:FILE, {EXPECTED['influxdb']}, {EXPECTED['victoriametrics']} or memory:"
OPTIONS = {"influxdb": {"org", "settle"}, "victoriametrics": {"select", "settle"}}
_SECONDS = re.compile(r"(\d{1,4})s")
_OPTION = re.compile(r"([?&](?:org|select|settle)=)")
_SECRET = re.compile(r"""(['"]?(?:[\w+]+:)?(?:\w+:(?=/))?/*).*(?:@|%40)""", re.DOTALL)
_REQUESTS = {"write", "query", "ping"}
ESCAPES = "in a name or password write / as %2F, ? as %3F, # as %23, @ as %40"


@dataclass(frozen=True, slots=True)
class Address:
    """``base`` has no name, secret or options in it, and no slash at its end; ``path`` is what follows the host in it.

    ``select`` is where a cluster answers questions, if not at ``base``; with this name and secret, unless it has its own.
    """

    engine: str
    base: str
    path: str
    user: str = ""
    secret: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict)
    select: Address | None = None

    @property
    def host(self) -> str:
        """Scheme, host and port."""
        return self.base.removesuffix(self.path)

    def settle(self, usual: float) -> float:
        """Seconds after which what the engine has taken is on its disk."""
        return float(self.options["settle"][:-1]) if "settle" in self.options else usual


def parse(url: str) -> Address:
    """``ENGINE:http://[NAME:SECRET@]HOST[:PORT][/PATH][?OPTION=…]``; raises ``ConfigurationError``, with any secret left out."""
    engine, _, rest = url.partition(":")
    if engine not in EXPECTED:
        raise ConfigurationError(f"telemetry.url = {shown(url)!r}: expected {EXPECTED_URL}")
    found = _read(url, engine, rest, OPTIONS[engine])
    if engine == "influxdb" and found.path.rpartition("/")[2] in _REQUESTS:
        raise _wrong(url, engine, f"{found.path} is the path of a request; name the database in its place")
    if "settle" in found.options and _SECONDS.fullmatch(found.options["settle"]) is None:
        raise _wrong(url, engine, f"settle={found.options['settle']}: expected seconds, as in settle=30s")
    if "select" not in found.options:
        return found
    options = {name: value for name, value in found.options.items() if name != "select"}
    select = _read(url, engine, found.options["select"], set(), "select=: ")
    if not select.secret:
        select = replace(select, user=found.user, secret=found.secret)
    return replace(found, options=options, select=select)


def _read(url: str, engine: str, rest: str, allowed: set[str], of: str = "") -> Address:
    try:
        parts = urlsplit(rest)
        port = parts.port
    except ValueError:  # its words may repeat a secret
        raise _wrong(url, engine, f"{of}no host and port (up to 65535) can be read from it; {ESCAPES}") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = set(options) - allowed
    if "@" in parts.path + parts.fragment + (unquote(parts.query) if unknown else ""):
        raise _wrong(url, engine, f"{of}an @ stands where none belongs; {ESCAPES}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
        raise _wrong(url, engine, f"{of}expected {'http://VMSELECT:8481/select/0' if of else EXPECTED[engine]}")
    if unknown:
        raise _wrong(url, engine, f"{of}unknown option {min(unknown)!r}; there are {', '.join(sorted(allowed)) or 'none'}")
    user, secret = unquote(parts.username or ""), unquote(parts.password or "")
    if not all(" " <= c <= "~" for c in user + secret):
        raise _wrong(url, engine, f"{of}name, password or token hold what no request can carry: only a to z, digits and signs")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/")
    base = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"
    return Address(engine, base, path, user, secret, options)


def shown(url: str) -> str:
    """A URL without what stands before ``@``, also where a name or secret holds what no URL should."""
    return "".join(part if _OPTION.fullmatch(part) else _SECRET.sub(r"\1…@", part, count=1) for part in _OPTION.split(url))


def _wrong(url: str, engine: str, why: str) -> ConfigurationError:
    example = "" if EXPECTED[engine] in why else f"; for example {EXPECTED[engine]}"
    return ConfigurationError(f"telemetry.url = {shown(url)!r}: {why}{example}")
