"""The cloud's configuration file. A wrong file is refused with the file, the key, the value and what is expected."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Self

from kampung_contract.errors import ConfigurationError, InvalidRule, KampungError
from kampung_contract.neighbours import Neighbours, parse_neighbours
from kampung_contract.quantities import catalogue
from kampung_contract.rules import Rule, check_rules, parse_rule
from kampung_contract.villages import village
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from kampung_cloud import broker_address
from kampung_cloud.access.settings import Access
from kampung_cloud.air_station import acute
from kampung_cloud.air_station.setting import AirStation, check_stations
from kampung_cloud.cap.settings import Bmkg, Cap
from kampung_cloud.channels import settings as channels
from kampung_cloud.engine_address import EXPECTED, EXPECTED_URL, shown
from kampung_cloud.engine_address import parse as parse_address
from kampung_cloud.forecast_settings import ForecastSettings
from kampung_cloud.gate.policy import load_policy
from kampung_cloud.gate.settings import GateSettings
from kampung_cloud.gauges.gauge import Gauge, check_gauges
from kampung_cloud.gauges.slopes import Landslide
from kampung_cloud.gauges.slopes import rules as landslide_rules
from kampung_cloud.gauges.warning import rules as gauge_rules
from kampung_cloud.messages.settings import Messages
from kampung_cloud.registers.settings import BsreSettings, DtsenSettings, DukcapilSettings, RegisterSettings
from kampung_cloud.retention.times import RetentionConfig
from kampung_cloud.service_settings import OfficeIn, ServicesConfig
from kampung_cloud.volcano_settings import VolcanoSettings

PORT_VARIABLE = "KAMPUNG_CLOUD_PORT"

Port = Annotated[int, Field(ge=0, le=65535)]


def _telemetry_url(value: str) -> str:
    if value == "memory:" or re.fullmatch(r"duckdb:[^/].*|duckdb:/[^/].*", value) is not None:
        return value
    if value.partition(":")[0] not in EXPECTED:
        raise ValueError(f"expected {EXPECTED_URL}")
    try:
        parse_address(value)
    except ConfigurationError as error:
        raise ValueError(error.message.partition(": ")[2]) from None
    return value


def _records_url(value: str) -> str:
    if re.fullmatch(r"sqlite:(?!//).+|postgresql(\+\w+)?://.+", value) is None:
        raise ValueError("expected sqlite:FILE or postgresql://NAME:PASSWORD@HOST/DATABASE")
    return value


def _rule(value: Any) -> Rule:
    if isinstance(value, Rule):
        return value
    if not isinstance(value, dict):
        raise ValueError("expected a [[rule]] table")  # noqa: TRY004 - pydantic reports ValueError, not TypeError
    try:
        return parse_rule(value)
    except KampungError as error:
        raise ValueError(error.message) from None


def _neighbours(value: Any) -> Neighbours:
    if isinstance(value, Neighbours):
        return value
    if not isinstance(value, dict):
        raise ValueError("expected a [[neighbours]] table")  # noqa: TRY004 - pydantic reports ValueError, not TypeError
    try:
        group = parse_neighbours(value)
    except KampungError as error:
        raise ValueError(error.message.removeprefix("neighbours: ")) from None
    for name in group.series:
        if len(parts := name.split(".")) != 3 or parts[2] != group.quantity:
            raise ValueError(f"series {name!r}: write kiosk.device.{group.quantity}, as GET /api/v1/series names it")
    return group


def _village(code: str) -> str:
    try:
        return village(code).code
    except KampungError as error:
        raise ValueError(error.message) from None


def _village_or_all(code: str) -> str:
    return code if code == "*" else _village(code)


def _quantity(name: str) -> str:
    if name not in catalogue():
        near = difflib.get_close_matches(name, catalogue(), n=1)
        raise ValueError(f"expected a quantity by name; did you mean {near[0]!r}?" if near else "expected a quantity, as water_level")
    return name


def _naming(commands: list[list[str]]) -> list[list[str]]:
    if commands and not any("{node}" in word for command in commands for word in command):
        raise ValueError('expected {node} in one of the commands, as [["sed", "-i", "/^{node}:/d", "FILE"]]')
    return commands


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Broker(_Table):
    """``url``: see ``broker_address``; ``client_id`` names the durable session and must be one process's own.

    ``refuse``: commands that have the broker let the node ``{node}`` in no more, run when it is withdrawn. Each has to succeed as well
    where it has nothing left to do.
    """

    url: Annotated[str, AfterValidator(broker_address.checked)] = "mqtt://127.0.0.1:1883"
    username: str | None = None
    password: str | None = None
    client_id: Annotated[str, Field(min_length=1, max_length=64)] = "kampung-cloud"
    ca_file: Path | None = None
    refuse: Annotated[list[Annotated[list[str], Field(min_length=1)]], AfterValidator(_naming), Field(max_length=10)] = []

    @property
    def host(self) -> str:
        """Name or address, or the path of a socket."""
        return broker_address.host(self.url)

    @property
    def port(self) -> int:
        """1883, or 8883 for mqtts, unless the URL says."""
        return broker_address.port(self.url)

    @property
    def tls(self) -> bool:
        """Whether the link is encrypted."""
        return broker_address.scheme(self.url) == broker_address.TLS

    @property
    def local(self) -> bool:
        """Whether ``host`` is a socket of this machine."""
        return broker_address.scheme(self.url) == broker_address.SCHEME


class Telemetry(_Table):
    """Where readings are kept: ``duckdb:FILE`` (in the data folder), ``influxdb:URL``, ``victoriametrics:URL`` or ``memory:``.

    ``keep_days``: days by quantity, ``*`` for all others; what has no entry is kept for ever. For DuckDB: a server has rules of its own.
    """

    url: Annotated[str, AfterValidator(_telemetry_url)] = "duckdb:telemetry.duckdb"
    keep_days: dict[str, Annotated[int, Field(ge=1, le=36_500)]] = {}

    @model_validator(mode="after")
    def _whose_rules(self) -> Self:
        engine = self.url.partition(":")[0]
        if self.keep_days and engine in EXPECTED:
            raise ValueError(f"keep_days is for duckdb:, and url is {engine}:, which keeps readings by its own retention; remove keep_days")
        return self


class Records(_Table):
    """Where everything else is kept: ``sqlite:FILE`` (in the data folder) or a PostgreSQL URL."""

    url: Annotated[str, AfterValidator(_records_url)] = "sqlite:records.sqlite"


class Api(_Table):
    """Where pages and API are served; ``url`` is where people's phones reach them, as https://kampung.example, if not at host and port."""

    host: str = "127.0.0.1"
    port: Port = 8080
    url: Annotated[str, Field(pattern=r"^https?://[^\s#?]+$", max_length=200)] | None = None


class Ingest(_Table):
    """A batch is committed at ``batch_packs`` packs, ``batch_bytes`` of them, about 125,000 readings or after ``batch_ms``, whichever comes
    first.

    ``in_flight`` messages may be sent to us unacknowledged; what waits for a commit takes at most ``queue_bytes``. ``credit`` is what
    a receipt grants an edge in flight while commits are quick; it falls as they get slow.
    """

    batch_packs: Annotated[int, Field(ge=1, le=20_000)] = 5_000
    batch_bytes: Annotated[int, Field(ge=64 * 1024, le=64 * 1024**2)] = 1024**2
    batch_ms: Annotated[int, Field(ge=0, le=5_000)] = 20
    in_flight: Annotated[int, Field(ge=1, le=65_535)] = 10_000
    queue_bytes: Annotated[int, Field(ge=1024**2, le=4 * 1024**3)] = 64 * 1024**2
    credit: Annotated[int, Field(ge=1, le=10_000)] = 256
    max_series_per_node: Annotated[int, Field(ge=1, le=100_000)] = 500


class DeadLetters(_Table):
    """How much of what could not be taken is kept: ``most`` letters, ``most_bytes`` of them."""

    most: Annotated[int, Field(ge=100, le=10_000_000)] = 20_000
    most_bytes: Annotated[int, Field(ge=1024**2, le=2**40)] = 128 * 1024**2


class Words(_Table):
    """A name for people in Indonesian and English."""

    id: str
    en: str


class FieldConfig(_Table):
    """A farmer's field and the series that describe it; ``area_ha`` in hectares."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    village: Annotated[str, AfterValidator(_village)]
    name: str
    crop: Words
    farmer: str
    series: tuple[str, ...]
    area_ha: float = Field(gt=0)
    synthetic: bool = False


class OpenData(_Table):
    """What is public without asking: ``quantities`` of ``villages`` (``*`` for all), nothing unless both are named; and what villages open
    at their desk, once there are ``publisher`` and ``licence``.

    ``licence`` is an address, as https://creativecommons.org/licenses/by/4.0/; ``publisher`` an office, ``contact`` its mail address, no
    person's; ``url`` is where the public reaches the cloud, where that is not the address they ask.
    """

    villages: tuple[Annotated[str, AfterValidator(_village_or_all)], ...] = ()
    quantities: tuple[Annotated[str, AfterValidator(_quantity)], ...] = ()
    publisher: str = ""
    licence: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    contact: Annotated[str, Field(pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""

    @model_validator(mode="after")
    def _told(self) -> Self:
        missing = [name for name in ("publisher", "licence") if not getattr(self, name)]
        if self.villages and self.quantities and missing:
            raise ValueError(f"{missing[0]} is missing: who uses open data must know who publishes it and what is allowed; add it")
        return self

    @property
    def published(self) -> bool:
        """Whether it is known who publishes, and under which licence: before that nothing is open."""
        return bool(self.publisher and self.licence)

    def shows(self, village: str, quantity: str) -> bool:
        """Whether this is public."""
        return quantity in self.quantities and (village in self.villages or "*" in self.villages)


class CloudConfig(_Table):
    """Everything ``kampung-cloud serve`` needs. ``data`` is absolute once loaded."""

    data: Path = Path("cloud-data")
    broker: Broker = Broker()
    telemetry: Telemetry = Telemetry()
    records: Records = Records()
    api: Api = Api()
    access: Access = Access()
    ingest: Ingest = Ingest()
    dead_letters: DeadLetters = DeadLetters()
    open_data: OpenData = OpenData()
    cap: Cap = Cap()
    bmkg: Bmkg = Bmkg()
    forecast: ForecastSettings = ForecastSettings()
    volcano: VolcanoSettings = VolcanoSettings()
    air: tuple[AirStation, ...] = ()
    messages: Messages = Messages()
    gate: GateSettings = GateSettings()
    services: ServicesConfig = ServicesConfig()
    retention: RetentionConfig = RetentionConfig()
    registers: RegisterSettings = RegisterSettings()
    channel: tuple[channels.ChannelConfig, ...] = ()
    rule: tuple[Annotated[Rule, BeforeValidator(_rule)], ...] = ()
    field: tuple[FieldConfig, ...] = ()
    neighbours: tuple[Annotated[Neighbours, BeforeValidator(_neighbours)], ...] = ()
    gauge: tuple[Gauge, ...] = ()
    landslide: Landslide = Landslide()

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="after")
    def _unique(self, info: ValidationInfo) -> Self:
        check_stations(self.air)
        object.__setattr__(self, "rule", (*self.rule, *acute.rules(self.air)))
        twice = [name for name, count in Counter(f.id for f in self.field).items() if count > 1]
        if twice:
            raise ValueError(f"two [[field]] tables have the id {twice[0]!r}; give each its own")
        check_gauges(self.gauge)
        try:
            following = (*gauge_rules(self.gauge), *landslide_rules(self.landslide))
            object.__setattr__(self, "rule", (*self.rule, *following))
            check_rules(self.rule)
        except InvalidRule as error:
            raise ValueError(error.message) from None
        self.cap.check_rules(rule.id for rule in self.rule)
        channels.check_names(self.channel)
        if info.context and "folder" in info.context:
            object.__setattr__(self, "data", (info.context["folder"] / self.data).resolve())
            try:
                object.__setattr__(self, "registers", self.registers.within(info.context["folder"]))
            except ConfigurationError as error:
                raise ValueError(error.message) from None
            if self.gate.policy is not None:
                file = (info.context["folder"] / self.gate.policy).resolve()
                object.__setattr__(self, "gate", GateSettings(policy=file))
                try:
                    load_policy(file)
                except ConfigurationError as error:
                    raise ValueError(f"gate.policy: {error.message}") from None
        return self


def load(file: Path, port: int | None = None) -> CloudConfig:
    """Read a configuration file. ``port`` goes before ``KAMPUNG_CLOUD_PORT``, which goes before ``[api] port``.

    Raises ``ConfigurationError`` for a file that cannot be read, is no TOML, or holds what does not fit.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}; name another file with --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: not TOML: {error}") from None
    source = str(file)
    if port is None and (text := os.environ.get(PORT_VARIABLE)):
        if not text.isdigit():
            raise ConfigurationError(f"environment: {PORT_VARIABLE} = {text!r}: expected a port number from 0 to 65535")
        port, source = int(text), f"{file} with {PORT_VARIABLE}"
    if port is not None and isinstance(tables.get("api", {}), dict):
        tables["api"] = {**tables.get("api", {}), "port": port}
    return parse(tables, file.resolve().parent, source)


def parse(tables: dict[str, Any], folder: Path, source: str = "configuration") -> CloudConfig:
    """A configuration from tables; relative paths start at ``folder``. Raises ``ConfigurationError`` naming ``source``."""
    try:
        return CloudConfig.model_validate(tables, context={"folder": folder})
    except ValidationError as error:
        raise ConfigurationError("\n".join(f"{source}: {line}" for line in map(_line, error.errors()))) from None


def _line(error: Any) -> str:
    loc, kind = _without_kind(error["loc"])
    where = _path(loc)
    expected = str(error["msg"]).removeprefix("Value error, ")
    match error["type"]:
        case "missing":
            return f"{where} is missing; add it"
        case "union_tag_not_found":
            return f"{where}.kind is missing; add it: {', '.join(channels.KINDS)}"
        case "union_tag_invalid":
            return f"{where}.kind = {_short(error['input'].get('kind'))}: expected {', '.join(channels.KINDS)}"
        case "extra_forbidden":
            known = list(channels.KINDS[kind].model_fields) if kind else _known(loc[:-1])
            near = difflib.get_close_matches(str(loc[-1]), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
            shown = "…" if kind else _short(error["input"])  # it may be a secret under a misspelt name
            return f"{where} = {shown}: unknown key; {hint}"
        case _ if kind and loc[-1] in channels.SECRETS:
            return f"{where} = …: {expected}"
        case _ if not error["loc"]:
            return expected
        case _ if isinstance(error["input"], dict):
            return f"{where}: {expected}"
        case _:
            return f"{where} = {_short(error['input'])}: {expected}"


def _without_kind(loc: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], str]:
    """Where a ``[[channel]]`` is concerned, pydantic names its kind between number and key."""
    if len(loc) > 2 and loc[0] == "channel" and str(loc[2]) in channels.KINDS:
        return (*loc[:2], *loc[3:]), str(loc[2])
    return loc, ""


def _path(loc: tuple[str | int, ...]) -> str:
    out = ""
    for part in loc:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def _short(value: Any) -> str:
    text = shown(repr(value))
    return text if len(text) <= 80 else text[:77] + "…"


def _known(loc: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = CloudConfig
    for part in loc:
        tables: dict[str, type[BaseModel]] = {
            "broker": Broker, "telemetry": Telemetry, "records": Records, "api": Api, "access": Access, "ingest": Ingest,
            "dead_letters": DeadLetters, "field": FieldConfig, "crop": Words, "open_data": OpenData, "cap": Cap, "bmkg": Bmkg,
            "forecast": ForecastSettings, "volcano": VolcanoSettings, "air": AirStation, "messages": Messages, "gate": GateSettings,
            "services": ServicesConfig, "offices": OfficeIn, "gauge": Gauge, "landslide": Landslide,
            "registers": RegisterSettings, "dukcapil": DukcapilSettings, "dtsen": DtsenSettings, "bsre": BsreSettings,
        }  # fmt: skip
        model = tables.get(str(part), model)
    return list(model.model_fields)
