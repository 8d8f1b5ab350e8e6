"""Where an engine outside this process is: the URL as people write it, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from kampung_contract.errors import ConfigurationError

EXPECTED = {
    "influxdb": "influxdb:http://HOST:8086/DATABASE",
    "victoriametrics": "victoriametrics:http://HOST:8428",
}
EXPECTED_URL = f"duckdb:FILE, {EXPECTED['influxdb']}, {EXPECTED['victoriametrics']} or memory:"
OPTIONS = {"influxdb": {"org", "settle"}, "victoriametrics": {"select", "settle"}}
_SECONDS = re.compile(r"(\d{1,4})s")


@dataclass(frozen=True, slots=True)
class Address:
    """``base`` has no name, secret or options in it, and no slash at its end; ``path`` is what follows the host in it."""

    engine: str
    base: str
    path: str
    user: str = ""
    secret: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict)

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
    try:
        parts = urlsplit(rest)
        port = parts.port
    except ValueError as error:
        raise _wrong(url, engine, str(error)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
        raise _wrong(url, engine, f"expected {EXPECTED[engine]}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = set(options) - OPTIONS[engine]
    if unknown:
        raise _wrong(url, engine, f"unknown option {min(unknown)!r}; there are {', '.join(sorted(OPTIONS[engine]))}")
    if "settle" in options and _SECONDS.fullmatch(options["settle"]) is None:
        raise _wrong(url, engine, f"settle={options['settle']}: expected seconds, as in settle=30s")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/")
    base = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"
    return Address(engine, base, path, unquote(parts.username or ""), unquote(parts.password or ""), options)


def shown(url: str) -> str:
    """A URL without what stands before ``@``."""
    return re.sub(r"//[^/?#]*@", "//…@", url)


def _wrong(url: str, engine: str, why: str) -> ConfigurationError:
    example = "" if EXPECTED[engine] in why else f"; for example {EXPECTED[engine]}"
    return ConfigurationError(f"telemetry.url = {shown(url)!r}: {why}{example}")
